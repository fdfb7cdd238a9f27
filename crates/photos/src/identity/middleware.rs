//! Resolves the session of a request before any handler runs, and ties this browser's own state to it.

use actix_session::{Session, SessionExt};
use actix_web::{
    Error as ActixError, HttpMessage, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use common::{
    Error, Result,
    browser_session::SSO_SESSION,
    csrf,
    identity::{ActiveSession, InactiveReason},
    web::{Person, bearer, initials},
};
use uuid::Uuid;

use super::{CurrentUser, Identity, store, token, verify::Verdict};
use crate::app::App;

/// The middleware.
pub async fn resolve(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let app = request.app_data::<Data<App>>().expect("the app is registered at start").clone();
    if let Some(bearer) = bearer(request.request()).map(str::to_owned) {
        return token::admit(&app, request, &bearer, next).await;
    }
    let (identity, ambiguous) = identify(&app, request.request()).await;
    let session = request.get_session();
    match &identity {
        Identity::Person(user) => bind(&session, user.session)?,
        Identity::Nobody => unbind(&session)?,
        Identity::Unknown => {}
    }
    if let Identity::Person(user) = &identity {
        request.extensions_mut().insert(header_badge(user));
    }
    request.extensions_mut().insert(identity);
    let mut response = next.call(request).await?.map_into_boxed_body();
    if ambiguous {
        let name = HeaderName::from_static("clear-site-data");
        response.headers_mut().insert(name, HeaderValue::from_static("\"cookies\""));
    }
    Ok(response)
}

/// Who sent the request, and whether sessions of different people came together.
async fn identify(app: &App, request: &HttpRequest) -> (Identity, bool) {
    if let Some(user) = app.auth.known(request).await {
        return (Identity::Person(user), false);
    }
    match app.auth.verify(request).await {
        Ok(Verdict::Active(active)) => match current_user(app, &active).await {
            Ok(Some(user)) => {
                app.auth.keep(request, &active, &user).await;
                (Identity::Person(user), false)
            }
            Ok(None) => (Identity::Nobody, false),
            Err(error) => {
                tracing::error!(%error, "the mirror of an account can't be written");
                (Identity::Unknown, false)
            }
        },
        Ok(Verdict::Inactive(reason)) => (Identity::Nobody, reason == InactiveReason::AmbiguousSession),
        Err(_) => (Identity::Unknown, false),
    }
}

/// The person of a media address that names one; outside the middleware, because most media need no person.
pub async fn person(app: &App, request: &HttpRequest) -> Result<Option<CurrentUser>> {
    if let Some(bearer) = bearer(request) {
        return token::identify(app, request, bearer).await.map(Some);
    }
    identify(app, request).await.0.known()
}

/// The person of an answer; `None` if the account is gone meanwhile.
pub(super) async fn current_user(app: &App, active: &ActiveSession) -> Result<Option<CurrentUser>> {
    let Some(account) = store::mirror(&app.db, &active.user).await? else { return Ok(None) };
    let user = active.user.clone();
    Ok(Some(CurrentUser {
        id: user.id,
        account,
        name: user.username,
        email: user.email,
        role: user.role,
        session: active.session.id,
    }))
}

/// A browser whose state belongs to another session, or to none, starts anew: nothing carries over a sign-in.
fn bind(session: &Session, id: Uuid) -> Result<(), Error> {
    if session.get::<Uuid>(SSO_SESSION)? != Some(id) {
        session.clear();
        session.renew();
        csrf::renew(session)?;
        session.insert(SSO_SESSION, id)?;
    }
    Ok(())
}

fn unbind(session: &Session) -> Result<(), Error> {
    if session.contains_key(SSO_SESSION) {
        session.remove(SSO_SESSION);
        csrf::renew(session)?;
    }
    Ok(())
}

fn header_badge(user: &CurrentUser) -> Person {
    Person {
        name: user.name.clone(),
        role: user.role.as_str(),
        initials: initials(&user.name),
        owns_galleries: user.role.may_own_galleries(),
    }
}
