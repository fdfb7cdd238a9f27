//! Copying photos between galleries: a new photo on the same stored file.

use common::Result;
use sqlx::PgTransaction;

use super::{PhotoId, store::changes};
use crate::{galleries::GalleryId, jobs};

/// Copies photos into a gallery whose owner becomes theirs. Among one owner's galleries the pictures are there at once; for
/// another owner they are made anew, with that owner's mark.
pub async fn copy_all(
    transaction: &mut PgTransaction<'_>,
    photos: &[i32],
    gallery: GalleryId,
) -> Result<Vec<PhotoId>> {
    // What is removed, replaced or made again meanwhile would leave a copy without its pictures.
    changes::hold(transaction, photos).await?;
    let copies = changes::create_copies(transaction, photos, gallery).await?;
    let ready: Vec<&changes::Copied> = copies.iter().filter(|copy| copy.keeps_renditions).collect();
    changes::create_renditions_of_copies(transaction, &ready).await?;
    for copy in copies.iter().filter(|copy| !copy.keeps_renditions) {
        jobs::add_render(transaction, copy.made).await?;
    }
    Ok(copies.into_iter().map(|copy| copy.made).collect())
}
