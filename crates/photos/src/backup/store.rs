//! Backups in the database: what keeps files from being removed meanwhile, and what a restored database names.

use sqlx::PgExecutor;

use super::Named;
use crate::photos::PhotoId;

/// Keeps the sweep from removing files for some hours.
pub(super) async fn create_hold(db: impl PgExecutor<'_>, backup: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into storage_holds (holder, ends_at) values ($1, now() + interval '6 hours')
         on conflict (holder) do update set ends_at = excluded.ends_at",
        backup
    )
    .execute(db)
    .await
    .map(drop)
}

/// The same for some hours more; false if it was over.
pub(super) async fn update_hold(db: impl PgExecutor<'_>, backup: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update storage_holds set ends_at = now() + interval '6 hours' where holder = $1 and ends_at > now()",
        backup
    );
    Ok(done.execute(db).await?.rows_affected() == 1)
}

/// Lets the sweep go on, as far as this backup is concerned.
pub(super) async fn delete_hold(db: impl PgExecutor<'_>, backup: &str) -> sqlx::Result<()> {
    sqlx::query!("delete from storage_holds where holder = $1", backup).execute(db).await.map(drop)
}

/// The same for all: in a restored database no backup is at work.
pub(super) async fn delete_holds(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!("delete from storage_holds").execute(db).await.map(drop)
}

/// Files that rows name, by key, behind this one.
pub(super) async fn list_named(db: impl PgExecutor<'_>, after: &str, limit: i64) -> sqlx::Result<Vec<Named>> {
    let rows = sqlx::query!(
        r#"select storage_key as "key!", max(size_bytes) as "bytes!", max(encode(sha256, 'hex')) as sha256
         from (select storage_key, size_bytes, sha256 from files where storage_key > $1
            union all select storage_key, size_bytes, sha256 from renditions where storage_key > $1) as named
         group by storage_key order by storage_key limit $2"#,
        after,
        limit
    );
    let rows = rows.fetch_all(db).await?;
    let named = rows.into_iter().map(|row| Named {
        key: row.key,
        bytes: u64::try_from(row.bytes).unwrap_or_default(),
        sha256: row.sha256.and_then(|text| super::listing::unhex(&text)),
    });
    Ok(named.collect())
}

/// A photo that a stored file belongs to, and its name.
pub(super) async fn find_photo(
    db: impl PgExecutor<'_>,
    key: &str,
) -> sqlx::Result<Option<(PhotoId, String)>> {
    let row = sqlx::query!(
        r#"select id as "id: PhotoId", coalesce(filename, '') as "filename!" from photo
         where file_id in (select files.id from files where storage_key = $1)
            or id in (select photo_id from renditions where storage_key = $1)
         order by id limit 1"#,
        key
    );
    Ok(row.fetch_optional(db).await?.map(|row| (row.id, row.filename)))
}

/// Sealed tokens of the newest share links.
pub(super) async fn list_sealed(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Vec<u8>>> {
    sqlx::query_scalar!(
        r#"select token_sealed as "sealed!" from share_links where token_sealed is not null order by id desc limit 50"#
    )
    .fetch_all(db)
    .await
}
