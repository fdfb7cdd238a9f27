//! What leaves the trash for good, in the database.

use std::time::Duration;

use sqlx::{PgExecutor, PgTransaction};

use crate::{galleries::GalleryId, photos::PhotoId};

/// Decides that a gallery in the trash goes for good; false if it is not there.
pub async fn update_gallery_purged(db: impl PgExecutor<'_>, gallery: GalleryId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update gallery set purged_at = now() where id = $1 and deleted_at is not null and purged_at is null",
        gallery.0
    );
    Ok(done.execute(db).await?.rows_affected() == 1)
}

/// Decides it for those that went into the trash so long ago; returns all for which it is decided.
pub async fn update_old_galleries_purged(
    db: impl PgExecutor<'_>,
    age: Duration,
) -> sqlx::Result<Vec<GalleryId>> {
    sqlx::query_scalar!(
        "update gallery set purged_at = coalesce(purged_at, now())
         where purged_at is not null or deleted_at < now() - make_interval(secs => $1)
         returning id",
        age.as_secs_f64()
    )
    .fetch_all(db)
    .await
}

/// Keeps others from removing a gallery for which that is decided until the transaction ends; false if it is gone.
pub async fn hold_purged(transaction: &mut PgTransaction<'_>, gallery: GalleryId) -> sqlx::Result<bool> {
    let row =
        sqlx::query!("select id from gallery where id = $1 and purged_at is not null for update", gallery.0);
    Ok(row.fetch_optional(&mut **transaction).await?.is_some())
}

/// Photos that went into the trash by themselves so long ago; nobody else takes them until the transaction ends.
pub async fn list_old(
    transaction: &mut PgTransaction<'_>,
    age: Duration,
    limit: i64,
) -> sqlx::Result<Vec<PhotoId>> {
    sqlx::query_scalar!(
        r#"select id from photo
         where deleted_at < now() - make_interval(secs => $1) and not exists (
            select from gallery where gallery.id = photo.gallery_id and gallery.deleted_at = photo.deleted_at)
         order by id limit $2 for update skip locked"#,
        age.as_secs_f64(),
        limit
    )
    .fetch_all(&mut **transaction)
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
         where gallery.id = $1 and photo.deleted_at = gallery.deleted_at
         order by photo.id limit $2 for update of photo"#,
        gallery.0,
        limit
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
        "select files.id from files where id in (select file_id from photo where id = any($1))
         order by files.id for update",
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

/// Removes a gallery whose photos are gone. A photo that was deleted before it, by itself, stays in the
/// trash until its own time.
pub async fn delete_gallery(transaction: &mut PgTransaction<'_>, gallery: GalleryId) -> sqlx::Result<()> {
    sqlx::query!("update photo set gallery_id = null, section_id = null where gallery_id = $1", gallery.0)
        .execute(&mut **transaction)
        .await?;
    sqlx::query!("delete from gallery where id = $1 and purged_at is not null", gallery.0)
        .execute(&mut **transaction)
        .await
        .map(drop)
}
