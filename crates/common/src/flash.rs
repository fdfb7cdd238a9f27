//! Messages that survive one redirect.

use actix_session::Session;
use serde::{Deserialize, Serialize};

use crate::Result;

const KEY: &str = "flash";

/// A message of the last action, shown once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flash {
    /// `success`, `info`, `warning` or `danger`.
    pub kind: String,
    /// A whole sentence.
    pub text: String,
}

/// Leaves a message of success for the next page.
pub fn success(session: &Session, text: impl Into<String>) -> Result<()> {
    leave(session, "success", text.into())
}

/// Leaves a warning for the next page.
pub fn warning(session: &Session, text: impl Into<String>) -> Result<()> {
    leave(session, "warning", text.into())
}

/// Takes the messages left for this page.
pub fn take(session: &Session) -> Vec<Flash> {
    // Removing what is not there would still write the state anew with every page.
    if !session.contains_key(KEY) {
        return Vec::new();
    }
    session.remove_as(KEY).and_then(Result::ok).unwrap_or_default()
}

fn leave(session: &Session, kind: &str, text: String) -> Result<()> {
    let mut messages: Vec<Flash> = session.get(KEY)?.unwrap_or_default();
    messages.push(Flash { kind: kind.to_owned(), text });
    Ok(session.insert(KEY, messages)?)
}
