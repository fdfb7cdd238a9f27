//! The trash in the database.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, PgTransaction};

use crate::{galleries::GalleryId, identity::AccountId, photos::PhotoId};

/// A gallery in the trash.
pub struct DeletedGallery {
    /// The gallery.
    pub id: GalleryId,
    /// Its name.
    pub name: String,
    /// Since when it is here.
    pub deleted_at: DateTime<Utc>,
    /// How many photos went with it.
    pub photo_count: i64,
    /// One of them, to know it by.
    pub cover: Option<PhotoId>,
}

/// A photo in the trash that went there by itself.
pub struct DeletedPhoto {
    /// The photo.
    pub id: PhotoId,
    /// Its file name.
    pub filename: String,
    /// Since when it is here.
    pub deleted_at: DateTime<Utc>,
}

/// Marks a gallery as deleted, and keeps others from changing it until the transaction ends; false if it was so before.
pub async fn update_gallery_deleted(
    transaction: &mut PgTransaction<'_>,
    gallery: GalleryId,
) -> sqlx::Result<bool> {
    let done =
        sqlx::query!("update gallery set deleted_at = now() where id = $1 and deleted_at is null", gallery.0);
    Ok(done.execute(&mut **transaction).await?.rows_affected() == 1)
}

/// How many photos of a gallery are locked.
pub async fn count_locked(transaction: &mut PgTransaction<'_>, gallery: GalleryId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from photo where gallery_id = $1 and locked and deleted_at is null"#,
        gallery.0
    )
    .fetch_one(&mut **transaction)
    .await
}

