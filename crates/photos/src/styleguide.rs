//! `/styleguide`: every component of the pages in every state, side by side; in development alone.

use actix_web::{HttpResponse, web::Data};
use common::{
    Error, Result,
    view::{Page, View},
};
use serde::Serialize;

use crate::app::App;

#[derive(Serialize)]
struct StyleguidePage {}

impl Page for StyleguidePage {
    const TEMPLATE: &'static str = "styleguide.html";

    fn title(&self) -> String {
        "Styleguide".to_owned()
    }
}

/// The page.
pub async fn get(app: Data<App>, view: View) -> Result<HttpResponse> {
    if app.config.site.development { view.ok(&StyleguidePage {}) } else { Err(Error::NotFound) }
}
