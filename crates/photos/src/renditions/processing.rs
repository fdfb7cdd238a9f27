//! One photo, from its original to the rows of its renditions.

use std::time::Duration;

use anyhow::Context;
use common::{Error, secrets};
use futures_util::future::join_all;
use imaging::{Limits, Recipe, Rendered, Rendition};
use sqlx::PgPool;

use super::{
    budget::{Admission, Budget},
    deaths::Death,
    decoders::{Decoders, Outcome, patience},
    process::{Failure, Request},
    storage_key, store,
};
use crate::{
    config::{Copyright, WorkerConfig},
    jobs,
    photos::PhotoId,
    storage::Storage,
    timings::{Stopwatch, TIMINGS},
    upload,
    watermarks::store::{self as watermarks, Stored},
};

/// So much of an original is looked at to know what it will need.
const HEAD_BYTES: u64 = 1 << 20;
/// What is left of the budget for the decoded picture where all of it is one photo's: the rest is for what is made of it.
const BESIDE_BYTES: u64 = 36 << 20;

/// The pictures of one photo seldom take more.
const ROOM_BYTES: i64 = 2 << 20;

/// What a worker works with.
pub struct Tools {
    /// The database of photos.
    pub db: PgPool,
    /// Originals and renditions.
    pub storage: Storage,
    /// The processes that decode.
    pub decoders: Decoders,
    /// The memory that they share.
    pub budget: Budget,
    /// The settings.
    pub config: WorkerConfig,
}

/// Makes the renditions of a photo, or notes why there are none. An error means that it is to be tried again later.
pub async fn render(tools: &Tools, photo: PhotoId) -> anyhow::Result<()> {
    let Some(source) = store::find_source(&tools.db, photo).await? else { return Ok(()) };
    let (recipe, mark_version) = recipe(tools, &source).await?;
    match decode(tools, photo, &source, recipe).await? {
        None => fail(tools, photo, Some(&source), &original_missing()).await,
        Some(Outcome::Rendered(rendered)) => keep(tools, photo, &source, mark_version, *rendered).await,
        Some(Outcome::Failed(failure) | Outcome::Died(Death::OfPhoto(failure))) => {
            fail(tools, photo, Some(&source), &failure).await
        }
        Some(Outcome::Died(Death::FromOutside(signal))) => {
            anyhow::bail!("the decoder was ended by signal {signal}")
        }
    }
}

/// What a decoder makes of the original, within the budget; `None` if there is no original any more.
pub(super) async fn decode(
    tools: &Tools,
    photo: PhotoId,
    source: &store::Source,
    recipe: Recipe,
) -> anyhow::Result<Option<Outcome>> {
    let mut watch = Stopwatch::start();
    // Not decoded for nothing, again and again.
    if tools.storage.volume().is_some_and(|volume| volume.free < ROOM_BYTES) {
        return Err(Error::StorageFull("There is no room left to store pictures.".to_owned()).into());
    }
    let Some((head, size)) = tools.storage.head(&source.storage_key, HEAD_BYTES).await? else {
        anyhow::ensure!(tools.storage.is_ready().await, "the storage is away");
        return Ok(None);
    };
    let encoding: u64 = recipe.encodings.iter().map(|encoding| encoding.memory()).sum();
    let picture = imaging::memory_needed(&head, &recipe.limits);
    let needed = size + picture + encoding + recipe.mark.memory_needed();
    drop(head);
    let slot = tools.decoders.slot().await;
    let admission = tools.budget.admit(needed).await;
    let request = request(tools, recipe, size, &admission);
    let patience = patience(tools.config.cpu_seconds);
    let waiting = watch.lap();

    let mut outcome = slot.render(source.owner, &request, original(tools, source).await?, patience).await?;
    if let Outcome::Died(death) = &outcome {
        tracing::warn!(%photo, ?death, "the decoder died; trying once more, apart");
        outcome = slot.render_apart(&request, original(tools, source).await?, patience).await?;
    }
    drop((slot, admission));
    tracing::debug!(target: TIMINGS, waiting, rendering = watch.lap());
    Ok(Some(outcome))
}

/// The same for a photo that is to be made again, unless it was done meanwhile: a worker that is killed between the rows
/// and the end of its job leaves the job behind.
pub async fn render_outdated(tools: &Tools, photo: PhotoId) -> anyhow::Result<()> {
    if store::outdated::is_outdated(&tools.db, photo).await? { render(tools, photo).await } else { Ok(()) }
}

