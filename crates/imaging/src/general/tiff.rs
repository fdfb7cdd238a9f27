//! TIFF, strip by strip or a row of tiles at a time: colours, grays and inks of 8, 16 and 32 bits.

use std::io::Cursor;

use tiff::decoder::{ChunkType, Decoder, DecodingResult};
use tiff::{ColorType, TiffError};

use super::{check, pixels};
use crate::containers::tiff::Tiff;
use crate::error::Error;
use crate::icc::{self, Inks};
use crate::recipe::Limits;
use crate::refusal::Refusal;
use crate::render::Source;
use crate::rows::Rows;
use crate::size::Size;

const PLANAR: u16 = 284;
const EXTRA_SAMPLES: u16 = 338;
const PROFILE: u16 = 34_675;

type Input<'a> = Decoder<Cursor<&'a [u8]>>;

/// What the samples of a pixel are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colours {
    Gray,
    Rgb,
    /// As in a JPEG, which is inside the file.
    YCbCr,
    Cmyk,
}

/// How the samples of a band are to be read.
struct Layout {
    colours: Colours,
    /// Samples of a pixel, alpha and others that are not looked at included.
    samples: usize,
    alpha: Option<Alpha>,
    /// Whether each kind of sample has chunks of its own.
    apart: bool,
}

#[derive(Clone, Copy)]
struct Alpha {
    premultiplied: bool,
}

pub(super) fn decode(bytes: &[u8], limits: &Limits, edge: u32) -> Result<Source, Error> {
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(|fault| reason(&fault))?;
    let mut allowed = tiff::decoder::Limits::default();
    allowed.decoding_buffer_size = limits.max_decoded_bytes;
    allowed.intermediate_buffer_size = limits.max_decoded_bytes;
    decoder = decoder.with_limits(allowed);
    let (width, height) = decoder.dimensions().map_err(|fault| reason(&fault))?;
    let size = Size::new(width, height);
    // Before anything is asked that divides by them.
    check(size, 0, limits)?;
    let layout = layout(&mut decoder, bytes)?;
    check(size, held(&decoder, size, &layout), limits)?;
    let profile = Tiff::open(bytes).and_then(Tiff::first_directory).and_then(|first| first.bytes(PROFILE));
    let inks = (layout.colours == Colours::Cmyk).then(|| Inks::new(profile));
    let mut rows = Rows::new(size, layout.colours != Colours::Gray, edge);
    let mut damaged = false;
    while rows.taken() < height {
        let Ok(band) = band(&mut decoder, &layout, rows.taken(), size) else {
            // A file that is cut off still has its upper part.
            rows.fill_missing()?;
            damaged = true;
            break;
        };
        for row in band.chunks_exact(size.width as usize * layout.samples) {
            push(row, &layout, inks.as_ref(), &mut rows)?;
        }
    }
    let profile = profile.filter(|_| inks.is_none()).map(<[u8]>::to_vec);
    let profile = profile.and_then(|found| icc::fitting(found, layout.colours == Colours::Gray));
    Ok(Source { size, planes: rows.finish()?, profile, damaged })
}

fn layout(decoder: &mut Input<'_>, bytes: &[u8]) -> Result<Layout, Error> {
    let directory = Tiff::open(bytes).and_then(Tiff::first_directory).ok_or(Error::Damaged)?;
    // 1 means that the colours are multiplied with their alpha already.
    let premultiplied = directory.number(EXTRA_SAMPLES) == Some(1);
    let (colours, samples, alpha) = match decoder.colortype().map_err(|fault| reason(&fault))? {
        ColorType::Gray(8 | 16 | 32 | 64) => (Colours::Gray, 1, false),
        ColorType::GrayA(8 | 16 | 32) => (Colours::Gray, 2, true),
        ColorType::Multiband { bit_depth: 8 | 16 | 32, num_samples } => {
            (Colours::Gray, num_samples.into(), false)
        }
        ColorType::RGB(8 | 16 | 32) => (Colours::Rgb, 3, false),
        ColorType::RGBA(8 | 16 | 32) => (Colours::Rgb, 4, true),
        ColorType::YCbCr(8) => (Colours::YCbCr, 3, false),
        ColorType::CMYK(8 | 16) => (Colours::Cmyk, 4, false),
        ColorType::CMYKA(8 | 16) => (Colours::Cmyk, 5, true),
        _ => return Err(unsupported()),
    };
    let extra = directory.number(EXTRA_SAMPLES);
    let alpha = alpha || (colours == Colours::Gray && samples == 2 && matches!(extra, Some(1 | 2)));
    let apart = directory.number(PLANAR) == Some(2) && samples > 1;
    Ok(Layout { colours, samples, alpha: alpha.then_some(Alpha { premultiplied }), apart })
}

/// Bytes that a band takes: as the decoder gives it, put together, and as sixteen bits.
fn held(decoder: &Input<'_>, size: Size, layout: &Layout) -> u64 {
    let rows = u64::from(decoder.chunk_dimensions().1.min(size.height));
    u64::from(size.width) * rows * layout.samples as u64 * 4
}

