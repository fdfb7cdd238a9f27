//! `photos worker`: takes jobs from the queue, any number of workers on any number of machines.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use common::database;
use futures_util::future::try_join_all;
use graphile_worker::{
    IntoTaskHandlerResult, LocalQueueConfig, RefetchDelayConfig, TaskHandler, WorkerContext,
    WorkerRecoveryConfig,
};
use imaging::{Limits, Mark, Recipe, Rendered, Rendition};
use secrecy::ExposeSecret;
use sqlx::PgPool;

use super::{
    encodings,
    process::{self, Failure, Outcome, Request},
    storage_key, store,
};
use crate::{
    config::WorkerConfig,
    jobs::{self, EncodePhoto, RenderPhoto},
    photos::PhotoId,
    storage::Storage,
    upload,
};

/// How often the queue is looked at where no notice arrives.
const POLL: Duration = Duration::from_secs(2);

/// What the tasks share.
#[derive(Clone)]
pub(super) struct Shop(pub(super) Arc<Tools>);

pub(super) struct Tools {
    pub(super) db: PgPool,
    pub(super) storage: Storage,
    pub(super) program: PathBuf,
    pub(super) config: WorkerConfig,
}

impl std::fmt::Debug for Shop {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Shop")
    }
}

impl TaskHandler for RenderPhoto {
    const IDENTIFIER: &'static str = jobs::RENDER;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let shop = context.get_ext::<Shop>().ok_or_else(|| "the worker has no tools".to_owned())?;
        let Err(error) = render(&shop.0, self.photo_id).await else { return Ok(()) };
        let text = format!("{error:#}");
        tracing::error!(photo = %self.photo_id, error = text, "a photo can't be processed for now");
        if context.job().attempts() >= context.job().max_attempts() {
            fail(&shop.0, self.photo_id, &given_up()).await.map_err(|error| format!("{error:#}"))?;
        }
        Err(text)
    }
}

/// Works until `stop` is done, then finishes what is in hand.
pub async fn run(
    config: WorkerConfig,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    // Pages come before pictures.
    rustix::process::nice(10).context("lowering the priority")?;
    let db =
        database::connect(config.data.database_url.expose_secret(), 4 + u32::try_from(config.concurrency)?)
            .await?;
    let tools = Tools {
        storage: Storage::local(&config.data.storage_dir, upload::store::is_empty(&db).await?)?,
        program: std::env::current_exe().context("finding this program")?,
        db: db.clone(),
        config: config.clone(),
    };
    // A worker that was killed is missed after ten seconds, and its jobs go to the others.
    let recovery = WorkerRecoveryConfig::default()
        .heartbeat_interval(Duration::from_secs(2))
        .sweep_interval(Duration::from_secs(3))
        .sweep_threshold(Duration::from_secs(10))
        .recovery_delay(Duration::ZERO);
    let worker = jobs::worker(db.clone())
        .concurrency(config.concurrency)
        .poll_interval(POLL)
        .local_queue(backlog(config.concurrency))
        .worker_recovery(recovery)
        .shutdown_signal(stop)
        .shutdown_grace_period(Duration::from_mins(2))
        .add_extension(Shop(Arc::new(tools)))
        .define_job::<RenderPhoto>()
        .define_job::<EncodePhoto>()
        .init()
        .await?;
    encodings::catch_up(&db, &config.encodings).await?;
    tracing::info!(concurrency = config.concurrency, "the worker takes jobs");
    Ok(worker.run().await?)
}

/// Takes as many jobs as can be worked on, again and again while there are any: without it a worker takes one job at
/// each notice or poll. With nothing to do it waits for a notice; without that delay it would ask without a pause.
fn backlog(concurrency: usize) -> LocalQueueConfig {
    let wait = RefetchDelayConfig { duration: POLL, threshold: 0, max_abort_threshold: Some(1) };
    LocalQueueConfig::default().with_size(concurrency).with_refetch_delay(wait)
}

async fn render(tools: &Tools, photo: PhotoId) -> anyhow::Result<()> {
    let Some(source) = store::find_source(&tools.db, photo).await? else { return Ok(()) };
    let Some(original) = tools.storage.read(&source.storage_key).await? else {
        anyhow::ensure!(tools.storage.is_ready().await, "the storage is away");
        return fail(tools, photo, &original_missing()).await;
    };
    let request = Request {
        recipe: recipe(&tools.config, &source),
        cpu_seconds: tools.config.cpu_seconds,
        memory_mb: tools.config.memory_mb,
    };
    let mut outcome = process::render(&tools.program, &request, &original).await?;
    if let Outcome::Died(failure) = &outcome {
        tracing::warn!(%photo, reason = failure.reason, "the decoder died; trying once more");
        outcome = process::render(&tools.program, &request, &original).await?;
    }
    match outcome {
        Outcome::Rendered(rendered) => keep(tools, photo, &source, *rendered).await,
        Outcome::Failed(failure) | Outcome::Died(failure) => fail(tools, photo, &failure).await,
    }
}

/// What is made of this photo.
pub(super) fn recipe(config: &WorkerConfig, source: &store::Source) -> Recipe {
    Recipe {
        mark: Mark::new(&source.photographer),
        limits: Limits { max_megapixels: config.max_megapixels, ..Limits::default() },
        ..Recipe::default()
    }
}

/// Bytes first, then the rows that point at them: whoever is killed in between leaves nothing that matters.
async fn keep(
    tools: &Tools,
    photo: PhotoId,
    source: &store::Source,
    rendered: Rendered,
) -> anyhow::Result<()> {
    let pictures = &rendered.renditions;
    let keys = put(tools, photo, source, pictures).await?;
    let mut transaction = tools.db.begin().await?;
    store::update_ready(&mut transaction, photo, &rendered, &keys).await?;
    if !tools.config.encodings.is_empty() {
        jobs::add_encode(&mut transaction, photo).await?;
    }
    Ok(transaction.commit().await?)
}

/// Stores the files of these renditions; their keys.
pub(super) async fn put(
    tools: &Tools,
    photo: PhotoId,
    source: &store::Source,
    pictures: &[Rendition],
) -> anyhow::Result<Vec<String>> {
    let keys: Vec<String> =
        pictures.iter().map(|picture| storage_key(source.owner, photo, picture)).collect();
    let puts = pictures.iter().zip(&keys);
    try_join_all(puts.map(|(picture, key)| tools.storage.put(key, picture.jpeg.clone()))).await?;
    Ok(keys)
}

async fn fail(tools: &Tools, photo: PhotoId, failure: &Failure) -> anyhow::Result<()> {
    let mut transaction = tools.db.begin().await?;
    store::update_failed(&mut transaction, photo, failure).await?;
    Ok(transaction.commit().await?)
}

fn given_up() -> Failure {
    Failure {
        reason: "processing_failed".to_owned(),
        detail: "We tried for a long time and could not process this photo. Please try it again.".to_owned(),
    }
}

fn original_missing() -> Failure {
    Failure {
        reason: "original_missing".to_owned(),
        detail: "The uploaded file is no longer in the storage. Please upload it again.".to_owned(),
    }
}
