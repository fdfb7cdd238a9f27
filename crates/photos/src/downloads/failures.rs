//! Photos that could not be read while somebody downloaded them: logged, and told to their owner until they are well again.

use common::{Error, Result};
use serde::Serialize;

use super::store;
use crate::{app::App, galleries::GalleryId, photos::PhotoId};

/// Why a photo could not be sent as promised.
#[derive(Debug)]
pub enum Fault {
    /// Its file is not in the storage.
    Missing,
    /// Its file has another length than its row says.
    OtherLength {
        /// Bytes that are there.
        found: u64,
        /// Bytes that there should be.
        expected: u64,
    },
    /// The storage gave an error.
    Unreadable(Error),
    /// It was changed, replaced or deleted since the download was planned: nobody's fault, and the next download is well.
    Changed,
}

/// The file that could not be read.
#[derive(Clone)]
pub struct Broken {
    /// Its key in the storage.
    pub key: String,
    /// Bytes that it should have.
    pub size: u64,
}

/// A photo that can't be downloaded, as its owner is told.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// The photo.
    pub photo_id: PhotoId,
    /// Its name.
    pub filename: String,
    /// What is the matter, and what to do.
    pub text: String,
}

/// Logs what went wrong with a photo and notes it for its owner; the error that breaks the transfer off.
pub async fn report(app: &App, photo: PhotoId, broken: Option<&Broken>, fault: Fault) -> Error {
    let reason = match &fault {
        Fault::Missing => "missing",
        Fault::OtherLength { .. } => "other_length",
        Fault::Unreadable(_) => "unreadable",
        Fault::Changed => "changed",
    };
    match broken {
        Some(broken) if !matches!(fault, Fault::Changed) => {
            tracing::error!(%photo, ?fault, "a photo can't be read for a download; the transfer breaks off");
            if let Err(error) = store::create_failure(&app.db, photo, reason, broken).await {
                tracing::error!(%photo, %error, "its owner can't be told");
            }
        }
        _ => tracing::warn!(%photo, "a photo was changed while it was downloaded; the transfer breaks off"),
    }
    Error::Internal(anyhow::anyhow!("photo {photo} can't be sent as it was promised: {reason}"))
}

/// What the owner of a gallery is told. What is well again meanwhile is forgotten.
pub async fn of_gallery(app: &App, gallery: GalleryId) -> Result<Vec<Failure>> {
    let mut failures = Vec::new();
    for row in store::list_failures(&app.db, gallery).await? {
        let size = app.storage.size(&row.storage_key).await.ok().flatten();
        if !row.is_current || size == u64::try_from(row.size_bytes).ok() {
            store::delete_failure(&app.db, row.photo).await?;
            continue;
        }
        let file = if row.is_original { "Its file" } else { "Its picture of 2048 px" };
        let fault = match row.reason.as_str() {
            "missing" => "is missing in the storage.",
            "other_length" => "is not whole in the storage any more.",
            _ => "could not be read.",
        };
        let remedy = if row.is_original {
            "Please upload it again."
        } else {
            "Please tell whoever runs this site to have it made again."
        };
        failures.push(Failure {
            photo_id: row.photo,
            filename: row.filename,
            text: format!("{file} {fault} {remedy}"),
        });
    }
    Ok(failures)
}
