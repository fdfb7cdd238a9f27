//! Personal API tokens: what a person gives a program instead of a password. Each is good for little, and not for ever.

pub mod last_used;
pub mod new;
pub mod screen;
pub mod store;
pub mod verify;

use actix_web::HttpRequest;
use chrono::{DateTime, TimeDelta, Utc};
use common::{
    error::FieldErrors,
    forms,
    identity::{ApiScope, User},
    secrets::{API_TOKEN_PREFIX, is_api_token, random_token, sha256_hex},
    web,
};
use serde::Serialize;
use uuid::Uuid;

/// How many living tokens a person may have.
pub const MOST: i64 = 20;
/// For how many days one can be made. There is no never: what nobody remembers must end by itself.
pub const LIFETIMES: [u16; 4] = [7, 30, 90, 365];
const LONGEST_NAME: usize = 64;

/// What a program holds. It has no `Debug` and is never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken(String);

impl ApiToken {
    /// A new one.
    pub fn generate() -> Self {
        Self(format!("{API_TOKEN_PREFIX}{}", random_token()))
    }

    /// A text that has the shape of a token; anything else never reaches the database.
    pub fn parse(text: &str) -> Option<Self> {
        is_api_token(text).then(|| Self(text.to_owned()))
    }

    /// The token that a request brings, if it is one of this kind.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        web::bearer(request).and_then(Self::parse)
    }

    /// What the database knows of it.
    pub fn hash(&self) -> String {
        sha256_hex(&self.0)
    }

    /// The text, for showing it once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// A token to be made: checked.
pub struct NewToken {
    /// What its person calls it.
    pub name: String,
    /// What it is good for; at least one.
    pub scopes: Vec<ApiScope>,
    /// For how long.
    pub lifetime: TimeDelta,
}

impl NewToken {
    /// Checks what was chosen.
    pub fn parse(name: &str, scopes: &[String], days: &str) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = forms::required_text(&mut errors, "name", name, LONGEST_NAME);
        let known: Vec<ApiScope> = ApiScope::ALL
            .into_iter()
            .filter(|scope| scopes.iter().any(|word| word == scope.as_str()))
            .collect();
        if known.is_empty() || scopes.iter().any(|word| word.parse::<ApiScope>().is_err()) {
            errors.insert("scopes", "Choose at least one thing that the program may do.".to_owned());
        }
        let days = days.parse().ok().filter(|days| LIFETIMES.contains(days));
        if days.is_none() {
            errors.insert("days", "Choose one of these.".to_owned());
        }
        match days {
            Some(days) if errors.is_empty() => {
                Ok(Self { name, scopes: known, lifetime: TimeDelta::days(days.into()) })
            }
            _ => Err(errors),
        }
    }
}

/// A token that was presented, with the account as it is at this moment.
pub struct Presented {
    /// Names the token, opens nothing.
    pub id: Uuid,
    /// Whose it is.
    pub user: User,
    /// Whether the account may be used.
    pub is_active: bool,
    /// What it is good for.
    pub scopes: Vec<ApiScope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Its last use that was written down.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A token as its person sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// Names the token, opens nothing.
    pub id: Uuid,
    /// What its person calls it.
    pub name: String,
    /// What it is good for.
    pub scopes: Vec<ApiScope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends or ended.
    pub expires_at: DateTime<Utc>,
    /// Its last use that was written down.
    pub last_used_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(name: &str, scopes: &[&str], days: &str) -> Vec<&'static str> {
        let scopes: Vec<String> = scopes.iter().map(|word| (*word).to_owned()).collect();
        NewToken::parse(name, &scopes, days)
            .err()
            .map(|errors| errors.into_keys().collect())
            .unwrap_or_default()
    }

    #[test]
    fn a_token_has_a_name_a_scope_and_an_end() {
        assert!(faults("Backup", &["photos:read"], "30").is_empty());
        assert_eq!(faults(" ", &[], ""), ["days", "name", "scopes"]);
        assert_eq!(faults("x", &["photos:read", "admin"], "30"), ["scopes"]);
        for never in ["0", "-1", "366", "99999999999", "never"] {
            assert_eq!(faults("x", &["photos:read"], never), ["days"], "{never}");
        }
    }

    #[test]
    fn a_token_is_known_by_its_shape() {
        let token = ApiToken::generate();
        assert_eq!(token.reveal().len(), 47);
        assert!(ApiToken::parse(token.reveal()).is_some());
        let tail = &token.reveal()[4..];
        for other in [tail, &token.reveal()[..46], &format!("PAT_{tail}"), &format!("pat_{}%", &tail[1..])] {
            assert!(ApiToken::parse(other).is_none(), "{other}");
        }
    }
}
