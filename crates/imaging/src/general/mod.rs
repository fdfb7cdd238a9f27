//! Every format but JPEG, HEIC and RAW: decoded by rows where the format allows it, and made smaller as they arrive.

mod pixels;
mod png;
mod tiff;
mod whole;

use crate::error::Error;
use crate::format::Format;
use crate::recipe::Limits;
use crate::refusal::Refusal;
use crate::render::{Source, contained};
use crate::size::Size;

/// Decodes a picture to at least `edge` pixels on its long edge, or to all it has.
pub(crate) fn decode(bytes: &[u8], format: Format, limits: &Limits, edge: u32) -> Result<Source, Error> {
    let work = || match format {
        Format::Png => png::decode(bytes, limits, edge),
        Format::Tiff => tiff::decode(bytes, limits, edge),
        _ => whole::decode(bytes, format, limits, edge),
    };
    contained(work).unwrap_or(Err(Error::Damaged))
}

/// Whether a picture of this size, whose decoder holds so many bytes, is within the limits.
fn check(size: Size, bytes: u64, limits: &Limits) -> Result<(), Error> {
    if size.is_empty() {
        return Err(Error::Damaged);
    }
    if size.pixels() > u64::from(limits.max_megapixels) * 1_000_000 {
        let limit_megapixels = limits.max_megapixels;
        return Err(Refusal::TooManyPixels { size, limit_megapixels }.into());
    }
    let needed = bytes.saturating_add(crate::rows::needed(size));
    if needed > limits.max_decoded_bytes as u64 { Err(Error::TooMuchMemory) } else { Ok(()) }
}
