//! How much memory a photo will take, from its header alone, so that photos can be admitted under a budget.
//!
//! The estimate is an upper bound of what [`render`](crate::render) allocates beyond the file and the program.
//! `tests/it/memory.rs` renders files of every kind in processes of their own and holds the growth of their
//! resident memory against it.

use crate::containers::{jpeg, png};
use crate::format::Format;
use crate::probe::probe;
use crate::recipe::{Kind, Limits};
use crate::size::Size;

/// Bytes that making the renditions of a file takes at most, beyond the file itself; of its beginning (a megabyte
/// or less) or the whole. A file that will be refused takes none; of one that hides its size, all that the limits
/// allow is assumed.
pub fn memory_needed(head: &[u8], limits: &Limits) -> u64 {
    let Ok(probed) = probe(head, limits) else { return 0 };
    let most = limits.max_decoded_bytes as u64 + RENDITIONS;
    let Some(size) = probed.stored else { return most };
    let decoding = match probed.format {
        Format::Jpeg => of_jpeg(head, size),
        Format::Png => of_png(head, size),
        // Four bytes a pixel where a decoder can't work by rows, and the planes that are made of them.
        _ => size.pixels() * 11 / 2,
    };
    (decoding + RENDITIONS).min(most)
}

/// The pictures of preview size that are held at the same time, their marks and files, tables of codecs.
const RENDITIONS: u64 = 36 << 20;

fn of_jpeg(head: &[u8], size: Size) -> u64 {
    let Some(frame) = jpeg::Head::read(head).frame else { return size.pixels() * 6 };
    let long = u64::from(size.long_edge());
    let edge = u64::from(Kind::Preview.edge());
    let eighths = [1, 2, 4].into_iter().find(|eighths| long * eighths >= edge * 8).unwrap_or(8);
    let scaled = size.pixels() * eighths * eighths / 64;
    let samples = |pixels: u64| pixels * u64::from(frame.samples_in_64) / 64;
    let coefficients = if frame.kept_whole { 2 * samples(size.pixels()) } else { 0 };
    // Inks take four bytes, the colours made of them three, and their planes one and a half.
    let pixels = if frame.channels == 4 { scaled * 17 / 2 } else { samples(scaled) };
    coefficients + pixels
}

fn of_png(head: &[u8], size: Size) -> u64 {
    let bytes = png::read(head).bytes_of_pixel.unwrap_or(8);
    size.pixels() * bytes + size.pixels() * 3 / 2
}
