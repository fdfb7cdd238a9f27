//! Another address of e-mail: asked for by the person, agreed to at both addresses in any order, and only then done.

pub mod confirmation;
mod letters;
pub mod screen;
pub mod store;

use actix_web::HttpRequest;
use chrono::{DateTime, Utc};
use common::{Error, Result, identity::UserId};
use serde_json::json;
use sqlx::PgTransaction;
use uuid::Uuid;

use super::store as accounts;
use crate::{
    App,
    audit::{self, Entry, Event, Origin},
    mail_tokens::{self, MailToken, Proof, Purpose},
    sessions::{self, Session},
    users::EmailAddress,
};

/// Each of them sends mail to addresses that somebody typed.
const MOST_IN_AN_HOUR: i64 = 5;
const BOTH: [Purpose; 2] = [Purpose::LeaveEmail, Purpose::EnterEmail];

/// A change that waits.
#[derive(Clone, Debug)]
pub struct Change {
    /// The address wished for.
    pub new_email: String,
    /// The session from which it was asked.
    pub session_id: Uuid,
    /// Until when it can be agreed to.
    pub expires_at: DateTime<Utc>,
    /// When it was agreed to at the address so far.
    pub left_at: Option<DateTime<Utc>>,
    /// When it was agreed to at the new address.
    pub entered_at: Option<DateTime<Utc>>,
}

/// What agreeing led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreed {
    /// The account has the new address.
    Changed,
    /// The other address has not agreed yet, or the new one went to somebody else: nothing here tells which.
    Waiting,
}

/// Begins a change: a link to each address. An address that was never verified can't be asked to let the account go.
/// Whether somebody has the new address already is told to nobody but its owner.
pub async fn ask(app: &App, request: &HttpRequest, session: &Session, new: &EmailAddress) -> Result<()> {
    let (user, origin) = (&session.user, Origin::of(request));
    let mut transaction = app.db.begin().await?;
    accounts::lock(&mut transaction, user.id).await?;
    if accounts::count_events(&mut *transaction, user.id, Event::EmailChangeAsked.as_str()).await?
        >= MOST_IN_AN_HOUR
    {
        return Err(Error::TooManyRequests { retry_after: 3600 });
    }
    let is_taken = store::is_taken(&mut *transaction, user.id, new.as_str()).await?;
    store::create(&mut transaction, user.id, new, session.id, !user.email_verified).await?;
    mail_tokens::store::delete(&mut *transaction, &BOTH, user.id).await?;
    if user.email_verified {
        let token = link(&mut transaction, Purpose::LeaveEmail, user.id, &user.email).await?;
        letters::send_leave(app, &mut transaction, user, new, &token).await?;
    }
    // Also for an address that somebody has, so that all looks alike; nobody ever sees that token.
    let token = link(&mut transaction, Purpose::EnterEmail, user.id, new.as_str()).await?;
    if is_taken {
        letters::send_taken(app, &mut transaction, new.as_str()).await?;
    } else {
        letters::send_enter(app, &mut transaction, user, new, &token).await?;
    }
    let entry = Entry::about(Event::EmailChangeAsked, user.id, &user.username, &origin);
    audit::store::create(&mut *transaction, &entry).await?;
    Ok(transaction.commit().await?)
}

async fn link(
    transaction: &mut PgTransaction<'_>,
    purpose: Purpose,
    id: UserId,
    email: &str,
) -> Result<MailToken> {
    let token = mail_tokens::store::create(transaction, purpose, id, email).await?;
    // The account was deleted or disabled while the form was on its way.
    token.ok_or(Error::SignInRequired)
}

/// What a link is about, while it counts: which side it speaks for, and the change.
pub async fn find(app: &App, token: &MailToken) -> Result<Option<(Purpose, Proof, Change)>> {
    for purpose in BOTH {
        if let Some(proof) = mail_tokens::store::find(&app.db, purpose, token).await? {
            let change = store::find(&app.db, proof.user_id).await?;
            return Ok(change
                .filter(|change| fits(purpose, &proof, change))
                .map(|change| (purpose, proof, change)));
        }
    }
    Ok(None)
}

