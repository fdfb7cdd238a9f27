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
    /// What takes the action back, where something does.
    #[serde(default)]
    pub undo: Option<Undo>,
}

/// A form with one button beside a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Undo {
    /// Where the form goes.
    pub path: String,
    /// Its field `value`.
    pub value: String,
    /// Its field `return_to`.
    pub return_to: String,
}

/// Leaves a message of success for the next page.
pub fn success(session: &Session, text: impl Into<String>) -> Result<()> {
    leave(session, "success", text.into(), None)
}

/// Leaves a message of success with a way to take it back.
pub fn undoable(session: &Session, text: impl Into<String>, undo: Option<Undo>) -> Result<()> {
    leave(session, "success", text.into(), undo)
}

/// Leaves a warning for the next page.
pub fn warning(session: &Session, text: impl Into<String>) -> Result<()> {
    leave(session, "warning", text.into(), None)
}

/// Takes the messages left for this page.
pub fn take(session: &Session) -> Vec<Flash> {
    // Removing what is not there would still write the state anew with every page.
    if !session.contains_key(KEY) {
        return Vec::new();
    }
    session.remove_as(KEY).and_then(Result::ok).unwrap_or_default()
}

fn leave(session: &Session, kind: &str, text: String, undo: Option<Undo>) -> Result<()> {
    let mut messages: Vec<Flash> = session.get(KEY)?.unwrap_or_default();
    messages.push(Flash { kind: kind.to_owned(), text, undo });
    Ok(session.insert(KEY, messages)?)
}
