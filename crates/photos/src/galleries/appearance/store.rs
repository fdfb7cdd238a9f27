//! How galleries look, in the database.

use sqlx::PgExecutor;

use super::Appearance;
use crate::galleries::GalleryId;

/// How a gallery looks.
pub async fn find(db: impl PgExecutor<'_>, gallery: GalleryId) -> sqlx::Result<Option<Appearance>> {
    sqlx::query_as!(Appearance, "select layout, shows_camera from gallery where id = $1", gallery.0)
        .fetch_optional(db)
        .await
}

/// Changes how a gallery looks.
pub async fn update(db: impl PgExecutor<'_>, gallery: GalleryId, appearance: Appearance) -> sqlx::Result<()> {
    sqlx::query!(
        "update gallery set layout = $2, shows_camera = $3, updated_at = now() at time zone 'utc' where id = $1",
        gallery.0,
        appearance.layout.as_str(),
        appearance.shows_camera
    )
    .execute(db)
    .await
    .map(drop)
}
