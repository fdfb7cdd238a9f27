//! Programs with a personal API token. Everything that tells them from a person in a browser is decided here: cookies are
//! ignored, only the API is open, reading and changing need a scope each, and no form token is asked for.

use actix_web::{
    Error as ActixError, HttpMessage, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{HeaderValue, WWW_AUTHENTICATE},
    },
    middleware::Next,
};
use common::{Error, Result, csrf::KnownByBearer, identity::ApiScope, secrets::is_api_token};

use super::{CurrentUser, Identity, middleware::current_user, verify::Verdict};
use crate::app::App;

/// What is open to programs besides pictures. Pages, forms and whatever signs somebody in or out are not.
const OPEN_BELOW: &str = "/api/";
const OPEN: [&str; 2] = ["/auth/me", "/events"];

/// Lets a request with a bearer go on as its person's, or answers what it lacks.
pub async fn admit(
    app: &App,
    request: ServiceRequest,
    bearer: &str,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let path = request.path();
    let admitted = if path.starts_with(OPEN_BELOW) || OPEN.contains(&path) {
        identify(app, request.request(), bearer).await
    } else {
        Err(Error::Forbidden(
            "API tokens are for the API, not for pages. Send this without an Authorization header."
                .to_owned(),
        ))
    };
    match admitted {
        Ok(user) => {
            request.extensions_mut().insert(Identity::Person(user));
            request.extensions_mut().insert(KnownByBearer);
            Ok(next.call(request).await?.map_into_boxed_body())
        }
        Err(error) => Ok(refused(request, error)),
    }
}

/// The person of a token that is good for this request; else why it is not.
pub async fn identify(app: &App, request: &HttpRequest, bearer: &str) -> Result<CurrentUser> {
    let good_for_nothing = || {
        Error::Unauthorized("This API token is unknown, revoked or expired, or its account is.".to_owned())
    };
    // Whatever else somebody sends here, above all the token of a session, is not even asked about.
    if !is_api_token(bearer) {
        return Err(good_for_nothing());
    }
    let Verdict::Active(active) = app.auth.verify_api_token(bearer).await? else {
        return Err(good_for_nothing());
    };
    let scopes = active.scopes.as_ref().ok_or_else(good_for_nothing)?;
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    let needed = if reads { ApiScope::PhotosRead } else { ApiScope::PhotosWrite };
    if !scopes.contains(&needed) {
        return Err(Error::Forbidden(format!("This API token lacks the scope {}.", needed.as_str())));
    }
    current_user(app, &active).await?.ok_or_else(good_for_nothing)
}

/// RFC 6750 section 3: a program is told in a header too what is wrong with its token.
fn refused(request: ServiceRequest, error: Error) -> ServiceResponse {
    let challenge = match &error {
        Error::Unauthorized(_) => Some("Bearer error=\"invalid_token\""),
        Error::Forbidden(_) => Some("Bearer error=\"insufficient_scope\""),
        _ => None,
    };
    let mut response = request.error_response(error);
    if let Some(challenge) = challenge {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}
