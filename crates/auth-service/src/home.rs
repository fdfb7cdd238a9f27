//! The page `/`: who you are here, and the way to the photos.

use actix_web::{HttpResponse, web::Data};
use common::{
    Result,
    view::{Page, View},
};
use serde::Serialize;

use crate::{App, identity::Visitor};

#[derive(Serialize)]
struct HomePage {
    home_url: String,
    unverified_email: Option<String>,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "home.html";

    fn title(&self) -> String {
        "Your account".to_owned()
    }
}

/// Shows the page.
pub async fn get(app: Data<App>, visitor: Visitor, view: View) -> Result<HttpResponse> {
    let user = visitor.session.map(|session| session.user).filter(|user| !user.email_verified);
    let unverified_email = user.map(|user| user.email);
    view.ok(&HomePage { home_url: app.config.home_url.to_string(), unverified_email })
}
