//! What went wrong with the store, in the words of an answer.

use std::{error::Error as StdError, io, iter};

use common::Error;
use object_store::client::HttpError;

/// What S3 servers say when a bucket or their disks are full.
const FULL: [&str; 5] = [
    "QuotaExceeded",
    "XMinioAdminBucketQuotaExceeded",
    "XMinioStorageFull",
    "InsufficientStorage",
    "InsufficientCapacity",
];

/// What a person is told: that there is no room, that the store is away, or nothing but that it is ours to mend.
pub(super) fn storage_error(error: object_store::Error) -> Error {
    expected(&error).unwrap_or_else(|| Error::Internal(anyhow::Error::new(error).context("storage")))
}

/// The same for what a writer says at its end.
pub(super) fn write_error(error: io::Error) -> Error {
    expected(&error).unwrap_or_else(|| Error::Internal(error.into()))
}

fn expected(error: &(dyn StdError + 'static)) -> Option<Error> {
    causes(error).find_map(|cause| {
        if let Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) =
            cause.downcast_ref::<io::Error>().map(io::Error::kind)
        {
            return Some(full());
        }
        if cause.is::<HttpError>() {
            return Some(away(cause));
        }
        let refusal = cause.to_string();
        let status = refused_with(&refusal)?;
        if status == 507 || FULL.iter().any(|word| refusal.contains(&format!("<Code>{word}</Code>"))) {
            return Some(full());
        }
        (status == 429 || status >= 500).then(|| away(cause))
    })
}

/// Whether a server refused a range because the file has not a byte.
pub(super) fn is_beyond(error: &object_store::Error) -> bool {
    causes(error).any(|cause| refused_with(&cause.to_string()) == Some(416))
}

/// An error and its causes.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    iter::successors(Some(error), |&cause: &&'a (dyn StdError + 'static)| {
        // An error of this type tells the cause of its cause as its own.
        match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => cause.source(),
        }
    })
}

/// The status with which a server refused; the type that knows it is not public.
fn refused_with(text: &str) -> Option<u16> {
    text.strip_prefix("Server returned non-2xx status code: ")?.get(..3)?.parse().ok()
}

fn away(cause: &dyn StdError) -> Error {
    tracing::error!(error = %cause, "the storage is away");
    Error::Unavailable { detail: "Our storage is away for a moment.".to_owned(), retry_after: 5 }
}

fn full() -> Error {
    Error::StorageFull("There is no room left to store photos.".to_owned())
}
