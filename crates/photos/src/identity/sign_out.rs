//! Signing out: ends the session at the auth-service, so that it is over for every application of the domain.

use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite},
    web::Data,
};
use common::{
    Result,
    csrf::CsrfChecked,
    view::{Page, View},
    web::{see_other, wants_page},
};
use serde::Serialize;

use crate::app::App;

#[derive(Serialize)]
struct SignOutPage {}

impl Page for SignOutPage {
    const TEMPLATE: &'static str = "auth/logout.html";
    const HAS_FORM: bool = true;

    fn title(&self) -> String {
        "Sign out".to_owned()
    }
}

/// `GET /auth/logout`: a button, because a GET must not sign anybody out.
pub async fn get(view: View) -> Result<HttpResponse> {
    view.ok(&SignOutPage {})
}

/// Ends the session everywhere.
#[utoipa::path(
    post, path = "/auth/logout",
    security(("browser" = [])),
    responses((status = 204), (status = 303, description = "for a form of a page"))
)]
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    session: Session,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    app.auth.sign_out(&request).await?;
    session.purge();
    let mut response = if wants_page(&request) { see_other("/") } else { HttpResponse::NoContent().finish() };
    let site = &app.config.site;
    let mut expired = Cookie::build(site.session_cookie.clone(), "")
        .domain(format!(".{}", site.base_domain))
        .path("/")
        .http_only(true)
        .secure(!site.development)
        .same_site(SameSite::Lax)
        .finish();
    expired.make_removal();
    response.add_cookie(&expired).map_err(anyhow::Error::from)?;
    Ok(response)
}
