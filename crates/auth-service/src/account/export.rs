//! What we know of a person, as one document for them to keep. No secret is in it, nor what stands for one.

use chrono::{DateTime, Utc};
use common::{
    Error, Result,
    identity::{ApiScope, UserId},
};
use serde::Serialize;
use serde_json::Value;
use sqlx::PgTransaction;
use uuid::Uuid;

use super::{Profile, store};
use crate::{api_tokens, providers};

/// Wrong passwords from all over the world are recorded too: somebody else must not decide how long this gets.
const MOST_EVENTS: i64 = 10_000;
const MOST_SESSIONS: i64 = 1_000;

/// The document.
#[derive(Serialize)]
pub struct Export {
    exported_at: DateTime<Utc>,
    account: Profile,
    email_change: Option<Wish>,
    sessions: Vec<ExportedSession>,
    api_tokens: Vec<ExportedToken>,
    /// Accounts at outside providers that sign this one in.
    identities: Vec<ExportedIdentity>,
    /// Newest first.
    events: Vec<ExportedEvent>,
    /// Whether there are older events than these.
    events_cut_off: bool,
}

#[derive(Serialize)]
struct Wish {
    new_email: String,
    expires_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct ExportedSession {
    id: Uuid,
    created_at: DateTime<Utc>,
    auth_time: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    user_agent: Option<String>,
    client_address: Option<String>,
}

#[derive(Serialize)]
struct ExportedToken {
    id: Uuid,
    name: String,
    scopes: Vec<ApiScope>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct ExportedIdentity {
    issuer: String,
    email: String,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct ExportedEvent {
    event: Option<String>,
    occurred_at: DateTime<Utc>,
    client_address: Option<String>,
    user_agent: Option<String>,
    details: Value,
}

/// Gathers it.
pub async fn gather(transaction: &mut PgTransaction<'_>, id: UserId) -> Result<Export> {
    let account = store::find_profile(&mut **transaction, id).await?.ok_or(Error::SignInRequired)?;
    let change = super::email::store::find_waiting(&mut **transaction, id).await?;
    let forever = chrono::TimeDelta::days(3650);
    let sessions = store::list_sessions(&mut **transaction, id, forever, MOST_SESSIONS).await?;
    let tokens = api_tokens::store::list(&mut **transaction, id).await?;
    let identities = providers::store::list_of_user(&mut **transaction, id).await?;
    let mut events = store::list_events(&mut **transaction, id, None, MOST_EVENTS + 1).await?;
    let most = usize::try_from(MOST_EVENTS).unwrap_or(usize::MAX);
    let events_cut_off = events.len() > most;
    events.truncate(most);
    Ok(Export {
        exported_at: Utc::now(),
        account,
        email_change: change
            .map(|change| Wish { new_email: change.new_email, expires_at: change.expires_at }),
        sessions: sessions.into_iter().map(ExportedSession::from).collect(),
        api_tokens: tokens.into_iter().map(ExportedToken::from).collect(),
        identities: identities.into_iter().map(ExportedIdentity::from).collect(),
        events: events.into_iter().map(ExportedEvent::from).collect(),
        events_cut_off,
    })
}

impl From<store::SessionRow> for ExportedSession {
    fn from(row: store::SessionRow) -> Self {
        let store::SessionRow { id, created_at, auth_time, last_seen_at, user_agent, client_address } = row;
        Self { id, created_at, auth_time, last_seen_at, user_agent, client_address }
    }
}

impl From<api_tokens::Listed> for ExportedToken {
    fn from(row: api_tokens::Listed) -> Self {
        let api_tokens::Listed { id, name, scopes, created_at, expires_at, last_used_at } = row;
        Self { id, name, scopes, created_at, expires_at, last_used_at }
    }
}

impl From<providers::store::Identity> for ExportedIdentity {
    fn from(row: providers::store::Identity) -> Self {
        let providers::store::Identity { issuer, email, created_at, last_used_at, .. } = row;
        Self { issuer, email, created_at, last_used_at }
    }
}

impl From<store::EventRow> for ExportedEvent {
    fn from(row: store::EventRow) -> Self {
        let store::EventRow { event, occurred_at, client_address, user_agent, details, .. } = row;
        Self { event, occurred_at, client_address, user_agent, details }
    }
}
