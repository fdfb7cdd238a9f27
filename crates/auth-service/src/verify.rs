//! `GET /api/verify-session`: the one question that every application of the domain asks.

use actix_web::{
    Error as ActixError, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{CACHE_CONTROL, CLEAR_SITE_DATA, HeaderMap, HeaderName, HeaderValue, VARY},
    middleware::Next,
    web::Data,
};
use common::{
    Result,
    identity::{ActiveSession, InactiveReason, InactiveSession},
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::{
    App,
    api_tokens::{self, ApiToken},
    audit::Origin,
    bearer,
    sessions::{self, Session, Verdict, cookie},
};

const USER_ID: HeaderName = HeaderName::from_static("x-auth-user-id");
const USERNAME: HeaderName = HeaderName::from_static("x-auth-username");
const EMAIL: HeaderName = HeaderName::from_static("x-auth-email");
const ROLE: HeaderName = HeaderName::from_static("x-auth-role");
const SESSION_ID: HeaderName = HeaderName::from_static("x-auth-session-id");

/// A name may hold any letter, a header only ASCII.
const NOT_IN_HEADERS: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'"').add(b',').add(b';').add(b'\\');

/// Says whose session the cookie or the bearer is. Sets no cookie and never redirects.
pub async fn get(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    if let Some(token) = ApiToken::of(&request) {
        return api_tokens::verify::answer(&app, &token).await;
    }
    Ok(active(&app, &request).await?.unwrap_or_else(|reason| inactive(&app, reason)))
}

/// 200 with the identity in the body and, for proxies, in headers; or why there is none. The bearer counts, or without
/// one the cookie.
pub async fn active(app: &App, request: &HttpRequest) -> Result<Result<HttpResponse, InactiveReason>> {
    let tokens = match bearer::of(request)? {
        Some(bearer) => bearer.tokens(),
        None => cookie::presented(request, &app.config.site).0,
    };
    match sessions::resolve(app, &tokens, &Origin::of(request)).await? {
        Verdict::Active(session, _) => Ok(Ok(known(app, *session))),
        Verdict::Inactive(reason) => Ok(Err(reason)),
    }
}

fn known(app: &App, session: Session) -> HttpResponse {
    let encoded = |text: &str| utf8_percent_encode(text, NOT_IN_HEADERS).to_string();
    let (info, user) = (session.info(&app.config.lifetimes), session.user);
    HttpResponse::Ok()
        .insert_header((USER_ID, user.id.to_string()))
        .insert_header((USERNAME, encoded(&user.username)))
        .insert_header((EMAIL, encoded(&user.email)))
        .insert_header((ROLE, user.role.as_str()))
        .insert_header((SESSION_ID, info.id.to_string()))
        .json(ActiveSession { active: true, user, session: info, scopes: None, cache_for: 0 })
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
