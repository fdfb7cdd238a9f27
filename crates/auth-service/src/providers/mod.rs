//! Signing in with an account somewhere else: which providers there are, and what one of them vouches for.

pub mod account;
pub mod begin;
pub mod callback;
mod calls;
pub mod config;
mod failure;
mod flow;
mod github;
mod id_token;
pub mod join;
pub mod link;
mod notice;
mod oidc;
mod pending;
pub mod reauthenticate;
pub mod store;

use chrono::{DateTime, TimeDelta, Utc};
use common::web::Web;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use self::{
    calls::Calls,
    config::{Place, ProviderSettings, Registered},
    failure::Failure,
    flow::Flow,
};
use crate::users::EmailAddress;

/// What stands in `users.password_hash` of an account that has no password. It is no hash of any kind, so nothing that
/// is typed can fit it: verifying fails to parse it and does the work of a decoy (`Passwords::verify`).
pub const NO_PASSWORD: &str = "!";

/// How a session was begun that a provider vouched for; the word that others use too (RFC 8176 has none).
pub const METHOD: &str = "fed";

/// Whether an account has a password at all. The earlier system left some empty.
pub fn has_password(stored: &SecretString) -> bool {
    !["", NO_PASSWORD].contains(&stored.expose_secret())
}

/// Which provider; also its word in addresses and tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// GitHub, which is not an issuer of OpenID Connect.
    Github,
    /// Google.
    Google,
    /// Any issuer of OpenID Connect.
    Oidc,
}

impl Kind {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Google => "google",
            Self::Oidc => "oidc",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Google => "google",
            Self::Oidc => "shield-lock",
        }
    }
}

/// A configured provider.
pub struct Provider {
    registered: Registered,
    protocol: Protocol,
    /// Where it sends people back to: one address for each provider, so that the answer of one can't pass for that of
    /// another (RFC 9700, section 4.4.2.2).
    redirect_uri: String,
}

enum Protocol {
    Oidc(oidc::Issuer),
    Github(github::Github),
}

/// Somebody's account at a provider, proven a moment ago.
#[derive(Debug)]
pub struct Proven {
    /// Who vouches for it.
    pub kind: Kind,
    /// The issuer that knows the subject.
    pub issuer: String,
    /// Whose account it is there, for ever.
    pub subject: String,
    /// The address that the provider says is verified.
    pub email: Option<EmailAddress>,
    /// What the person is called there; may be anything.
    pub name: String,
    /// When the person last proved who they are there, if the provider says.
    pub auth_time: Option<DateTime<Utc>>,
}

/// A button that leads to a provider.
#[derive(Clone, Debug, Serialize)]
pub struct Button {
    /// The provider's word.
    pub provider: &'static str,
    /// Its name.
    pub name: String,
    /// A Bootstrap icon.
    pub icon: &'static str,
}

impl Provider {
    /// Its word and kind.
    pub fn kind(&self) -> Kind {
        self.registered.kind
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.registered.name
    }

    /// What its subjects belong to.
    pub fn issuer(&self) -> &str {
        match &self.registered.place {
            Place::Issuer(issuer) => issuer,
            Place::Github { web, .. } => web,
        }
    }

    /// The button that leads there.
    pub fn button(&self) -> Button {
        Button { provider: self.kind().as_str(), name: self.name().to_owned(), icon: self.kind().icon() }
    }
}

/// All configured providers.
pub struct Providers {
    all: Vec<Provider>,
    calls: Calls,
}

impl Providers {
    /// From the settings; nobody is called before somebody wants to sign in.
    pub fn new(settings: &ProviderSettings, web: &Web) -> anyhow::Result<Self> {
        let calls = Calls::new(settings.timeout, web.site.development)?;
        let provider = |registered: &Registered| {
            let redirect_uri = web.link(&format!("/auth/provider/{}/callback", registered.kind.as_str()));
            let protocol = match &registered.place {
                Place::Issuer(issuer) => Protocol::Oidc(oidc::Issuer::new(issuer)?),
                Place::Github { web, api } => Protocol::Github(github::Github::new(web, api)?),
            };
            Ok(Provider { registered: registered.clone(), protocol, redirect_uri })
        };
        let all = settings.registered.iter().map(provider).collect::<anyhow::Result<_>>()?;
        Ok(Self { all, calls })
    }

