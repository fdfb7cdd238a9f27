//! The page `/logout`: a button, because a mere link must not sign anybody out.

use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::LOCATION,
    web::{Data, Query},
};
use common::{
    Result,
    csrf::CsrfForm,
    return_to,
    view::{Page, View},
};
use serde::Serialize;

use super::sign_out;
use crate::{App, sessions::cookie, way::Way};

#[derive(Serialize)]
struct LogoutPage {
    return_to: String,
}

impl Page for LogoutPage {
    const TEMPLATE: &'static str = "logout.html";
    const HAS_FORM: bool = true;

    fn title(&self) -> String {
        "Sign out".to_owned()
    }
}

/// Shows the button.
pub async fn get(app: Data<App>, way: Query<Way>, view: View) -> Result<HttpResponse> {
    let back = return_to::absolute(&app.config.site, &way.return_to);
    view.ok(&LogoutPage { return_to: back.map(String::from).unwrap_or_default() })
}

/// Signs out and goes on.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    state: Session,
    form: CsrfForm<Way>,
) -> Result<HttpResponse> {
    let (tokens, _) = cookie::presented(&request, &app.config.site);
    sign_out(&app, &request, &tokens).await?;
    state.purge();
    let back = return_to::absolute(&app.config.site, &form.0.return_to);
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, back.map_or_else(|| "/".to_owned(), String::from)))
        .cookie(cookie::expire(&app.config.site))
        .finish())
}
