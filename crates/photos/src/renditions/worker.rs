//! `photos worker`: takes jobs from the queue, any number of workers on any number of machines.

use std::{path::Path, sync::Arc, time::Duration};

use common::{Error, database};
use graphile_worker::{
    IntoTaskHandlerResult, LocalQueueConfig, RefetchDelayConfig, TaskHandler, WorkerContext,
    WorkerRecoveryConfig,
};
use secrecy::ExposeSecret;
use serde::Serialize;

use super::{
    budget::Budget,
    decoders::Decoders,
    encodings,
    processing::{self, Tools},
    rebuild,
};
use crate::{
    config::WorkerConfig,
    downloads::measuring,
    jobs::{self, CleanOriginals, EncodePhoto, MeasureRenditions, RenderPhoto, RollOut},
    originals::cleaning,
    photos::PhotoId,
    storage::Storage,
    upload,
};

/// How often the queue is looked at where no notice arrives.
const POLL: Duration = Duration::from_secs(2);
/// Jobs in hand for each decoder: while one photo is stored, the next is decoded.
const JOBS_A_DECODER: usize = 2;

/// What the tasks share.
#[derive(Clone)]
struct Shop(Arc<Tools>);

impl std::fmt::Debug for Shop {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Shop")
    }
}

impl TaskHandler for RenderPhoto {
    const IDENTIFIER: &'static str = jobs::RENDER;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let shop = shop(&context)?;
        let done = if self.rebuild {
            processing::render_outdated(&shop, self.photo_id).await
        } else {
            processing::render(&shop, self.photo_id).await
        };
        let Err(error) = done else { return Ok(()) };
        if is_for_room(&error) {
            return wait_for_room(&shop, &context, self.photo_id, &self).await;
        }
        let text = format!("{error:#}");
        tracing::error!(photo = %self.photo_id, error = text, "a photo can't be processed for now");
        if context.job().attempts() >= context.job().max_attempts() {
            processing::give_up(&shop, self.photo_id).await.map_err(|error| format!("{error:#}"))?;
        }
        Err(text)
    }
}

impl TaskHandler for RollOut {
    const IDENTIFIER: &'static str = jobs::ROLL_OUT;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let shop = shop(&context)?;
        rebuild::feed(&shop.db).await.map_err(|error| format!("{error:#}"))
    }
}

impl TaskHandler for EncodePhoto {
    const IDENTIFIER: &'static str = jobs::ENCODE;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let shop = shop(&context)?;
        let Err(error) = encodings::encode(&shop, self.photo_id).await else { return Ok(()) };
        if is_for_room(&error) {
            return wait_for_room(&shop, &context, self.photo_id, &self).await;
        }
        let text = format!("{error:#}");
        tracing::warn!(photo = %self.photo_id, error = text, "further encodings can't be made for now");
        Err(text)
    }
}

/// Whether the storage is full: no fault of the photo, and over when somebody has made room.
fn is_for_room(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::StorageFull(_)))
}

/// The photo goes on when there is room, however long that takes.
async fn wait_for_room(
    shop: &Tools,
    context: &WorkerContext,
    photo: PhotoId,
    payload: &impl Serialize,
) -> Result<(), String> {
    tracing::warn!(%photo, "there is no room left to store pictures; this photo waits for it");
    let job = context.job();
    let again = async {
        let payload = serde_json::to_value(payload)?;
        let limits = (i32::from(*job.priority()), i32::from(*job.max_attempts()));
        anyhow::Ok(jobs::add_again(&shop.db, job.task_identifier(), photo, payload, limits).await?)
    };
    again.await.map_err(|error| format!("{error:#}"))
}

fn shop(context: &WorkerContext) -> Result<Arc<Tools>, String> {
    context
        .get_ext::<Shop>()
        .map(|shop| Arc::clone(&shop.0))
        .ok_or_else(|| "the worker has no tools".to_owned())
}

/// Works until `stop` is done, then finishes what is in hand. Photos are decoded by processes of `program`.
pub async fn run(
    config: WorkerConfig,
    program: &Path,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let jobs_at_once = config.concurrency * JOBS_A_DECODER;
    let db =
        database::connect(config.data.database_url.expose_secret(), 4 + u32::try_from(jobs_at_once)?).await?;
    let tools = Tools {
        storage: Storage::at(&config.data.storage, upload::store::is_empty(&db).await?).await?,
        decoders: Decoders::new(program, config.concurrency),
        budget: Budget::new(config.memory_mb),
        db: db.clone(),
        config: config.clone(),
    };
    rebuild::begin(&db).await?;
    cleaning::begin(&db).await?;
    measuring::begin(&db).await?;
    // A worker that was killed is missed after ten seconds, and its jobs go to the others.
    let recovery = WorkerRecoveryConfig::default()
        .heartbeat_interval(Duration::from_secs(2))
        .sweep_interval(Duration::from_secs(3))
        .sweep_threshold(Duration::from_secs(10))
        .recovery_delay(Duration::ZERO);
    let worker = jobs::worker(db.clone())
        .concurrency(jobs_at_once)
        .poll_interval(POLL)
        .local_queue(backlog(jobs_at_once))
        .worker_recovery(recovery)
        .shutdown_signal(stop)
        .shutdown_grace_period(Duration::from_mins(2))
        .add_extension(cleaning::Tools {
            db: tools.db.clone(),
            storage: tools.storage.clone(),
            budget: tools.budget.clone(),
        })
        .add_extension(Shop(Arc::new(tools)))
        .define_job::<RenderPhoto>()
        .define_job::<RollOut>()
        .define_job::<EncodePhoto>()
        .define_job::<CleanOriginals>()
        .define_job::<MeasureRenditions>()
        .init()
        .await?;
    encodings::catch_up(&db, &config.encodings).await?;
    tracing::info!(decoders = config.concurrency, memory_mb = config.memory_mb, "the worker takes jobs");
    Ok(worker.run().await?)
}

/// Takes as many jobs as can be worked on, again and again while there are any: without it a worker takes one job at
/// each notice or poll. With nothing to do it waits for a notice; without that delay it would ask without a pause.
fn backlog(concurrency: usize) -> LocalQueueConfig {
    let wait = RefetchDelayConfig { duration: POLL, threshold: 0, max_abort_threshold: Some(1) };
    LocalQueueConfig::default().with_size(concurrency).with_refetch_delay(wait)
}
