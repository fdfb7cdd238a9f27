//! Calls to providers: bounded in time and in size, never redirected, and protected on the way.

use std::time::Duration;

use anyhow::Context;
use oauth2::{HttpRequest, HttpResponse, http};
use reqwest::redirect::Policy;
use serde::de::DeserializeOwned;
use url::Url;

use super::config::is_protected;

/// Keys, tokens and facts about a person are a few kilobytes; nobody needs more.
const MOST_BYTES: usize = 256 * 1024;
const USER_AGENT: &str = concat!("auth-service/", env!("CARGO_PKG_VERSION"));

/// Why a call gave nothing. No variant holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The address is not one that we talk to.
    #[error("{0} is not an https address")]
    Unprotected(String),
    /// No connection, or not in time.
    #[error("no answer: {0}")]
    NoAnswer(#[from] reqwest::Error),
    /// More than anybody needs.
    #[error("the answer has more than {MOST_BYTES} bytes")]
    TooLarge,
    /// Not what was asked for.
    #[error("the answer can't be used: {0}")]
    Unusable(String),
}

/// What calls providers.
pub struct Calls {
    http: reqwest::Client,
    development: bool,
}

impl Calls {
    /// With a limit for each call, its answer included.
    pub fn new(timeout: Duration, development: bool) -> anyhow::Result<Self> {
        let mut builder = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout)
            .redirect(Policy::none())
            .https_only(!development)
            .user_agent(USER_AGENT);
        if development {
            // What runs on this machine is not reached by way of another one.
            builder = builder.no_proxy();
        }
        Ok(Self { http: builder.build().context("a client for providers")?, development })
    }

    /// Whether we talk to an address, or send a person there.
    pub fn allows(&self, url: &Url) -> bool {
        is_protected(url, self.development)
    }

    /// One request and its whole answer, as the crates `oauth2` and `openidconnect` want it.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, CallError> {
        let request = reqwest::Request::try_from(request)?;
        if !self.allows(request.url()) {
            return Err(CallError::Unprotected(request.url().origin().ascii_serialization()));
        }
        let without_url = |error: reqwest::Error| CallError::NoAnswer(error.without_url());
        let mut response = self.http.execute(request).await.map_err(without_url)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(without_url)? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(CallError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }

    /// Asks for JSON with an access token.
    pub async fn get_json<T: DeserializeOwned>(&self, url: &str, access_token: &str) -> Result<T, CallError> {
        let request = http::Request::get(url)
            .header(http::header::ACCEPT, "application/json")
            .header(http::header::AUTHORIZATION, format!("Bearer {access_token}"))
            .body(Vec::new())
            .map_err(|error| CallError::Unusable(error.to_string()))?;
        let answer = self.send(request).await?;
        if !answer.status().is_success() {
            return Err(CallError::Unusable(format!("status {}", answer.status())));
        }
        serde_json::from_slice(answer.body()).map_err(|error| CallError::Unusable(error.to_string()))
    }
}
