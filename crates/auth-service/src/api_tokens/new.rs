//! `/account/tokens/new`: making a token. Its text is shown once, on the page after.

use actix_session::Session as BrowserState;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use common::{
    Result,
    csrf::CsrfForm,
    error::FieldErrors,
    identity::ApiScope,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{ApiToken, LIFETIMES, MOST, NewToken, screen::scope_text, store};
use crate::{
    App,
    audit::{self, Entry, Event, Origin},
    identity::RecentUser,
};

/// Where the browser's state keeps the new token until it is shown: sealed, because that state lies in the database.
const CREATED: &str = "api_token";
const PURPOSE: &str = "new API token";

/// The form as it was sent.
#[derive(Deserialize)]
pub struct TokenForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    days: String,
}

#[derive(Serialize)]
struct NewTokenPage {
    name: String,
    scopes: Vec<Choice>,
    lifetimes: Vec<Choice>,
    errors: FieldErrors,
}

#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
    is_chosen: bool,
}

impl Page for NewTokenPage {
    const TEMPLATE: &'static str = "account/token_new.html";

    fn title(&self) -> String {
        "Make an API token".to_owned()
    }
}

/// Shows the form.
pub async fn get(_user: RecentUser, view: View) -> Result<HttpResponse> {
    let scopes = vec![ApiScope::PhotosRead.as_str().to_owned()];
    let form = TokenForm { name: String::new(), scopes, days: "90".to_owned() };
    view.ok(&page(form, FieldErrors::new()))
}

/// Makes the token.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    user: RecentUser,
    view: View,
    state: BrowserState,
    form: CsrfForm<TokenForm>,
) -> Result<HttpResponse> {
    let form = form.0;
    let errors = match NewToken::parse(&form.name, &form.scopes, &form.days) {
        Ok(new) => match create(&app, &request, &user, &new).await? {
            Some(token) => {
                let sealed = app.config.secrets.seal(PURPOSE, token.reveal());
                state.insert(CREATED, BASE64_STANDARD_NO_PAD.encode(sealed))?;
                return Ok(see_other("/account/tokens"));
            }
            None => FieldErrors::from([(
                "form",
                format!("You have {MOST} tokens, and more are not possible. Revoke one that you don't need."),
            )]),
        },
        Err(errors) => errors,
    };
    view.status(StatusCode::UNPROCESSABLE_ENTITY, &page(form, errors))
}

/// The token that was made a moment ago; the second time there is none.
pub fn take_created(app: &App, state: &BrowserState) -> Option<String> {
    if !state.contains_key(CREATED) {
        return None;
    }
    let sealed = state.remove_as::<String>(CREATED)?.ok()?;
    app.config.secrets.open(PURPOSE, &BASE64_STANDARD_NO_PAD.decode(sealed).ok()?)
}

async fn create(
    app: &App,
    request: &HttpRequest,
    user: &RecentUser,
    new: &NewToken,
) -> Result<Option<ApiToken>> {
    let (user, origin) = (&user.0.user, Origin::of(request));
    let token = ApiToken::generate();
    let mut transaction = app.db.begin().await?;
    let Some(id) = store::create(&mut transaction, user.id, &token, new, MOST).await? else {
        return Ok(None);
    };
    let details = json!({ "api_token": id, "scopes": new.scopes });
    let entry = Entry::about(Event::ApiTokenCreated, user.id, &user.username, &origin).with(details);
    audit::store::create(&mut *transaction, &entry).await?;
    transaction.commit().await?;
    Ok(Some(token))
}

fn page(form: TokenForm, errors: FieldErrors) -> NewTokenPage {
    let scopes = ApiScope::ALL.map(|scope| Choice {
        value: scope.as_str().to_owned(),
        label: scope_text(scope).to_owned(),
        is_chosen: form.scopes.iter().any(|chosen| chosen == scope.as_str()),
    });
    let lifetimes = LIFETIMES.map(|days| Choice {
        value: days.to_string(),
        label: if days == 365 { "A year".to_owned() } else { format!("{days} days") },
        is_chosen: form.days == days.to_string(),
    });
    NewTokenPage { name: form.name, scopes: scopes.into(), lifetimes: lifetimes.into(), errors }
}
