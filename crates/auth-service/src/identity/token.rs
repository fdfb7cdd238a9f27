//! Programs with a personal API token at our own addresses: cookies are ignored, so whoever sends one is nobody here, but
//! for what the token's scopes name.

use std::future::{Ready, ready};

use actix_web::{
    Error as ActixError, FromRequest, HttpMessage, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    middleware::Next,
};
use common::{
    Error, Result,
    identity::{ApiScope, UserId},
};

use super::{CurrentUser, refused};
use crate::{
    App,
    api_tokens::{self, ApiToken},
};

/// Who sent the token of this request, and what it is good for.
#[derive(Clone)]
struct Holder {
    id: UserId,
    scopes: Vec<ApiScope>,
}

/// Whoever may read a profile, which is their own: a program with the scope for it, or the person in a browser with both
/// cookies.
pub struct ProfileReader(pub UserId);

/// Lets a request with a token go on, as nobody's but the token's. One that is good for nothing is refused here.
pub async fn admit(
    app: &App,
    request: ServiceRequest,
    token: &ApiToken,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let holder = match api_tokens::verify::resolve(app, token).await {
        Ok(Ok(found)) => Holder { id: found.user.id, scopes: found.scopes },
        Ok(Err(_reason)) => {
            let sentence = "This API token is unknown, revoked or expired.";
            return Ok(refused(request, Error::Unauthorized(sentence.to_owned())));
        }
        Err(error) => return Ok(refused(request, error)),
    };
    request.extensions_mut().insert(holder);
    Ok(next.call(request).await?.map_into_boxed_body())
}

impl ProfileReader {
    fn of(request: &HttpRequest) -> Result<Self> {
        let holder = request.extensions().get::<Holder>().cloned();
        match holder {
            None => CurrentUser::of(request).map(|session| Self(session.user.id)),
            Some(holder) if holder.scopes.contains(&ApiScope::AccountRead) => Ok(Self(holder.id)),
            Some(_) => {
                let scope = ApiScope::AccountRead.as_str();
                Err(Error::Forbidden(format!("This API token lacks the scope {scope}.")))
            }
        }
    }
}

impl FromRequest for ProfileReader {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}
