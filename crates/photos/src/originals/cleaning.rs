//! The job that makes plans for files that were processed before there were any, or before they got better.

use anyhow::Context;
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use imaging::scrub;
use sqlx::PgPool;

use super::store;
use crate::{
    jobs::{self, CleanOriginals},
    renditions::budget::Budget,
    storage::Storage,
    upload::FileId,
};

/// Files a job: then it makes room for others, and goes on behind them.
const AT_ONCE: i64 = 20;

/// Of a file in memory: as it is, and of some formats as it will be.
const COPIES: u64 = 2;

/// What the job works with.
#[derive(Clone)]
pub struct Tools {
    /// The database of photos.
    pub db: PgPool,
    /// Originals and renditions.
    pub storage: Storage,
    /// What photos in work take together; a file that is looked through is one of them.
    pub budget: Budget,
}

impl std::fmt::Debug for Tools {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tools")
    }
}

impl TaskHandler for CleanOriginals {
    const IDENTIFIER: &'static str = jobs::CLEAN;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let tools = context.get_ext::<Tools>().ok_or_else(|| "the worker has no tools".to_owned())?;
        go_on(tools, self.after).await.map_err(|error| format!("{error:#}"))
    }
}

/// Sees to it that every shown photo has a plan.
pub async fn begin(db: &PgPool) -> anyhow::Result<()> {
    let start = FileId(0);
    if store::list_waiting(db, start, 1).await?.is_empty() {
        return Ok(());
    }
    Ok(jobs::add_cleaning(db, start).await?)
}

/// Makes plans for the next few files, one in memory at a time, and has the job go on where more are waiting.
async fn go_on(Tools { db, storage, budget }: &Tools, after: FileId) -> anyhow::Result<()> {
    let waiting = store::list_waiting(db, after, AT_ONCE).await?;
    for file in &waiting {
        let _room = budget.admit(COPIES * u64::try_from(file.size_bytes).unwrap_or(u64::MAX / COPIES)).await;
        let Some(original) = storage.read(&file.storage_key).await? else {
            anyhow::ensure!(storage.is_ready().await, "the storage is away");
            tracing::warn!(file = file.id.0, "an original is missing in the storage");
            continue;
        };
        let scrubbed = tokio::task::spawn_blocking(move || scrub::scrub(&original)).await;
        let scrubbed = scrubbed.context("an original could not be looked through")?;
        // Its last photo may have gone for good meanwhile.
        if let Err(error) = store::create(db, file.id, &scrubbed).await
            && !error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation)
        {
            return Err(error.into());
        }
    }
    match waiting.last() {
        Some(last) => Ok(jobs::add_cleaning(db, last.id).await?),
        None => Ok(()),
    }
}
