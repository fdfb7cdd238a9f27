//! WebP, GIF and bitmaps, whose decoders give the picture as a whole.

use std::io::Cursor;

use image::{ColorType, ImageDecoder, ImageError, ImageFormat, ImageReader};

use super::{check, pixels};
use crate::error::Error;
use crate::format::Format;
use crate::icc;
use crate::recipe::Limits;
use crate::refusal::Refusal;
use crate::render::Source;
use crate::rows::Rows;
use crate::size::Size;

/// What a decoder is given to fill: rows of nothing else were not in the file. Zeros, because the system
/// hands them out without taking memory before they are written.
const UNWRITTEN: u8 = 0;

pub(super) fn decode(bytes: &[u8], format: Format, limits: &Limits, edge: u32) -> Result<Source, Error> {
    let kind = kind(format).ok_or(Refusal::NotAnImage)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), kind);
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
    let line = length / height as usize;
    let mut data = vec![UNWRITTEN; length];
    let damaged = match decoder.read_image(&mut data) {
        Ok(()) => false,
        Err(fault @ ImageError::Limits(_)) => return Err(reason(&fault)),
        Err(_) => true,
    };
    let written =
        data.rchunks_exact(line).skip_while(|row| row.iter().all(|byte| *byte == UNWRITTEN)).count();
    let come = if damaged { written } else { height as usize };
    let mut rows = Rows::new(size, colour.has_color(), edge);
    for row in data.chunks_exact(line).take(come) {
        push(row, colour, &mut rows)?;
    }
    if rows.taken() < height {
        // A file that is cut off still has its upper part.
        rows.fill_missing()?;
    }
    drop(data);
    let profile = profile.and_then(|found| icc::fitting(found, !colour.has_color()));
    Ok(Source { size, planes: rows.finish()?, profile, damaged })
}

fn push(row: &[u8], colour: ColorType, rows: &mut Rows) -> Result<(), Error> {
    let channels = if colour.has_color() { 3 } else { 1 };
    let wide = colour.bits_per_pixel() / u16::from(colour.channel_count()) == 16;
    match (wide, colour.has_alpha()) {
        (false, false) => rows.push(row),
        (false, true) => rows.push(&pixels::on_white(row, channels, false)),
        (true, false) => rows.push(&pixels::native(row)),
        (true, true) => rows.push(&pixels::on_white(&pixels::native(row), channels, false)),
    }
}

fn kind(format: Format) -> Option<ImageFormat> {
    match format {
        Format::WebP => Some(ImageFormat::WebP),
        Format::Gif => Some(ImageFormat::Gif),
        Format::Bmp => Some(ImageFormat::Bmp),
        _ => None,
    }
}

fn reason(fault: &ImageError) -> Error {
    match fault {
        ImageError::Limits(_) => Error::TooMuchMemory,
        _ => Error::Damaged,
    }
}
