//! Links that are sent by mail: each proves one thing about one account, once, while nothing about it has changed.

pub mod store;

use chrono::TimeDelta;
use common::{
    identity::UserId,
    secrets::{is_token, random_token, sha256_hex},
};

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Choosing a new password.
    ResetPassword,
    /// Showing that the address of a new account is the person's own.
    VerifyEmail,
    /// Agreeing, at the address so far, to another one.
    LeaveEmail,
    /// Showing that the new address is the person's own.
    EnterEmail,
}

impl Purpose {
    /// The word stored in `mail_tokens.purpose`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset_password",
            Self::VerifyEmail => "verify_email",
            Self::LeaveEmail => "leave_email",
            Self::EnterEmail => "enter_email",
        }
    }

    /// How long a link counts at most.
    pub fn lifetime(self) -> TimeDelta {
        match self {
            Self::ResetPassword => TimeDelta::hours(1),
            Self::VerifyEmail | Self::LeaveEmail | Self::EnterEmail => TimeDelta::hours(24),
        }
    }
}

/// The secret of a link. It opens what it proves, so it has no `Debug`; the database holds its hash.
pub struct MailToken(String);

impl MailToken {
    /// A new one.
    pub fn generate() -> Self {
        Self(random_token())
    }

    /// A text that has the shape of a token; anything else never reaches the database.
    pub fn parse(text: &str) -> Option<Self> {
        is_token(text).then(|| Self(text.to_owned()))
    }

    /// What the database knows of it.
    pub fn hash(&self) -> String {
        sha256_hex(&self.0)
    }

    /// The text, for the link.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// What a link has proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The account it was made for.
    pub user_id: UserId,
    /// The name of that account.
    pub username: String,
    /// The address to which the link was sent.
    pub email: String,
}
