//! Uploads in the database.

mod replaced;

use std::time::Duration;

pub use replaced::update_replaced;
use sqlx::{PgExecutor, PgTransaction};

use super::{FileId, receive::Received};
use crate::{
    galleries::GalleryId,
    identity::AccountId,
    photos::{PhotoId, Status, taken_at},
};

/// Whether nothing was ever stored.
pub async fn is_empty(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select not exists (select from files) as "empty!""#).fetch_one(db).await
}

/// Notes that files are about to be written. One that is just being removed is waited for.
pub async fn create_pending(db: impl PgExecutor<'_>, keys: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into pending_files (storage_key) select unnest($1::text[])
         on conflict (storage_key) do update set created_at = now()",
        keys
    )
    .execute(db)
    .await
    .map(drop)
}

/// Forgets a file that became a photo's, or was removed.
pub async fn delete_pending(db: impl PgExecutor<'_>, key: &str) -> sqlx::Result<()> {
    sqlx::query!("delete from pending_files where storage_key = $1", key).execute(db).await.map(drop)
}

/// Files that were noted this long ago and are nobody's; none while a backup copies files.
pub async fn list_stale(db: impl PgExecutor<'_>, age: Duration) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select storage_key from pending_files where created_at < now() - make_interval(secs => $1)
            and not exists (select from files where files.storage_key = pending_files.storage_key)
            and not exists (select from renditions where renditions.storage_key = pending_files.storage_key)
            and not exists (select from storage_holds where ends_at > now())
         limit 1000",
        age.as_secs_f64()
    )
    .fetch_all(db)
    .await
}

/// Forgets a file, unless somebody began to write it anew or a backup began; whoever writes it now waits until the
/// transaction ends.
pub async fn delete_stale(
    transaction: &mut PgTransaction<'_>,
    key: &str,
    age: Duration,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from pending_files where storage_key = $1 and created_at < now() - make_interval(secs => $2)
            and not exists (select from storage_holds where ends_at > now())",
        key,
        age.as_secs_f64()
    );
    Ok(done.execute(&mut **transaction).await?.rows_affected() > 0)
}

/// Makes uploads of the same bytes by the same owner wait for each other until the transaction ends.
pub async fn lock_content(
    transaction: &mut PgTransaction<'_>,
    owner: AccountId,
    sha256: &[u8],
) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock($1, hashtext(encode($2, 'hex')))", owner.0, sha256)
        .execute(&mut **transaction)
        .await
        .map(drop)
}

/// The photo that came from the same bytes into the same place within the last hour, and how far it is.
/// One that failed does not count: sending it again is how a person mends it.
pub async fn find_recent(
    transaction: &mut PgTransaction<'_>,
    owner: AccountId,
    gallery: Option<GalleryId>,
    sha256: &[u8],
) -> sqlx::Result<Option<(PhotoId, Status)>> {
    let row = sqlx::query!(
        "select photo.id, coalesce(photo.status, 'pending') as \"status!\" from photo join files on files.id = photo.file_id
         where files.owner_id = $1 and files.sha256 = $2 and photo.gallery_id is not distinct from $3
           and photo.deleted_at is null and photo.status is distinct from 'failed'
           and photo.upload_date > now() at time zone 'utc' - interval '1 hour'
         order by photo.id limit 1",
        owner.0,
        sha256,
        gallery.map(|gallery| gallery.0) as Option<i32>
    );
    let row = row.fetch_optional(&mut **transaction).await?;
    Ok(row.map(|row| (row.id, Status::from(row.status))))
}

/// A photo of the same content.
pub struct Same {
    /// The photo.
    pub photo: PhotoId,
    /// Its file, which stays until the transaction ends.
    pub file: FileId,
    /// Where that lies.
    pub storage_key: String,
    /// The name of the gallery that the photo is in.
    pub gallery_name: Option<String>,
}

/// The first of the owner's photos that came from the same bytes, wherever it is and however long ago.
pub async fn find_same(
    transaction: &mut PgTransaction<'_>,
    owner: AccountId,
    sha256: &[u8],
) -> sqlx::Result<Option<Same>> {
    sqlx::query_as!(
        Same,
        r#"select photo.id as photo, files.id as file, files.storage_key,
            (select gallery.name from gallery where gallery.id = photo.gallery_id) as "gallery_name?"
         from photo join files on files.id = photo.file_id
         where files.owner_id = $1 and files.sha256 = $2 and photo.photographer_id = $1
           and photo.deleted_at is null and photo.status is distinct from 'failed'
         order by photo.id limit 1 for key share of files"#,
        owner.0,
        sha256
    )
    .fetch_optional(&mut **transaction)
    .await
}

/// Makes the row of a stored original.
pub async fn create_file(
    transaction: &mut PgTransaction<'_>,
    owner: AccountId,
    received: &Received,
) -> sqlx::Result<FileId> {
    sqlx::query_scalar!(
        "insert into files (owner_id, storage_key, media_type, size_bytes, sha256, crc32)
         values ($1, $2, $3, $4, $5, $6) returning id",
        owner.0,
        received.key,
        received.probe.format.media_type(),
        i64::try_from(received.size).unwrap_or(i64::MAX),
        received.sha256,
        i64::from(received.crc32)
    )
    .fetch_one(&mut **transaction)
    .await
}

/// Makes the photo of a stored original, with what the beginning of the file told.
pub async fn create_photo(
    transaction: &mut PgTransaction<'_>,
    owner: AccountId,
    gallery: Option<GalleryId>,
    (file, storage_key): (FileId, &str),
    received: &Received,
) -> sqlx::Result<PhotoId> {
    let size = received.probe.displayed();
    sqlx::query_scalar!(
        "insert into photo (photographer_id, gallery_id, file_id, filename, original_path, status, width, height,
            taken_at, taken_at_offset)
         values ($1, $2, $3, $4, $5, 'pending', $6, $7, $8, $9) returning id",
        owner.0,
        gallery.map(|gallery| gallery.0) as Option<i32>,
        file.0,
        received.filename,
        storage_key,
        size.and_then(|size| i32::try_from(size.width).ok()),
        size.and_then(|size| i32::try_from(size.height).ok()),
        taken_at(&received.metadata),
        received.metadata.taken_at_offset
    )
    .fetch_one(&mut **transaction)
    .await
}
