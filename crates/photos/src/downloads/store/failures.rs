//! Photos whose file could not be read, in the database.

use sqlx::PgExecutor;

use crate::{downloads::failures::Broken, galleries::GalleryId, photos::PhotoId};

/// So many are told at once.
const MOST: i64 = 20;

/// A photo that could not be read.
pub struct Row {
    /// The photo.
    pub photo: PhotoId,
    /// Its name.
    pub filename: String,
    /// A fixed word.
    pub reason: String,
    /// The file that could not be read.
    pub storage_key: String,
    /// Bytes that it should have.
    pub size_bytes: i64,
    /// Whether that is the original, or what was made of it.
    pub is_original: bool,
    /// Whether it still is a file of the photo.
    pub is_current: bool,
}

/// Notes that the file of a photo could not be read.
pub async fn create_failure(
    db: impl PgExecutor<'_>,
    photo: PhotoId,
    reason: &str,
    broken: &Broken,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into download_failures (photo_id, reason, storage_key, size_bytes)
         select id, $2, $3, $4 from photo where id = $1
         on conflict (photo_id) do update set reason = excluded.reason, storage_key = excluded.storage_key,
            size_bytes = excluded.size_bytes, failed_at = now()",
        photo.0,
        reason,
        broken.key,
        i64::try_from(broken.size).unwrap_or(i64::MAX)
    )
    .execute(db)
    .await
    .map(drop)
}

/// The photos of a gallery that could not be read lately.
pub async fn list_failures(db: impl PgExecutor<'_>, gallery: GalleryId) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select photo.id as photo, coalesce(photo.filename, '') as "filename!", download_failures.reason,
            download_failures.storage_key, download_failures.size_bytes,
            exists (select from files where files.id = photo.file_id
                and files.storage_key = download_failures.storage_key) as "is_original!",
            exists (select from files where files.id = photo.file_id and files.storage_key = download_failures.storage_key
                union all select from renditions where renditions.photo_id = photo.id
                and renditions.storage_key = download_failures.storage_key) as "is_current!"
         from download_failures join photo on photo.id = download_failures.photo_id
         where photo.gallery_id = $1 and photo.deleted_at is null
         order by photo.id limit $2"#,
        gallery.0,
        MOST
    )
    .fetch_all(db)
    .await
}

/// Forgets that a photo could not be read.
pub async fn delete_failure(db: impl PgExecutor<'_>, photo: PhotoId) -> sqlx::Result<()> {
    sqlx::query!("delete from download_failures where photo_id = $1", photo.0).execute(db).await.map(drop)
}