/// The rows from `top`, as many as a chunk has: all samples of each pixel side by side, of sixteen bits.
fn band(decoder: &mut Input<'_>, layout: &Layout, top: u32, size: Size) -> Result<Vec<u16>, TiffError> {
    let (chunk_width, chunk_height) = decoder.chunk_dimensions();
    let across = match decoder.get_chunk_type() {
        ChunkType::Strip => 1,
        ChunkType::Tile => size.width.div_ceil(chunk_width),
    };
    let down = size.height.div_ceil(chunk_height);
    let first = top / chunk_height * across;
    let height = chunk_height.min(size.height - top) as usize;
    let width = size.width as usize;
    let mut band = vec![0; width * height * layout.samples];
    let (planes, in_chunk) = if layout.apart { (layout.samples, 1) } else { (1, layout.samples) };
    for plane in 0..planes {
        for column in 0..across {
            let index = first + column + u32::try_from(plane).unwrap_or(0) * across * down;
            let samples = wide(decoder.read_chunk(index)?)?;
            let left = (column * chunk_width) as usize;
            let columns = (width - left).min(chunk_width as usize);
            for (y, row) in samples.chunks_exact(columns * in_chunk).take(height).enumerate() {
                let into = &mut band[(y * width + left) * layout.samples..][..columns * layout.samples];
                for (pixel, found) in into.chunks_exact_mut(layout.samples).zip(row.chunks_exact(in_chunk)) {
                    pixel[plane..plane + in_chunk].copy_from_slice(found);
                }
            }
        }
    }
    Ok(band)
}

/// Samples of any kind as sixteen bits.
fn wide(samples: DecodingResult) -> Result<Vec<u16>, TiffError> {
    let high = |sample: u64, bits: u32| u16::try_from(sample >> (bits - 16)).unwrap_or(u16::MAX);
    Ok(match samples {
        DecodingResult::U8(samples) => samples.into_iter().map(|sample| u16::from(sample) * 257).collect(),
        DecodingResult::U16(samples) => samples,
        DecodingResult::U32(samples) => samples.into_iter().map(|sample| high(sample.into(), 32)).collect(),
        DecodingResult::U64(samples) => samples.into_iter().map(|sample| high(sample, 64)).collect(),
        DecodingResult::F16(samples) => {
            samples.into_iter().map(|sample| pixels::of_float(sample.to_f32())).collect()
        }
        DecodingResult::F32(samples) => samples.into_iter().map(pixels::of_float).collect(),
        _ => return Err(TiffError::UnsupportedError(tiff::TiffUnsupportedError::UnknownInterpretation)),
    })
}

fn push(row: &[u16], layout: &Layout, inks: Option<&Inks>, rows: &mut Rows) -> Result<(), Error> {
    let channels = match layout.colours {
        Colours::Gray => 1,
        Colours::Rgb | Colours::YCbCr => 3,
        Colours::Cmyk => 4,
    };
    let with_alpha = channels + usize::from(layout.alpha.is_some());
    // Samples that are neither colours nor alpha are passed over.
    let known: Vec<u16> = if layout.samples == with_alpha {
        row.to_vec()
    } else {
        row.chunks_exact(layout.samples).flat_map(|pixel| &pixel[..with_alpha]).copied().collect()
    };
    match (layout.colours, inks) {
        (Colours::Cmyk, Some(inks)) => {
            // An alpha beside inks is rare, and paper is white.
            let bytes: Vec<u8> =
                known.chunks_exact(with_alpha).flat_map(|pixel| &pixel[..4]).map(|ink| high(*ink)).collect();
            rows.push(&inks.to_rgb(&bytes))
        }
        (Colours::YCbCr, _) => rows.push(&known.chunks_exact(3).flat_map(from_luma).collect::<Vec<_>>()),
        _ => match layout.alpha {
            Some(alpha) => rows.push(&pixels::on_white(&known, channels, alpha.premultiplied)),
            None => rows.push(&known),
        },
    }
}

/// Sixteen bits as eight, to the nearest.
fn high(sample: u16) -> u8 {
    u8::try_from((u32::from(sample) + 128) / 257).unwrap_or(u8::MAX)
}

/// Red, green and blue of luma and chroma as in a JPEG.
fn from_luma(pixel: &[u16]) -> [u16; 3] {
    let [luma, blue, red] = [pixel[0], pixel[1], pixel[2]].map(f32::from);
    let (blue, red) = (blue - 32_896.0, red - 32_896.0);
    [luma + 1.402 * red, luma - 0.344_136 * blue - 0.714_136 * red, luma + 1.772 * blue]
        .map(|value| pixels::of_float(value / 65_535.0))
}

fn unsupported() -> Error {
    Refusal::UnsupportedFormat { name: "Such TIFF" }.into()
}

fn reason(fault: &TiffError) -> Error {
    match fault {
        TiffError::LimitsExceeded => Error::TooMuchMemory,
        TiffError::UnsupportedError(_) => unsupported(),
        _ => Error::Damaged,
    }
}
