//! Looking after accounts: who acts, what is said of an account, and which accounts are listed. Pages and JSON call the
//! same functions.

pub mod api;
pub mod caller;
pub mod create;
pub mod deeds;
pub mod invitations;
pub mod list;
pub mod show;
pub mod store;

use chrono::{DateTime, Utc};
use common::{
    Error, Result,
    identity::{AccountState, Role, UserId},
    web::{Link, Person},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::sessions::Session;

pub use deeds::Deeds;

/// The items of a page of a list.
pub const PAGE: u16 = 50;
/// The most that a program may ask for.
pub const PAGE_MOST: u16 = 200;
/// No name and no address is longer.
const LONGEST_QUERY: usize = 255;

/// The administrator in whose name something is done.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Their account.
    pub id: UserId,
    /// Its name.
    pub username: String,
    /// The session that proves it.
    pub session: Uuid,
    /// The service that asked on their behalf; none for a browser of this host.
    pub service: Option<String>,
}

impl Actor {
    /// The person of a session.
    pub fn of(session: &Session) -> Self {
        let user = &session.user;
        Self { id: user.id, username: user.username.clone(), session: session.id, service: None }
    }

    /// The member `by` of a row of the record.
    pub fn by(&self) -> Value {
        match &self.service {
            None => json!({ "id": self.id, "username": self.username }),
            Some(service) => json!({ "id": self.id, "username": self.username, "service": service }),
        }
    }
}

/// Which accounts are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// A part of the name or the address, in any case; empty for all.
    pub text: String,
    /// Those with this role.
    pub role: Option<Role>,
    /// Those in this state.
    pub state: Option<AccountState>,
}

impl Filter {
    /// Reads what was asked for; an empty text asks for nothing in particular.
    pub fn parse(text: &str, role: &str, state: &str) -> Result<Self> {
        let role = if role.is_empty() { None } else { Some(parse_role(role)?) };
        let state = if state.is_empty() { None } else { Some(parse_state(state)?) };
        // PostgreSQL has no text with a zero character.
        let text = text.trim().replace('\0', "\u{fffd}").chars().take(LONGEST_QUERY).collect();
        Ok(Self { text, role, state })
    }
}

/// One page of a list, and the key from which the next one goes on.
pub struct Listing<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// The key of its last item, if more follow.
    pub next: Option<i64>,
}

impl<T> Listing<T> {
    /// Takes what a query for `limit + 1` rows found.
    pub fn of(mut items: Vec<T>, limit: u16, key: impl Fn(&T) -> i64) -> Self {
        let more = items.len() > usize::from(limit);
        items.truncate(limit.into());
        let next = items.last().filter(|_| more).map(key);
        Self { items, next }
    }
}

/// The body of a list.
#[derive(Serialize, ToSchema)]
pub struct ListBody<T> {
    items: Vec<T>,
    /// Where the next page begins; null at the end.
    next: Option<String>,
}

impl<T> From<Listing<T>> for ListBody<T> {
    fn from(listing: Listing<T>) -> Self {
        Self { items: listing.items, next: listing.next.map(|key| key.to_string()) }
    }
}

/// A choice of a form's list.
#[derive(Serialize)]
pub struct Choice {
    value: &'static str,
    label: &'static str,
}

/// The roles, as a form offers them.
pub fn role_choices() -> Vec<Choice> {
    Role::ALL.map(|role| Choice { value: role.as_str(), label: role.label() }).into()
}

/// The states, as a form offers them.
pub fn state_choices() -> Vec<Choice> {
    let all = [AccountState::Active, AccountState::Unverified, AccountState::Disabled];
    all.map(|state| Choice { value: state.as_str(), label: state.label() }).into()
}

/// The role that a form or a program names.
pub fn parse_role(text: &str) -> Result<Role> {
    text.parse().map_err(|message: String| Error::invalid("role", message))
}

fn parse_state(text: &str) -> Result<AccountState> {
    let all = [AccountState::Active, AccountState::Unverified, AccountState::Disabled];
    let known = all.into_iter().find(|state| state.as_str() == text);
    known.ok_or_else(|| {
        Error::invalid("state", format!("“{text}” is no state: use active, unverified or disabled"))
    })
}

/// “22 Nov 2026, 11:12”, where a list has little room.
pub fn short_moment(time: DateTime<Utc>) -> String {
    time.format("%-d %b %Y, %H:%M").to_string()
}

/// What an administrator finds in the header beside the own account; nothing for others.
pub fn navigation(person: &Person) -> Vec<Link> {
    if person.role != Role::Admin.as_str() {
        return Vec::new();
    }
    vec![Link::new("People", "/admin/users", "people"), Link::new("Record", "/admin/audit", "journal-text")]
}
