//! A provider's account that is proven and not linked yet: the person has a password to give or a name to choose first.

use actix_session::Session as BrowserState;
use chrono::{DateTime, Utc};
use common::{Result, secrets::Secrets};
use serde::{Deserialize, Serialize};

use super::{Kind, Proven, flow, flow_lifetime};
use crate::users::EmailAddress;

const PENDING: &str = "provider_pending";

/// What was proven, and where the person was going.
#[derive(Serialize, Deserialize)]
pub struct Pending {
    /// Who vouches for it.
    pub kind: Kind,
    /// The issuer that knows the subject.
    pub issuer: String,
    /// Whose account it is there.
    pub subject: String,
    /// The verified address.
    pub email: String,
    /// What the person is called there.
    pub name: String,
    /// Where the person goes in the end.
    pub return_to: Option<String>,
    proven_at: DateTime<Utc>,
}

impl Pending {
    /// From what was proven a moment ago, with its verified address.
    pub fn new(proven: &Proven, email: &EmailAddress, return_to: Option<String>) -> Self {
        Self {
            kind: proven.kind,
            issuer: proven.issuer.clone(),
            subject: proven.subject.clone(),
            email: email.as_str().to_owned(),
            name: proven.name.clone(),
            return_to,
            proven_at: Utc::now(),
        }
    }

    /// Remembers it for this browser.
    pub fn keep(&self, secrets: &Secrets, browser: &BrowserState) -> Result<()> {
        flow::keep(secrets, browser, PENDING, self)
    }

    /// What this browser has proven in the last minutes. It is gone with the sign-in, which clears the state.
    pub fn find(secrets: &Secrets, browser: &BrowserState) -> Option<Self> {
        let pending: Self = flow::find(secrets, browser, PENDING)?;
        (Utc::now() - pending.proven_at < flow_lifetime()).then_some(pending)
    }
}
