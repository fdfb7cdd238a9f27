//! Which photos are in a gallery, in the database.

use sqlx::{PgExecutor, PgTransaction};

use crate::galleries::GalleryId;

/// Keeps a gallery from going into the trash, without what is being put into it, until the transaction ends; false if it
/// is there.
pub async fn hold(transaction: &mut PgTransaction<'_>, gallery: GalleryId) -> sqlx::Result<bool> {
    let row =
        sqlx::query!("select id from gallery where id = $1 and deleted_at is null for share", gallery.0);
    Ok(row.fetch_optional(&mut **transaction).await?.is_some())
}

/// Puts photos of the gallery's owner into it (they leave the one they were in); returns how many there were.
/// Photos of others and locked ones stay where they are.
pub async fn update_members(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    photos: &[i32],
) -> sqlx::Result<u64> {
    let moved = sqlx::query!(
        "update photo set gallery_id = gallery.id,
            section_id = case when photo.gallery_id = gallery.id then photo.section_id end,
            position = case when photo.gallery_id = gallery.id then photo.position end
         from gallery
         where gallery.id = $1 and photo.id = any($2) and photo.photographer_id = gallery.user_id
           and photo.deleted_at is null and not coalesce(photo.locked, false)",
        gallery.0,
        photos
    );
    Ok(moved.execute(db).await?.rows_affected())
}

/// How many of the owner's photos among these are in another gallery, and would leave it for this one.
pub async fn count_elsewhere(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    photos: &[i32],
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from photo join gallery on gallery.id = $1
         where photo.id = any($2) and photo.photographer_id = gallery.user_id and photo.gallery_id <> $1
           and photo.deleted_at is null and not coalesce(photo.locked, false)"#,
        gallery.0,
        photos
    )
    .fetch_one(db)
    .await
}

/// Takes photos out of the gallery; they stay in the library. Locked ones stay.
pub async fn delete_members(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    photos: &[i32],
) -> sqlx::Result<u64> {
    let removed = sqlx::query!(
        "update photo set gallery_id = null, section_id = null, position = null
         where id = any($2) and gallery_id = $1 and deleted_at is null and not coalesce(locked, false)",
        gallery.0,
        photos
    );
    Ok(removed.execute(db).await?.rows_affected())
}
