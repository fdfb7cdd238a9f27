//! PNG, row by row unless its rows are stored in seven passes.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, Reader, Transformations};

use super::{check, pixels};
use crate::containers;
use crate::error::Error;
use crate::icc;
use crate::recipe::Limits;
use crate::render::Source;
use crate::rows::Rows;
use crate::size::Size;

/// The rows of a decoder.
type Input<'a> = Reader<Cursor<&'a [u8]>>;

/// How the bytes of a row are to be read.
#[derive(Clone, Copy)]
struct Layout {
    colour: bool,
    alpha: bool,
    wide: bool,
}

pub(super) fn decode(bytes: &[u8], limits: &Limits, edge: u32) -> Result<Source, Error> {
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_limits(png::Limits { bytes: limits.max_decoded_bytes });
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    // It may be made to inflate to hundreds of megabytes.
    decoder.set_ignore_iccp_chunk(containers::png::read(bytes).large_profile_at.is_some());
    let mut reader = decoder.read_info().map_err(|fault| reason(&fault))?;
    let (width, height) = reader.info().size();
    let size = Size::new(width, height);
    let whole = if reader.info().interlaced { reader.output_buffer_size().unwrap_or(usize::MAX) } else { 0 };
    check(size, whole as u64, limits)?;
    let (colour, depth) = reader.output_color_type();
    let layout = Layout {
        colour: matches!(colour, ColorType::Rgb | ColorType::Rgba),
        alpha: matches!(colour, ColorType::Rgba | ColorType::GrayscaleAlpha),
        wide: depth == BitDepth::Sixteen,
    };
    let profile = reader.info().icc_profile.as_ref().map(|found| found.to_vec());
    let mut rows = Rows::new(size, layout.colour, edge);
    let damaged = if reader.info().interlaced {
        passes(&mut reader, whole, layout, &mut rows)?
    } else {
        lines(&mut reader, layout, &mut rows)?
    };
    let profile = profile.and_then(|found| icc::fitting(found, !layout.colour));
    let numbers = reader.info().coding_independent_code_points.filter(|_| layout.colour);
    let profile = profile.or_else(|| icc::of_primaries(numbers?.color_primaries.into()));
    Ok(Source { size, planes: rows.finish()?, profile, damaged })
}

/// Whether a part is missing.
fn lines(reader: &mut Input<'_>, layout: Layout, rows: &mut Rows) -> Result<bool, Error> {
    let mut line = vec![0; reader.output_line_size(reader.info().width).ok_or(Error::TooMuchMemory)?];
    loop {
        match reader.read_row(&mut line) {
            Ok(Some(_)) => push(&line, layout, rows)?,
            // A file that is cut off still has its upper part.
            Ok(None) | Err(_) if rows.taken() < reader.info().height => {
                rows.fill_missing()?;
                return Ok(true);
            }
            Ok(None) | Err(_) => return Ok(false),
        }
    }
}

/// Pictures whose rows come in seven passes are decoded whole; what did not come is filled with what did.
fn passes(reader: &mut Input<'_>, length: usize, layout: Layout, rows: &mut Rows) -> Result<bool, Error> {
    let mut data = vec![0; length];
    let damaged = match reader.next_frame(&mut data) {
        Ok(_) => false,
        Err(fault @ DecodingError::LimitsExceeded) => return Err(reason(&fault)),
        Err(_) => true,
    };
    let line = (length / reader.info().height as usize).max(1);
    let written = data.rchunks_exact(line).skip_while(|row| row.iter().all(|byte| *byte == 0)).count();
    let come = if damaged { written } else { reader.info().height as usize };
    for row in data.chunks_exact(line).take(come) {
        push(row, layout, rows)?;
    }
    if rows.taken() < reader.info().height {
        rows.fill_missing()?;
    }
    Ok(damaged)
}

fn push(line: &[u8], layout: Layout, rows: &mut Rows) -> Result<(), Error> {
    let channels = if layout.colour { 3 } else { 1 };
    match (layout.wide, layout.alpha) {
        (false, false) => rows.push(line),
        (false, true) => rows.push(&pixels::on_white(line, channels, false)),
        (true, false) => rows.push(&pixels::big_endian(line)),
        (true, true) => rows.push(&pixels::on_white(&pixels::big_endian(line), channels, false)),
    }
}

fn reason(fault: &DecodingError) -> Error {
    match fault {
        DecodingError::LimitsExceeded => Error::TooMuchMemory,
        _ => Error::Damaged,
    }
}