/// Nothing helped, again and again.
pub async fn give_up(tools: &Tools, photo: PhotoId) -> anyhow::Result<()> {
    fail(tools, photo, None, &given_up()).await
}

/// What is made of a photo, and the version of its photographer's watermark.
pub(super) async fn recipe(tools: &Tools, source: &store::Source) -> anyhow::Result<(Recipe, i64)> {
    let stored = watermarks::find(&tools.db, source.owner).await?;
    let usual = watermarks::find_usual(&tools.db).await?;
    let (mark, mark_version) = Stored::mark(stored, &usual, &source.photographer);
    let decoded = tools.budget.bytes().saturating_sub(BESIDE_BYTES).max(tools.budget.bytes() / 2);
    let limits = Limits {
        max_megapixels: tools.config.max_megapixels,
        max_decoded_bytes: usize::try_from(decoded).unwrap_or(usize::MAX),
        ..Limits::default()
    };
    let recipe = Recipe {
        mark,
        keep_copyright: tools.config.copyright == Copyright::Keep,
        sharpening: tools.config.sharpening,
        original: true,
        limits,
        ..Recipe::default()
    };
    Ok((recipe, mark_version))
}

fn request(tools: &Tools, recipe: Recipe, size: u64, admission: &Admission) -> Request {
    let memory = admission.bytes().saturating_sub(size);
    Request { recipe, size, cpu_seconds: tools.config.cpu_seconds, memory }
}

async fn original(tools: &Tools, source: &store::Source) -> anyhow::Result<crate::storage::Readable> {
    tools.storage.readable(&source.storage_key).await?.context("the original has vanished a moment ago")
}

/// Bytes first, then the rows that point at them. Whoever is killed in between leaves files that are noted to be removed.
async fn keep(
    tools: &Tools,
    photo: PhotoId,
    source: &store::Source,
    mark_version: i64,
    rendered: Rendered,
) -> anyhow::Result<()> {
    let imaging::Timings { decoding, resizing, marking, encoding, reading } = rendered.timings;
    tracing::debug!(target: TIMINGS, decoding, resizing, marking, encoding, reading);
    let mut watch = Stopwatch::start();
    let keys = put(tools, photo, source, &rendered.renditions).await?;
    let storing = watch.lap();
    let mut transaction = tools.db.begin().await?;
    // A new version that came meanwhile has a job of its own.
    if !store::outdated::is_current(&mut transaction, photo, &source.storage_key).await? {
        return Ok(());
    }
    watermarks::hold(&mut transaction, source.owner).await?;
    store::update_ready(&mut transaction, photo, &rendered, &keys).await?;
    store::update_mark_version(&mut *transaction, photo, mark_version).await?;
    // Whoever changed the watermark meanwhile may have counted before this photo was there.
    if watermarks::find_version(&mut *transaction, source.owner).await? != mark_version {
        jobs::add_roll_out(&mut *transaction, Duration::ZERO).await?;
    }
    if !tools.config.encodings.is_empty() {
        jobs::add_encode(&mut transaction, photo).await?;
    }
    transaction.commit().await?;
    tracing::debug!(target: TIMINGS, storing, database = watch.lap());
    Ok(())
}

/// Stores the files of these renditions, which are noted to be removed until a row names them; their keys.
pub(super) async fn put(
    tools: &Tools,
    photo: PhotoId,
    source: &store::Source,
    pictures: &[Rendition],
) -> anyhow::Result<Vec<String>> {
    let making = secrets::hex(&secrets::random_bytes::<4>());
    let keys: Vec<String> =
        pictures.iter().map(|picture| storage_key(source.owner, photo, &making, picture)).collect();
    upload::store::create_pending(&tools.db, &keys).await?;
    let puts = pictures.iter().zip(&keys);
    let stored = join_all(puts.map(|(picture, key)| tools.storage.put(key, picture.file.clone()))).await;
    if let Some(error) = stored.into_iter().find_map(Result::err) {
        // Where there is too little room, no try shall leave less of it. What can't be removed now is in a day.
        join_all(keys.iter().map(|key| tools.storage.delete(key))).await;
        return Err(error.into());
    }
    Ok(keys)
}

async fn fail(
    tools: &Tools,
    photo: PhotoId,
    source: Option<&store::Source>,
    failure: &Failure,
) -> anyhow::Result<()> {
    let mut transaction = tools.db.begin().await?;
    if let Some(source) = source
        && !store::outdated::is_current(&mut transaction, photo, &source.storage_key).await?
    {
        return Ok(());
    }
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
