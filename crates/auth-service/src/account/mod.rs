//! What a person looks after by themselves: name, address, password, sessions, the record, the data, the account's end.

pub mod activity;
pub mod api;
pub mod data;
pub mod deletion;
mod device;
pub mod email;
mod export;
pub mod letters;
pub mod overview;
pub mod password;
pub mod sessions;
pub mod store;

use chrono::{DateTime, Utc};
use common::{
    error::FieldErrors,
    forms,
    identity::{Role, UserId},
};
use serde::Serialize;
use utoipa::ToSchema;

/// More characters are no name.
const LONGEST_NAME: usize = 64;

/// The name that people see; may be in any script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Checks a name; `None` if nothing was typed. The message says what to do.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        let mut errors = FieldErrors::new();
        let name = forms::optional_text(&mut errors, "name", text, LONGEST_NAME);
        if let Some(message) = errors.remove("name") {
            return Err(message);
        }
        if text.trim().chars().any(|letter| letter.is_control() || is_invisible(letter)) {
            return Err("This holds a character that can't be seen. Please type the name anew.".to_owned());
        }
        Ok(name.map(Self))
    }

    /// The name as it will be shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Characters that turn text around or take no room, with which one name could pass for another.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// An account as its person sees it, and as `GET /api/account` shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Profile {
    /// Stable for the life of the account.
    pub id: UserId,
    /// The name used at sign-in.
    pub username: String,
    /// The name that people see, if another one was chosen.
    pub display_name: Option<String>,
    /// The address.
    pub email: String,
    /// Whether it was proven.
    pub email_verified: bool,
    /// What the account may do at this moment.
    pub role: Role,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_name_may_be_in_any_script_and_holds_nothing_invisible() {
        let name = DisplayName::parse("  Ána Žižková 写真 ").expect("a good name").expect("a name");
        assert_eq!(name.as_str(), "Ána Žižková 写真");
        assert_eq!(DisplayName::parse("   "), Ok(None));
        for bad in ["a\u{202e}b", "a\nb", "a\u{200b}", "a\0b", &"x".repeat(65)] {
            assert!(DisplayName::parse(bad).is_err(), "{bad:?}");
        }
    }
}
