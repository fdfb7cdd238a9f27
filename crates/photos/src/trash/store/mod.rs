//! The trash in the database.

mod purging;

use chrono::{DateTime, Utc};
pub use purging::{
    delete_gallery, hold_purged, list_of_gallery, list_old, purge_photos, update_gallery_purged,
    update_old_galleries_purged,
};
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

/// Keeps others from changing a gallery in the trash until the transaction ends; false if it is not there.
pub async fn hold_deleted(transaction: &mut PgTransaction<'_>, gallery: GalleryId) -> sqlx::Result<bool> {
    let row = sqlx::query!(
        "select id from gallery where id = $1 and deleted_at is not null and purged_at is null for update",
        gallery.0
    );
    Ok(row.fetch_optional(&mut **transaction).await?.is_some())
}

/// Brings a gallery back.
pub async fn update_gallery_restored(
    transaction: &mut PgTransaction<'_>,
    gallery: GalleryId,
) -> sqlx::Result<()> {
    sqlx::query!("update gallery set deleted_at = null where id = $1", gallery.0)
        .execute(&mut **transaction)
        .await
        .map(drop)
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
         where gallery.user_id = $1 and gallery.deleted_at is not null and gallery.purged_at is null
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
    sqlx::query_scalar!(
        r#"select user_id from gallery where id = $1 and deleted_at is not null and purged_at is null"#,
        gallery.0
    )
    .fetch_optional(db)
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
         where id = any($2) and photographer_id = $1 and deleted_at is not null order by id for update"#,
        owner.0,
        photos
    )
    .fetch_all(&mut **transaction)
    .await
}
