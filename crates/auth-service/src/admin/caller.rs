//! Who may use the JSON API of accounts and settings: an administrator in a browser of this host, or a service with a scope, which
//! may change something only in the name of an administrator whose session it shows.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{AUTHORIZATION, HeaderName},
};
use common::{Error, Result, csrf, identity::Role};
use futures_util::future::LocalBoxFuture;

use super::Actor;
use crate::{
    App,
    audit::Origin,
    identity::{AdminUser, RecentAdmin, reauthentication, recent},
    services::{Scope, Service},
    sessions::{self, Token, Verdict},
};

/// In which a service shows the session of the administrator who asked it; never logged, as no header is.
const SESSION_TOKEN: HeaderName = HeaderName::from_static("x-session-token");

/// Somebody who may read accounts. With `Authorization` it is a service, and the cookies are ignored.
pub struct Reader;

/// Somebody who may change the role of an account; from a browser the form token came along.
pub struct RoleWriter(pub Actor);

/// Somebody who may read what the site is set to.
pub struct SettingsReader;

/// Somebody who may change it; from a browser the form token came along.
pub struct SettingsWriter(pub Actor);

impl FromRequest for Reader {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(reads(request, payload, Scope::UsersRead).map(|()| Self))
    }
}

impl FromRequest for SettingsReader {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(reads(request, payload, Scope::Settings).map(|()| Self))
    }
}

impl FromRequest for RoleWriter {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let actor = acts(request, payload, Scope::UsersRole);
        Box::pin(async move { actor.await.map(Self) })
    }
}

impl FromRequest for SettingsWriter {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let actor = acts(request, payload, Scope::Settings);
        Box::pin(async move { actor.await.map(Self) })
    }
}

/// A service with this scope, or an administrator.
fn reads(request: &HttpRequest, payload: &mut Payload, scope: Scope) -> Result<()> {
    if is_service(request) {
        return Service::from_request(request, payload).into_inner()?.require(scope);
    }
    AdminUser::from_request(request, payload).into_inner().map(drop)
}

/// The administrator in whose name something is changed: by a service with this scope, or in a browser of this host.
fn acts(
    request: &HttpRequest,
    payload: &mut Payload,
    scope: Scope,
) -> LocalBoxFuture<'static, Result<Actor>> {
    if is_service(request) {
        let service = Service::from_request(request, payload).into_inner();
        let request = request.clone();
        return Box::pin(async move { on_behalf(&request, &service?, scope).await });
    }
    let admin = RecentAdmin::from_request(request, payload).into_inner();
    let checked = admin.and_then(|admin| csrf::verify_header(request).map(|()| admin));
    Box::pin(async move { checked.map(|admin| Actor::of(&admin.0)) })
}

fn is_service(request: &HttpRequest) -> bool {
    request.headers().contains_key(AUTHORIZATION)
}

/// The administrator whose session a service shows. A session that is over is treated as one that is not recent: the
/// way out of both is the same page.
async fn on_behalf(request: &HttpRequest, service: &Service, scope: Scope) -> Result<Actor> {
    service.require(scope)?;
    let values = request.headers().get_all(SESSION_TOKEN).filter_map(|value| value.to_str().ok());
    let tokens = Token::parse_all(&values.map(str::to_owned).collect::<Vec<_>>());
    let app = App::of(request);
    let session = match sessions::resolve(&app, &tokens, &Origin::of(request)).await? {
        Verdict::Active(session, _) => *session,
        Verdict::Inactive(_) => return Err(reauthentication(request)),
    };
    if session.user.role != Role::Admin {
        return Err(Error::Forbidden("This is for administrators.".to_owned()));
    }
    let session = recent(session, request)?;
    Ok(Actor { service: Some(service.name().to_owned()), ..Actor::of(&session) })
}
