//! The queue of work in PostgreSQL: a job is a row, written by the transaction that needs it done.

use graphile_worker::{WorkerOptions, WorkerUtils};
use imaging::Encoding;
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, PgTransaction};

use crate::photos::PhotoId;

/// The queue's schema.
pub const SCHEMA: &str = "graphile_worker";
/// The job that makes the renditions of a photo.
pub const RENDER: &str = "render_photo";

/// What the job needs to know.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RenderPhoto {
    /// The photo.
    pub photo_id: PhotoId,
}

/// The job that writes the renditions of a ready photo in further encodings.
pub const ENCODE: &str = "encode_photo";
/// Of jobs that can wait: the queue takes those of the lowest number first, and the others have 0.
const LATER: i16 = 10;
/// So many photos are caught up with by one start of a worker at most.
const MOST_AT_START: i64 = 20_000;

/// What the job needs to know.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct EncodePhoto {
    /// The photo.
    pub photo_id: PhotoId,
}

/// Brings the queue's own tables up to date.
pub async fn migrate(db: &PgPool) -> anyhow::Result<()> {
    Ok(WorkerUtils::new(db.clone(), SCHEMA.to_owned()).migrate().await?)
}

/// Adds the job that makes the renditions of a photo; it becomes visible with the transaction. One job a photo,
/// tried again for about two days when it is the machine that fails.
pub async fn add_render(transaction: &mut PgTransaction<'_>, photo: PhotoId) -> sqlx::Result<()> {
    let payload = serde_json::json!(RenderPhoto { photo_id: photo });
    // The queue migrates its own schema, which is not there when the other statements are checked at compile time.
    sqlx::query("select graphile_worker.add_job($1, payload => $2::json, job_key => $3, max_attempts => 12)")
        .bind(RENDER)
        .bind(payload)
        .bind(format!("{RENDER}:{photo}"))
        .execute(&mut **transaction)
        .await
        .map(drop)
}

/// Adds the job that writes the renditions of a photo in further encodings, behind all that people wait for.
pub async fn add_encode(transaction: &mut PgTransaction<'_>, photo: PhotoId) -> sqlx::Result<()> {
    let add = "select graphile_worker.add_job($1, payload => $2::json, job_key => $3, max_attempts => 5, priority => $4)";
    sqlx::query(add)
        .bind(ENCODE)
        .bind(serde_json::json!(EncodePhoto { photo_id: photo }))
        .bind(format!("{ENCODE}:{photo}"))
        .bind(LATER)
        .execute(&mut **transaction)
        .await
        .map(drop)
}

/// Adds that job for ready photos that lack one of these encodings, the newest first; how many.
pub async fn add_missing_encodes(db: &PgPool, encodings: &[Encoding]) -> sqlx::Result<i64> {
    let names: Vec<&str> = encodings.iter().map(|encoding| encoding.name()).collect();
    sqlx::query_scalar(
        "select count(graphile_worker.add_job($1, payload => json_build_object('photo_id', lacking.id),
            job_key => $1 || ':' || lacking.id, max_attempts => 5, priority => $2))
         from (
            select photo.id from photo
            where photo.status = 'ready' and photo.file_id is not null
              and exists (
                select from unnest($3::text[]) as wanted (encoding)
                where not exists (
                    select from renditions
                    where renditions.photo_id = photo.id and renditions.encoding = wanted.encoding
                )
              )
            order by photo.id desc limit $4
         ) as lacking",
    )
    .bind(ENCODE)
    .bind(LATER)
    .bind(names)
    .bind(MOST_AT_START)
    .fetch_one(db)
    .await
}

/// A worker on this queue, without its tasks.
pub fn worker(db: PgPool) -> WorkerOptions {
    WorkerOptions::default().schema(SCHEMA).pg_pool(db)
}
