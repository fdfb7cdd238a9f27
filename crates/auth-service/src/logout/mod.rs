//! Signing out: the session ends in every application of the domain at once.

pub mod api;
pub mod page;

use actix_web::HttpRequest;
use common::Result;
use serde_json::json;

use crate::{
    App,
    audit::{self, Entry, Event, Origin},
    sessions::{self, Token},
};

/// Ends the sessions of these tokens. Tokens without a session are no fault: what was wanted is the case.
pub async fn sign_out(app: &App, request: &HttpRequest, tokens: &[Token]) -> Result<()> {
    let origin = Origin::of(request);
    let hashes: Vec<String> = tokens.iter().map(Token::hash).collect();
    let mut transaction = app.db.begin().await?;
    for (user, username, session) in sessions::store::delete_by_hashes(&mut transaction, &hashes).await? {
        let entry =
            Entry::about(Event::SignOut, user, &username, &origin).with(json!({ "session": session }));
        audit::store::create(&mut *transaction, &entry).await?;
    }
    Ok(transaction.commit().await?)
}
