//! Photos that were made with an older recipe or another watermark, and how far all of them are.

use imaging::Kind;
use sqlx::{PgExecutor, PgTransaction};

use crate::{galleries::GalleryId, identity::AccountId, photos::PhotoId};

/// Which photos are to be made again, of those that are not being made anyway.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selection {
    /// Those in this gallery.
    pub gallery: Option<GalleryId>,
    /// Those that failed.
    pub failed: bool,
    /// Those that lack a picture of this kind, or have one of an older recipe.
    pub kind: Option<Kind>,
}

/// Forgets with which recipe these photos were made, which is how they come to be made again. Says how many.
pub async fn update_outdated(db: impl PgExecutor<'_>, selection: Selection) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "update photo set recipe = null
         where file_id is not null and deleted_at is null and status in ('ready', 'failed')
            and ($1::integer is null or gallery_id = $1) and (not $2 or status = 'failed')
            and ($3::text is null or 2 > (
                select count(distinct marked) from renditions
                where photo_id = photo.id and kind = $3 and renditions.recipe >= $4))",
        selection.gallery.map(|gallery| gallery.0) as Option<i32>,
        selection.failed,
        selection.kind.map(Kind::name),
        imaging::RECIPE_VERSION
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// Whether a photo was made with an older recipe or another watermark, or is to be made again.
pub async fn is_outdated(db: impl PgExecutor<'_>, photo: PhotoId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
            select from photo left join watermarks on watermarks.owner_id = photo.photographer_id
            where id = $1 and file_id is not null and deleted_at is null
                and (coalesce(recipe, 0) < $2 or photo.mark_version
                    <> coalesce(watermarks.version, (select mark_version from site_settings)))) as "is!""#,
        photo.0,
        imaging::RECIPE_VERSION
    )
    .fetch_one(db)
    .await
}

/// How many photos were made with an older recipe or another watermark, or are to be made again.
pub async fn count_outdated(db: impl PgExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from photo left join watermarks on watermarks.owner_id = photo.photographer_id
         where file_id is not null and deleted_at is null and status in ('ready', 'failed')
            and (coalesce(recipe, 0) < $1 or photo.mark_version
                <> coalesce(watermarks.version, (select mark_version from site_settings)))"#,
        imaging::RECIPE_VERSION
    )
    .fetch_one(db)
    .await
}

/// How many photos of a photographer still show another watermark than the one that they have now.
pub async fn count_marked_otherwise(db: impl PgExecutor<'_>, owner: AccountId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from photo left join watermarks on watermarks.owner_id = photo.photographer_id
         where photo.photographer_id = $1 and photo.file_id is not null and photo.deleted_at is null
            and photo.status = 'ready' and photo.mark_version
                <> coalesce(watermarks.version, (select mark_version from site_settings))"#,
        owner.0
    )
    .fetch_one(db)
    .await
}

/// How many photos of a photographer have marked renditions.
pub async fn count_marked(db: impl PgExecutor<'_>, owner: AccountId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from photo
         where photographer_id = $1 and file_id is not null and deleted_at is null and status = 'ready'"#,
        owner.0
    )
    .fetch_one(db)
    .await
}

/// How many photos there are in each state, and why those failed that did.
pub async fn list_states(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<(String, Option<String>, i64)>> {
    let rows = sqlx::query!(
        r#"select coalesce(status, 'pending') as "status!", failure, count(*) as "count!" from photo
         where file_id is not null and deleted_at is null group by 1, 2 order by 3 desc, 1, 2"#
    );
    let rows = rows.fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (row.status, row.failure, row.count)).collect())
}

/// Whether this is still the original of the photo, which it stays until the transaction ends.
pub async fn is_current(
    transaction: &mut PgTransaction<'_>,
    photo: PhotoId,
    storage_key: &str,
) -> sqlx::Result<bool> {
    let row = sqlx::query!(
        "select photo.id from photo join files on files.id = photo.file_id
         where photo.id = $1 and files.storage_key = $2 for update of photo",
        photo.0,
        storage_key
    );
    Ok(row.fetch_optional(&mut **transaction).await?.is_some())
}

/// How many photos were made, and with what.
pub struct Made {
    /// Ready or failed.
    pub all: i64,
    /// Of these, with an older recipe or another watermark, or to be made again.
    pub outdated: i64,
    /// Not yet.
    pub pending: i64,
}

/// How many photos of everybody, or of one owner, were made, and with what.
pub async fn count_made(db: impl PgExecutor<'_>, owner: Option<AccountId>) -> sqlx::Result<Made> {
    sqlx::query_as!(
        Made,
        r#"select count(*) filter (where status in ('ready', 'failed')) as "all!",
            count(*) filter (where status in ('ready', 'failed') and (coalesce(recipe, 0) < $1 or photo.mark_version
                <> coalesce(watermarks.version, (select mark_version from site_settings)))) as "outdated!",
            count(*) filter (where coalesce(status, 'pending') = 'pending') as "pending!"
         from photo left join watermarks on watermarks.owner_id = photo.photographer_id
         where file_id is not null and deleted_at is null and ($2::integer is null or photographer_id = $2)"#,
        imaging::RECIPE_VERSION,
        owner.map(|owner| owner.0) as Option<i32>
    )
    .fetch_one(db)
    .await
}
