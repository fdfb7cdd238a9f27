//! `POST /api/logout`: for a browser with its token, or for an application that holds the SSO token as bearer.

use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, web::Data};
use common::{Result, csrf};

use super::sign_out;
use crate::{App, bearer, sessions::cookie};

/// Ends the session of the bearer, or of this browser.
#[utoipa::path(
    post, path = "/api/logout",
    security(("session" = []), ("browser" = [])),
    responses((status = 204))
)]
pub async fn post(app: Data<App>, request: HttpRequest, state: Session) -> Result<HttpResponse> {
    if let Some(bearer) = bearer::of(&request)? {
        sign_out(&app, &request, &bearer.tokens()).await?;
        return Ok(HttpResponse::NoContent().finish());
    }
    csrf::verify_header(&request)?;
    let (tokens, _) = cookie::presented(&request, &app.config.site);
    sign_out(&app, &request, &tokens).await?;
    state.purge();
    Ok(HttpResponse::NoContent().cookie(cookie::expire(&app.config.site)).finish())
}
