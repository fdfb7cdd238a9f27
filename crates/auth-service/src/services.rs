//! Other services of the site as callers: each has a credential of its own, with scopes that say what it is for.

use std::{
    fmt,
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use common::{
    Error, Result,
    config::Settings,
    secrets::{is_same, sha256_hex},
};

use crate::{App, bearer};

/// A shorter token could be guessed: 32 random bytes as base64url have 43 characters.
const LEAST_TOKEN: usize = 43;

/// What a service may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `events`: follow what happens to sessions and accounts.
    Events,
    /// `users:read`: read accounts, as one's own record of them needs.
    UsersRead,
    /// `users:role`: change the role of an account in the name of an administrator.
    UsersRole,
    /// `settings`: read what the site is set to, and change it in the name of an administrator.
    Settings,
}

impl Scope {
    const ALL: [Self; 4] = [Self::Events, Self::UsersRead, Self::UsersRole, Self::Settings];

    /// The word in the setting.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::UsersRead => "users:read",
            Self::UsersRole => "users:role",
            Self::Settings => "settings",
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        known.ok_or_else(|| format!("“{text}” is no scope: use {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// The services that may ask more than anybody: the setting `SERVICE_CREDENTIALS`.
#[derive(Clone, Default)]
pub struct ServiceCredentials(Vec<Credential>);

#[derive(Clone)]
struct Credential {
    name: String,
    token_hash: String,
    scopes: Vec<Scope>,
}

impl ServiceCredentials {
    /// Reads `name token scope…`, several of them separated by `;` or line ends. Faults are noted without the token.
    pub fn from_settings(settings: &mut Settings) -> Self {
        let text = settings.text("SERVICE_CREDENTIALS", "");
        let mut credentials: Vec<Credential> = Vec::new();
        for entry in text.split([';', '\n']).map(str::trim).filter(|entry| !entry.is_empty()) {
            match Credential::parse(entry) {
                Ok(new) if credentials.iter().any(|old| old.token_hash == new.token_hash) => {
                    settings.fault("SERVICE_CREDENTIALS: two services have the same token");
                }
                Ok(new) => credentials.push(new),
                Err(fault) => settings.fault(format!("SERVICE_CREDENTIALS: {fault}")),
            }
        }
        Self(credentials)
    }

    /// The service with this token. Every credential is compared, each in the same time whichever character differs.
    fn find(&self, token: &str) -> Option<Service> {
        let hash = sha256_hex(token);
        let fitting = self.0.iter().filter(|known| is_same(&known.token_hash, &hash));
        let fitting = fitting.fold(None, |_, known| Some(known));
        fitting.map(|known| Service { name: known.name.clone(), scopes: known.scopes.clone() })
    }
}

impl Credential {
    fn parse(entry: &str) -> Result<Self, String> {
        let mut words = entry.split_whitespace();
        let (Some(name), Some(token)) = (words.next(), words.next()) else {
            return Err("each entry is a name, a token and scopes: photos <token> events".to_owned());
        };
        if name.len() >= LEAST_TOKEN {
            return Err("an entry begins with its token; the name of the service comes first".to_owned());
        }
        if token.len() < LEAST_TOKEN || !bearer::is_b64token(token) {
            return Err(format!(
                "the token of {name} needs at least {LEAST_TOKEN} letters, digits, - or _: \
                 make one with `openssl rand -hex 32`"
            ));
        }
        let scopes: Vec<Scope> = words
            .map(str::parse)
            .collect::<Result<_, String>>()
            .map_err(|fault| format!("{name}: {fault}"))?;
        if scopes.is_empty() {
            return Err(format!("{name} has no scope"));
        }
        Ok(Self { name: name.to_owned(), token_hash: sha256_hex(token), scopes })
    }
}

/// The service that sent this request, proven by `Authorization: Bearer`. As an extractor it answers 401 to everybody
/// else; a handler then says what it is for with `require`.
#[derive(Clone)]
pub struct Service {
    name: String,
    scopes: Vec<Scope>,
}

impl Service {
    /// The name in the setting, for the record.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// 403 unless the credential has this scope.
    pub fn require(&self, scope: Scope) -> Result<()> {
        if self.has(scope) {
            return Ok(());
        }
        let (name, scope) = (&self.name, scope.as_str());
        Err(Error::Forbidden(format!("The credential of {name} lacks the scope {scope}.")))
    }

    /// Whether the credential has this scope.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Service").field(&self.name).finish()
    }
}

impl FromRequest for Service {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(bearer::text(request).and_then(|token| {
            let credentials = &App::of(request).config.services;
            token.and_then(|token| credentials.find(token)).ok_or_else(|| {
                Error::Unauthorized("This is for services that have a credential of this site.".to_owned())
            })
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> anyhow::Result<ServiceCredentials> {
        let pair = ("SERVICE_CREDENTIALS".to_owned(), text.to_owned());
        let mut settings = Settings::from_pairs([pair]);
        let credentials = ServiceCredentials::from_settings(&mut settings);
        settings.finish(credentials)
    }

    #[test]
    fn a_token_finds_its_service_with_its_scopes_and_no_others() {
        let (one, other) = ("a".repeat(43), "b".repeat(64));
        let credentials =
            parse(&format!("photos {one} events users:read;\n blog {other} events;")).expect("good");
        let photos = credentials.find(&one).expect("its token");
        assert_eq!(photos.name(), "photos");
        assert!(photos.require(Scope::UsersRead).is_ok() && photos.require(Scope::UsersRole).is_err());
        let blog = credentials.find(&other).expect("its token");
        assert!(blog.has(Scope::Events) && !blog.has(Scope::UsersRead));
        for wrong in ["", &one[1..], &"a".repeat(44), &"c".repeat(43)] {
            assert!(credentials.find(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn every_fault_stops_the_start_and_no_token_is_shown() {
        let token = "T".repeat(43);
        let short = "T".repeat(42);
        for wrong in [
            "photos".to_owned(),
            format!("photos {short} events"),
            format!("photos {token}"),
            format!("photos {token} everything"),
            format!("{token} events users:read"),
            format!("photos {token} events; blog {token} events"),
            format!("photos {token}é events"),
        ] {
            let fault = parse(&wrong).err().map(|fault| fault.to_string()).unwrap_or_default();
            assert!(fault.contains("SERVICE_CREDENTIALS") && !fault.contains("TTTT"), "{wrong}: {fault}");
        }
    }
}
