//! What every request of a service can reach: who we are on the web, our templates, secrets and files.

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{AUTHORIZATION, HeaderName, LOCATION},
    },
    middleware::Next,
    web::Data,
};
use serde::Serialize;
use url::Url;

use crate::{config::Site, headers, live::Live, secrets::Secrets, templates::Templates};

/// Shared by all requests of one service.
pub struct Web {
    /// `auth` or `photos`.
    pub service: &'static str,
    /// What both services agree on.
    pub site: Site,
    /// What the site is called, in headers, titles and mails; administrators may change it.
    pub site_name: Live<String>,
    /// Where this service is reached by people.
    pub public_url: Url,
    /// The pages.
    pub templates: Templates,
    /// The secrets of this service.
    pub secrets: Secrets,
    /// The name of this service's own cookie.
    pub host_cookie: String,
    /// The page that signs somebody in; `return_to` is added.
    pub sign_in_path: &'static str,
    /// The page that signs somebody out.
    pub sign_out_path: &'static str,
    /// The headers of every answer.
    pub headers: headers::Fixed,
    /// Beginnings of paths that hold a token: such an address is told to nobody.
    pub secret_paths: &'static [&'static str],
    /// The page where a person looks after the account.
    pub account_url: String,
    /// Where the name of the site leads.
    pub start_url: String,
    /// The links in the header for this person.
    pub navigation: fn(Option<&Person>) -> Vec<Link>,
    /// What stands in the menu of whoever is signed in, beside their account.
    pub menu: fn(&Person) -> Vec<Link>,
}

impl Web {
    /// The shared state of the service that answers this request.
    pub fn of(request: &HttpRequest) -> Data<Self> {
        request.app_data::<Data<Self>>().expect("every service registers its web state at start").clone()
    }

    /// Our origin as a browser sends it in `Origin`.
    pub fn origin(&self) -> String {
        self.public_url.origin().ascii_serialization()
    }

    /// The address of a path on this service, built from the configured public address alone.
    pub fn link(&self, path: &str) -> String {
        self.public_url.join(path).map_or_else(|_| self.public_url.to_string(), String::from)
    }
}

/// Who is signed in, as the header shows it. A service's identity middleware puts it into the request.
#[derive(Clone, Debug, Serialize)]
pub struct Person {
    /// The name of the account.
    pub name: String,
    /// The role's word.
    pub role: &'static str,
    /// One or two letters for the round badge.
    pub initials: String,
    /// Whether this person uploads photos and owns galleries.
    #[serde(skip)]
    pub owns_galleries: bool,
}

/// An entry of the header.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// The word on it.
    pub label: &'static str,
    /// Where it goes.
    pub href: &'static str,
    /// The name of a Bootstrap icon.
    pub icon: &'static str,
    /// Whether the page shown belongs under it.
    pub current: bool,
}

impl Link {
    /// A link that is not the current page; the view marks the current one.
    pub fn new(label: &'static str, href: &'static str, icon: &'static str) -> Self {
        Self { label, href, icon, current: false }
    }
}

/// One or two letters that stand for a name.
pub fn initials(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.filter_map(|word| word.chars().next()).take(2).flat_map(char::to_uppercase).collect()
}

/// A request that came as HEAD: it asks what a GET would answer, and is nobody's visit.
#[derive(Clone, Copy)]
pub struct AskedByHead;

/// The middleware that answers HEAD wherever GET is answered; the server itself leaves the body out. Media have a HEAD
/// of their own, which spares reading the picture.
pub async fn head_as_get(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if request.method() == Method::HEAD && !request.path().starts_with("/media/") {
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(AskedByHead);
    }
    next.call(request).await
}

/// 303: the answer to a form is a page of its own.
pub fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, location)).finish()
}

/// A request header as text, if it is there and readable.
pub fn header<'a>(request: &'a HttpRequest, name: &HeaderName) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// What a request brings as `Authorization: Bearer`, whatever it is worth. Another scheme is the affair of a proxy.
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    let values = request.headers().get_all(AUTHORIZATION).filter_map(|value| value.to_str().ok());
    let mut bearers = values.filter_map(|text| {
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))
    });
    let first = bearers.next()?;
    // Two tokens are none: nobody can know which one was meant.
    Some(if bearers.next().is_none() { first } else { "" })
}

/// Whether the caller is a person with a browser (who gets pages) and not a program (which gets problem documents).
pub fn wants_page(request: &HttpRequest) -> bool {
    let accept = header(request, &actix_web::http::header::ACCEPT).unwrap_or_default();
    !request.path().starts_with("/api/") && accept.contains("text/html")
}
