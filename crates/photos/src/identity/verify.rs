//! Asks the auth-service whose session a request carries.

use std::time::Duration;

use actix_web::{HttpRequest, web::Data};
use chrono::{DateTime, TimeDelta, Utc};
use common::{
    Error, Result, cookies,
    identity::{ActiveSession, InactiveReason, InactiveSession},
    secrets::{Digest, is_token, sha256},
    verdicts::Verdicts,
    web::Web,
};
use reqwest::{Method, RequestBuilder, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use url::Url;

use super::{
    CurrentUser,
    follow::{self, Ending},
    replicas::Replicas,
    shared::{Remembered, Shared},
};
use crate::config::Config;

/// More values than this are an attack, and the auth-service looks at no more.
const MOST_VALUES: usize = 4;
/// Answers that are kept at most.
const MOST_VERDICTS: usize = 10_000;

/// The auth-service as photos sees it.
pub struct AuthService {
    http: reqwest::Client,
    /// Without a limit on the whole answer, which of the stream of events has no end.
    streaming: reqwest::Client,
    replicas: Replicas,
    service_token: SecretString,
    /// Who was behind a token a moment ago; kept only while the stream of events is followed.
    pub verdicts: Verdicts<Known>,
    /// What the other replicas were told a moment ago, where there is a Redis.
    shared: Option<Shared>,
    /// Tells open streams whose session is over.
    pub(super) endings: broadcast::Sender<Ending>,
}

/// An answer that is kept.
#[derive(Clone, Serialize, Deserialize)]
pub struct Known {
    user: CurrentUser,
    /// When the session ends without a further sign of life.
    expires_at: DateTime<Utc>,
}

/// What the auth-service said.
pub enum Verdict {
    /// This session is alive.
    Active(Box<ActiveSession>),
    /// There is no session, for this reason.
    Inactive(InactiveReason),
}

impl AuthService {
    /// A client that keeps its connections open and gives up after three seconds.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(3))
            .connect_timeout(Duration::from_secs(1))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let streaming = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(3))
            .read_timeout(follow::PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let shared = config.redis.clone().map(|redis| Shared::new(redis, config.secrets.clone()));
        Ok(Self {
            http,
            streaming,
            replicas: Replicas::new(config.auth_internal_urls.clone()),
            service_token: config.auth_service_token.clone(),
            verdicts: Verdicts::new(MOST_VERDICTS),
            shared: shared.transpose()?,
            endings: broadcast::Sender::new(256),
        })
    }

    /// The person behind a request's only token, if that was answered a moment ago, here or to another replica, and
    /// nothing happened since. Several tokens are always the auth-service's to judge.
    pub async fn known(&self, request: &HttpRequest) -> Option<CurrentUser> {
        let token = only_token(request)?;
        let known = match self.verdicts.find(&token) {
            Some(found) => found.verdict,
            None => self.known_elsewhere(&token).await?,
        };
        (Utc::now() < known.expires_at).then_some(known.user)
    }

    /// What another replica was told, if this one too may keep it.
    async fn known_elsewhere(&self, token: &Digest) -> Option<Known> {
        // Without hearing of events nothing that is kept can be believed.
        self.verdicts.through()?;
        let Remembered { known, through, until } = self.shared.as_ref()?.find(token).await?;
        let left = (until - Utc::now()).to_std().unwrap_or_default();
        self.verdicts.keep(*token, known.user.id, known.clone(), left, through).then_some(known)
    }

    /// Keeps an answer for as long as it says, unless the stream has told of something later.
    pub async fn keep(&self, request: &HttpRequest, active: &ActiveSession, user: &CurrentUser) {
        let (Some(token), Some(through)) = (only_token(request), active.events_through) else { return };
        let known = Known { user: user.clone(), expires_at: active.session.idle_expires_at };
        let lifetime = Duration::from_secs(active.cache_for.into());
        let is_kept = self.verdicts.keep(token, user.id, known.clone(), lifetime, through);
        if let Some(shared) = self.shared.as_ref().filter(|_| is_kept) {
            let until = Utc::now() + TimeDelta::seconds(active.cache_for.into());
            shared.keep(&token, &Remembered { known, through, until }).await;
        }
    }

    /// Opens the stream of events after this cursor; `None` if it lies too far back.
    pub async fn events(&self, cursor: Option<i64>) -> anyhow::Result<Option<reqwest::Response>> {
        let mut request =
            self.streaming.get(self.address("api/events")).bearer_auth(self.service_token.expose_secret());
        if let Some(cursor) = cursor {
            request = request.header("last-event-id", cursor);
        }
        let answer = self.replicas.send(request).await?;
        match answer.status() {
            StatusCode::OK => Ok(Some(answer)),
            StatusCode::GONE => Ok(None),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                anyhow::bail!(
                    "the auth-service refuses AUTH_SERVICE_TOKEN: does SERVICE_CREDENTIALS there name it?"
                )
            }
            status => anyhow::bail!("the auth-service answered {status}"),
        }
    }

    /// Verifies the SSO cookies of a request. Nothing of our shape sent means nobody, without asking.
    pub async fn verify(&self, request: &HttpRequest) -> Result<Verdict> {
        let (name, tokens) = sso_tokens(request);
        if tokens.is_empty() {
            return Ok(Verdict::Inactive(InactiveReason::NoSession));
        }
        let cookies = tokens.iter().map(|token| format!("{name}={token}")).collect::<Vec<_>>().join("; ");
        let asked = self.http.get(self.address("api/verify-session")).header(header::COOKIE, cookies);
        Self::verdict(self.replicas.send(asked).await.map_err(away)?).await
    }

    async fn verdict(answer: reqwest::Response) -> Result<Verdict> {
        match answer.status() {
            StatusCode::OK => Ok(Verdict::Active(answer.json().await.map_err(away)?)),
            StatusCode::UNAUTHORIZED => {
                Ok(Verdict::Inactive(answer.json::<InactiveSession>().await.map_err(away)?.reason))
            }
            status => Err(away(format!("verify-session answered {status}"))),
        }
    }

    /// Verifies a personal API token.
    pub async fn verify_api_token(&self, token: &str) -> Result<Verdict> {
        let asked = self.http.get(self.address("api/verify-session")).bearer_auth(token);
        Self::verdict(self.replicas.send(asked).await.map_err(away)?).await
    }

    /// Ends every session whose token this request carries.
    pub async fn sign_out(&self, request: &HttpRequest) -> Result<()> {
        for token in sso_tokens(request).1 {
            let asked = self.http.post(self.address("api/logout")).bearer_auth(token);
            let answer = self.replicas.send(asked).await.map_err(away)?;
            if !answer.status().is_success() && answer.status() != StatusCode::UNAUTHORIZED {
                return Err(away(format!("logout answered {}", answer.status())));
            }
        }
        Ok(())
    }

    /// Sends a request in the name of this service.
    pub async fn send(&self, asked: RequestBuilder) -> reqwest::Result<reqwest::Response> {
        self.replicas.send(asked).await
    }

    /// A request in the name of this service.
    pub fn as_service(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.address(path)).bearer_auth(self.service_token.expose_secret())
    }

    fn address(&self, path: &str) -> Url {
        self.replicas.first().join(path).expect("a constant path joins to any http address")
    }
}

/// The name of the SSO cookie, and the tokens that a request carries under it.
pub fn sso_tokens(request: &HttpRequest) -> (String, Vec<String>) {
    let web: Data<Web> = Web::of(request);
    let name = web.site.session_cookie.clone();
    let tokens =
        cookies::values(request, &name).into_iter().filter(|value| is_token(value)).take(MOST_VALUES);
    let tokens = tokens.collect();
    (name, tokens)
}

fn only_token(request: &HttpRequest) -> Option<Digest> {
    match sso_tokens(request).1.as_slice() {
        [token] => Some(sha256(token)),
        _ => None,
    }
}

/// The auth-service can't be asked; why is logged.
pub fn away(cause: impl std::fmt::Display) -> Error {
    tracing::error!(%cause, "the auth-service can't be asked");
    Error::Unavailable {
        detail: "The sign-in service does not answer for a moment.".to_owned(),
        retry_after: 5,
    }
}
