//! Every format but JPEG: decoded whole, laid on white where it is transparent, and turned into planes.

use std::borrow::Cow;
use std::io::Cursor;

use image::{ColorType, ImageDecoder, ImageError, ImageFormat, ImageReader};

use crate::containers::png;
use crate::error::Error;
use crate::format::Format;
use crate::icc;
use crate::planes::{Decoded, Plane};
use crate::recipe::Limits;
use crate::refusal::Refusal;
use crate::render::{Source, contained};
use crate::size::Size;
use crate::turbo::{self, Pixels};

/// What a decoder is given to fill: rows of nothing else were not in the file. Zeros, because the system
/// hands them out without taking memory before they are written.
const UNWRITTEN: u8 = 0;

/// What people see where a part of the picture is missing.
const MISSING: u8 = 128;

/// Samples as a decoder gives them.
struct Raw {
    size: Size,
    colour: ColorType,
    data: Vec<u8>,
    profile: Option<Vec<u8>>,
    damaged: bool,
}

/// Decodes a picture of any format that the `image` crate reads.
pub(crate) fn decode(bytes: &[u8], format: Format, limits: &Limits) -> Result<Source, Error> {
    let raw = contained(|| samples(bytes, format, limits)).unwrap_or(Err(Error::Damaged))?;
    let Raw { size, colour, data, profile, damaged } = raw;
    let (width, height) = (size.width as usize, size.height as usize);
    let data = as_bytes(data, colour);
    let channels = if colour.has_color() { 3 } else { 1 };
    let data = if colour.has_alpha() { laid_on_white(data, channels) } else { data };
    let planes = if colour.has_color() {
        turbo::planes_of(&Pixels { width, height, data })?
    } else {
        let luma = Plane { width, height, data };
        Decoded { extent: turbo::extent(width, height), luma, chroma: None, sampling: (1, 1) }
    };
    let profile = profile.and_then(|found| icc::fitting(found, planes.chroma.is_none()));
    Ok(Source { size, planes, profile, damaged })
}

fn samples(bytes: &[u8], format: Format, limits: &Limits) -> Result<Raw, Error> {
    let bytes = if format == Format::Png { png::without_large_profile(bytes) } else { Cow::Borrowed(bytes) };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), kind(format));
    let mut allowed = image::Limits::default();
    allowed.max_alloc = Some(limits.max_decoded_bytes as u64);
    reader.limits(allowed);
    let mut decoder = reader.into_decoder().map_err(|fault| reason(&fault))?;
    let (width, height) = decoder.dimensions();
    let size = Size::new(width, height);
    let colour = decoder.color_type();
    check(size, decoder.total_bytes(), limits)?;
    let profile = decoder.icc_profile().ok().flatten();
    let length = usize::try_from(decoder.total_bytes()).map_err(|_| Error::TooMuchMemory)?;
    let mut data = vec![UNWRITTEN; length];
    let damaged = match decoder.read_image(&mut data) {
        Ok(()) => false,
        Err(fault @ ImageError::Limits(_)) => return Err(reason(&fault)),
        // A file that is cut off still has its upper part.
        Err(_) if fill_missing(&mut data, length / height as usize) => true,
        Err(_) => return Err(Error::Damaged),
    };
    Ok(Raw { size, colour, data, profile, damaged })
}

fn check(size: Size, bytes: u64, limits: &Limits) -> Result<(), Error> {
    if size.is_empty() {
        return Err(Error::Damaged);
    }
    if size.pixels() > u64::from(limits.max_megapixels) * 1_000_000 {
        let limit_megapixels = limits.max_megapixels;
        return Err(Refusal::TooManyPixels { size, limit_megapixels }.into());
    }
    // The planes that are made from the pixels take three bytes for two of them.
    let needed = bytes.saturating_add(size.pixels() * 3 / 2);
    if needed > limits.max_decoded_bytes as u64 { Err(Error::TooMuchMemory) } else { Ok(()) }
}

fn kind(format: Format) -> ImageFormat {
    match format {
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Png => ImageFormat::Png,
        Format::WebP => ImageFormat::WebP,
        Format::Gif => ImageFormat::Gif,
        Format::Tiff => ImageFormat::Tiff,
        Format::Bmp => ImageFormat::Bmp,
    }
}

fn reason(fault: &ImageError) -> Error {
    match fault {
        ImageError::Limits(_) => Error::TooMuchMemory,
        _ => Error::Damaged,
    }
}

/// Makes the rows that were not decoded gray; whether most of the picture is there.
fn fill_missing(data: &mut [u8], row_length: usize) -> bool {
    let unwritten = |row: &[u8]| row.iter().all(|sample| *sample == UNWRITTEN);
    let rows = data.len() / row_length.max(1);
    let missing = data.chunks_exact(row_length.max(1)).rev().take_while(|row| unwritten(row)).count();
    data[(rows - missing) * row_length..].fill(MISSING);
    missing * 2 < rows
}

/// Samples of sixteen bits and of floating point as bytes, in place, for pictures are large.
fn as_bytes(mut data: Vec<u8>, colour: ColorType) -> Vec<u8> {
    let count = match colour {
        ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16 => {
            for index in 0..data.len() / 2 {
                data[index] = rounded(u16::from_ne_bytes([data[2 * index], data[2 * index + 1]]));
            }
            data.len() / 2
        }
        ColorType::Rgb32F | ColorType::Rgba32F => {
            for index in 0..data.len() / 4 {
                let bytes = [0, 1, 2, 3].map(|byte| data[4 * index + byte]);
                data[index] = brightness(f32::from_ne_bytes(bytes));
            }
            data.len() / 4
        }
        _ => data.len(),
    };
    data.truncate(count);
    data
}

/// Sixteen bits as eight, to the nearest.
fn rounded(sample: u16) -> u8 {
    u8::try_from((u32::from(sample) * 255 + 32_767) / 65_535).unwrap_or(u8::MAX)
}

/// A share of full brightness; what is no number is black.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the bytes there are")]
fn brightness(sample: f32) -> u8 {
    (sample.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// Samples with an alpha after each pixel as they look on white paper, in place.
fn laid_on_white(mut data: Vec<u8>, channels: usize) -> Vec<u8> {
    let pixels = data.len() / (channels + 1);
    for pixel in 0..pixels {
        let from = pixel * (channels + 1);
        let alpha = u32::from(data[from + channels]);
        for channel in 0..channels {
            let mixed = u32::from(data[from + channel]) * alpha + 255 * (255 - alpha);
            data[pixel * channels + channel] = u8::try_from((mixed + 127) / 255).unwrap_or(u8::MAX);
        }
    }
    data.truncate(pixels * channels);
    data
}
