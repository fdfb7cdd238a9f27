//! The bytes of a clean original: parts of the stored file and what stands between them, any range, never the whole in
//! memory.

use std::ops::Range;

use actix_web::web::Bytes;
use common::Result;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use imaging::scrub::{Clean, Part};

use crate::storage::Opened;

static ZEROS: [u8; 65_536] = [0; 65_536];

/// The bytes of a picture on their way.
pub type Bytestream = BoxStream<'static, Result<Bytes>>;

/// A part of a range, on its own.
enum Piece {
    Stored(Range<u64>),
    Added(Bytes),
    Zeros(u64),
}

/// Streams a range of a clean original of this file.
pub fn clean(original: Opened, plan: &Clean, range: Range<u64>) -> Bytestream {
    let pieces: Vec<Piece> = plan.parts(range).map(Piece::from).collect();
    let parts = stream::iter(pieces).map(move |piece| match piece {
        Piece::Added(bytes) => stream::iter([Ok(bytes)]).boxed(),
        Piece::Zeros(count) => zeros(count),
        Piece::Stored(range) => original.stream(range),
    });
    parts.flatten().boxed()
}

/// Writes a range of a clean original whose stored file is in memory behind what is there. A file that is shorter than
/// the plan says gives less.
pub fn put_clean(out: &mut Vec<u8>, original: &[u8], plan: &Clean, range: Range<u64>) {
    for part in plan.parts(range) {
        match part {
            Part::Added(bytes) => out.extend(bytes),
            Part::Zeros(count) => out.resize(out.len() + usize::try_from(count).unwrap_or_default(), 0),
            Part::Original(range) => out.extend(within(original, range)),
        }
    }
}

/// What there is of a range.
pub fn within(bytes: &[u8], range: Range<u64>) -> &[u8] {
    let place = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(bytes.len());
    &bytes[place(range.start)..place(range.end)]
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
