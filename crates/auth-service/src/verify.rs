//! `GET /api/verify-session`: the one question that every application of the domain asks.

use std::sync::Arc;

use actix_web::{
    Error as ActixError, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{CACHE_CONTROL, CLEAR_SITE_DATA, ContentType, HeaderMap, HeaderName, HeaderValue, VARY},
    },
    middleware::Next,
    web::Data,
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use common::{
    Result,
    identity::{ActiveSession, InactiveReason, InactiveSession},
    verdicts::Found,
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::{
    App,
    api_tokens::{self, ApiToken},
    audit::Origin,
    bearer,
    sessions::{self, Session, Token, Verdict, cookie},
};

const USER_ID: HeaderName = HeaderName::from_static("x-auth-user-id");
const USERNAME: HeaderName = HeaderName::from_static("x-auth-username");
const EMAIL: HeaderName = HeaderName::from_static("x-auth-email");
const ROLE: HeaderName = HeaderName::from_static("x-auth-role");
const SESSION_ID: HeaderName = HeaderName::from_static("x-auth-session-id");

/// A name may hold any letter, a header only ASCII.
const NOT_IN_HEADERS: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'"').add(b',').add(b';').add(b'\\');

/// A good answer, ready to be given again.
pub struct Known {
    session: Session,
    /// When the session ends without a further sign of life.
    expires_at: DateTime<Utc>,
    headers: [(HeaderName, HeaderValue); 5],
    /// The document up to what is different each time.
    body: Vec<u8>,
}

/// What the document ends with.
#[derive(Clone, Copy)]
struct Keeping {
    cache_for: u64,
    events_through: Option<i64>,
}

/// Says whose session the cookie or the bearer is. Sets no cookie and never redirects.
///
/// A single token may be answered from what is kept. Whatever is not simply good is decided by the database: several
/// tokens, a session that seems to be over, a token that nobody knows.
///
/// Else: 400 the `Authorization` header is malformed
#[utoipa::path(
    get, path = "/api/verify-session",
    security(()),
    responses((status = 200, body = ActiveSession), (status = 401, description = "nobody's session", body = InactiveSession))
)]
pub async fn get(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    if let Some(token) = ApiToken::of(&request) {
        return api_tokens::verify::answer(&app, &token).await;
    }
    Ok(active(&app, &request).await?.unwrap_or_else(|reason| inactive(&app, reason)))
}

/// 200 with the identity in the body and, for proxies, in headers; or why there is none. The bearer counts, or without
/// one the cookie.
pub async fn active(app: &App, request: &HttpRequest) -> Result<Result<HttpResponse, InactiveReason>> {
    let tokens = tokens(app, request)?;
    if let Some(response) = kept_answer(app, &tokens) {
        return Ok(Ok(response));
    }
    if !tokens.is_empty() {
        app.pulse.check().await?;
    }
    let through = app.verdicts.through();
    match sessions::resolve(app, &tokens, &Origin::of(request)).await? {
        Verdict::Active(session, token) => {
            let known = Arc::new(Known::new(app, *session)?);
            let (user, lifetime) = (known.session.user.id, app.config.verify_cache);
            let kept = through.filter(|through| {
                app.verdicts.keep(token.digest(), user, Arc::clone(&known), lifetime, *through)
            });
            let cache_for = if kept.is_some() { lifetime.as_secs() } else { 0 };
            Ok(Ok(known.response(Keeping { cache_for, events_through: kept })))
        }
        Verdict::Inactive(reason) => Ok(Err(reason)),
    }
}

/// The middleware that gives a kept answer before a log span is opened or anything else is done: most questions are
/// answered here.
pub async fn answer_at_once(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    if request.method() == Method::GET {
        let app = App::of(request.request());
        let tokens = tokens(&app, request.request()).unwrap_or_default();
        if let Some(response) = kept_answer(&app, &tokens) {
            return Ok(request.into_response(response));
        }
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn tokens(app: &App, request: &HttpRequest) -> Result<Vec<Token>> {
    Ok(match bearer::of(request)? {
        Some(bearer) => bearer.tokens(),
        None => cookie::presented(request, &app.config.site).0,
    })
}

fn kept_answer(app: &App, tokens: &[Token]) -> Option<HttpResponse> {
    let [token] = tokens else { return None };
    let Found { verdict: known, left, through } = app.verdicts.find(&token.digest())?;
    let now = Utc::now();
    if now >= known.expires_at {
        return None;
    }
    app.last_seen.note(&known.session, now);
    Some(known.response(Keeping { cache_for: left.as_secs(), events_through: Some(through) }))
}

impl Known {
    fn new(app: &App, session: Session) -> Result<Self> {
        let encoded = |text: &str| utf8_percent_encode(text, NOT_IN_HEADERS).to_string();
        let (info, user) = (session.info(&app.config.lifetimes), &session.user);
        let headers = [
            (USER_ID, user.id.to_string()),
            (USERNAME, encoded(&user.username)),
            (EMAIL, encoded(&user.email)),
            (ROLE, user.role.as_str().to_owned()),
            (SESSION_ID, info.id.to_string()),
        ];
        let headers = headers.map(|(name, value)| {
            (name, HeaderValue::from_str(&value).expect("what a header can't hold is encoded"))
        });
        let expires_at = info.idle_expires_at;
        let user = user.clone();
        let answer = ActiveSession {
            active: true,
            user,
            session: info,
            scopes: None,
            cache_for: 0,
            events_through: None,
        };
        let mut body = serde_json::to_vec(&answer).context("writing the answer")?;
        body.truncate(body.len() - Keeping { cache_for: 0, events_through: None }.tail().len());
        Ok(Self { session, expires_at, headers, body })
    }

    fn response(&self, keeping: Keeping) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        let body = [self.body.as_slice(), keeping.tail().as_bytes()].concat();
        response.content_type(ContentType::json()).body(body)
    }
}

impl Keeping {
    fn tail(self) -> String {
        let Self { cache_for, events_through } = self;
        match events_through {
            Some(through) => format!(r#""cache_for":{cache_for},"events_through":{through}}}"#),
            None => format!(r#""cache_for":{cache_for},"events_through":null}}"#),
        }
    }
}

/// 401 with the reason.
pub fn inactive(app: &App, reason: InactiveReason) -> HttpResponse {
    let mut response = HttpResponse::Unauthorized();
    if reason == InactiveReason::AmbiguousSession {
        response.insert_header((CLEAR_SITE_DATA, "\"cookies\""));
    }
    let login_url = app.web.link("/login");
    response.json(InactiveSession { active: false, reason, login_url })
}

/// The middleware of the addresses that verify: no answer, not even a fault, may be kept, and every identity header is
/// always set, so that what a client sends under these names never gets past a proxy.
pub async fn complete_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("Cookie, Authorization"));
    for name in [USER_ID, USERNAME, EMAIL, ROLE, SESSION_ID] {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(""));
        }
    }
    Ok(response)
}
