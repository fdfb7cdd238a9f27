//! Asks the auth-service whose session a request carries.

use std::time::Duration;

use actix_web::{HttpRequest, web::Data};
use common::{
    Error, Result, cookies,
    identity::{ActiveSession, InactiveReason, InactiveSession},
    secrets::is_token,
    web::Web,
};
use reqwest::{Method, RequestBuilder, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::config::Config;

/// More values than this are an attack, and the auth-service looks at no more.
const MOST_VALUES: usize = 4;

/// The auth-service as photos sees it.
pub struct AuthService {
    http: reqwest::Client,
    internal_url: Url,
    token: SecretString,
}

/// What the auth-service said.
pub enum Verdict {
    /// This session is alive.
    Active(Box<ActiveSession>),
    /// There is no session, for this reason.
    Inactive(InactiveReason),
}

impl AuthService {
    /// A client that keeps its connections open and gives up after three seconds.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(3))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let (internal_url, token) = (config.auth_internal_url.clone(), config.auth_service_token.clone());
        Ok(Self { http, internal_url, token })
    }

    /// Verifies the SSO cookies of a request. Nothing of our shape sent means nobody, without asking.
    pub async fn verify(&self, request: &HttpRequest) -> Result<Verdict> {
        let (name, tokens) = sso_tokens(request);
        if tokens.is_empty() {
            return Ok(Verdict::Inactive(InactiveReason::NoSession));
        }
        let cookies = tokens.iter().map(|token| format!("{name}={token}")).collect::<Vec<_>>().join("; ");
        let sent =
            self.http.get(self.address("api/verify-session")).header(header::COOKIE, cookies).send().await;
        let answer = sent.map_err(away)?;
        match answer.status() {
            StatusCode::OK => Ok(Verdict::Active(answer.json().await.map_err(away)?)),
            StatusCode::UNAUTHORIZED => {
                Ok(Verdict::Inactive(answer.json::<InactiveSession>().await.map_err(away)?.reason))
            }
            status => Err(away(format!("verify-session answered {status}"))),
        }
    }

    /// Ends every session whose token this request carries.
    pub async fn sign_out(&self, request: &HttpRequest) -> Result<()> {
        for token in sso_tokens(request).1 {
            let answer =
                self.http.post(self.address("api/logout")).bearer_auth(token).send().await.map_err(away)?;
            if !answer.status().is_success() && answer.status() != StatusCode::UNAUTHORIZED {
                return Err(away(format!("logout answered {}", answer.status())));
            }
        }
        Ok(())
    }

    /// A request in the name of this service.
    pub fn as_service(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.address(path)).bearer_auth(self.token.expose_secret())
    }

    fn address(&self, path: &str) -> Url {
        self.internal_url.join(path).expect("a constant path joins to any http address")
    }
}

/// The name of the SSO cookie, and the tokens that a request carries under it.
pub fn sso_tokens(request: &HttpRequest) -> (String, Vec<String>) {
    let web: Data<Web> = Web::of(request);
    let name = web.site.session_cookie.clone();
    let tokens =
        cookies::values(request, &name).into_iter().filter(|value| is_token(value)).take(MOST_VALUES);
    let tokens = tokens.collect();
    (name, tokens)
}

/// The auth-service can't be asked; why is logged.
pub fn away(cause: impl std::fmt::Display) -> Error {
    tracing::error!(%cause, "the auth-service can't be asked");
    Error::Unavailable {
        detail: "The sign-in service does not answer for a moment.".to_owned(),
        retry_after: 5,
    }
}
