//! The queue of work in PostgreSQL: a job is a row, written by the transaction that needs it done.

use graphile_worker::{WorkerOptions, WorkerUtils};
use serde::{Deserialize, Serialize};
use sqlx::{PgExecutor, PgPool, PgTransaction};

use crate::{photos::PhotoId, upload::FileId};

/// The queue's schema.
pub const SCHEMA: &str = "graphile_worker";
/// The job that makes the renditions of a photo.
pub const RENDER: &str = "render_photo";

/// The job that makes plans of clean originals for files of before, a few at a time.
pub const CLEAN: &str = "clean_originals";
/// Jobs with a lower number go first: what people wait for has 0.
const CLEAN_PRIORITY: i32 = 100;

/// What the job needs to know.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RenderPhoto {
    /// The photo.
    pub photo_id: PhotoId,
}

/// How far the plans of clean originals are.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct CleanOriginals {
    /// The file that was looked at last.
    pub after: FileId,
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

/// Adds the job that makes plans of clean originals, behind everything that people wait for; it goes on by itself.
pub async fn add_cleaning(db: impl PgExecutor<'_>, after: FileId) -> sqlx::Result<()> {
    // As above, the queue is not there when other statements are checked.
    sqlx::query(
        "select graphile_worker.add_job($1, payload => $2::json, job_key => $1, max_attempts => 12, priority => $3)",
    )
    .bind(CLEAN)
    .bind(serde_json::json!(CleanOriginals { after }))
    .bind(CLEAN_PRIORITY)
    .execute(db)
    .await
    .map(drop)
}

/// A worker on this queue, without its tasks.
pub fn worker(db: PgPool) -> WorkerOptions {
    WorkerOptions::default().schema(SCHEMA).pg_pool(db)
}
