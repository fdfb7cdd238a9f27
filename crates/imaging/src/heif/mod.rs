//! HEIC and AVIF through libheif: it gives red, green and blue as the file describes them, or luma alone.

mod colours;
mod library;

pub(crate) use library::library;
use library::{Channel, Image, View};

use crate::containers::heif::{self, Head};
use crate::error::Error;
use crate::format::Format;
use crate::icc;
use crate::planes::Decoded;
use crate::recipe::Limits;
use crate::refusal::Refusal;
use crate::render::Source;
use crate::rows::Rows;
use crate::size::Size;

/// Decodes the main picture to at least `edge` pixels on its long edge, or to all it has.
pub(crate) fn decode(bytes: &[u8], format: Format, limits: &Limits, edge: u32) -> Result<Source, Error> {
    let library = library().ok_or(Refusal::NotHere { format })?;
    let head = heif::read(bytes);
    if head.size.is_some_and(|size| needed(format, size, &head) > limits.max_decoded_bytes as u64) {
        return Err(Error::TooMuchMemory);
    }
    let image = library.image(bytes, head.gray, head.cropped.is_some())?;
    let channels = Channels::of(&image, &head)?;
    let size = channels.size();
    if size.pixels() > u64::from(limits.max_megapixels) * 1_000_000 {
        return Err(Refusal::TooManyPixels { size, limit_megapixels: limits.max_megapixels }.into());
    }
    let planes = channels.rows(edge)?;
    let own = head.profile.map(<[u8]>::to_vec).and_then(|found| icc::fitting(found, planes.chroma.is_none()));
    let described = || {
        head.signal.filter(|_| planes.chroma.is_some()).and_then(|signal| icc::of_primaries(signal.primaries))
    };
    let profile = own.or_else(described);
    Ok(Source { size, planes, profile, damaged: false })
}

/// Bytes that the library holds at once, as measured with version 1.15: the coded picture, the same in colours, and
/// copies in between, of which AV1 has more. Tiles are decoded one after the other.
pub(crate) fn needed(format: Format, size: Size, head: &Head<'_>) -> u64 {
    let bytes = match (format, head.deep) {
        (_, false) if head.tiled => 4,
        (_, true) if head.tiled => 8,
        (Format::Avif, true) => 27,
        (_, true) => 14,
        (_, false) => 8,
    };
    size.pixels().saturating_mul(bytes)
}

/// The channels of a decoded picture.
struct Channels<'a> {
    /// Red, green and blue, or luma.
    colours: Vec<View<'a>>,
    alpha: Option<View<'a>>,
    samples: colours::Samples,
}

impl<'a> Channels<'a> {
    fn of(image: &'a Image<'_>, head: &Head<'_>) -> Result<Self, Error> {
        let wanted: &[Channel] =
            if head.gray { &[Channel::Luma] } else { &[Channel::R, Channel::G, Channel::B] };
        let colours: Vec<_> = wanted.iter().filter_map(|channel| image.channel(*channel)).collect();
        let first = colours.first().filter(|_| colours.len() == wanted.len()).ok_or(Error::Damaged)?;
        let alike = |view: &View<'_>| (view.width, view.height) == (first.width, first.height);
        if !colours.iter().all(|view| alike(view) && view.bits == first.bits) {
            return Err(Error::Damaged);
        }
        let alpha = image.channel(Channel::Alpha).filter(alike);
        // Colours come in full range; luma comes as it is coded.
        let full_range =
            !head.gray || image.full_range().or(head.signal.map(|signal| signal.full_range)) != Some(false);
        let samples = colours::Samples::new(first.bits, full_range, head.signal);
        Ok(Self { colours, alpha, samples })
    }

    fn size(&self) -> Size {
        let edge = |length| u32::try_from(length).unwrap_or(u32::MAX);
        Size::new(edge(self.colours[0].width), edge(self.colours[0].height))
    }

    /// All rows, made smaller on the way.
    fn rows(&self, edge: u32) -> Result<Decoded, Error> {
        let (width, count) = (self.colours[0].width, self.colours.len());
        let bits = self.colours[0].bits;
        let mut rows = Rows::new(self.size(), count == 3, edge);
        let mut row = vec![0_u16; width * count];
        for y in 0..self.colours[0].height {
            for (channel, view) in self.colours.iter().enumerate() {
                let coded = view.row(y);
                for (x, pixel) in row.chunks_exact_mut(count).enumerate() {
                    pixel[channel] = sample(coded, x, bits);
                }
            }
            self.samples.show(&mut row, count);
            if let Some(alpha) = &self.alpha {
                lay_on_white(&mut row, count, alpha.row(y), alpha.bits);
            }
            rows.push(&row)?;
        }
        rows.finish()
    }
}

fn sample(row: &[u8], x: usize, bits: u32) -> u16 {
    if bits > 8 { u16::from_ne_bytes([row[2 * x], row[2 * x + 1]]) } else { row[x].into() }
}

fn lay_on_white(row: &mut [u16], channels: usize, alpha: &[u8], bits: u32) {
    let full = (1_u64 << bits) - 1;
    for (x, pixel) in row.chunks_exact_mut(channels).enumerate() {
        let share = u64::from(sample(alpha, x, bits)).min(full);
        for sample in pixel {
            let mixed = (u64::from(*sample) * share + 65_535 * (full - share) + full / 2) / full;
            *sample = u16::try_from(mixed).unwrap_or(u16::MAX);
        }
    }
}
