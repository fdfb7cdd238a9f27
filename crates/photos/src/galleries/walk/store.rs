//! What of a gallery's sections there is to see, in the database.

use sqlx::PgExecutor;

use super::Stop;
use crate::galleries::GalleryId;

/// The sections in which photos are shown, from the top.
pub async fn list_shown(db: impl PgExecutor<'_>, gallery: GalleryId) -> sqlx::Result<Vec<Stop>> {
    let rows = sqlx::query!(
        "select id, name from sections
         where gallery_id = $1 and exists (
            select from photo where photo.gallery_id = $1 and coalesce(photo.section_id, 0) = sections.id
              and photo.deleted_at is null and photo.status = 'ready' and not coalesce(photo.archived, false))
         order by position, id",
        gallery.0
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    Ok(rows.map(|row| Stop { section: Some(row.id), name: row.name }).collect())
}

/// Whether photos are shown that are in no section.
pub async fn has_loose(db: impl PgExecutor<'_>, gallery: GalleryId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from photo where gallery_id = $1 and coalesce(section_id, 0) = 0
              and deleted_at is null and status = 'ready' and not coalesce(archived, false)) as "has!""#,
        gallery.0
    )
    .fetch_one(db)
    .await
}
