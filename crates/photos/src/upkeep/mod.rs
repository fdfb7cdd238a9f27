//! What operators have done with stored files: moved to another storage while the site runs, checked against the rows, and
//! mended where that can be.

mod checking;
pub mod command;
mod mending;
mod moving;
mod places;
pub mod store;
mod tally;

use aws_lc_rs::digest::{Context, SHA256};
use common::Result;
use futures_util::TryStreamExt;

use crate::{photos::PhotoId, storage::Storage};

/// Rows that are looked at together.
const BATCH: i64 = 500;
/// Files that are read at the same time.
const AT_ONCE: usize = 4;

/// A file as rows know it.
struct Expected {
    key: String,
    /// Bytes.
    size: i64,
    /// Of all bytes; none for pictures that were made by a release that did not note it.
    sha256: Option<Vec<u8>>,
    /// One of the photos that it is a picture of; none for an original.
    picture_of: Option<PhotoId>,
}

impl Expected {
    /// In words for an operator.
    fn shown(&self) -> String {
        match self.picture_of {
            Some(photo) => format!("{} (a picture of photo {photo})", self.key),
            None => format!("{} (an original)", self.key),
        }
    }

    /// Whether these bytes are the ones, as far as rows know.
    fn is(&self, found: &Sum) -> bool {
        found.size == self.size && self.sha256.as_ref().is_none_or(|sha256| *sha256 == found.sha256)
    }
}

/// What some bytes come to.
#[derive(PartialEq, Eq)]
struct Sum {
    size: i64,
    sha256: Vec<u8>,
}

/// Reads a file to its end; `None` if it is not there.
async fn sum(storage: &Storage, key: &str) -> Result<Option<Sum>> {
    let Some(file) = storage.open(key).await? else { return Ok(None) };
    let mut bytes = file.stream(0..file.size);
    let mut summing = Summing::new();
    while let Some(chunk) = bytes.try_next().await? {
        summing.add(&chunk);
    }
    Ok(Some(summing.finish()))
}

/// Copies a file if it is what rows say; what was read, written or not, or `None` if it is not there.
async fn copy(from: &Storage, to: &Storage, expected: &Expected) -> Result<Option<Sum>> {
    let Some(file) = from.open(&expected.key).await? else { return Ok(None) };
    let mut bytes = file.stream(0..file.size);
    let (mut summing, mut writer) = (Summing::new(), to.writer(&expected.key));
    loop {
        let written = match bytes.try_next().await {
            Ok(Some(chunk)) => {
                summing.add(&chunk);
                writer.write(chunk).await
            }
            Ok(None) => break,
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            writer.abort().await;
            return Err(error);
        }
    }
    let read = summing.finish();
    if expected.is(&read) {
        writer.finish().await?;
    } else {
        writer.abort().await;
    }
    Ok(Some(read))
}

struct Summing {
    size: i64,
    sha256: Context,
}

impl Summing {
    fn new() -> Self {
        Self { size: 0, sha256: Context::new(&SHA256) }
    }

    fn add(&mut self, bytes: &[u8]) {
        self.size += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        self.sha256.update(bytes);
    }

    fn finish(self) -> Sum {
        Sum { size: self.size, sha256: self.sha256.finish().as_ref().to_vec() }
    }
}