    /// The configured provider of a word in an address.
    pub fn find(&self, word: &str) -> Option<&Provider> {
        self.all.iter().find(|provider| provider.kind().as_str() == word)
    }

    /// The configured provider whose subjects these are; none if the operator has moved to another issuer.
    pub fn find_by_issuer(&self, issuer: &str) -> Option<&Provider> {
        self.all.iter().find(|provider| provider.issuer() == issuer)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.all.iter()
    }

    /// The buttons of the sign-in page.
    pub fn buttons(&self) -> Vec<Button> {
        self.all.iter().map(Provider::button).collect()
    }

    /// Where the browser goes to begin.
    async fn authorization_url(&self, provider: &Provider, flow: &Flow) -> Result<Url, Failure> {
        let url = match &provider.protocol {
            Protocol::Oidc(issuer) => issuer.authorization_url(provider, &self.calls, flow).await?,
            Protocol::Github(github) => github.authorization_url(provider, flow)?,
        };
        if self.calls.allows(&url) { Ok(url) } else { Err(Failure::Untrusted("unprotected_endpoint")) }
    }

    /// Exchanges the code that came back for the account that it stands for.
    async fn prove(&self, provider: &Provider, flow: &Flow, code: String) -> Result<Proven, Failure> {
        let proven = match &provider.protocol {
            Protocol::Oidc(issuer) => issuer.prove(provider, &self.calls, flow, code).await?,
            Protocol::Github(github) => github.prove(provider, &self.calls, flow, code).await?,
        };
        // OpenID Connect Core, section 2: at most 255 characters.
        let usable = (1..=255).contains(&proven.subject.len()) && !proven.subject.contains(char::is_control);
        if usable { Ok(proven) } else { Err(Failure::Untrusted("subject")) }
    }

    /// Checks the `iss` of an answer (RFC 9207).
    async fn check_issuer(&self, provider: &Provider, given: Option<&str>) -> Result<(), Failure> {
        match &provider.protocol {
            Protocol::Oidc(issuer) => issuer.check_response(&self.calls, given).await,
            // It names no issuer; its own redirect address does the same for us.
            Protocol::Github(_) => Ok(()),
        }
    }
}

/// The longest way from our page to the provider and back.
fn flow_lifetime() -> TimeDelta {
    TimeDelta::minutes(10)
}

/// A username for somebody who is new: what fits of the name at the provider.
fn suggested_username(name: &str) -> String {
    let fits = |letter: &char| letter.is_ascii_alphanumeric() || "._-".contains(*letter);
    let local = name.split('@').next().unwrap_or_default();
    let spaced: String =
        local.trim().chars().map(|letter| if letter == ' ' { '.' } else { letter }).collect();
    spaced.chars().filter(fits).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passwords::{Cost, Passwords, Verdict};

    #[tokio::test]
    async fn nothing_that_is_typed_fits_an_account_without_a_password() {
        let passwords = Passwords::new(1, 4, Cost::LEAST).expect("a pool");
        for typed in ["", NO_PASSWORD, "!!", "\0"] {
            let stored = Some(NO_PASSWORD.to_owned().into());
            let place = passwords.place().expect("room in the pool");
            let verdict = passwords.verify(place, typed.to_owned().into(), stored).await;
            assert!(matches!(verdict, Ok(Verdict::Wrong)), "{typed:?}");
        }
        for (stored, expected) in [(NO_PASSWORD, false), ("", false), ("$argon2id$…", true)] {
            assert_eq!(has_password(&stored.to_owned().into()), expected, "{stored}");
        }
    }

    #[test]
    fn a_username_is_suggested_from_what_fits() {
        assert_eq!(suggested_username("Ana María"), "Ana.Mara");
        assert_eq!(suggested_username("ana@example.org"), "ana");
        assert_eq!(suggested_username("<script>"), "script");
        assert_eq!(suggested_username("安娜"), "");
    }
}
