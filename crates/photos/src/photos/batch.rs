//! One thing to do to many photos, as a program asks for it, and what became of them.

use common::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PhotoId, change::Deed, undo::UndoId};
use crate::galleries::{GalleryId, SectionId};

/// Many photos and one deed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PhotoBatch)]
pub struct Batch {
    /// At most 1,000.
    pub photo_ids: Vec<PhotoId>,
    action: Action,
    /// For `rate`: 0 to 5, in halves.
    rating: Option<f64>,
    /// For `arrange`: a section of their gallery; null takes them out of every section.
    section_id: Option<SectionId>,
    /// For `copy` and `move`: the gallery they go to; null moves them out of every gallery.
    gallery_id: Option<GalleryId>,
}

/// What may be done to many photos.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BatchAction)]
enum Action {
    Archive,
    Unarchive,
    Lock,
    Unlock,
    Rate,
    Arrange,
    Move,
    Copy,
    Delete,
}

/// What became of a selection.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = BatchOutcome)]
pub struct Outcome {
    /// The photos it was done to; for copies, the new ones.
    pub done: Vec<PhotoId>,
    /// The others, each with a word: `not_found`, `not_allowed`, `locked`, `not_in_gallery`.
    pub skipped: Vec<Skipped>,
    /// The key that takes it back, for a day; none where nothing was done.
    pub undo: Option<UndoId>,
}

/// A photo that a deed was not done to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SkippedPhoto)]
pub struct Skipped {
    /// The photo.
    pub id: PhotoId,
    /// Why.
    pub reason: &'static str,
}

impl Batch {
    /// The deed, with what it needs.
    pub fn deed(&self) -> Result<Deed> {
        Ok(match self.action {
            Action::Archive => Deed::Archive,
            Action::Unarchive => Deed::Unarchive,
            Action::Lock => Deed::Lock,
            Action::Unlock => Deed::Unlock,
            Action::Rate => Deed::Rate { rating: needed("rating", self.rating)? },
            Action::Arrange => Deed::Arrange { section_id: self.section_id },
            Action::Move => Deed::Move { gallery_id: self.gallery_id },
            Action::Copy => Deed::Copy { gallery_id: needed("gallery_id", self.gallery_id)? },
            Action::Delete => Deed::Delete,
        })
    }
}

fn needed<T>(field: &'static str, given: Option<T>) -> Result<T> {
    given.ok_or_else(|| Error::invalid(field, "Please fill this in."))
}
