//! How much memory a photo will take, from its header alone, so that photos can be admitted under a budget.

use crate::format::Format;
use crate::probe::probe;
use crate::recipe::Limits;

/// The pictures of preview size that are held at the same time, their marks and files, tables of codecs.
const RENDITIONS: u64 = 36 << 20;

/// Bytes that making the renditions of a file takes at most, beyond the file itself; of its beginning (a megabyte
/// or less) or the whole. A file that will be refused takes none; of one that hides its size, all that the limits
/// allow is assumed.
pub fn memory_needed(head: &[u8], limits: &Limits) -> u64 {
    let Ok(probed) = probe(head, limits) else { return 0 };
    let most = limits.max_decoded_bytes as u64 + RENDITIONS;
    let Some(size) = probed.stored else { return most };
    let decoding = match probed.format {
        // As if it were progressive, and of full chroma resolution at half the size.
        Format::Jpeg => size.pixels() * 15 / 4,
        Format::Png => size.pixels() * 19 / 2,
        _ => size.pixels() * 11 / 2,
    };
    (decoding + RENDITIONS).min(most)
}
