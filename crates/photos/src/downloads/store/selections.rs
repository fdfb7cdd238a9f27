//! Selections in the database.

use sqlx::PgExecutor;

use crate::{downloads::selections::Holder, galleries::GalleryId};

/// Keeps a selection of this holder.
pub async fn create_selection(
    db: impl PgExecutor<'_>,
    key: &str,
    holder: Holder,
    gallery: Option<GalleryId>,
    photos: &[i32],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into selections (key, share_link_id, account_id, gallery_id, photo_ids) values ($1, $2, $3, $4, $5)",
        key,
        holder.link().map(|link| link.0),
        holder.account().map(|account| account.0),
        gallery.map(|gallery| gallery.0) as Option<i32>,
        photos
    )
    .execute(db)
    .await
    .map(drop)
}

/// The photos of a selection, if this holder made it for this gallery (or for the library).
pub async fn find_selection(
    db: impl PgExecutor<'_>,
    key: &str,
    holder: Holder,
    gallery: Option<GalleryId>,
) -> sqlx::Result<Option<Vec<i32>>> {
    sqlx::query_scalar!(
        "select photo_ids from selections
         where key = $1 and share_link_id is not distinct from $2 and account_id is not distinct from $3
           and gallery_id is not distinct from $4",
        key,
        holder.link().map(|link| link.0) as Option<i32>,
        holder.account().map(|account| account.0) as Option<i32>,
        gallery.map(|gallery| gallery.0) as Option<i32>
    )
    .fetch_optional(db)
    .await
}

/// Removes selections that were made so many days ago.
pub async fn delete_old_selections(db: impl PgExecutor<'_>, days: i32) -> sqlx::Result<()> {
    sqlx::query!("delete from selections where created_at < now() - make_interval(days => $1)", days)
        .execute(db)
        .await
        .map(drop)
}
