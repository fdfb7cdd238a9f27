//! Uploads: files are streamed to the storage, and a photo, its file and its job become visible together or not at all.

pub mod receive;
mod refusal;
pub mod replace;
pub mod screen;
pub mod store;

use std::time::Duration;

use common::Result;
use imaging::Capabilities;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use utoipa::ToSchema;

use crate::{config::UploadLimits, galleries::GalleryId, quotas, storage::Storage};

/// The id of a stored original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct FileId(pub i64);

/// A file that was not taken.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RefusedFile)]
pub struct Refused {
    /// The name as given.
    pub filename: String,
    /// A fixed word: `empty`, `too_large`, `too_many_files`, `not_an_image`, `unsupported_format`, `too_many_pixels`,
    /// `storage_full`, `quota_exceeded`.
    pub reason: &'static str,
    /// What to do about it, in a sentence.
    pub detail: String,
}

/// What the upload panel of a page says and allows.
#[derive(Clone, Debug, Serialize)]
pub struct UploadPanel {
    max_files: usize,
    max_file_bytes: u64,
    formats: String,
    /// Formats that people would try and that this machine lacks a library for, in words; empty where there are none.
    not_taken: String,
    accept: String,
    gallery_id: Option<GalleryId>,
}

impl Refused {
    /// Whether it is for want of room, which is 507.
    pub fn is_for_room(&self) -> bool {
        ["storage_full", quotas::REASON].contains(&self.reason)
    }
}

impl UploadPanel {
    /// The panel for uploads into this gallery, or into the library.
    pub fn new(limits: &UploadLimits, gallery: Option<GalleryId>) -> Self {
        let capabilities = Capabilities::of_this_machine();
        let missing: Vec<_> = capabilities.missing().iter().map(|(format, _)| format.name()).collect();
        Self {
            max_files: limits.max_files,
            max_file_bytes: limits.max_page_bytes(),
            formats: capabilities.names(),
            not_taken: missing.join(" or "),
            accept: capabilities.extensions().join(","),
            gallery_id: gallery,
        }
    }
}

/// An upload may take hours on a slow line; after a day it is certainly over.
const STALE: Duration = Duration::from_hours(24);

/// Removes files that are nobody's, a day after they were noted: of uploads that were cut off, renditions that were
/// replaced or whose worker was killed, photos that are gone for good. Returns when there are none left.
pub async fn sweep(db: &PgPool, storage: &Storage) -> Result<()> {
    loop {
        let stale = store::list_stale(db, STALE).await?;
        if stale.is_empty() {
            return Ok(());
        }
        for key in stale {
            let mut transaction = db.begin().await?;
            if store::delete_stale(&mut transaction, &key, STALE).await? {
                storage.delete(&key).await?;
            }
            transaction.commit().await?;
        }
    }
}

/// Removes what upload processes that were killed left half-written.
pub async fn sweep_unfinished(storage: &Storage) -> Result<()> {
    storage.remove_unfinished(STALE).await
}
