//! The queue of work in PostgreSQL: a job is a row, written by the transaction that needs it done.

pub mod listing;
mod patient;

use std::time::Duration;

use graphile_worker::{Database, WorkerOptions, WorkerUtils};
use imaging::Encoding;
use serde::{Deserialize, Serialize};
use sqlx::{PgExecutor, PgPool, PgTransaction};

use crate::{photos::PhotoId, upload::FileId};

/// The queue's schema.
pub const SCHEMA: &str = "graphile_worker";
/// The job that makes the renditions of a photo.
pub const RENDER: &str = "render_photo";
/// The job that has photos of an older recipe made again, a few at a time.
pub const ROLL_OUT: &str = "roll_out_recipe";

/// The job that writes the renditions of a ready photo in further encodings.
pub const ENCODE: &str = "encode_photo";

/// Jobs with a lower number go first: what people wait for has none, which is 0.
const BEHIND_PEOPLE: i32 = 100;
const BEHIND_ALL: i32 = 200;

/// So many photos are caught up with by one start of a worker at most.
const MOST_AT_START: i64 = 20_000;

/// The job that makes plans of clean originals for files of before, a few at a time.
pub const CLEAN: &str = "clean_originals";

/// The job that notes the checksums of pictures of before, a few at a time.
pub const MEASURE: &str = "measure_renditions";

/// What the job needs to know.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RenderPhoto {
    /// The photo.
    pub photo_id: PhotoId,
    /// Whether it is to be made only if it still is of an older recipe.
    #[serde(default)]
    pub rebuild: bool,
}

/// How far the plans of clean originals are.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct CleanOriginals {
    /// The file that was looked at last.
    pub after: FileId,
}

/// How far the checksums of pictures are.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct MeasureRenditions {
    /// The photo whose picture was looked at last.
    pub after: PhotoId,
}

/// What the job needs to know.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct EncodePhoto {
    /// The photo.
    pub photo_id: PhotoId,
}

/// The job that rolls out a recipe: it finds by itself what there is to do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RollOut {}

// The queue migrates its own schema, which is not there when the other statements are checked at compile time.

/// Brings the queue's own tables up to date.
pub async fn migrate(db: &PgPool) -> anyhow::Result<()> {
    Ok(WorkerUtils::new(db.clone(), SCHEMA.to_owned()).migrate().await?)
}

/// Adds the job that makes the renditions of a photo; it becomes visible with the transaction. One job a photo,
/// tried again for about two days when it is the machine that fails.
pub async fn add_render(transaction: &mut PgTransaction<'_>, photo: PhotoId) -> sqlx::Result<()> {
    let payload = serde_json::json!(RenderPhoto { photo_id: photo, rebuild: false });
    sqlx::query("select graphile_worker.add_job($1, payload => $2::json, job_key => $3, max_attempts => 12)")
        .bind(RENDER)
        .bind(payload)
        .bind(format!("{RENDER}:{photo}"))
        .execute(&mut **transaction)
        .await
        .map(drop)
}

/// Has a job of a photo done again in a minute, in the place of the one that runs: for what is nobody's fault and goes on
/// for as long as it goes on, such as a full disk. It does not count as a try.
pub async fn add_again(
    db: impl PgExecutor<'_>,
    job: &str,
    photo: PhotoId,
    payload: serde_json::Value,
    (priority, max_attempts): (i32, i32),
) -> sqlx::Result<()> {
    sqlx::query(
        "select graphile_worker.add_job($1, payload => $2::json, job_key => $3, priority => $4, max_attempts => $5,
            run_at => now() + interval '1 minute')",
    )
    .bind(job)
    .bind(payload)
    .bind(format!("{job}:{photo}"))
    .bind(priority)
    .bind(max_attempts)
    .execute(db)
    .await
    .map(drop)
}

/// Adds such jobs for photos whose owners wait for them no less.
pub async fn add_renders(transaction: &mut PgTransaction<'_>, photos: &[i32]) -> sqlx::Result<()> {
    sqlx::query(
        "select graphile_worker.add_job($1, payload => json_build_object('photo_id', id), job_key => $1 || ':' || id,
            max_attempts => 12)
         from unnest($2::integer[]) as id",
    )
    .bind(RENDER)
    .bind(photos)
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// Adds such jobs for photos of the earlier system, behind everything that people wait for.
pub async fn add_adopted(transaction: &mut PgTransaction<'_>, photos: &[i32]) -> sqlx::Result<()> {
    sqlx::query(
        "select graphile_worker.add_job($1, payload => json_build_object('photo_id', id), job_key => $1 || ':' || id,
            max_attempts => 12, priority => $3)
         from unnest($2::integer[]) as id",
    )
    .bind(RENDER)
    .bind(photos)
    .bind(BEHIND_PEOPLE)
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// Adds the job that makes plans of clean originals, behind everything that people wait for; it goes on by itself.
pub async fn add_cleaning(db: impl PgExecutor<'_>, after: FileId) -> sqlx::Result<()> {
    sqlx::query(
        "select graphile_worker.add_job($1, payload => $2::json, job_key => $1, max_attempts => 12, priority => $3)",
    )
    .bind(CLEAN)
    .bind(serde_json::json!(CleanOriginals { after }))
    .bind(BEHIND_PEOPLE)
    .execute(db)
    .await
    .map(drop)
}