/// Agrees to a change by a link. `None` if the link does not count (any more).
pub async fn agree(app: &App, request: &HttpRequest, token: &MailToken) -> Result<Option<Agreed>> {
    let Some((purpose, ..)) = find(app, token).await? else { return Ok(None) };
    let origin = Origin::of(request);
    let mut transaction = app.db.begin().await?;
    let Some(proof) = mail_tokens::store::consume(&mut transaction, purpose, token).await? else {
        return Ok(None);
    };
    // The account's row is held since the link was used up: nobody cancels between here and the end.
    let change = store::find(&mut *transaction, proof.user_id).await?;
    let Some(change) = change.filter(|change| fits(purpose, &proof, change)) else { return Ok(None) };
    let other = if purpose == Purpose::LeaveEmail { change.entered_at } else { change.left_at };
    let agreed = if other.is_none() {
        store::update_agreed(&mut *transaction, proof.user_id, purpose).await?;
        record(
            &mut transaction,
            Event::EmailChangeConfirmed,
            &proof,
            &origin,
            json!({ "link": purpose.as_str() }),
        )
        .await?;
        Agreed::Waiting
    } else {
        complete(app, &mut transaction, &proof, &change, &origin).await?
    };
    transaction.commit().await?;
    Ok(Some(agreed))
}

/// Both have agreed. Whoever got the new address meanwhile keeps it, and hears of it.
async fn complete(
    app: &App,
    transaction: &mut PgTransaction<'_>,
    proof: &Proof,
    change: &Change,
    origin: &Origin,
) -> Result<Agreed> {
    let id = proof.user_id;
    store::delete(&mut **transaction, id).await?;
    mail_tokens::store::delete_of_user(&mut **transaction, id).await?;
    if store::is_taken(&mut **transaction, id, &change.new_email).await? {
        letters::send_taken(app, transaction, &change.new_email).await?;
        record(transaction, Event::EmailChangeFailed, proof, origin, json!({})).await?;
        return Ok(Agreed::Waiting);
    }
    let Some(before) = accounts::find_profile(&mut **transaction, id).await? else {
        return Ok(Agreed::Waiting);
    };
    store::update_email(transaction, id, &change.new_email).await.map_err(taken_meanwhile)?;
    let ended = sessions::store::delete_of_user(transaction, id, Some(change.session_id)).await?;
    if before.email_verified {
        letters::send_changed(app, transaction, &before, &change.new_email).await?;
    }
    let details = json!({ "from": before.email, "to": change.new_email, "sessions_ended": ended.len() });
    record(transaction, Event::EmailChanged, proof, origin, details).await?;
    Ok(Agreed::Changed)
}

/// Gives a change up; its links are dead.
pub async fn cancel(app: &App, request: &HttpRequest, session: &Session) -> Result<()> {
    let (user, origin) = (&session.user, Origin::of(request));
    let mut transaction = app.db.begin().await?;
    accounts::lock(&mut transaction, user.id).await?;
    mail_tokens::store::delete(&mut *transaction, &BOTH, user.id).await?;
    if store::delete(&mut *transaction, user.id).await? {
        let entry = Entry::about(Event::EmailChangeCancelled, user.id, &user.username, &origin);
        audit::store::create(&mut *transaction, &entry).await?;
    }
    Ok(transaction.commit().await?)
}

/// Somebody else got the address between looking and writing: nothing of this counts, and the link can be used again.
fn taken_meanwhile(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Database(fault) if fault.is_unique_violation() => Error::Conflict(
            "Something else happened at the same moment. Please open the link once more.".to_owned(),
        ),
        _ => error.into(),
    }
}

fn fits(purpose: Purpose, proof: &Proof, change: &Change) -> bool {
    purpose == Purpose::LeaveEmail || proof.email == change.new_email
}

async fn record(
    transaction: &mut PgTransaction<'_>,
    event: Event,
    proof: &Proof,
    origin: &Origin,
    details: serde_json::Value,
) -> Result<()> {
    let entry = Entry::about(event, proof.user_id, &proof.username, origin).with(details);
    Ok(audit::store::create(&mut **transaction, &entry).await?)
}
