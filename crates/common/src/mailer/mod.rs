//! Mail: what a letter is, and its way from a handler's transaction to the recipient's server.

mod config;
mod courier;
mod folder;
pub mod held;
mod letter;
mod message;
pub mod outbox;
mod smtp;

use serde::{Deserialize, Serialize};

pub use config::{MailConfig, Way};
pub use courier::{Courier, Failure, Transport};
pub use letter::Letter;
pub use outbox::Outbox;

/// A mail, ready to be sent. It may hold a link that opens an account: it is sealed wherever it waits and never logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The recipient's address, as `ana@example.org`.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The mail for a reader without HTML.
    pub text: String,
    /// The same as a whole HTML document.
    pub html: String,
}
