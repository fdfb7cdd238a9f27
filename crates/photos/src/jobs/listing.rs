//! What stands in the queue, for people who look after it. As in the rest of the queue's statements, its schema is not
//! there when others are checked at compile time.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::ENCODE;
use crate::identity::AccountId;

/// So many jobs are tried again by one click at most.
const MOST_AT_ONCE: i64 = 10_000;

/// How many jobs of one kind there are.
#[derive(sqlx::FromRow)]
pub struct Count {
    /// The kind.
    pub task: String,
    /// Wait for their first try, or for their time.
    pub waiting: i64,
    /// In work.
    pub running: i64,
    /// Went wrong and are tried again later.
    pub trying: i64,
    /// Went wrong for the last time.
    pub given_up: i64,
}

/// A job that went wrong.
#[derive(sqlx::FromRow)]
pub struct Troubled {
    /// Its number.
    pub id: i64,
    /// The kind.
    pub task: String,
    /// The photo that it is about.
    pub photo_id: Option<i32>,
    /// Tries so far.
    pub attempts: i16,
    /// The most there will be.
    pub max_attempts: i16,
    /// What went wrong last.
    pub last_error: String,
    /// When it is tried again.
    pub run_at: DateTime<Utc>,
    /// Whether it is in work at this moment.
    pub is_running: bool,
}

/// How many jobs there are, by kind.
pub async fn list_counts(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Count>> {
    sqlx::query_as(
        "select tasks.identifier as task,
            count(*) filter (where locked_at is not null) as running,
            count(*) filter (where locked_at is null and last_error is null) as waiting,
            count(*) filter (where locked_at is null and last_error is not null and attempts < max_attempts) as trying,
            count(*) filter (where locked_at is null and last_error is not null and attempts >= max_attempts) as given_up
         from graphile_worker._private_jobs as jobs
         join graphile_worker._private_tasks as tasks on tasks.id = jobs.task_id
         group by tasks.identifier order by tasks.identifier",
    )
    .fetch_all(db)
    .await
}

/// Jobs that went wrong, the newest first, below this number.
pub async fn list_troubled(
    db: impl PgExecutor<'_>,
    below: Option<i64>,
    limit: u16,
) -> sqlx::Result<Vec<Troubled>> {
    sqlx::query_as(
        "select jobs.id, tasks.identifier as task, (payload ->> 'photo_id')::integer as photo_id, attempts, max_attempts,
            last_error, run_at, locked_at is not null as is_running
         from graphile_worker._private_jobs as jobs
         join graphile_worker._private_tasks as tasks on tasks.id = jobs.task_id
         where last_error is not null and jobs.id < $1
         order by jobs.id desc limit $2",
    )
    .bind(below.unwrap_or(i64::MAX))
    .bind(i64::from(limit))
    .fetch_all(db)
    .await
}

/// Has this job, or all that went wrong, tried again at once, as often as a new one. Those in work stay as they are.
/// How many.
pub async fn update_to_now(db: impl PgExecutor<'_>, job: Option<i64>) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from graphile_worker.reschedule_jobs(array(
            select id from graphile_worker._private_jobs
            where last_error is not null and ($1::bigint is null or id = $1) order by id limit $2),
            run_at => now(), attempts => 0)",
    )
    .bind(job)
    .bind(MOST_AT_ONCE)
    .fetch_one(db)
    .await
}

/// How many photos wait for renditions in further encodings: of everybody, or of one owner.
pub async fn count_encodes(db: impl PgExecutor<'_>, owner: Option<AccountId>) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from graphile_worker._private_jobs as jobs
         where key like $1 || ':%' and attempts < max_attempts
           and ($2::integer is null or exists (select from photo
                where photo.id = (payload ->> 'photo_id')::integer and photo.photographer_id = $2))",
    )
    .bind(ENCODE)
    .bind(owner.map(|owner| owner.0))
    .fetch_one(db)
    .await
}
