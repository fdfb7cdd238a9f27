//! The sessions that every application of the domain asks about: tokens, what a set of tokens amounts to, and times.

pub mod cookie;
pub mod last_seen;
pub mod start;
pub mod store;

use chrono::{DateTime, Utc};
use common::{
    Result,
    identity::{InactiveReason, Role, SessionInfo, User},
    secrets::{Digest, is_token, random_token, sha256, sha256_hex},
};
use uuid::Uuid;

use crate::{
    App,
    audit::{self, Entry, Event, Origin},
    config::Lifetimes,
};

/// More values than this under our cookie's name are not looked up.
pub const MOST_TOKENS: usize = 4;

/// What a browser holds. It opens everything its session opens, so it has no `Debug` and is never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new one.
    pub fn generate() -> Self {
        Self(random_token())
    }

    /// A text that has the shape of a token; anything else never reaches the database.
    pub fn parse(text: &str) -> Option<Self> {
        is_token(text).then(|| Self(text.to_owned()))
    }

    /// The tokens among the values of a cookie, each once, no more than four.
    pub fn parse_all(values: &[String]) -> Vec<Self> {
        let mut tokens: Vec<Self> = Vec::new();
        for token in values.iter().filter_map(|value| Self::parse(value)) {
            if !tokens.contains(&token) && tokens.len() < MOST_TOKENS {
                tokens.push(token);
            }
        }
        tokens
    }

    /// What the database knows of it.
    pub fn hash(&self) -> String {
        sha256_hex(&self.0)
    }

    /// The same as bytes, for finding a kept answer.
    pub fn digest(&self) -> Digest {
        sha256(&self.0)
    }

    /// The text, for the cookie.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// A session with the account as it is at this moment; the role is never copied into a session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Names the session in lists and logs, opens nothing.
    pub id: Uuid,
    /// Whose it is.
    pub user: User,
    /// Whether the account may be used.
    pub is_active: bool,
    /// How the person proved who they are, as in RFC 8176.
    pub methods: Vec<String>,
    /// When they did.
    pub auth_time: DateTime<Utc>,
    /// The last sign of life that was written down.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends whatever happens.
    pub absolute_expires_at: DateTime<Utc>,
}

impl Session {
    /// When it ends without a further sign of life. Administrators have less time, from the moment they are ones.
    pub fn idle_expires_at(&self, lifetimes: &Lifetimes) -> DateTime<Utc> {
        let idle = if self.user.role == Role::Admin { lifetimes.idle_admin } else { lifetimes.idle };
        (self.last_seen_at + idle).min(self.absolute_expires_at)
    }

    /// What other applications may know of it.
    pub fn info(&self, lifetimes: &Lifetimes) -> SessionInfo {
        SessionInfo {
            id: self.id,
            auth_time: self.auth_time,
            methods: self.methods.clone(),
            idle_expires_at: self.idle_expires_at(lifetimes),
            absolute_expires_at: self.absolute_expires_at,
        }
    }

    fn fault(&self, lifetimes: &Lifetimes, now: DateTime<Utc>) -> Option<InactiveReason> {
        if !self.is_active {
            Some(InactiveReason::Disabled)
        } else if now >= self.idle_expires_at(lifetimes) {
            Some(InactiveReason::Expired)
        } else {
            None
        }
    }
}

/// What the tokens that somebody presents amount to.
pub enum Verdict {
    /// One person's session; with it the token that proves it.
    Active(Box<Session>, Token),
    /// None.
    Inactive(InactiveReason),
}

/// Looks up the tokens of one request. Valid sessions of different people are nobody's, and are recorded.
pub async fn resolve(app: &App, tokens: &[Token], origin: &Origin) -> Result<Verdict> {
    if tokens.is_empty() {
        return Ok(Verdict::Inactive(InactiveReason::NoSession));
    }
    let hashes: Vec<String> = tokens.iter().map(Token::hash).collect();
    let found = store::list_by_hashes(&app.db, &hashes).await?;
    let (lifetimes, now) = (&app.config.lifetimes, Utc::now());
    let faults: Vec<_> = found.iter().filter_map(|(_, session)| session.fault(lifetimes, now)).collect();
    let mut valid: Vec<_> =
        found.into_iter().filter(|(_, session)| session.fault(lifetimes, now).is_none()).collect();
    if valid.iter().any(|(_, session)| session.user.id != valid[0].1.user.id) {
        record_ambiguity(app, &valid, origin).await?;
        return Ok(Verdict::Inactive(InactiveReason::AmbiguousSession));
    }
    valid.sort_by_key(|(_, session)| session.auth_time);
    let Some((hash, session)) = valid.pop() else {
        let disabled = faults.iter().find(|fault| **fault == InactiveReason::Disabled).or(faults.first());
        return Ok(Verdict::Inactive(disabled.copied().unwrap_or(InactiveReason::UnknownSession)));
    };
    app.last_seen.note(&session, now);
    let token = tokens.iter().zip(&hashes).find(|(_, other)| **other == hash);
    let (token, _) = token.expect("a session is found by the hash of one of the tokens");
    Ok(Verdict::Active(Box::new(session), token.clone()))
}

async fn record_ambiguity(app: &App, valid: &[(String, Session)], origin: &Origin) -> Result<()> {
    let people: Vec<i32> = valid.iter().map(|(_, session)| session.user.id.0).collect();
    let entry =
        Entry::about_nobody(Event::AmbiguousSession, origin).with(serde_json::json!({ "user_ids": people }));
    Ok(audit::store::create(&app.db, &entry).await?)
}
