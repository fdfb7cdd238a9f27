//! Signing in: a name and a password become a new session, and nothing tells whether the name exists.

pub mod api;
pub mod page;

use actix_web::HttpRequest;
use common::Result;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::time::{Instant, sleep_until};

use crate::{
    App, audit,
    audit::{Entry, Event, Origin},
    passwords,
    sessions::start::{SignedIn, start},
    users::{self, Account},
};

/// One sentence for a wrong password, an unknown name and a disabled account.
pub const REFUSED: &str = "The name or the password is not right.";

/// What somebody typed.
#[derive(Deserialize)]
pub struct Credentials {
    /// A username or an address of e-mail.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

/// Signs somebody in from this browser; `None` if name and password don't fit together. A refusal is held until a
/// fixed time after it began: what it found on its way can't be told from the clock.
pub async fn sign_in(app: &App, request: &HttpRequest, typed: Credentials) -> Result<Option<SignedIn>> {
    let answer_at = Instant::now() + app.config.sign_in_refusal;
    let signed_in = try_sign_in(app, request, typed).await?;
    if signed_in.is_none() {
        sleep_until(answer_at).await;
    }
    Ok(signed_in)
}

async fn try_sign_in(app: &App, request: &HttpRequest, typed: Credentials) -> Result<Option<SignedIn>> {
    let origin = Origin::of(request);
    app.limits.login.check(common::client_address::of(request))?;
    passwords::refuse_too_long(&typed.password)?;
    let Some(account) = authenticate(app, typed, &origin).await? else { return Ok(None) };
    start(app, request, account, &["pwd"]).await
}

/// Whether a password is that of an account whose person is signed in.
pub async fn check_password(
    app: &App,
    request: &HttpRequest,
    account: &Account,
    password: SecretString,
) -> Result<bool> {
    app.limits.login.check(common::client_address::of(request))?;
    passwords::refuse_too_long(&password)?;
    let fits = app.passwords.verify(password, Some(account.password_hash.clone())).await?;
    if !fits {
        let origin = Origin::of(request);
        let entry = Entry::about(Event::SignInFailed, account.user.id, &account.user.username, &origin);
        audit::store::create(&app.db, &entry).await?;
    }
    Ok(fits)
}

/// The account that name and password prove. Refusals are recorded with the account, never with what was typed.
async fn authenticate(app: &App, typed: Credentials, origin: &Origin) -> Result<Option<Account>> {
    // PostgreSQL has no text with a zero character, so no account has such a name.
    let name = typed.username.trim().replace('\0', "\u{fffd}");
    let account = users::choose(users::store::list_for_sign_in(&app.db, &name).await?, &name);
    let stored = account.as_ref().map(|account| account.password_hash.clone());
    let fits = app.passwords.verify(typed.password, stored).await?;
    match account {
        Some(account) if fits && account.is_active => Ok(Some(account)),
        refused => {
            let known = refused.as_ref().map(|account| (account.user.id, account.user.username.as_str()));
            let entry = Entry { account: known, ..Entry::about_nobody(Event::SignInFailed, origin) };
            audit::store::create(&app.db, &entry).await?;
            Ok(None)
        }
    }
}