/// Marks the photos of a gallery as deleted at the time of this transaction, which is the gallery's.
pub async fn update_members_deleted(
    transaction: &mut PgTransaction<'_>,
    gallery: GalleryId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update photo set deleted_at = now() where gallery_id = $1 and deleted_at is null",
        gallery.0
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// Brings back the photos that went into the trash with their gallery.
pub async fn update_members_restored(
    transaction: &mut PgTransaction<'_>,
    gallery: GalleryId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update photo set deleted_at = null from gallery
         where gallery.id = $1 and photo.gallery_id = gallery.id and photo.deleted_at = gallery.deleted_at",
        gallery.0
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// Brings a gallery back; false if it was not in the trash.
pub async fn update_gallery_restored(
    transaction: &mut PgTransaction<'_>,
    gallery: GalleryId,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update gallery set deleted_at = null where id = $1 and deleted_at is not null",
        gallery.0
    );
    Ok(done.execute(&mut **transaction).await?.rows_affected() == 1)
}

/// Puts photos into the trash; locked ones stay. Returns which went.
pub async fn update_photos_deleted(
    transaction: &mut PgTransaction<'_>,
    photos: &[i32],
) -> sqlx::Result<Vec<PhotoId>> {
    sqlx::query_scalar!(
        r#"update photo set deleted_at = now() where id = any($1) and deleted_at is null and not coalesce(locked, false)
         returning id"#,
        photos
    )
    .fetch_all(&mut **transaction)
    .await
}

/// Brings back an owner's photos. One whose gallery is gone, or in the trash itself, comes back into the library.
pub async fn update_photos_restored(
    db: impl PgExecutor<'_>,
    owner: AccountId,
    photos: &[i32],
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "update photo set deleted_at = null,
            section_id = case when away.id is null then photo.section_id end,
            gallery_id = case when away.id is null then photo.gallery_id end
         from photo as same left join gallery as away on away.id = same.gallery_id and away.deleted_at is not null
         where same.id = photo.id and photo.id = any($2) and photo.photographer_id = $1 and photo.deleted_at is not null",
        owner.0,
        photos
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// An owner's galleries in the trash, the last deleted first.
pub async fn list_galleries(db: impl PgExecutor<'_>, owner: AccountId) -> sqlx::Result<Vec<DeletedGallery>> {
    sqlx::query_as!(
        DeletedGallery,
        r#"select gallery.id, gallery.name, gallery.deleted_at as "deleted_at!", count(photo.id) as "photo_count!",
            min(photo.id) filter (where photo.status = 'ready') as "cover: PhotoId"
         from gallery left join photo on photo.gallery_id = gallery.id and photo.deleted_at = gallery.deleted_at
         where gallery.user_id = $1 and gallery.deleted_at is not null
         group by gallery.id order by gallery.deleted_at desc, gallery.id desc limit 200"#,
        owner.0
    )
    .fetch_all(db)
    .await
}

/// An owner's photos in the trash that went there by themselves, newest first, below this id.
pub async fn list_photos(
    db: impl PgExecutor<'_>,
    owner: AccountId,
    below: Option<PhotoId>,
    limit: u16,
) -> sqlx::Result<Vec<DeletedPhoto>> {
    sqlx::query_as!(
        DeletedPhoto,
        r#"select photo.id, coalesce(photo.filename, '') as "filename!", photo.deleted_at as "deleted_at!"
         from photo left join gallery on gallery.id = photo.gallery_id
         where photo.photographer_id = $1 and photo.deleted_at is not null and photo.id < $2
           and photo.deleted_at is distinct from gallery.deleted_at
         order by photo.id desc limit $3"#,
        owner.0,
        below.map_or(i32::MAX, |id| id.0),
        i64::from(limit)
    )
    .fetch_all(db)
    .await
}

/// Whose gallery in the trash this is.
pub async fn find_owner(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
) -> sqlx::Result<Option<Option<AccountId>>> {
    sqlx::query_scalar!(r#"select user_id from gallery where id = $1 and deleted_at is not null"#, gallery.0)
        .fetch_optional(db)
        .await
}

/// Photos that went into the trash so long ago; nobody else takes them until the transaction ends.
pub async fn list_old(
    transaction: &mut PgTransaction<'_>,
    age: Duration,
    limit: i64,
) -> sqlx::Result<Vec<PhotoId>> {
    sqlx::query_scalar!(
        r#"select id from photo where deleted_at < now() - make_interval(secs => $1)
         limit $2 for update skip locked"#,
        age.as_secs_f64(),
        limit
    )
    .fetch_all(&mut **transaction)
    .await
}

/// Galleries that went into the trash so long ago.
pub async fn list_old_galleries(db: impl PgExecutor<'_>, age: Duration) -> sqlx::Result<Vec<GalleryId>> {
    sqlx::query_scalar!(
        r#"select id from gallery where deleted_at < now() - make_interval(secs => $1)"#,
        age.as_secs_f64()
    )
    .fetch_all(db)
    .await
}

/// Photos that went into the trash with their gallery.
pub async fn list_of_gallery(
    transaction: &mut PgTransaction<'_>,
    gallery: GalleryId,
    limit: i64,
) -> sqlx::Result<Vec<PhotoId>> {
    sqlx::query_scalar!(
        r#"select photo.id from photo join gallery on gallery.id = photo.gallery_id
         where gallery.id = $1 and photo.deleted_at = gallery.deleted_at limit $2 for update of photo"#,
        gallery.0,
        limit
    )
    .fetch_all(&mut **transaction)
    .await
}

/// Which of these are an owner's photos in the trash; nobody else takes them until the transaction ends.
pub async fn list_own(
    transaction: &mut PgTransaction<'_>,
    owner: AccountId,
    photos: &[i32],
) -> sqlx::Result<Vec<PhotoId>> {
    sqlx::query_scalar!(
        r#"select id from photo
         where id = any($2) and photographer_id = $1 and deleted_at is not null for update"#,
        owner.0,
        photos
    )
    .fetch_all(&mut **transaction)
    .await
}

/// Removes photos and what only they used. Their files are noted as nobody's and removed by the sweep, so that a kill in
/// between leaves nothing behind.
pub async fn purge_photos(transaction: &mut PgTransaction<'_>, photos: &[PhotoId]) -> sqlx::Result<()> {
    let ids: Vec<i32> = photos.iter().map(|photo| photo.0).collect();
    // Whoever copies one of these photos meanwhile waits for this, and then finds nothing to copy.
    let files = sqlx::query_scalar!(
        "select files.id from files where id in (select file_id from photo where id = any($1)) for update",
        &ids
    );
    let files: Vec<i64> = files.fetch_all(&mut **transaction).await?.into_iter().map(|file| file.0).collect();
    sqlx::query!(
        "insert into pending_files (storage_key, created_at)
         select distinct storage_key, timestamptz 'epoch' from renditions
         where photo_id = any($1) and not exists (
            select from renditions as other
            where other.storage_key = renditions.storage_key and other.photo_id <> all($1))
         on conflict (storage_key) do nothing",
        &ids
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!("update gallery set cover_photo_id = null where cover_photo_id = any($1)", &ids)
        .execute(&mut **transaction)
        .await?;
    sqlx::query!("delete from photo where id = any($1)", &ids).execute(&mut **transaction).await?;
    sqlx::query!(
        "with freed as (
            delete from files where id = any($1) and not exists (select from photo where photo.file_id = files.id)
            returning storage_key)
         insert into pending_files (storage_key, created_at) select storage_key, timestamptz 'epoch' from freed
         on conflict (storage_key) do nothing",
        &files
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// Removes a gallery in the trash whose photos are gone. A photo that was deleted before it, by itself, stays in the
/// trash until its own time.
pub async fn delete_gallery(transaction: &mut PgTransaction<'_>, gallery: GalleryId) -> sqlx::Result<()> {
    sqlx::query!("update photo set gallery_id = null, section_id = null where gallery_id = $1", gallery.0)
        .execute(&mut **transaction)
        .await?;
    sqlx::query!("delete from gallery where id = $1 and deleted_at is not null", gallery.0)
        .execute(&mut **transaction)
        .await
        .map(drop)
}
