//! Stored files in the database, for those who look after all of them.

use sqlx::{PgConnection, PgExecutor, PgTransaction};

use super::Expected;
use crate::photos::PhotoId;

/// Which rows, from behind this key on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// Of originals.
    Originals,
    /// Of the pictures made of them.
    Pictures,
}

/// Holds what only one process may do at a time, for as long as the connection is there; whether nobody else holds it.
pub(super) async fn lock_run(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select pg_try_advisory_lock(5009, 22) as "locked!""#).fetch_one(connection).await
}

/// The next files that rows name, by their keys.
pub(super) async fn list_expected(
    db: impl PgExecutor<'_>,
    rows: Rows,
    after: &str,
    limit: i64,
) -> sqlx::Result<Vec<Expected>> {
    match rows {
        Rows::Originals => {
            sqlx::query_as!(
                Expected,
                r#"select storage_key as key, size_bytes as size, sha256 as "sha256?", null::integer as "picture_of: PhotoId"
                 from files where storage_key > $1 order by storage_key limit $2"#,
                after,
                limit
            )
            .fetch_all(db)
            .await
        }
        // Photos may share a picture.
        Rows::Pictures => {
            sqlx::query_as!(
                Expected,
                r#"select distinct on (storage_key) storage_key as key, size_bytes::bigint as "size!", sha256,
                    photo_id as "picture_of?: PhotoId"
                 from renditions where storage_key > $1 order by storage_key limit $2"#,
                after,
                limit
            )
            .fetch_all(db)
            .await
        }
    }
}

/// Whether a row still names a file.
pub(super) async fn is_named(db: impl PgExecutor<'_>, key: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from files where storage_key = $1)
            or exists (select from renditions where storage_key = $1) as "named!""#,
        key
    )
    .fetch_one(db)
    .await
}

/// Those of these keys that nobody knows.
pub async fn list_unknown(db: impl PgExecutor<'_>, keys: &[String]) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select key as "key!" from unnest($1::text[]) as key
         where not exists (select from files where files.storage_key = key)
            and not exists (select from renditions where renditions.storage_key = key)
            and not exists (select from pending_files where pending_files.storage_key = key)"#,
        keys
    )
    .fetch_all(db)
    .await
}

/// Notes files to be removed a day from now, if nobody names them then.
pub(super) async fn create_leaving(db: impl PgExecutor<'_>, keys: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into pending_files (storage_key) select unnest($1::text[]) on conflict (storage_key) do nothing",
        keys
    )
    .execute(db)
    .await
    .map(drop)
}

/// Those of these keys that were copied to a place.
pub(super) async fn list_moved(
    db: impl PgExecutor<'_>,
    place: &str,
    keys: &[String],
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select storage_key from moved_files where place = $1 and storage_key = any($2) and moved_at is not null",
        place,
        keys
    )
    .fetch_all(db)
    .await
}

/// Notes files that are about to be copied to a place.
pub(super) async fn create_begun(db: impl PgExecutor<'_>, place: &str, keys: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into moved_files (place, storage_key) select $1, unnest($2::text[])
         on conflict (place, storage_key) do nothing",
        place,
        keys
    )
    .execute(db)
    .await
    .map(drop)
}

/// Notes that a file was copied to a place and is the same there.
pub(super) async fn update_moved(db: impl PgExecutor<'_>, place: &str, key: &str) -> sqlx::Result<()> {
    sqlx::query!("update moved_files set moved_at = now() where place = $1 and storage_key = $2", place, key)
        .execute(db)
        .await
        .map(drop)
}

/// Files that were copied to a place, or begun, and that no row names any more.
pub(super) async fn list_moved_in_vain(db: impl PgExecutor<'_>, place: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select storage_key from moved_files where place = $1
            and not exists (select from files where files.storage_key = moved_files.storage_key)
            and not exists (select from renditions where renditions.storage_key = moved_files.storage_key)
         order by storage_key limit 1000",
        place
    )
    .fetch_all(db)
    .await
}

/// Forgets that a file was copied to a place.
pub(super) async fn delete_moved(db: impl PgExecutor<'_>, place: &str, key: &str) -> sqlx::Result<()> {
    sqlx::query!("delete from moved_files where place = $1 and storage_key = $2", place, key)
        .execute(db)
        .await
        .map(drop)
}

/// Has the photos that show one of these pictures made again. How many are not in the trash.
pub(super) async fn update_outdated(db: impl PgExecutor<'_>, keys: &[String]) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "update photo set recipe = null
         where file_id is not null and deleted_at is null
            and id in (select photo_id from renditions where storage_key = any($1))",
        keys
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// The photos that failed because this original was not there, which are told to be waiting again.
pub(super) async fn update_waiting(transaction: &mut PgTransaction<'_>, key: &str) -> sqlx::Result<Vec<i32>> {
    sqlx::query_scalar!(
        "update photo set status = 'pending', failure = null, failure_detail = null
         where status = 'failed' and failure = 'original_missing'
            and file_id in (select id from files where storage_key = $1)
         returning id as \"id: i32\"",
        key
    )
    .fetch_all(&mut **transaction)
    .await
}
