//! The queue of work in PostgreSQL: a job is a row, written by the transaction that needs it done.

use graphile_worker::{WorkerOptions, WorkerUtils};
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

/// A worker on this queue, without its tasks.
pub fn worker(db: PgPool) -> WorkerOptions {
    WorkerOptions::default().schema(SCHEMA).pg_pool(db)
}
