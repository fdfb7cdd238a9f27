//! The pages about the product, whose texts an operator may replace without a build: `/features`, `/pricing`, `/about`.

use actix_web::HttpResponse;
use common::{
    Result,
    view::{Page, View},
};
use serde::Serialize;

/// The folder of the texts among our templates; the files of `SITE_TEXTS_DIR` stand in their place.
pub const TEXTS: &str = "components/texts";

#[derive(Serialize)]
struct FeaturesPage {}

#[derive(Serialize)]
struct PricingPage {}

#[derive(Serialize)]
struct AboutPage {}

impl Page for FeaturesPage {
    const TEMPLATE: &'static str = "site/features.html";

    fn title(&self) -> String {
        "Features".to_owned()
    }
}

impl Page for PricingPage {
    const TEMPLATE: &'static str = "site/pricing.html";

    fn title(&self) -> String {
        "Pricing".to_owned()
    }
}

impl Page for AboutPage {
    const TEMPLATE: &'static str = "site/about.html";

    fn title(&self) -> String {
        "About".to_owned()
    }
}

/// What it does.
pub async fn features(view: View) -> Result<HttpResponse> {
    view.ok(&FeaturesPage {})
}

/// What it costs.
pub async fn pricing(view: View) -> Result<HttpResponse> {
    view.ok(&PricingPage {})
}

/// Why it is there.
pub async fn about(view: View) -> Result<HttpResponse> {
    view.ok(&AboutPage {})
}
