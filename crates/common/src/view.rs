//! A page is a struct bound to a template; `view.ok(&page)` is the only way to show one.

use actix_session::{Session, SessionExt};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest, HttpResponse, dev::Payload, http::StatusCode, web::Data,
};
use serde::Serialize;
use tera::Context;

use crate::{
    Error, Result, csrf,
    flash::{self, Flash},
    web::{Link, Person, Web},
};

/// A page: its fields are ready to print, its template has no logic but `if` and `for`.
pub trait Page: Serialize {
    /// The template's name.
    const TEMPLATE: &'static str;

    /// Whether somebody who is not signed in meets a form on it and so needs a token.
    const HAS_FORM: bool = false;

    /// What the browser's tab says.
    fn title(&self) -> String;
}

/// Shows pages to whoever sent this request.
pub struct View {
    web: Data<Web>,
    session: Session,
    person: Option<Person>,
    path: String,
}

#[derive(Serialize)]
struct Frame {
    service: &'static str,
    site_name: String,
    title: String,
    path: String,
    csrf_token: String,
    person: Option<Person>,
    flash: Vec<Flash>,
    nav: Vec<Link>,
    menu: Vec<Link>,
    urls: Addresses,
}

#[derive(Serialize)]
struct Addresses {
    home: String,
    start: String,
    sign_in: String,
    sign_out: &'static str,
    account: String,
}

impl View {
    /// The view of a request whose session and person are known by now.
    pub fn of(request: &HttpRequest) -> Self {
        let path = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
        let person = request.extensions().get::<Person>().cloned();
        Self { web: Web::of(request), session: request.get_session(), person, path }
    }

    /// Shows the page with 200.
    pub fn ok<P: Page>(&self, page: &P) -> Result<HttpResponse> {
        self.status(StatusCode::OK, page)
    }

    /// Shows the page with another status, as 422 for a form with faults.
    pub fn status<P: Page>(&self, status: StatusCode, page: &P) -> Result<HttpResponse> {
        let mut context = Context::from_serialize(page).map_err(|error| Error::Internal(error.into()))?;
        context.insert("view", &self.frame(page)?);
        let body = self.web.templates.render(P::TEMPLATE, &context)?;
        Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(body))
    }

    fn frame<P: Page>(&self, page: &P) -> Result<Frame> {
        let needs_token = P::HAS_FORM || self.person.is_some();
        let path_only = self.path.split('?').next().unwrap_or_default();
        let mut nav = (self.web.navigation)(self.person.as_ref());
        let here = nav
            .iter()
            .map(|link| link.href)
            .filter(|href| is_under(path_only, href))
            .max_by_key(|href| href.len());
        for link in &mut nav {
            link.current = Some(link.href) == here;
        }
        Ok(Frame {
            service: self.web.service,
            site_name: self.web.site_name.current().to_string(),
            title: page.title(),
            path: self.path.clone(),
            csrf_token: if needs_token { csrf::token(&self.session)? } else { String::new() },
            person: self.person.clone(),
            flash: flash::take(&self.session),
            nav,
            menu: self.person.as_ref().map_or_else(Vec::new, self.web.menu),
            urls: Addresses {
                home: "/".to_owned(),
                start: self.web.start_url.clone(),
                sign_in: sign_in_address(&self.web, &self.path),
                sign_out: self.web.sign_out_path,
                account: self.web.account_url.clone(),
            },
        })
    }
}

/// Whether a page lies at or below the address of a link. Of several links the longest is the current one.
fn is_under(path: &str, href: &str) -> bool {
    path.strip_prefix(href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The sign-in page, with the way back to where the person was.
pub fn sign_in_address(web: &Web, path: &str) -> String {
    // The way back from signing in or out is not the sign-in or sign-out page itself.
    let back =
        if path.starts_with(web.sign_in_path) || path.starts_with(web.sign_out_path) { "/" } else { path };
    let target = if web.service == "auth" { web.link(back) } else { back.to_owned() };
    let query: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
    format!("{}?return_to={query}", web.sign_in_path)
}

impl FromRequest for View {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self::of(request)))
    }
}
