//! Renditions in further encodings (`RENDITION_ENCODINGS`): made from the original again, after the photo is ready.
//!
//! Nobody waits for them and nothing fails with them: what is missing is not offered.

use imaging::{Encoding, Recipe};
use sqlx::PgPool;

use super::{
    deaths::Death,
    decoders::Outcome,
    processing::{Tools, decode, put, recipe},
    store,
};
use crate::{jobs, photos::PhotoId};

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

/// Makes them for one photo. An error means that it is to be tried again later.
pub async fn encode(tools: &Tools, photo: PhotoId) -> anyhow::Result<()> {
    let encodings = tools.config.encodings.clone();
    if encodings.is_empty() {
        return Ok(());
    }
    let Some(processed_at) = store::find_processed_at(&tools.db, photo).await? else { return Ok(()) };
    let Some(source) = store::find_source(&tools.db, photo).await? else { return Ok(()) };
    let (recipe, _) = recipe(tools, &source).await?;
    let recipe = Recipe { encodings, original: false, ..recipe };
    let rendered = match decode(tools, photo, &source, recipe).await? {
        Some(Outcome::Rendered(rendered)) => rendered,
        Some(Outcome::Failed(failure) | Outcome::Died(Death::OfPhoto(failure))) => {
            tracing::warn!(%photo, reason = failure.reason, "a photo gets no renditions in further encodings");
            return Ok(());
        }
        Some(Outcome::Died(Death::FromOutside(signal))) => {
            anyhow::bail!("the decoder was ended by signal {signal}")
        }
        None => return Ok(()),
    };
    let keys = put(tools, photo, &source, &rendered.renditions).await?;
    let mut transaction = tools.db.begin().await?;
    // Processed again meanwhile, it may have another mark: its own job makes these anew.
    let made = store::update_encodings(&mut transaction, photo, processed_at, &rendered.renditions, &keys);
    if made.await? {
        transaction.commit().await?;
    }
    Ok(())
}
