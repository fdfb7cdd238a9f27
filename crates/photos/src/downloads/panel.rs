//! What a page says of the downloads that its viewer has.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use common::Result;
use serde::Serialize;

use super::store;
use crate::{
    app::App,
    galleries::{GalleryId, SectionId},
    policy::Downloads,
    shares::ShareLink,
};

/// Sizes are told in round numbers, and adding up ten thousand photos for each page would take longer than the page.
const KEPT: Duration = Duration::from_mins(1);
/// More galleries than are looked at in a minute.
const MOST_KEPT: usize = 1000;

/// The downloads of a page.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Panel {
    /// Whether there are originals.
    pub originals: bool,
    /// Whether there are pictures of 2048 pixels.
    pub web: bool,
    /// How many photos the link includes; null without a limit.
    pub most_photos: Option<i32>,
    /// How many more it includes than went out already.
    pub photos_left: Option<i32>,
    /// About how large all originals together are, in bytes.
    pub bytes: i64,
}

type Key = (GalleryId, Option<Vec<SectionId>>);

/// The sizes of galleries that were looked at lately.
#[derive(Default)]
pub struct Sizes(Mutex<HashMap<Key, (Instant, i64)>>);

impl Panel {
    /// What may be downloaded of a gallery, or of parts of it; `None` if nothing.
    pub async fn of(
        app: &App,
        downloads: Downloads,
        gallery: GalleryId,
        sections: Option<&[SectionId]>,
        link: Option<&ShareLink>,
    ) -> Result<Option<Self>> {
        if downloads == Downloads::Nothing {
            return Ok(None);
        }
        Ok(Some(Self {
            originals: downloads > Downloads::Web,
            web: true,
            most_photos: link.and_then(|link| link.max_downloads),
            photos_left: link.and_then(|link| link.max_downloads.map(|most| (most - link.downloads).max(0))),
            bytes: app.gallery_sizes.find(app, gallery, sections).await?,
        }))
    }
}

impl Sizes {
    async fn find(&self, app: &App, gallery: GalleryId, sections: Option<&[SectionId]>) -> Result<i64> {
        let key = (gallery, sections.map(<[SectionId]>::to_vec));
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        if let Some((since, bytes)) = kept
            && since.elapsed() < KEPT
        {
            return Ok(bytes);
        }
        let bytes = store::count_bytes(&app.db, gallery, sections).await?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(key, (Instant::now(), bytes));
        Ok(bytes)
    }
}
