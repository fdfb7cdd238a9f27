//! JPEG files: decoded straight to about the size that is wanted, and left in planes where possible.

use crate::containers::jpeg::Head;
use crate::containers::scans;
use crate::error::Error;
use crate::icc;
use crate::planes::{Decoded, Plane};
use crate::recipe::Limits;
use crate::refusal::Refusal;
use crate::render::Source;
use crate::size::Size;
use crate::turbo::{self, Channels, Colours, Decompressor, Header};

/// How much smaller than the photo a rendition is at least when the finest bits of a progressive photo are left out.
const MUCH_SMALLER: u32 = 2;

/// Decodes a JPEG to at least `edge` pixels on its long edge, or to all it has.
pub(crate) fn decode(bytes: &[u8], limits: &Limits, edge: u32) -> Result<Source, Error> {
    let head = Head::read(bytes);
    let lighter = if head.progressive && head.size.is_some_and(|size| size.long_edge() >= MUCH_SMALLER * edge)
    {
        scans::without_last_bits(bytes)
    } else {
        None
    };
    let bytes = lighter.as_deref().unwrap_or(bytes);
    let mut decompressor = Decompressor::new(bytes, limits)?;
    let header = decompressor.header();
    check(header, limits)?;
    let eighths = if header.lossless { 8 } else { eighths(header.size, edge) };
    decompressor.scale(eighths)?;
    let scaled = |length: u32| (length as usize * usize::from(eighths)).div_ceil(8);
    let (width, height) = (scaled(header.size.width), scaled(header.size.height));
    let share = f64::from(eighths) / 8.0;
    let extent = (f64::from(header.size.width) * share, f64::from(header.size.height) * share);

    let profile = icc::joined(&head.profile);
    let (planes, warning, profile) = match header.colours {
        Colours::Gray | Colours::YCbCr(Some(_)) if !header.lossless => {
            let (planes, warning) = decompressor.planes(width, height)?;
            let gray = header.colours == Colours::Gray;
            (
                assembled(planes, header.colours, extent)?,
                warning,
                profile.and_then(|found| icc::fitting(found, gray)),
            )
        }
        Colours::Cmyk => {
            let (inks, warning) = decompressor.pixels(Channels::Cmyk, width, height)?;
            let pixels = icc::inks_to_rgb(inks, head.adobe, profile.as_deref());
            (Decoded { extent, ..turbo::planes_of(&pixels)? }, warning, None)
        }
        _ => {
            let (pixels, warning) = decompressor.pixels(Channels::Rgb, width, height)?;
            let planes = Decoded { extent, ..turbo::planes_of(&pixels)? };
            (planes, warning, profile.and_then(|found| icc::fitting(found, false)))
        }
    };
    let damaged = warning.is_some_and(|text| !is_harmless(&text));
    if damaged && missing(&planes.luma) > 0.5 {
        return Err(Error::Damaged);
    }
    Ok(Source { size: header.size, planes, profile, damaged })
}

fn check(header: Header, limits: &Limits) -> Result<(), Error> {
    if header.size.pixels() > u64::from(limits.max_megapixels) * 1_000_000 {
        let limit_megapixels = limits.max_megapixels;
        return Err(Refusal::TooManyPixels { size: header.size, limit_megapixels }.into());
    }
    if header.precision > 8 {
        return Err(Refusal::UnsupportedFormat { name: "12-bit JPEG" }.into());
    }
    let whole = header.size.pixels().saturating_mul(4);
    if header.lossless && whole > limits.max_decoded_bytes as u64 {
        return Err(Error::TooMuchMemory);
    }
    Ok(())
}

/// The smallest scale that leaves a fifth more than `edge` pixels, or all there are. Scaled decoding takes the mean
/// of squares of pixels; where next to nothing is left to do for the filter after it, its aliases stay in the
/// picture. Of the scales without a fast transform only those are used that are quicker than the next one with it.
pub(crate) fn eighths(size: Size, edge: u32) -> u8 {
    let long = u64::from(size.long_edge());
    let enough = |eighths: &u8| long * u64::from(*eighths) * 5 >= u64::from(edge) * 8 * 6;
    [1, 2, 3, 4, 5, 6].into_iter().find(enough).unwrap_or(8)
}

fn assembled(planes: Vec<Plane>, colours: Colours, extent: (f64, f64)) -> Result<Decoded, Error> {
    let sampling = match colours {
        Colours::YCbCr(Some(sampling)) => sampling,
        _ => (1, 1),
    };
    let mut planes = planes.into_iter();
    let luma = planes.next().ok_or(Error::Damaged)?;
    let chroma = planes.next().zip(planes.next()).map(|(blue, red)| [blue, red]);
    Ok(Decoded { extent, luma, chroma, sampling })
}

/// Some cameras leave a few bytes between the picture and its end marker.
fn is_harmless(warning: &str) -> bool {
    warning.contains("extraneous bytes before marker 0xd9")
}

/// The share of the picture, from its lower end, that is one flat tone: what libjpeg makes of data that
/// is not there.
fn missing(luma: &Plane) -> f64 {
    let Some(last) = luma.data.last() else { return 1.0 };
    let flat =
        luma.data.chunks_exact(luma.width).rev().take_while(|row| row.iter().all(|sample| sample == last));
    let rows = u32::try_from(flat.count()).unwrap_or(u32::MAX);
    f64::from(rows) / f64::from(u32::try_from(luma.height).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaled_decode_leaves_the_filter_something_to_do() {
        for (long, expected) in [
            (2048, 8),
            (3276, 8),
            (3277, 6),
            (4096, 5),
            (4915, 5),
            (4916, 4),
            (6000, 4),
            (6553, 4),
            (6554, 3),
        ] {
            assert_eq!(eighths(Size::new(long, 100), 2048), expected, "{long}");
            assert_eq!(eighths(Size::new(100, long), 2048), expected, "{long}");
        }
        for (long, expected) in [(8192, 3), (9831, 2), (19_661, 1), (60_000, 1)] {
            assert_eq!(eighths(Size::new(long, long), 2048), expected, "{long}");
        }
    }
}
