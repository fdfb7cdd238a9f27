//! Who sends a request to one of our pages: the SSO cookie becomes a session, and the browser's state must belong to it.

mod people;
mod token;

use std::future::{Ready, ready};

use actix_session::{Session as BrowserState, SessionExt};
use actix_web::{
    Error as ActixError, FromRequest, HttpMessage, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header::{CLEAR_SITE_DATA, HeaderValue},
    middleware::Next,
};
use chrono::Utc;
use common::{
    Error, Result, browser_session,
    identity::InactiveReason,
    web::{Person, initials},
};

pub use people::{AdminUser, CurrentUser, RecentAdmin, RecentUser, reauthentication, recent};
pub use token::ProfileReader;

use crate::{
    App,
    api_tokens::ApiToken,
    audit::Origin,
    sessions::{self, Session, Token, Verdict, cookie},
};

/// Whoever sent a request.
#[derive(Clone, Default)]
pub struct Visitor {
    /// Their session, if they are signed in.
    pub session: Option<Session>,
    /// Whether this browser's own state belongs to that session. Without it the session says who they are and no more:
    /// every host of the domain sees the shared cookie.
    pub bound: bool,
}

impl Visitor {
    fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_default()
    }
}

impl FromRequest for Visitor {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// The middleware: resolves the cookie before a handler runs.
pub async fn resolve(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let app = App::of(request.request());
    if let Some(token) = ApiToken::of(request.request()) {
        return token::admit(&app, request, &token, next).await;
    }
    let (tokens, several) = cookie::presented(request.request(), &app.config.site);
    let origin = Origin::of(request.request());
    let active = match sessions::resolve(&app, &tokens, &origin).await {
        Err(error) => return Ok(refused(request, error)),
        Ok(Verdict::Inactive(InactiveReason::AmbiguousSession)) => return Ok(ambiguous(request)),
        Ok(Verdict::Inactive(_)) => None,
        Ok(Verdict::Active(session, token)) => Some((*session, token)),
    };
    let session = active.as_ref().map(|(session, _)| session.clone());
    let bound = bind_browser_state(&request.get_session(), session.as_ref());
    if let Some(session) = &session {
        request.extensions_mut().insert(person(session));
    }
    request.extensions_mut().insert(Visitor { session, bound });
    let mut response = next.call(request).await?.map_into_boxed_body();
    if let (Some((session, token)), true) = (active, several) {
        set_anew(&app, &mut response, &session, &token)?;
    }
    Ok(response)
}

/// The state of a browser belongs to one session. Under another session, or none, it starts afresh: what was begun in
/// one account must not go on in the next. Says whether it belongs to this session.
fn bind_browser_state(state: &BrowserState, session: Option<&Session>) -> bool {
    let bound: Option<uuid::Uuid> = state.get(browser_session::SSO_SESSION).ok().flatten();
    if bound.is_some() && bound != session.map(|session| session.id) {
        state.clear();
        state.renew();
        return false;
    }
    bound.is_some()
}

fn person(session: &Session) -> Person {
    let user = &session.user;
    Person {
        name: user.username.clone(),
        role: user.role.as_str(),
        initials: initials(&user.username),
        owns_galleries: user.role.may_own_galleries(),
    }
}

/// Several values came and one was valid: set it once more, so that ours lies on top. A handler that signed somebody
/// in or out has the last word.
fn set_anew(
    app: &App,
    response: &mut ServiceResponse,
    session: &Session,
    token: &Token,
) -> Result<(), ActixError> {
    let name = &app.config.site.session_cookie;
    if response.response().cookies().all(|cookie| cookie.name() != name) {
        let left = session.absolute_expires_at - Utc::now();
        response.response_mut().add_cookie(&cookie::set(&app.config.site, token, left))?;
    }
    Ok(())
}

fn ambiguous(request: ServiceRequest) -> ServiceResponse {
    let sentence =
        "This browser sent the sign-ins of two people at once, so we trust neither. Please sign in again.";
    let mut response = refused(request, Error::Unauthorized(sentence.to_owned()));
    response.headers_mut().insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cookies\""));
    response
}

/// (`ServiceRequest::into_response` would drop the error, and nobody could render it.)
fn refused(request: ServiceRequest, error: Error) -> ServiceResponse {
    ServiceResponse::new(request.into_parts().0, HttpResponse::from_error(error))
}
