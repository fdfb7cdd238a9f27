//! Renditions in further encodings (`RENDITION_ENCODINGS`): made from the original again, after the photo is ready.
//!
//! Nobody waits for them and nothing fails with them: what is missing is not offered.

use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use imaging::{Encoding, Recipe};
use sqlx::PgPool;

use super::{
    process::{self, Outcome, Request},
    store,
    worker::{Shop, Tools, put, recipe},
};
use crate::{
    jobs::{self, EncodePhoto},
    photos::PhotoId,
};

impl TaskHandler for EncodePhoto {
    const IDENTIFIER: &'static str = jobs::ENCODE;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let shop = context.get_ext::<Shop>().ok_or_else(|| "the worker has no tools".to_owned())?;
        encode(&shop.0, self.photo_id).await.map_err(|error| {
            let text = format!("{error:#}");
            tracing::warn!(photo = %self.photo_id, error = text, "further encodings can't be made for now");
            text
        })
    }
}

/// Photos that were ready before these encodings were wished get them too.
pub async fn catch_up(db: &PgPool, encodings: &[Encoding]) -> anyhow::Result<()> {
    if encodings.is_empty() {
        return Ok(());
    }
    let photos = jobs::add_missing_encodes(db, encodings).await?;
    if photos > 0 {
        tracing::info!(photos, "photos get renditions in further encodings");
    }
    Ok(())
}

async fn encode(tools: &Tools, photo: PhotoId) -> anyhow::Result<()> {
    let encodings = tools.config.encodings.clone();
    if encodings.is_empty() {
        return Ok(());
    }
    let Some(processed_at) = store::find_processed_at(&tools.db, photo).await? else { return Ok(()) };
    let Some(source) = store::find_source(&tools.db, photo).await? else { return Ok(()) };
    let Some(original) = tools.storage.read(&source.storage_key).await? else {
        anyhow::ensure!(tools.storage.is_ready().await, "the storage is away");
        return Ok(());
    };
    let request = Request {
        recipe: Recipe { encodings, ..recipe(&tools.config, &source) },
        cpu_seconds: tools.config.cpu_seconds,
        memory_mb: tools.config.memory_mb,
    };
    let rendered = match process::render(&tools.program, &request, &original).await? {
        Outcome::Rendered(rendered) => rendered,
        Outcome::Failed(failure) | Outcome::Died(failure) => {
            tracing::warn!(%photo, reason = failure.reason, "a photo gets no renditions in further encodings");
            return Ok(());
        }
    };
    // Processed again meanwhile, it may have another mark: its own job makes these anew.
    if store::find_processed_at(&tools.db, photo).await? != Some(processed_at) {
        return Ok(());
    }
    let keys = put(tools, photo, &source, &rendered.renditions).await?;
    let mut transaction = tools.db.begin().await?;
    let made = store::update_encodings(&mut transaction, photo, processed_at, &rendered.renditions, &keys);
    if made.await? {
        transaction.commit().await?;
    }
    Ok(())
}