/// Adds the job that notes checksums, behind everything that people wait for; it goes on by itself.
pub async fn add_measuring(db: impl PgExecutor<'_>, after: PhotoId) -> sqlx::Result<()> {
    sqlx::query(
        "select graphile_worker.add_job($1, payload => $2::json, job_key => $1, max_attempts => 12, priority => $3)",
    )
    .bind(MEASURE)
    .bind(serde_json::json!(MeasureRenditions { after }))
    .bind(BEHIND_PEOPLE)
    .execute(db)
    .await
    .map(drop)
}

/// Adds such jobs for at most so many photos of an older recipe or another watermark that have none, the newest first.
pub async fn add_rebuilds(db: impl PgExecutor<'_>, at_most: i64) -> sqlx::Result<()> {
    sqlx::query(
        "select graphile_worker.add_job($1, payload => json_build_object('photo_id', id, 'rebuild', true),
            job_key => $1 || ':' || id, max_attempts => 12, priority => $2)
         from (select id from photo left join watermarks on watermarks.owner_id = photo.photographer_id
            where file_id is not null and deleted_at is null and status in ('ready', 'failed')
                and (coalesce(recipe, 0) < $3 or photo.mark_version
                    <> coalesce(watermarks.version, (select mark_version from site_settings)))
                and not exists (select from graphile_worker._private_jobs as jobs
                    where jobs.key = $1 || ':' || photo.id and jobs.attempts < jobs.max_attempts)
            order by id desc limit $4) as outdated",
    )
    .bind(RENDER)
    .bind(BEHIND_PEOPLE)
    .bind(imaging::RECIPE_VERSION)
    .bind(at_most)
    .execute(db)
    .await
    .map(drop)
}

/// Adds the job that writes the renditions of a photo in further encodings, behind all others.
pub async fn add_encode(transaction: &mut PgTransaction<'_>, photo: PhotoId) -> sqlx::Result<()> {
    let add = "select graphile_worker.add_job($1, payload => $2::json, job_key => $3, max_attempts => 5, priority => $4)";
    sqlx::query(add)
        .bind(ENCODE)
        .bind(serde_json::json!(EncodePhoto { photo_id: photo }))
        .bind(format!("{ENCODE}:{photo}"))
        .bind(BEHIND_ALL)
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
            where photo.status = 'ready' and photo.file_id is not null and photo.deleted_at is null
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
    .bind(BEHIND_ALL)
    .bind(names)
    .bind(MOST_AT_START)
    .fetch_one(db)
    .await
}

/// Adds the job that rolls out a recipe, or changes when it begins: there is only one.
pub async fn add_roll_out(db: impl PgExecutor<'_>, after: Duration) -> sqlx::Result<()> {
    sqlx::query(
        "select graphile_worker.add_job($1, payload => '{}'::json, job_key => $1, max_attempts => 12,
            run_at => now() + make_interval(secs => $2))",
    )
    .bind(ROLL_OUT)
    .bind(after.as_secs_f64())
    .execute(db)
    .await
    .map(drop)
}

/// How many photos wait for their first renditions, or are being made.
pub async fn count_renders(db: impl PgExecutor<'_>) -> sqlx::Result<i64> {
    count(db, 0).await
}

/// How many photos wait to be made again, or are being made.
pub async fn count_rebuilds(db: impl PgExecutor<'_>) -> sqlx::Result<i64> {
    count(db, BEHIND_PEOPLE).await
}

async fn count(db: impl PgExecutor<'_>, priority: i32) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from graphile_worker._private_jobs
         where key like $1 || ':%' and priority = $2 and attempts < max_attempts",
    )
    .bind(RENDER)
    .bind(priority)
    .fetch_one(db)
    .await
}

/// A worker on this queue, without its tasks.
pub fn worker(db: PgPool) -> WorkerOptions {
    WorkerOptions::default().schema(SCHEMA).database(Database::new(patient::Patient::new(db)))
}
