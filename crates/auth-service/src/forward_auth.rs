//! `GET /api/forward-auth`: what a proxy in front of another application asks before it lets a request through.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ACCEPT, CLEAR_SITE_DATA, HeaderName, LOCATION},
    web::Data,
};
use common::{
    Result,
    identity::{ActiveSession, InactiveReason, InactiveSession},
    return_to,
    web::header,
};
use url::Url;

use crate::{
    App, bearer,
    sessions::{MOST_TOKENS, cookie},
    verify,
};

/// The whole address, as we tell people to have nginx send it.
const ORIGINAL_URL: HeaderName = HeaderName::from_static("x-original-url");
/// Its three parts, as Caddy and Traefik send them by themselves.
const FORWARDED: [HeaderName; 3] = [
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-uri"),
];
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// A longer address goes without its way back: proxies refuse answers with long headers.
const LONGEST_ADDRESS: usize = 2000;

const PLANTED: &str = "This browser sent several sign-ins at once, so we trust none of them. Please reload this page and sign in again.\n";

/// For nginx, Caddy and Traefik (docs/SSO.md): 200 with the identity in headers, as `verify-session`; else 401, or
/// for a person on a page the way to sign in.
///
/// Else: 400 the `Authorization` header is malformed
#[utoipa::path(
    get, path = "/api/forward-auth",
    security(()),
    responses((status = 200, body = ActiveSession), (status = 302, description = "for a navigation: the sign-in page"), (status = 401, description = "nobody's session; in words where somebody planted sign-ins", content(
            (InactiveSession = "application/json"),
            (String = "text/plain")
        )))
)]
pub async fn get(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    match verify::active(&app, &request).await? {
        Ok(passes) => Ok(passes),
        Err(reason) if !is_navigation(&request) => Ok(verify::inactive(&app, reason)),
        Err(reason) if would_circle(&app, &request, reason)? => Ok(planted()),
        Err(reason) => Ok(redirect(&app, &request, reason)),
    }
}

/// Sends a person to sign in. nginx can't pass a redirect on, so there the address stands beside a plain 401.
fn redirect(app: &App, request: &HttpRequest, reason: InactiveReason) -> HttpResponse {
    let sign_in = sign_in_address(app, target(app, request).as_ref());
    if request.headers().contains_key(&ORIGINAL_URL) {
        let mut response = verify::inactive(app, reason);
        if let Ok(value) = sign_in.as_str().parse() {
            response.headers_mut().insert(LOCATION, value);
        }
        return response;
    }
    HttpResponse::Found().insert_header((LOCATION, sign_in.as_str())).finish()
}

/// Whether the same cookies would come back after signing in, because somebody planted them for one path of the
/// application. They are cleared away instead.
fn would_circle(app: &App, request: &HttpRequest, reason: InactiveReason) -> Result<bool> {
    if reason == InactiveReason::AmbiguousSession {
        return Ok(true);
    }
    let crowded = cookie::presented(request, &app.config.site).0.len() >= MOST_TOKENS;
    Ok(crowded && bearer::of(request)?.is_none())
}

fn planted() -> HttpResponse {
    HttpResponse::Unauthorized()
        .insert_header((CLEAR_SITE_DATA, "\"cookies\""))
        .content_type("text/plain; charset=utf-8")
        .body(PLANTED)
}

/// Whether a person waits for a page. A script gets its 401, whatever it accepts.
fn is_navigation(request: &HttpRequest) -> bool {
    match header(request, &FETCH_MODE) {
        Some(mode) => mode == "navigate",
        None => header(request, &ACCEPT).is_some_and(|accept| accept.contains("text/html")),
    }
}

/// Where the person wanted to go, if that lies on this site. Anybody can send these headers, through some proxies too,
/// so nothing else is ever made of them; who lies is sent to a place under the domain, and only themselves.
fn target(app: &App, request: &HttpRequest) -> Option<Url> {
    let text = if let Some(whole) = header(request, &ORIGINAL_URL) {
        whole.to_owned()
    } else {
        let [scheme, host, path] = FORWARDED.each_ref().map(|name| header(request, name));
        format!("{}://{}{}", scheme?, host?, path.filter(|path| path.starts_with('/'))?)
    };
    return_to::absolute(&app.config.site, &text)
}

fn sign_in_address(app: &App, target: Option<&Url>) -> Url {
    let mut plain = app.config.public_url.clone();
    plain.set_path("/login");
    let Some(target) = target else { return plain };
    let mut url = plain.clone();
    url.query_pairs_mut().append_pair("return_to", target.as_str());
    if url.as_str().len() > LONGEST_ADDRESS { plain } else { url }
}
