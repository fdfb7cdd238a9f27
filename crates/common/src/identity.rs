//! Who somebody is: the types in which the auth-service tells it and every other service reads it.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The id of an account at the auth-service; it never changes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema, sqlx::Type,
)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct UserId(pub i32);

impl fmt::Display for UserId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What an account may do at all. The auth-service owns roles; everybody else reads them from its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything.
    Admin,
    /// Uploads, owns galleries, has customers, shares.
    Photographer,
    /// Sees galleries shared with the account, downloads where allowed.
    User,
    /// Reads public galleries.
    Viewer,
}

impl Role {
    /// All of them, the most powerful first.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Photographer, Self::User, Self::Viewer];

    /// The word stored in `users.user_type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Photographer => "photographer",
            Self::User => "user",
            Self::Viewer => "viewer",
        }
    }

    /// What it is called on a page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Admin => "Administrator",
            Self::Photographer => "Photographer",
            Self::User => "User",
            Self::Viewer => "Viewer",
        }
    }

    /// Reads a stored `user_type`; an unknown or missing one is a viewer, the least of all roles.
    pub fn from_stored(text: Option<&str>) -> Self {
        text.and_then(|text| text.parse().ok()).unwrap_or(Self::Viewer)
    }

    /// Whether this role uploads photos and owns galleries.
    pub fn may_own_galleries(self) -> bool {
        matches!(self, Self::Admin | Self::Photographer)
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| format!("“{text}” is no role: use admin, photographer, user or viewer"))
    }
}

/// The person in an answer of `verify-session`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Stable for the life of the account.
    pub id: UserId,
    /// The name used at sign-in.
    pub username: String,
    /// The address of the account.
    pub email: String,
    /// The role at this moment.
    pub role: Role,
    /// Whether the address was proven.
    pub email_verified: bool,
}

/// What a personal API token may be good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum ApiScope {
    /// See what its person sees in photos.
    #[serde(rename = "photos:read")]
    PhotosRead,
    /// Change what its person may change in photos.
    #[serde(rename = "photos:write")]
    PhotosWrite,
    /// Read its person's profile at the auth-service.
    #[serde(rename = "account:read")]
    AccountRead,
}

impl ApiScope {
    /// Every scope, in the order in which people choose.
    pub const ALL: [Self; 3] = [Self::PhotosRead, Self::PhotosWrite, Self::AccountRead];

    /// The word that is stored, sent and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PhotosRead => "photos:read",
            Self::PhotosWrite => "photos:write",
            Self::AccountRead => "account:read",
        }
    }
}

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// It may.
    Active,
    /// It may, as a viewer until its address is verified.
    Unverified,
    /// An administrator closed it.
    Disabled,
}

impl AccountState {
    /// What it is called on a page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Unverified => "Address not verified",
            Self::Disabled => "Disabled",
        }
    }

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Unverified => "unverified",
            Self::Disabled => "disabled",
        }
    }
}

impl FromStr for ApiScope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        known.ok_or_else(|| format!("“{text}” is no scope"))
    }
}

/// An account as administrators, and services that keep a record of accounts, see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountInfo {
    /// Stable for the life of the account.
    pub id: UserId,
    /// The name used at sign-in.
    pub username: String,
    /// The address of the account.
    pub email: String,
    /// The role that was given; while the account is `unverified` it acts as a viewer all the same.
    pub role: Role,
    /// Whether it may be used.
    pub state: AccountState,
    /// When it was made; unknown for some of the earlier system.
    pub created_at: Option<DateTime<Utc>>,
    /// When its person last signed in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

/// The session in an answer of `verify-session`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionInfo {
    /// The public id: names the session in lists and logs, opens nothing.
    pub id: Uuid,
    /// When the person last proved who they are.
    pub auth_time: DateTime<Utc>,
    /// How they proved it, as in RFC 8176: `pwd`; `pat` for a personal API token.
    pub methods: Vec<String>,
    /// When the session ends if nothing happens.
    pub idle_expires_at: DateTime<Utc>,
    /// When the session ends whatever happens.
    pub absolute_expires_at: DateTime<Utc>,
}

/// The 200 answer of `GET /api/verify-session`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ActiveSession {
    /// Always true.
    pub active: bool,
    /// Whose session it is.
    pub user: User,
    /// Which session it is.
    pub session: SessionInfo,
    /// What a personal API token is good for; absent for the session of a browser, which knows no such limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub scopes: Option<Vec<ApiScope>>,
    /// For how many seconds the answer may be kept by an application that follows the event stream, as long as it is
    /// connected and caught up. Everybody else asks each time.
    pub cache_for: u32,
    /// The newest event of the stream that the answer takes into account. Whoever has heard of a later one must not keep
    /// the answer. Null while `cache_for` is 0.
    pub events_through: Option<i64>,
}

/// Why there is no session, as a fixed word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InactiveReason {
    /// No cookie or token of the right shape was sent.
    NoSession,
    /// A token was sent, but no session has it (any more).
    UnknownSession,
    /// The session's time is over.
    Expired,
    /// The account is disabled.
    Disabled,
    /// Valid sessions of different people were sent together.
    AmbiguousSession,
}

/// The 401 answer of `GET /api/verify-session`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct InactiveSession {
    /// Always false.
    pub active: bool,
    /// Why.
    pub reason: InactiveReason,
    /// Where a person can sign in.
    pub login_url: String,
}
