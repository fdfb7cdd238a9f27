//! The bytes of a clean original: parts of the stored file and what stands between them, any range, never the whole in
//! memory.

use std::ops::Range;

use actix_web::web::Bytes;
use common::{Error, Result};
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use imaging::scrub::{Clean, Part};

use crate::storage::Storage;

static ZEROS: [u8; 65_536] = [0; 65_536];

/// The bytes of a picture on their way.
pub type Bytestream = BoxStream<'static, Result<Bytes>>;

/// A part of a range, on its own.
enum Piece {
    Stored(Range<u64>),
    Added(Bytes),
    Zeros(u64),
}

/// Streams a range of a clean original; `None` if the stored file is not there.
pub async fn open(
    storage: &Storage,
    key: &str,
    plan: &Clean,
    range: Range<u64>,
) -> Result<Option<Bytestream>> {
    if !storage.has(key).await? {
        return Ok(None);
    }
    let pieces: Vec<Piece> = plan.parts(range).map(Piece::from).collect();
    let (storage, key) = (storage.clone(), key.to_owned());
    let parts = stream::iter(pieces).then(move |piece| {
        let (storage, key) = (storage.clone(), key.clone());
        async move {
            match piece {
                Piece::Added(bytes) => Ok(stream::iter([Ok(bytes)]).boxed()),
                Piece::Zeros(count) => Ok(zeros(count)),
                Piece::Stored(range) => {
                    let found = storage.stream(&key, range).await?;
                    // The length was promised, so the answer has to break off instead of ending early.
                    found.map(|found| plain(found.bytes)).ok_or_else(|| {
                        Error::Internal(anyhow::anyhow!("an original vanished while it was sent"))
                    })
                }
            }
        }
    });
    Ok(Some(parts.try_flatten().boxed()))
}

/// What is stored, as it is.
pub fn plain(bytes: BoxStream<'static, object_store::Result<Bytes>>) -> Bytestream {
    bytes.map(|chunk| chunk.map_err(anyhow::Error::from).map_err(Error::from)).boxed()
}

fn zeros(count: u64) -> Bytestream {
    let whole = ZEROS.len() as u64;
    let chunks = (0..count.div_ceil(whole)).map(move |index| {
        let left = usize::try_from(count - index * whole).unwrap_or(ZEROS.len());
        Ok(Bytes::from_static(&ZEROS[..left.min(ZEROS.len())]))
    });
    stream::iter(chunks).boxed()
}

impl From<Part<'_>> for Piece {
    fn from(part: Part<'_>) -> Self {
        match part {
            Part::Original(range) => Self::Stored(range),
            Part::Added(bytes) => Self::Added(Bytes::copy_from_slice(bytes)),
            Part::Zeros(count) => Self::Zeros(count),
        }
    }
}
