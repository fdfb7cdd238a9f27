//! The picture above a gallery, for its page and for what other sites show of a public one.

use common::Result;
use serde::Serialize;

use crate::{
    app::App,
    galleries::{Gallery, SectionId, store as galleries},
    media::{Grant, Signer},
    photos::{picture::Picture, store as photos, tile::Pictures},
    policy::{Access, Viewer, access},
};

/// What other sites show of a link to a public gallery.
#[derive(Serialize)]
pub(super) struct SocialCard {
    title: String,
    description: String,
    image: Option<String>,
}

/// The cover in two sizes, and the address of the smaller one.
pub(super) async fn cover(
    app: &App,
    gallery: &Gallery,
    sections: Option<&[SectionId]>,
    grant: Grant,
    marked: bool,
) -> Result<Option<(Picture, String)>> {
    let covers = galleries::list_covers(&app.db, std::iter::once((gallery.id, marked))).await?;
    let Some(photo) = covers.first().map(|cover| cover.photo) else { return Ok(None) };
    let Some(photo) = photos::find(&app.db, photo).await? else { return Ok(None) };
    let is_shown = |shown: &[SectionId]| photo.section.is_some_and(|section| shown.contains(&section));
    // A link to some sections shows nothing of the others, the cover neither.
    if !sections.is_none_or(is_shown) {
        return Ok(None);
    }
    let renditions = photos::list_renditions(&app.db, std::slice::from_ref(&photo)).await?;
    let signer = Signer::new(&app.config.secrets, grant);
    let pictures = Pictures::of(photo.id, &renditions, &signer, marked);
    Ok(pictures.thumbnail_2x.map(|smaller| {
        let address = smaller.url.clone();
        (Picture::of(&smaller, pictures.preview.as_ref(), photo.placeholder), address)
    }))
}

impl SocialCard {
    /// The card of a public gallery, with its cover as everybody may see it.
    pub(super) async fn of(app: &App, gallery: &Gallery) -> Result<Self> {
        let marked = access(Viewer::Nobody, &gallery.subject()) <= Access::Marked;
        let image = cover(app, gallery, None, Grant::Public, marked).await?;
        Ok(Self {
            title: gallery.name.clone(),
            description: format!("Photographs by {}", gallery.owner_name),
            image: image.map(|(_, address)| app.web.link(&address)),
        })
    }
}
