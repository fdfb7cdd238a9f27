//! Too many wrong passwords lock an account for a while: growing, never for ever, and not on a device that the person
//! has signed in from before.

pub mod device;
pub mod store;

use std::time::Duration;

use actix_web::HttpRequest;
use common::{Result, config::Settings, identity::UserId, secrets::Secrets};
use serde_json::json;

use crate::{
    App,
    audit::{self, Entry, Event, Origin},
    users::Account,
};

const NAME_PURPOSE: &str = "sign-in counter";
/// Tries that are older than this are forgotten, unless they still lock.
const MEMORY: Duration = Duration::from_hours(24);

/// When an account locks, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// `SIGN_IN_FAILURES`, default 5, at least 2: wrong passwords after which an account is locked.
    pub failures: i32,
    /// `LOCK_SECONDS`, default 60: the first lock; each further one is twice as long.
    pub first: Duration,
    /// `LOCK_SECONDS_MOST`, default 3600: no lock is longer.
    pub longest: Duration,
}

impl Rules {
    /// Reads the settings.
    pub fn from_settings(settings: &mut Settings) -> Self {
        let rules = Self {
            failures: settings.parsed("SIGN_IN_FAILURES", 5),
            first: Duration::from_secs(settings.parsed("LOCK_SECONDS", 60)),
            longest: Duration::from_secs(settings.parsed("LOCK_SECONDS_MOST", 3600)),
        };
        if rules.failures < 2 {
            settings.fault("SIGN_IN_FAILURES must be at least 2: everybody mistypes a password once");
        }
        if rules.longest > MEMORY {
            settings.fault("LOCK_SECONDS_MOST may be at most 86400, a day");
        }
        rules
    }
}

/// What failures are counted for.
#[derive(Clone, Debug)]
pub struct Counter {
    key: String,
    user_id: Option<UserId>,
}

impl Counter {
    /// The counter of a try: of the account that the name means, whichever way it was written, on this device if that is
    /// known to the account; else of the name itself.
    pub fn of(app: &App, request: &HttpRequest, account: Option<&Account>, name: &str) -> Self {
        let Some(user_id) = account.map(|account| account.user.id) else {
            return Self { key: unknown_name_key(&app.config.secrets, name), user_id: None };
        };
        let key = match device::presented(app, request, user_id) {
            Some(device) => format!("device:{}:{device}", user_id.0),
            None => format!("account:{}", user_id.0),
        };
        Self { key, user_id: Some(user_id) }
    }
}

fn unknown_name_key(secrets: &Secrets, name: &str) -> String {
    format!("name:{}", secrets.sign(NAME_PURPOSE, &name.to_lowercase()))
}

/// Counts a try before its password is looked at, as if it had failed. Returns whether it may be made.
pub async fn reserve(
    app: &App,
    counter: &Counter,
    account: Option<&Account>,
    origin: &Origin,
) -> Result<bool> {
    let mut transaction = app.db.begin().await?;
    let reserved = store::reserve(&mut *transaction, counter, &app.config.lockout).await?;
    if let Some(locked_until) = reserved.and_then(|reserved| reserved.locked_until) {
        let known = account.map(|account| (account.user.id, account.user.username.as_str()));
        let entry = Entry { account: known, ..Entry::about_nobody(Event::AccountLocked, origin) };
        let details = json!({ "until": locked_until, "known_device": counter.key.starts_with("device:") });
        audit::store::create(&mut *transaction, &entry.with(details)).await?;
    }
    transaction.commit().await?;
    Ok(reserved.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_counts_under_a_keyed_hash_whatever_its_case() {
        let secrets = |letter: &str| Secrets::parse(&letter.repeat(43)).expect("long enough");
        let key = unknown_name_key(&secrets("a"), "Nobody Ä");
        assert_eq!(key, unknown_name_key(&secrets("a"), "nobody ä"));
        assert_ne!(key, unknown_name_key(&secrets("a"), "nobody"));
        assert_ne!(key, unknown_name_key(&secrets("b"), "nobody ä"));
        assert!(!key.contains("obody"));
    }
}
