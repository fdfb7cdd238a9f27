//! The cookie that carries a session's token to every application of the domain.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};
use chrono::TimeDelta;
use common::{config::Site, cookies};

use super::Token;

/// Sets the cookie for so long.
pub fn set(site: &Site, token: &Token, lifetime: TimeDelta) -> Cookie<'static> {
    cookie(site, token.reveal().to_owned(), Duration::seconds(lifetime.num_seconds()))
}

/// Takes the cookie away: the same attributes, no time left.
pub fn expire(site: &Site) -> Cookie<'static> {
    cookie(site, String::new(), Duration::ZERO)
}

/// What a request sent under the cookie's name: tokens of the right shape, and whether there was more than one value.
pub fn presented(request: &HttpRequest, site: &Site) -> (Vec<Token>, bool) {
    let values = cookies::values(request, &site.session_cookie);
    (Token::parse_all(&values), values.len() > 1)
}

fn cookie(site: &Site, value: String, max_age: Duration) -> Cookie<'static> {
    Cookie::build(site.session_cookie.clone(), value)
        .domain(format!(".{}", site.base_domain))
        .path("/")
        .http_only(true)
        .secure(!site.development)
        .same_site(SameSite::Lax)
        .max_age(max_age)
        .finish()
}
