//! Who may go on, read from a handler's signature: signed in, signed in a moment ago, an administrator.

use std::future::{Ready, ready};

use actix_session::SessionExt;
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{Method, header::REFERER},
};
use chrono::{TimeDelta, Utc};
use common::{
    Error, Result, flash,
    identity::Role,
    return_to,
    web::{Web, header},
};
use url::Url;

use super::Visitor;
use crate::sessions::Session;

/// How long a proof of who somebody is counts for what matters most.
const RECENT: TimeDelta = TimeDelta::minutes(10);

/// Somebody signed in whose browser has both cookies of one session. Others are asked to sign in, or, with the shared
/// cookie alone, to give their password once more.
pub struct CurrentUser(pub Session);

/// The same, having proven who they are within the last ten minutes: for credentials.
pub struct RecentUser(pub Session);

/// An administrator in a browser with both cookies; 403 for other people.
pub struct AdminUser(pub Session);

/// The same, having proven who they are within the last ten minutes: for changes to other people's accounts.
pub struct RecentAdmin(pub Session);

impl CurrentUser {
    pub(super) fn of(request: &HttpRequest) -> Result<Session> {
        let visitor = Visitor::of(request);
        let session = visitor.session.ok_or(Error::SignInRequired)?;
        if visitor.bound { Ok(session) } else { Err(reauthentication(request)) }
    }
}

impl AdminUser {
    fn of(request: &HttpRequest) -> Result<Session> {
        let session = CurrentUser::of(request)?;
        if session.user.role == Role::Admin {
            return Ok(session);
        }
        Err(Error::Forbidden("This is for administrators.".to_owned()))
    }
}

/// The session, if its person proved a moment ago who they are.
pub fn recent(session: Session, request: &HttpRequest) -> Result<Session> {
    if Utc::now() - session.auth_time < RECENT { Ok(session) } else { Err(reauthentication(request)) }
}

/// The way to the page that asks for the password, and back to the page the person is on.
pub fn reauthentication(request: &HttpRequest) -> Error {
    let web = Web::of(request);
    if request.method() != Method::GET {
        // A message that gets lost is no reason to refuse.
        let text = "Nothing is saved yet. After your password you come back; please send it once more.";
        flash::warning(&request.get_session(), text).ok();
    }
    let here = if request.method() == Method::GET {
        request.uri().path_and_query().map(ToString::to_string)
    } else {
        let page = header(request, &REFERER).and_then(|page| Url::parse(page).ok());
        page.filter(|page| page.origin() == web.public_url.origin()).map(|page| page.path().to_owned())
    };
    let here = here.and_then(|path| return_to::local(&web.public_url, &path));
    let mut address = web.public_url.join("/reauthenticate").expect("a constant path joins");
    address.query_pairs_mut().append_pair("return_to", &web.link(here.as_deref().unwrap_or("/account")));
    Error::ReauthenticationRequired(address.into())
}

macro_rules! extractor {
    ($name:ident, $check:expr) => {
        impl FromRequest for $name {
            type Error = Error;
            type Future = Ready<Result<Self>>;

            fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
                let check: fn(&HttpRequest) -> Result<Session> = $check;
                ready(check(request).map(Self))
            }
        }
    };
}

extractor!(CurrentUser, Self::of);
extractor!(AdminUser, Self::of);
extractor!(RecentUser, |request| recent(CurrentUser::of(request)?, request));
extractor!(RecentAdmin, |request| recent(AdminUser::of(request)?, request));
