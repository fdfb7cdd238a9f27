//! `/account/tokens`: the tokens of a person, and the end of each.

use actix_session::Session as BrowserState;
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use common::{
    OrNotFound, Result,
    csrf::CsrfChecked,
    flash,
    identity::ApiScope,
    view::{Page, View},
    web::see_other,
};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{Listed, MOST, new, store};
use crate::{
    App,
    audit::{self, Entry, Event, Origin},
    identity::CurrentUser,
    words,
};

#[derive(Serialize)]
struct TokensPage {
    tokens: Vec<Row>,
    /// The text of the one that was just made; shown this once.
    created: Option<String>,
    is_full: bool,
}

#[derive(Serialize)]
struct Row {
    id: Uuid,
    name: String,
    scopes_text: String,
    created_text: String,
    used_text: String,
    expires_text: String,
    is_expired: bool,
}

impl Page for TokensPage {
    const TEMPLATE: &'static str = "account/tokens.html";

    fn title(&self) -> String {
        "API tokens".to_owned()
    }
}

/// What a scope allows, in words.
pub fn scope_text(scope: ApiScope) -> &'static str {
    match scope {
        ApiScope::PhotosRead => "See photos and galleries",
        ApiScope::PhotosWrite => "Change photos and galleries",
        ApiScope::AccountRead => "Read the profile",
    }
}

/// Shows the list.
pub async fn get(app: Data<App>, user: CurrentUser, state: BrowserState, view: View) -> Result<HttpResponse> {
    let tokens = store::list(&app.db, user.0.user.id).await?;
    let now = Utc::now();
    let living = tokens.iter().filter(|token| token.expires_at > now).count();
    view.ok(&TokensPage {
        tokens: tokens.iter().map(|token| row(token, now)).collect(),
        created: new::take_created(&app, &state),
        is_full: i64::try_from(living).is_ok_and(|living| living >= MOST),
    })
}

/// `POST /account/tokens/{id}/revoke`.
pub async fn revoke(
    app: Data<App>,
    id: Path<Uuid>,
    request: HttpRequest,
    user: CurrentUser,
    state: BrowserState,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let (user, origin) = (user.0.user, Origin::of(&request));
    let mut transaction = app.db.begin().await?;
    store::delete(&mut transaction, user.id, *id).await?.then_some(()).or_not_found()?;
    let entry = Entry::about(Event::ApiTokenRevoked, user.id, &user.username, &origin)
        .with(json!({ "api_token": *id }));
    audit::store::create(&mut *transaction, &entry).await?;
    transaction.commit().await?;
    flash::success(&state, "The token is revoked. Whatever used it is locked out from now on.")?;
    Ok(see_other("/account/tokens"))
}

fn row(token: &Listed, now: DateTime<Utc>) -> Row {
    let is_expired = token.expires_at <= now;
    let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope_text(*scope)).collect();
    Row {
        id: token.id,
        name: token.name.clone(),
        scopes_text: scopes.join(", "),
        created_text: format!("Made {}", words::day(token.created_at)),
        used_text: match token.last_used_at {
            Some(used) => format!("Last used {}", words::ago(used, now)),
            None => "Never used".to_owned(),
        },
        expires_text: format!(
            "{} {}",
            if is_expired { "Ended" } else { "Ends" },
            words::day(token.expires_at)
        ),
        is_expired,
    }
}
