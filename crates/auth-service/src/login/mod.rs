//! Signing in: a name and a password become a new session, and nothing tells whether the name exists.
//!
//! Every way to give a password goes through `authenticate`: count the try, hash, decide. Only then begins a session.

pub mod api;
pub mod page;

use std::future::Future;

use actix_web::HttpRequest;
use common::{Result, client_address};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, sleep_until};
use utoipa::ToSchema;

use crate::{
    App, audit,
    audit::{Entry, Event, Origin},
    lockout::{self, Counter},
    mail_tokens,
    passwords::{self, Verdict, pool::Place},
    sessions::start::{SignedIn, start},
    users::{self, Account},
};

/// One sentence for a wrong password, an unknown name, a disabled account and a locked one.
pub const REFUSED: &str = "The name or the password is not right. After many tries one has to wait a while; \
                           setting a new password ends the wait.";

/// What somebody typed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// A username or an address of e-mail.
    pub username: String,
    /// The password.
    #[schema(value_type = String)]
    pub password: SecretString,
}

/// Signs somebody in from this browser; `None` if name and password don't fit together.
pub async fn sign_in(app: &App, request: &HttpRequest, typed: Credentials) -> Result<Option<SignedIn>> {
    // PostgreSQL has no text with a zero character, so no account has such a name.
    let name = typed.username.trim().replace('\0', "\u{fffd}");
    let attempt = async {
        let place = admit(app, request, &typed.password)?;
        let account = users::choose(users::store::list_for_sign_in(&app.db, &name).await?, &name);
        match authenticate(app, request, place, &name, account, typed.password).await? {
            Some(account) => start(app, request, account, &["pwd"]).await,
            None => Ok(None),
        }
    };
    held(app, attempt).await
}

/// Whether a password is that of an account whose person is signed in. Returns the account as it is afterwards: an old
/// hash has been replaced.
pub async fn check_password(
    app: &App,
    request: &HttpRequest,
    account: &Account,
    password: SecretString,
) -> Result<Option<Account>> {
    let attempt = async {
        let place = admit(app, request, &password)?;
        authenticate(app, request, place, &account.user.username, Some(account.clone()), password).await
    };
    held(app, attempt).await
}

/// The account whose password this is. The try is counted before the password is looked at, and a locked account costs
/// the same work as an unknown one. Refusals are recorded with the account, never with what was typed.
async fn authenticate(
    app: &App,
    request: &HttpRequest,
    place: Place,
    name: &str,
    account: Option<Account>,
    password: SecretString,
) -> Result<Option<Account>> {
    let origin = Origin::of(request);
    let counter = Counter::of(app, request, account.as_ref(), name);
    let may_try = lockout::reserve(app, &counter, account.as_ref(), &origin).await?;
    let stored = account.as_ref().filter(|_| may_try).map(|account| account.password_hash.clone());
    let verdict = app.passwords.verify(place, password.clone(), stored).await?;
    let account = match (account, verdict) {
        (Some(account), Verdict::Right { replacement }) if account.is_active => {
            return accept(app, account, &counter, replacement, password).await;
        }
        (refused, _) => refused,
    };
    let known = account.as_ref().map(|account| (account.user.id, account.user.username.as_str()));
    let entry = Entry { account: known, ..Entry::about_nobody(Event::SignInFailed, &origin) };
    audit::store::create(&app.db, &entry.with(json!({ "locked": !may_try }))).await?;
    Ok(None)
}

/// The password was right: its failures are forgotten, and an old hash gives way to the new one.
async fn accept(
    app: &App,
    account: Account,
    counter: &Counter,
    replacement: Option<SecretString>,
    password: SecretString,
) -> Result<Option<Account>> {
    let accepted = match replacement {
        Some(new) => replace_hash(app, account, new, password).await?,
        None => Some(account),
    };
    if accepted.is_some() {
        lockout::store::delete(&app.db, counter).await?;
    }
    Ok(accepted)
}

/// Stores the new hash of the same password; links sent by mail stay good. Where the hash was changed meanwhile, that
/// one stays and the password is tried against it: of two sign-ins at once both are right, after a change neither is.
async fn replace_hash(
    app: &App,
    mut account: Account,
    new: SecretString,
    password: SecretString,
) -> Result<Option<Account>> {
    let id = account.user.id;
    let mut transaction = app.db.begin().await?;
    if let Some(version) =
        users::store::update_hash(&mut *transaction, id, &account.password_hash, &new).await?
    {
        mail_tokens::store::update_version(&mut *transaction, id, version).await?;
        transaction.commit().await?;
        account.password_hash = new;
        return Ok(Some(account));
    }
    transaction.rollback().await?;
    let Some(changed) = users::store::find_account(&app.db, id).await? else { return Ok(None) };
    let stored = Some(changed.password_hash.clone());
    let verdict = app.passwords.verify(app.passwords.place()?, password, stored).await?;
    Ok((changed.is_active && matches!(verdict, Verdict::Right { .. })).then_some(changed))
}

/// A place in the pool that hashes. Who comes too often, brings too much or finds it full is refused here, before the
/// database is asked, anything is counted against an account or hashed.
fn admit(app: &App, request: &HttpRequest, password: &SecretString) -> Result<Place> {
    app.limits.login.check(client_address::of(request))?;
    passwords::refuse_too_long(password)?;
    app.passwords.place()
}

/// Holds a refusal until a fixed time after it began: what it found on its way can't be told from the clock. Waiting
/// takes no core.
async fn held<T>(app: &App, attempt: impl Future<Output = Result<Option<T>>>) -> Result<Option<T>> {
    let answer_at = Instant::now() + app.config.sign_in_refusal;
    let outcome = attempt.await?;
    if outcome.is_none() {
        sleep_until(answer_at).await;
    }
    Ok(outcome)
}
