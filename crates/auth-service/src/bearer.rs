//! The header `Authorization: Bearer`, as RFC 6750 section 2.1 writes it.

use actix_web::{HttpRequest, http::header::AUTHORIZATION};
use common::{Error, Result};

use crate::sessions::Token;

/// What a caller put into the header.
pub struct Bearer(Vec<Token>);

impl Bearer {
    /// The token, or nothing if it is well written but none of ours.
    pub fn tokens(self) -> Vec<Token> {
        self.0
    }
}

/// The bearer of a request, or `None` without the header.
pub fn of(request: &HttpRequest) -> Result<Option<Bearer>> {
    Ok(text(request)?.map(|text| Bearer(Token::parse(text).into_iter().collect())))
}

/// What the header holds after its scheme, or `None` without the header. Anything but one token in it is a fault of the
/// caller.
pub fn text(request: &HttpRequest) -> Result<Option<&str>> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let Some(first) = headers.next() else { return Ok(None) };
    let text = first.to_str().ok().filter(|_| headers.next().is_none());
    let (scheme, token) = text.and_then(|text| text.split_once(' ')).unwrap_or_default();
    let token = token.trim_matches(' ');
    if !scheme.eq_ignore_ascii_case("bearer") || !is_b64token(token) {
        return Err(Error::BadRequest("The Authorization header must be “Bearer” and one token.".to_owned()));
    }
    Ok(Some(token))
}

/// Whether a text has the shape of a bearer token: letters, digits and `-._~+/`, then perhaps `=`.
pub fn is_b64token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}
