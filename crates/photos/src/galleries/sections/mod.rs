//! The sections of a gallery, such as “Ceremony” and “Dinner”, and the order of its photos by hand.

pub mod api;
pub mod store;

use common::{Error, Result};
use serde::Serialize;
use sqlx::PgPool;
use utoipa::ToSchema;

use super::{GalleryId, SectionId};
use crate::photos::{Order, PhotoId};

/// The most sections a gallery may have.
pub const MOST: i64 = 100;

/// A section of a gallery.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Section {
    /// The section.
    pub id: SectionId,
    /// 1 to 100 characters.
    pub name: String,
    /// Photos in it that are shown.
    pub photos: i64,
}

/// Arranges photos by hand: puts them, in this order, before another one, or at the end without one. From then on the
/// gallery is ordered by hand, beginning with the order it had.
pub async fn arrange(
    db: &PgPool,
    gallery: GalleryId,
    photos: &[PhotoId],
    before: Option<PhotoId>,
) -> Result<()> {
    if before.is_some_and(|before| photos.contains(&before)) {
        return Err(Error::invalid("before", "A photo can't be put before itself."));
    }
    let mut transaction = db.begin().await?;
    let order = store::lock_order(&mut transaction, gallery).await?;
    let mut all = store::list_in_order(&mut transaction, gallery, order).await?;
    let moved: Vec<PhotoId> = photos.iter().copied().filter(|photo| all.contains(photo)).collect();
    all.retain(|photo| !moved.contains(photo));
    let at = match before {
        None => all.len(),
        Some(before) => all.iter().position(|photo| *photo == before).ok_or_else(|| {
            Error::invalid("before", "The photo before which these should stand is not in the gallery.")
        })?,
    };
    all.splice(at..at, moved);
    store::update_positions(&mut transaction, gallery, &all).await?;
    if order != Order::Manual {
        store::update_order(&mut transaction, gallery, Order::Manual).await?;
    }
    Ok(transaction.commit().await?)
}
