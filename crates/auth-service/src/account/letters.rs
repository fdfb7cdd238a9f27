//! The letters that tell somebody what happened to their account. None of them holds a link that opens it.

use common::{Result, mailer::Letter};
use serde::Serialize;
use sqlx::PgExecutor;

use crate::words;
use crate::{App, audit::Origin};

use super::device;

/// To the address so far: the account has another one now.
#[derive(Serialize)]
pub struct EmailChanged {
    /// Whose.
    pub username: String,
    /// The address that the account has now.
    pub new_email: String,
    /// When.
    pub when: String,
}

/// To the account's address: it is gone.
#[derive(Serialize)]
pub struct AccountDeleted {
    /// Whose.
    pub username: String,
    /// When.
    pub when: String,
    /// By which device, from where.
    pub from: String,
}

impl Letter for EmailChanged {
    const FOLDER: &'static str = "email_changed";
}

impl Letter for AccountDeleted {
    const FOLDER: &'static str = "account_deleted";
}

/// Writes a letter and puts it into the outbox, as part of the caller's transaction.
pub async fn send<L: Letter>(app: &App, db: impl PgExecutor<'_>, letter: &L, to: &str) -> Result<()> {
    Ok(app.outbox.create(db, L::FOLDER, &app.web.letter(letter, to)?).await?)
}

/// The moment, in words.
pub fn now() -> String {
    words::moment(chrono::Utc::now())
}

/// Where a request came from, in words: `Firefox on Windows, 192.0.2.7`.
pub fn from(origin: &Origin) -> String {
    let device = device::of(origin.user_agent.as_deref()).name;
    match &origin.client_address {
        Some(address) => format!("{device}, {address}"),
        None => device,
    }
}
