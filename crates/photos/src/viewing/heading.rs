//! What stands above a gallery: its name, and whose photographs it shows.

use common::Result;
use serde::Serialize;

use crate::{
    app::App,
    branding::{self, ShownLogo},
    galleries::Gallery,
};

/// The heading of a gallery's pages.
#[derive(Serialize)]
pub(super) struct Heading {
    pub(super) name: String,
    description: String,
    photographer: String,
    /// Stands in the place of the photographer's name.
    logo: Option<ShownLogo>,
    accent: &'static str,
    date_text: String,
    count: i64,
    count_text: String,
}

impl Heading {
    /// The heading; the count stays out where not all photos are shown.
    pub(super) async fn of(app: &App, gallery: &Gallery, is_whole: bool) -> Result<Self> {
        let brand = branding::store::find(&app.db, gallery.owner).await?;
        Ok(Self {
            name: gallery.name.clone(),
            description: gallery.description.clone().unwrap_or_default(),
            photographer: gallery.owner_name.clone(),
            logo: brand.logo.map(|logo| logo.shown()),
            accent: brand.accent,
            date_text: gallery.date_text(),
            count: gallery.photo_count,
            count_text: if is_whole { gallery.count_text() } else { String::new() },
        })
    }
}
