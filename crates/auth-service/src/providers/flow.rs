//! What was begun in this browser and awaits the provider's answer. It lives in the browser's own state at this host,
//! sealed, and serves once: whoever brings an answer into another browser finds nothing begun there.

use actix_session::Session as BrowserState;
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use chrono::{DateTime, Utc};
use common::{
    Result,
    secrets::{Secrets, random_token},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{Kind, flow_lifetime};

const FLOW: &str = "provider_flow";

/// What the answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To sign in.
    SignIn,
    /// To link the provider's account to that of this session.
    Link {
        /// Its public id.
        session: Uuid,
    },
    /// To prove once more who is at this session.
    Reauthenticate {
        /// Its public id.
        session: Uuid,
    },
}

/// A way to a provider that was begun.
#[derive(Serialize, Deserialize)]
pub struct Flow {
    /// Which provider.
    pub provider: Kind,
    /// What the answer is for.
    pub purpose: Purpose,
    /// Binds the answer to this browser.
    pub state: String,
    /// Binds the ID token to this flow.
    pub nonce: String,
    /// Binds the code to this flow (PKCE, RFC 7636).
    pub verifier: String,
    /// Where the person goes in the end; an address of the site.
    pub return_to: Option<String>,
    /// When it was begun.
    pub begun_at: DateTime<Utc>,
}

impl Flow {
    /// A new one.
    pub fn begin(provider: Kind, purpose: Purpose, return_to: Option<String>) -> Self {
        let [state, nonce, verifier] = std::array::from_fn(|_| random_token());
        Self { provider, purpose, state, nonce, verifier, return_to, begun_at: Utc::now() }
    }

    /// Remembers it for this browser, instead of one begun before.
    pub fn keep(&self, secrets: &Secrets, browser: &BrowserState) -> Result<()> {
        keep(secrets, browser, FLOW, self)
    }

    /// The flow that this answer belongs to. It is over from now on, whatever comes of it; an answer to something else
    /// leaves it as it is.
    pub fn take(secrets: &Secrets, browser: &BrowserState, provider: Kind, state: &str) -> Option<Self> {
        let flow: Self = find(secrets, browser, FLOW)?;
        let same = aws_lc_rs::constant_time::verify_slices_are_equal(state.as_bytes(), flow.state.as_bytes());
        if same.is_err() || flow.provider != provider {
            return None;
        }
        browser.remove(FLOW);
        (Utc::now() - flow.begun_at < flow_lifetime()).then_some(flow)
    }
}

/// Puts something into the browser's state that the database must not show.
pub fn keep<T: Serialize>(
    secrets: &Secrets,
    browser: &BrowserState,
    key: &'static str,
    value: &T,
) -> Result<()> {
    let text = serde_json::to_string(value).map_err(|error| common::Error::Internal(error.into()))?;
    Ok(browser.insert(key, BASE64_STANDARD_NO_PAD.encode(secrets.seal(key, &text)))?)
}

/// What `keep` put there.
pub fn find<T: DeserializeOwned>(secrets: &Secrets, browser: &BrowserState, key: &'static str) -> Option<T> {
    let sealed = BASE64_STANDARD_NO_PAD.decode(browser.get::<String>(key).ok()??).ok()?;
    serde_json::from_str(&secrets.open(key, &sealed)?).ok()
}
