//! Photos of anybody that could not be processed.

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, PgTransaction};

use crate::photos::PhotoId;

/// A photo that could not be processed.
pub struct Failed {
    /// The photo.
    pub id: PhotoId,
    /// Its file name.
    pub filename: String,
    /// The name of its owner.
    pub owner_name: String,
    /// Why, in a sentence.
    pub detail: String,
    /// When it was tried last.
    pub processed_at: Option<DateTime<Utc>>,
}

/// Such photos, the newest first, below this id.
pub async fn list(db: impl PgExecutor<'_>, below: Option<PhotoId>, limit: u16) -> sqlx::Result<Vec<Failed>> {
    sqlx::query_as!(
        Failed,
        r#"select id, coalesce(filename, '') as "filename!", processed_at,
            coalesce((select username from users where users.id = photo.photographer_id), '') as "owner_name!",
            coalesce(failure_detail, failure, '') as "detail!"
         from photo where status = 'failed' and deleted_at is null and id < $1 order by id desc limit $2"#,
        below.map_or(i32::MAX, |id| id.0),
        i64::from(limit)
    )
    .fetch_all(db)
    .await
}

/// Has those of these photos that failed, or the newest of all, wait to be processed again; which they are.
pub async fn update_to_pending(
    transaction: &mut PgTransaction<'_>,
    photos: Option<&[i32]>,
    limit: i64,
) -> sqlx::Result<Vec<i32>> {
    sqlx::query_scalar!(
        r#"update photo set status = 'pending', failure = null, failure_detail = null
         where id in (
            select id from photo where status = 'failed' and file_id is not null and deleted_at is null
                and ($1::integer[] is null or id = any($1))
            order by id desc limit $2 for update skip locked)
         returning id as "id: i32""#,
        photos as Option<&[i32]>,
        limit
    )
    .fetch_all(&mut **transaction)
    .await
}
