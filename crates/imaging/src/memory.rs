//! How much memory a photo will take, from its header alone, so that photos can be admitted under a budget.
//!
//! The estimate is an upper bound of what [`render`](crate::render) allocates beyond the file and the program.
//! `tests/it/memory.rs` renders files of every kind in processes of their own and holds the growth of their
//! resident memory against it.

use crate::containers::tiff::Tiff;
use crate::containers::{heif, jpeg, png, raw};
use crate::format::Format;
use crate::heif as decoder;
use crate::jpeg::eighths;
use crate::probe::probe;
use crate::recipe::{Kind, Limits};
use crate::rows;
use crate::size::Size;

/// The pictures of preview size that are held at the same time, their marks and files, tables of codecs.
const RENDITIONS: u64 = 36 << 20;

/// What libheif and its decoders take for themselves.
const LIBRARY: u64 = 20 << 20;

/// Bytes that making the renditions of a file takes at most, beyond the file itself; of its beginning (a megabyte
/// or less) or the whole. A file that will be refused takes none; of one that hides its size, all that the limits
/// allow is assumed.
pub fn memory_needed(head: &[u8], limits: &Limits) -> u64 {
    let Ok(probed) = probe(head, limits) else { return 0 };
    let most = limits.max_decoded_bytes as u64 + RENDITIONS;
    let Some(size) = probed.stored else { return most };
    let decoding = match probed.format {
        Format::Jpeg => of_jpeg(head, size),
        Format::Raw(kind) => {
            raw::pictures(head, kind).largest.map_or(most, |found| of_jpeg(found.jpeg, size))
        }
        Format::Heic | Format::Avif => {
            decoder::needed(probed.format, size, &heif::read(head)) + rows::needed(size) + LIBRARY
        }
        Format::Png => of_png(head, size) + rows::needed(size),
        Format::Tiff => of_tiff(head, size).saturating_add(rows::needed(size)),
        // A WebP holds its own planes beside the pixels that it makes of them.
        Format::WebP => size.pixels() * 6 + rows::needed(size),
        Format::Gif | Format::Bmp => size.pixels() * 5 + rows::needed(size),
    };
    decoding.saturating_add(RENDITIONS).min(most)
}

fn of_jpeg(head: &[u8], size: Size) -> u64 {
    let Some(frame) = jpeg::Head::read(head).frame else { return size.pixels() * 6 };
    let eighths = u64::from(eighths(size, Kind::Preview.edge()));
    let scaled = size.pixels() * eighths * eighths / 64;
    let samples = |pixels: u64| pixels * u64::from(frame.samples_in_64) / 64;
    // Beside its coefficients, a progressive file may be held a second time, without its last bits.
    let coefficients = if frame.kept_whole { 2 * samples(size.pixels()) + size.pixels() / 2 } else { 0 };
    // Inks take four bytes, the colours made of them three, and their planes one and a half.
    let pixels = if frame.channels == 4 { scaled * 17 / 2 } else { samples(scaled) };
    coefficients + pixels
}

fn of_png(head: &[u8], size: Size) -> u64 {
    let png = png::read(head);
    let rows = if png.interlaced { u64::from(size.height) } else { 8 };
    u64::from(size.width) * rows * png.bytes_of_pixel.unwrap_or(8)
}

/// A band of the file: as it is decoded, and as sixteen bits.
fn of_tiff(head: &[u8], size: Size) -> u64 {
    const ROWS_PER_STRIP: u16 = 278;
    const TILE_HEIGHT: u16 = 323;
    const BITS: u16 = 258;
    const SAMPLES: u16 = 277;
    let Some(first) = Tiff::open(head).and_then(Tiff::first_directory) else { return size.pixels() * 16 };
    let rows =
        first.number(TILE_HEIGHT).or(first.number(ROWS_PER_STRIP)).unwrap_or(u32::MAX).min(size.height);
    let samples = u64::from(first.number(SAMPLES).unwrap_or(1));
    let bytes = u64::from(first.number(BITS).unwrap_or(8)).div_ceil(8) + 2;
    // Both are whatever the file says.
    (u64::from(size.width) * u64::from(rows)).saturating_mul(samples).saturating_mul(bytes.max(4))
}
