//! What happened to sessions and accounts, as the auth-service's stream tells it and every other service reads it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::identity::{User, UserId};

/// The name of the stream's own event: everything up to its `id` has been told at this moment. It comes when the replay
/// is over and then every `HEARTBEAT_SECONDS`, so that a silent stream is known to be dead.
pub const CAUGHT_UP: &str = "caught_up";
/// Seconds between two `caught_up`.
pub const HEARTBEAT_SECONDS: u64 = 2;

/// What happened, as a fixed word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// A session is over.
    #[serde(rename = "session.ended")]
    SessionEnded,
    /// A session goes on under a new token; the old one is dead.
    #[serde(rename = "session.rotated")]
    SessionRotated,
    /// Name, address, role or state of an account changed.
    #[serde(rename = "user.changed")]
    UserChanged,
    /// An account is gone.
    #[serde(rename = "user.deleted")]
    UserDeleted,
}

impl EventKind {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SessionEnded => "session.ended",
            Self::SessionRotated => "session.rotated",
            Self::UserChanged => "user.changed",
            Self::UserDeleted => "user.deleted",
        }
    }

    /// Reads a stored word.
    pub fn from_stored(text: &str) -> Option<Self> {
        let all = [Self::SessionEnded, Self::SessionRotated, Self::UserChanged, Self::UserDeleted];
        all.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The `data` of an event. A reader passes over kinds that it doesn't know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// Whose session, or which account.
    pub user_id: UserId,
    /// The public id of the session, for events of sessions.
    pub session_id: Option<Uuid>,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// For `user.changed`, the account as it is now; left out for credentials without the scope `users:read`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<AccountState>,
}

/// An account as it is at this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountState {
    /// Who.
    #[serde(flatten)]
    pub user: User,
    /// Whether the account may be used.
    pub is_active: bool,
}
