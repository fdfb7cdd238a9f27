//! The page `/`: who you are here, and the way to the photos.

use actix_web::{HttpResponse, web::Data};
use common::{
    Result,
    view::{Page, View},
};
use serde::Serialize;

use crate::App;

#[derive(Serialize)]
struct HomePage {
    home_url: String,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "home.html";

    fn title(&self) -> String {
        "Your account".to_owned()
    }
}

/// Shows the page.
pub async fn get(app: Data<App>, view: View) -> Result<HttpResponse> {
    view.ok(&HomePage { home_url: app.config.home_url.to_string() })
}
