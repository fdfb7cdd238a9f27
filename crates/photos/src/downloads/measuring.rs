//! The job that notes the checksums of pictures that were made by a release that did not.

use aws_lc_rs::digest::{SHA256, digest};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use sqlx::PgPool;

use super::store;
use crate::{
    jobs::{self, MeasureRenditions},
    originals::cleaning::Tools,
    photos::PhotoId,
    storage::Storage,
};

/// Pictures a job: then it makes room for others, and goes on behind them.
const AT_ONCE: i64 = 100;

/// SHA-256 and CRC-32 of some bytes, as rows hold them.
pub fn measure(bytes: &[u8]) -> (Vec<u8>, i64) {
    (digest(&SHA256, bytes).as_ref().to_vec(), i64::from(crc32fast::hash(bytes)))
}

impl TaskHandler for MeasureRenditions {
    const IDENTIFIER: &'static str = jobs::MEASURE;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let tools = context.get_ext::<Tools>().ok_or_else(|| "the worker has no tools".to_owned())?;
        go_on(&tools.db, &tools.storage, self.after).await.map_err(|error| format!("{error:#}"))
    }
}

/// Sees to it that every picture that can be downloaded is measured.
pub async fn begin(db: &PgPool) -> anyhow::Result<()> {
    let start = PhotoId(0);
    if store::list_unmeasured(db, start, 1).await?.is_empty() {
        return Ok(());
    }
    Ok(jobs::add_measuring(db, start).await?)
}

/// Measures the next few pictures, and has the job go on where more are waiting.
async fn go_on(db: &PgPool, storage: &Storage, after: PhotoId) -> anyhow::Result<()> {
    let waiting = store::list_unmeasured(db, after, AT_ONCE).await?;
    for picture in &waiting {
        let Some(bytes) = storage.read(&picture.storage_key).await? else {
            anyhow::ensure!(storage.is_ready().await, "the storage is away");
            tracing::warn!(photo = %picture.photo, "a picture is missing in the storage");
            continue;
        };
        let (sha256, crc32) = tokio::task::spawn_blocking(move || measure(&bytes)).await?;
        store::update_measured(db, &picture.storage_key, &sha256, crc32).await?;
    }
    match waiting.last() {
        Some(last) => Ok(jobs::add_measuring(db, last.photo).await?),
        None => Ok(()),
    }
}
