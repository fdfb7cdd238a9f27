//! The auth-service's accounts as photos asks for them: with a credential of its own, and to change one with the session
//! of the administrator who wants it.

use std::collections::HashMap;

use actix_web::HttpRequest;
use common::{
    Error, Result,
    identity::{AccountInfo, Role, UserId},
};
use reqwest::{Method, RequestBuilder, Response, StatusCode, header::HeaderValue};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use url::Url;
use utoipa::ToSchema;

use crate::{
    config::Config,
    identity::{
        AuthService,
        verify::{away, sso_tokens},
    },
};

/// Fields that its answers may find fault with.
const FIELDS: [&str; 6] = ["role", "state", "q", "site_name", "registration", "registration_role"];
/// In which the auth-service looks for the administrator's session.
const SESSION_TOKEN: &str = "x-session-token";

/// One page of accounts.
#[derive(Deserialize)]
pub struct Accounts {
    /// The newest first.
    pub items: Vec<AccountInfo>,
    /// The key from which the next page goes on.
    pub next: Option<String>,
}

/// Who may make an account.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = Registration)]
pub struct RegistrationSettings {
    /// `open`, `invitation` or `closed`.
    #[serde(rename(deserialize = "registration"))]
    pub mode: String,
    /// Of accounts that people make for themselves.
    #[serde(rename(deserialize = "registration_role"))]
    pub role: Role,
}

/// What the auth-service says when it refuses.
#[derive(Deserialize)]
struct Problem {
    detail: String,
    reason: Option<String>,
    #[serde(default)]
    errors: HashMap<String, String>,
}

/// Accounts that fit, asked for by name and value as in `GET /api/users`.
pub async fn list(auth: &AuthService, query: &[(&str, &str)]) -> Result<Accounts> {
    answer(auth, auth.as_service(Method::GET, "api/users").query(query)).await
}

/// The account with this id; `None` if there is none any more.
pub async fn find(auth: &AuthService, id: UserId) -> Result<Option<AccountInfo>> {
    match answer(auth, auth.as_service(Method::GET, &format!("api/users/{id}"))).await {
        Ok(account) => Ok(Some(account)),
        Err(Error::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Gives an account a role, if the session that this request carries is an administrator's who proved a moment ago who
/// they are.
pub async fn change_role(
    auth: &AuthService,
    request: &HttpRequest,
    id: UserId,
    role: &str,
) -> Result<AccountInfo> {
    let asked = auth.as_service(Method::POST, &format!("api/users/{id}/role"));
    answer(auth, in_name_of(asked, request).json(&json!({ "role": role }))).await
}

/// Who may make an account at this moment.
pub async fn find_settings(auth: &AuthService) -> Result<RegistrationSettings> {
    answer(auth, auth.as_service(Method::GET, "api/settings")).await
}

/// Changes that, and what the auth-service calls the site, as `change_role` does with roles.
pub async fn change_settings(
    auth: &AuthService,
    request: &HttpRequest,
    change: &Map<String, Value>,
) -> Result<RegistrationSettings> {
    let asked = auth.as_service(Method::PUT, "api/settings");
    answer(auth, in_name_of(asked, request).json(change)).await
}

/// With the session of the person who sent this request.
fn in_name_of(mut asked: RequestBuilder, request: &HttpRequest) -> RequestBuilder {
    for token in sso_tokens(request).1 {
        let mut token = HeaderValue::try_from(token).expect("a token is letters, digits, - and _");
        token.set_sensitive(true);
        asked = asked.header(SESSION_TOKEN, token);
    }
    asked
}

/// The page of the auth-service that asks for the password, with the way back to a page of ours.
pub fn reauthentication_url(config: &Config, path: &str) -> String {
    let back = config.public_url.join(path).unwrap_or_else(|_| config.public_url.clone());
    let mut url: Url = config.auth_public_url.join("/reauthenticate").expect("a constant path joins");
    url.query_pairs_mut().append_pair("return_to", back.as_str());
    url.into()
}

async fn answer<T: DeserializeOwned>(auth: &AuthService, asked: RequestBuilder) -> Result<T> {
    let answer = auth.send(asked).await.map_err(away)?;
    if answer.status().is_success() {
        return answer.json().await.map_err(away);
    }
    Err(refusal(answer).await)
}

async fn refusal(answer: Response) -> Error {
    let status = answer.status();
    let Ok(problem) = answer.json::<Problem>().await else {
        return away(format!("accounts answered {status}"));
    };
    match status {
        StatusCode::NOT_FOUND => Error::NotFound,
        StatusCode::CONFLICT => Error::Conflict(problem.detail),
        // Where to go is for whoever asks to say: only they know the way back.
        StatusCode::FORBIDDEN if problem.reason.as_deref() == Some("reauthentication_required") => {
            Error::ReauthenticationRequired(String::new())
        }
        StatusCode::FORBIDDEN => Error::Forbidden(problem.detail),
        StatusCode::UNPROCESSABLE_ENTITY => {
            let said = problem.errors.into_iter().filter_map(|(field, text)| {
                let known = FIELDS.into_iter().find(|name| *name == field);
                known.map(|field| (field, text))
            });
            Error::Invalid(said.collect())
        }
        StatusCode::UNAUTHORIZED => {
            let cause = "the auth-service does not know our credential: AUTH_SERVICE_TOKEN must be that of photos \
                in its SERVICE_CREDENTIALS";
            Error::Internal(anyhow::anyhow!(cause))
        }
        status => away(format!("accounts answered {status}")),
    }
}
