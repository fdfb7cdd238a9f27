//! Requests that change something must come from our own pages: fetch metadata or origin, and a token a session.

use actix_session::{Session, SessionExt};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderName, ORIGIN},
    },
    web::Bytes,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    Error, Result,
    secrets::random_bytes,
    web::{Web, header},
};

const KEY: &str = "csrf";
const FORM: &str = "application/x-www-form-urlencoded";
const SECRET_LENGTH: usize = 32;
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// A form that can't be read before its token is checked.
pub struct CsrfForm<T>(pub T);

/// A JSON body that can't be read before the token in `X-CSRF-Token` is checked.
pub struct CsrfJson<T>(pub T);

/// A JSON body of the few endpoints that take no token, because nobody is signed in there yet: the type must be JSON, which
/// no plain form of another site can send, and the origin ours where a browser tells it.
pub struct OwnJson<T>(pub T);

/// The check alone, for requests whose body does not matter: the token comes in `X-CSRF-Token` or as a form's field.
pub struct CsrfChecked;

/// Marks a request whose caller is known by a bearer token and not by any cookie: no page of another site can send such
/// a request, so it needs no form token. The one who verified the bearer, and ignored the cookies, puts it in.
#[derive(Clone, Copy)]
pub struct KnownByBearer;

#[derive(Deserialize)]
struct TokenField {
    #[serde(default)]
    csrf_token: String,
}

/// The token for the next form of this session. Masked anew each time, so that compression can't give it away.
pub fn token(session: &Session) -> Result<String> {
    let secret = match stored_secret(session) {
        Some(secret) => secret,
        None => renew(session)?,
    };
    let mask = random_bytes::<SECRET_LENGTH>();
    Ok(BASE64_URL_SAFE_NO_PAD.encode([mask.as_slice(), &xor(&secret, &mask)].concat()))
}

/// Makes a new secret; whatever forms are still open stop working. Called at every change of privilege.
pub fn renew(session: &Session) -> Result<Vec<u8>> {
    let secret = random_bytes::<SECRET_LENGTH>().to_vec();
    session.insert(KEY, BASE64_URL_SAFE_NO_PAD.encode(&secret))?;
    Ok(secret)
}

/// Checks where a changing request comes from, and its token.
pub fn verify(request: &HttpRequest, token: Option<&str>) -> Result<()> {
    if is_exempt(request) {
        return Ok(());
    }
    verify_same_origin(request)?;
    let Some(secret) = stored_secret(&request.get_session()) else {
        return Err(refused(
            "this browser has no session here. Cookies may be blocked, or the page was open for too long",
        ));
    };
    let given = token.and_then(|token| BASE64_URL_SAFE_NO_PAD.decode(token).ok()).unwrap_or_default();
    let (mask, masked) = given.split_at(given.len() / 2);
    if aws_lc_rs::constant_time::verify_slices_are_equal(&xor(masked, mask), &secret).is_err() {
        return Err(refused(
            "the page's security token is missing or no longer valid, usually because of a sign-in in another tab",
        ));
    }
    Ok(())
}

/// Whether a request needs no form token.
pub fn is_exempt(request: &HttpRequest) -> bool {
    request.extensions().get::<KnownByBearer>().is_some()
}

/// Checks fetch metadata or origin alone, for the JSON endpoints that take a name and password instead of a token.
/// `none` is what a browser sends for a person's own doing; programs send neither header.
fn verify_origin(request: &HttpRequest) -> Result<()> {
    if header(request, &FETCH_SITE) == Some("none") { Ok(()) } else { verify_same_origin(request) }
}

fn verify_same_origin(request: &HttpRequest) -> Result<()> {
    let same = match (header(request, &FETCH_SITE), header(request, &ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin == Web::of(request).origin(),
        (None, None) => true,
    };
    if same { Ok(()) } else { Err(refused("it was sent by a page of another site")) }
}

/// Checks the token in the header `X-CSRF-Token`.
pub fn verify_header(request: &HttpRequest) -> Result<()> {
    verify(request, header(request, &TOKEN_HEADER))
}

/// Whether the token comes in the header `X-CSRF-Token` (else it must be the first field of the form).
pub fn has_header(request: &HttpRequest) -> bool {
    request.headers().contains_key(&TOKEN_HEADER)
}

fn refused(cause: &str) -> Error {
    Error::Forbidden(format!("This request was not accepted: {cause}. Please reload the page and try again."))
}

fn stored_secret(session: &Session) -> Option<Vec<u8>> {
    let text: String = session.get(KEY).ok()??;
    BASE64_URL_SAFE_NO_PAD.decode(text).ok().filter(|secret| secret.len() == SECRET_LENGTH)
}

fn xor(left: &[u8], right: &[u8]) -> Vec<u8> {
    left.iter().zip(right).map(|(left, right)| left ^ right).collect()
}

impl<T: DeserializeOwned + 'static> FromRequest for CsrfForm<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, body) = (request.clone(), Bytes::from_request(request, payload));
        Box::pin(async move {
            expect_type(&request, FORM)?;
            let body = body.await.map_err(|error| unread(&error))?;
            let token =
                serde_html_form::from_bytes::<TokenField>(&body).map_err(|error| unreadable(&error))?;
            verify(&request, Some(&token.csrf_token))?;
            serde_html_form::from_bytes(&body).map(Self).map_err(|error| unreadable(&error))
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for CsrfJson<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, body) = (request.clone(), Bytes::from_request(request, payload));
        Box::pin(async move {
            verify_header(&request)?;
            expect_type(&request, "application/json")?;
            let body = body.await.map_err(|error| unread(&error))?;
            serde_json::from_slice(&body).map(Self).map_err(|error| unreadable(&error))
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for OwnJson<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, body) = (request.clone(), Bytes::from_request(request, payload));
        Box::pin(async move {
            let body = body.await.map_err(|error| unread(&error))?;
            verify_origin(&request)?;
            expect_type(&request, "application/json")?;
            serde_json::from_slice(&body).map(Self).map_err(|error| unreadable(&error))
        })
    }
}

impl FromRequest for CsrfChecked {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if has_header(request) {
            let checked = verify_header(request).map(|()| Self);
            return Box::pin(async move { checked });
        }
        if expect_type(request, FORM).is_err() {
            let refused = verify(request, None).map(|()| Self);
            return Box::pin(async move { refused });
        }
        let form = CsrfForm::<TokenField>::from_request(request, payload);
        Box::pin(async move { form.await.map(|_| Self) })
    }
}

/// Refuses a body of another type, so that a plain cross-site form can't pass as JSON.
pub fn expect_type(request: &HttpRequest, expected: &str) -> Result<()> {
    let given = header(request, &CONTENT_TYPE).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(Error::UnsupportedMediaType(format!("Please send {expected}.")))
}

fn unread(error: &actix_web::Error) -> Error {
    if error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE {
        return Error::TooLarge("That is more than can be taken at once.".to_owned());
    }
    unreadable(error)
}

fn unreadable(error: &dyn std::fmt::Display) -> Error {
    Error::BadRequest(format!("The request can't be understood: {error}"))
}
