//! The record of who did what, from where, when. It never holds a secret, nor what was typed into a name field.

pub mod store;

use actix_web::{HttpRequest, http::header::USER_AGENT};
use common::{client_address, identity::UserId, web::header};
use serde_json::{Value, json};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A person signed in.
    SignIn,
    /// A name and password were refused.
    SignInFailed,
    /// Too many passwords were wrong: an account, or a name that nobody has, is locked for a while.
    AccountLocked,
    /// A signed-in person proved once more who they are.
    Reauthenticated,
    /// A person signed out.
    SignOut,
    /// Valid sessions of different people came together: somebody planted a cookie.
    AmbiguousSession,
    /// An account was made.
    AccountCreated,
    /// An account at an outside provider was linked: it signs in from now on.
    IdentityLinked,
    /// Such a link was taken away.
    IdentityUnlinked,
}

impl Event {
    /// The word stored in `audit_logs.event`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignInFailed => "sign_in_failed",
            Self::AccountLocked => "account_locked",
            Self::Reauthenticated => "reauthenticated",
            Self::SignOut => "sign_out",
            Self::AmbiguousSession => "ambiguous_session",
            Self::AccountCreated => "account_created",
            Self::IdentityLinked => "identity_linked",
            Self::IdentityUnlinked => "identity_unlinked",
        }
    }
}

/// Where a request came from, as the record and the list of sessions keep it.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The client's address; none for a command of an operator.
    pub client_address: Option<String>,
    /// The first 300 characters of what the browser calls itself.
    pub user_agent: Option<String>,
}

impl Origin {
    /// Of a request.
    pub fn of(request: &HttpRequest) -> Self {
        let user_agent = header(request, &USER_AGENT).map(|text| text.chars().take(300).collect());
        Self { client_address: Some(client_address::of(request).to_string()), user_agent }
    }
}

/// One row of the record.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// What happened.
    pub event: Event,
    /// The account, if there is one.
    pub account: Option<(UserId, &'a str)>,
    /// Where it came from.
    pub origin: &'a Origin,
    /// What else is worth knowing.
    pub details: Value,
}

impl<'a> Entry<'a> {
    /// A row about an account.
    pub fn about(event: Event, id: UserId, username: &'a str, origin: &'a Origin) -> Self {
        Self { event, account: Some((id, username)), origin, details: json!({}) }
    }

    /// A row about nobody in particular.
    pub fn about_nobody(event: Event, origin: &'a Origin) -> Self {
        Self { event, account: None, origin, details: json!({}) }
    }

    /// The same row with details.
    #[must_use]
    pub fn with(mut self, details: Value) -> Self {
        self.details = details;
        self
    }
}
