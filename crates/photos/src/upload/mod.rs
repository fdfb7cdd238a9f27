//! Uploads: files are streamed to the storage, and a photo, its file and its job become visible together or not at all.

pub mod receive;
pub mod screen;
pub mod store;

use std::time::Duration;

use common::Result;
use imaging::Capabilities;
use serde::Serialize;
use sqlx::PgPool;

use crate::{config::UploadLimits, galleries::GalleryId, storage::Storage};

/// The id of a stored original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct FileId(pub i64);

/// A file that was not taken.
#[derive(Clone, Debug, Serialize)]
pub struct Refused {
    /// The name as given.
    pub filename: String,
    /// A fixed word: `empty`, `too_large`, `too_many_files`, `not_an_image`, `unsupported_format`, `too_many_pixels`,
    /// `storage_full`.
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

impl UploadPanel {
    /// The panel for uploads into this gallery, or into the library.
    pub fn new(limits: &UploadLimits, gallery: Option<GalleryId>) -> Self {
        let capabilities = Capabilities::of_this_machine();
        let missing: Vec<_> = capabilities.missing().iter().map(|(format, _)| format.name()).collect();
        Self {
            max_files: limits.max_files,
            max_file_bytes: limits.max_file_bytes,
            formats: capabilities.names(),
            not_taken: missing.join(" or "),
            accept: capabilities.extensions().join(","),
            gallery_id: gallery,
        }
    }
}

/// An upload may take hours on a slow line; after a day it is certainly over.
const STALE: Duration = Duration::from_hours(24);

/// Removes files of uploads that were cut off: nobody was promised them. Looks every ten minutes, for as long as we run,
/// and once a day at every file.
pub async fn sweep_for_ever(db: PgPool, storage: Storage) {
    for round in 0_u64.. {
        let whole = if round % 144 == 0 { storage.remove_unfinished(STALE).await } else { Ok(()) };
        if let Err(error) = sweep(&db, &storage).await.and(whole) {
            tracing::warn!(%error, "files of broken uploads could not be removed");
        }
        tokio::time::sleep(Duration::from_mins(10)).await;
    }
}

async fn sweep(db: &PgPool, storage: &Storage) -> Result<()> {
    for key in store::list_stale(db, STALE).await? {
        storage.delete(&key).await?;
        store::delete_pending(db, &key).await?;
    }
    Ok(())
}
