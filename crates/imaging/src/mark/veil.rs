//! The mark of pictures too small for letters: every other sample is made lighter or darker.

use super::{chroma_of, faded};
use crate::planes::Picture;
use crate::size::Size;

/// The shortest edge on which a line of text can still be read.
const READABLE: u32 = 24;

/// How far a sample moves, in 255ths of the way.
const STRENGTH: u16 = 110;

pub(super) fn is_needed(size: Size) -> bool {
    size.width.min(size.height) < READABLE
}

pub(super) fn lay(picture: &mut Picture) {
    let width = picture.luma.width;
    for (y, row) in picture.luma.data.chunks_exact_mut(width).enumerate() {
        for (_, sample) in row.iter_mut().enumerate().filter(|(x, _)| (x + y) % 2 == 0) {
            let towards: u16 = if *sample < 128 { 255 } else { 0 };
            let mixed = u16::from(*sample) * (255 - STRENGTH) / 255 + towards * STRENGTH / 255;
            *sample = u8::try_from(mixed).unwrap_or(u8::MAX);
        }
    }
    for plane in chroma_of(picture) {
        for sample in &mut plane.data {
            *sample = faded(*sample, 160);
        }
    }
}
