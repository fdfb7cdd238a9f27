//! `/account/activity`: what happened to the account, in words, newest first.

use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use chrono::Utc;
use common::{
    Result,
    view::{Page, View},
};
use serde::{Deserialize, Serialize};

use super::{
    device,
    store::{self, EventRow},
};
use crate::{App, identity::CurrentUser, words};

const PAGE: usize = 30;

/// Where the list goes on.
#[derive(Deserialize)]
pub struct Place {
    after: Option<i64>,
}

#[derive(Serialize)]
struct ActivityPage {
    events: Vec<Row>,
    next: Option<String>,
    is_first: bool,
}

/// One thing that happened, as the page and the overview show it.
#[derive(Serialize)]
pub struct Row {
    what: String,
    /// Whether it deserves a second look.
    is_warning: bool,
    device: String,
    address: Option<String>,
    ago_text: String,
    moment_text: String,
}

impl Page for ActivityPage {
    const TEMPLATE: &'static str = "account/activity.html";

    fn title(&self) -> String {
        "What happened to your account".to_owned()
    }
}

/// Shows a page of the list.
pub async fn get(app: Data<App>, place: Query<Place>, user: CurrentUser, view: View) -> Result<HttpResponse> {
    // One more than shown says whether there are older ones.
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut found = store::list_events(&app.db, user.0.user.id, place.after, limit).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|last| format!("/account/activity?after={}", last.id));
    let events = found.iter().map(row).collect();
    view.ok(&ActivityPage { events, next, is_first: place.after.is_none() })
}

fn row(event: &EventRow) -> Row {
    let (what, is_warning) = sentence(event);
    Row {
        what,
        is_warning,
        device: device::of(event.user_agent.as_deref()).name,
        address: event.client_address.clone(),
        ago_text: words::ago(event.occurred_at, Utc::now()),
        moment_text: words::moment(event.occurred_at),
    }
}

/// What a row of the record says to the person it is about, and whether they should look twice. A word that is not
/// listed here, of the earlier system perhaps, is shown as it is.
fn sentence(row: &EventRow) -> (String, bool) {
    let text = match row.event.as_deref().unwrap_or("something happened") {
        "sign_in" => "Signed in",
        "sign_in_failed" => "A wrong password was given",
        "account_locked" => "Signing in was held back after too many wrong passwords",
        "reauthenticated" => "The password was confirmed",
        "sign_out" => "Signed out",
        "account_created" => "The account was made",
        "account_disabled" => "The account was disabled",
        "account_enabled" => "The account was enabled again",
        "role_changed" => "The role was changed",
        "email_verified" => "The email address was verified",
        "profile_changed" => "The name was changed",
        "password_changed" => "The password was changed",
        "password_reset_requested" => "A link for a new password was asked for",
        "reset_started" => "An administrator had a link for a new password sent",
        "signed_out_by_admin" => "An administrator signed every device out",
        "password_reset" => "A new password was set by a link sent by mail",
        "email_change_asked" => "Another email address was asked for",
        "email_change_confirmed" => match row.details["link"].as_str() {
            Some("leave_email") => "The change of address was confirmed at the old address",
            _ => "The change of address was confirmed at the new address",
        },
        "email_change_cancelled" => "The change of address was cancelled",
        "email_change_failed" => {
            "The change of address could not be made: the new address was not free any more"
        }
        "email_changed" => "The email address was changed",
        "session_ended" => "A device was signed out",
        "sessions_ended" => "Several devices were signed out",
        "identity_linked" => "Signing in with another provider was allowed",
        "identity_unlinked" => "Signing in with another provider was ended",
        "data_exported" => "The account's data was downloaded",
        "api_token_created" => "An API token was made",
        "api_token_revoked" => "An API token was revoked",
        other => return (plain(other), false),
    };
    let is_warning = matches!(
        row.event.as_deref(),
        Some(
            "sign_in_failed"
                | "account_locked"
                | "password_changed"
                | "password_reset"
                | "email_change_asked"
                | "email_changed"
                | "identity_linked"
                | "data_exported"
                | "api_token_created"
        )
    );
    (text.to_owned(), is_warning)
}

/// `mfa_reset` as `Mfa reset`.
fn plain(word: &str) -> String {
    let text = word.replace('_', " ");
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}
