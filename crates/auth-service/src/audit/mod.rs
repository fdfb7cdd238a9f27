//! The record of who did what, from where, when. It never holds a secret, nor what was typed into a name field.

pub mod export;
mod filter;
pub mod list;
pub mod store;

use actix_web::{HttpRequest, http::header::USER_AGENT};
use common::{client_address, identity::UserId, web::header};
use serde_json::{Value, json};

pub use filter::{Filter, FilterForm};

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

    /// An account got another role.
    RoleChanged,
    /// An account was closed.
    AccountDisabled,
    /// A closed account was opened again.
    AccountEnabled,
    /// An administrator signed a person out everywhere.
    SignedOutByAdmin,
    /// An administrator sent a person a link for choosing a new password.
    ResetStarted,
    /// An administrator took the record away as a table.
    RecordExported,
    /// An administrator changed what the site is called or who may make an account.
    SettingsChanged,

    /// Somebody asked to register with an address.
    RegistrationRequested,
    /// An administrator invited somebody.
    InvitationCreated,
    /// An administrator took an invitation back.
    InvitationWithdrawn,
    /// The address of an account was proven.
    EmailVerified,
    /// Somebody asked for a link that resets a password.
    PasswordResetRequested,
    /// A password was set with such a link.
    PasswordReset,

    /// A person changed the name they sign in with or the one that others see.
    ProfileChanged,
    /// A person set another password.
    PasswordChanged,
    /// A person asked to have another address of e-mail.
    EmailChangeAsked,
    /// One of the two addresses agreed.
    EmailChangeConfirmed,
    /// A person gave the change up.
    EmailChangeCancelled,
    /// Both addresses agreed to it, but somebody else has the new one meanwhile.
    EmailChangeFailed,
    /// The account has another address.
    EmailChanged,
    /// A person ended one of their sessions.
    SessionEnded,
    /// Several sessions were ended at once, by their person or, of one person or everybody, by an operator.
    SessionsEnded,
    /// A person made a token for a program.
    ApiTokenCreated,
    /// A person took a token back.
    ApiTokenRevoked,
    /// A person downloaded what is known of them.
    DataExported,
    /// A person deleted their account.
    AccountDeleted,
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

            Self::RoleChanged => "role_changed",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
            Self::SignedOutByAdmin => "signed_out_by_admin",
            Self::ResetStarted => "reset_started",
            Self::RecordExported => "record_exported",
            Self::SettingsChanged => "settings_changed",

            Self::RegistrationRequested => "registration_requested",
            Self::InvitationCreated => "invitation_created",
            Self::InvitationWithdrawn => "invitation_withdrawn",
            Self::EmailVerified => "email_verified",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::PasswordReset => "password_reset",

            Self::ProfileChanged => "profile_changed",
            Self::PasswordChanged => "password_changed",
            Self::EmailChangeAsked => "email_change_asked",
            Self::EmailChangeConfirmed => "email_change_confirmed",
            Self::EmailChangeCancelled => "email_change_cancelled",
            Self::EmailChangeFailed => "email_change_failed",
            Self::EmailChanged => "email_changed",
            Self::SessionEnded => "session_ended",
            Self::SessionsEnded => "sessions_ended",
            Self::ApiTokenCreated => "api_token_created",
            Self::ApiTokenRevoked => "api_token_revoked",
            Self::DataExported => "data_exported",
            Self::AccountDeleted => "account_deleted",
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
