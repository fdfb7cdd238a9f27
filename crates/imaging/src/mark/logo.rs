//! A photographer's logo: a PNG that was checked, trimmed and made no larger than marks need.

use std::borrow::Cow;
use std::io::Cursor;
use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::png::PngEncoder;
use image::{
    ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageReader,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::containers::png;
use crate::icc;
use crate::render::contained;
use crate::size::Size;

/// A PNG that marks are made of. Serialised as base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// Shared: stamps remember what they show.
    png: Arc<[u8]>,
}

/// Why a file is no logo. `Display` is one sentence that says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogoFault {
    /// It is no PNG.
    #[error("This file is not a PNG; please export the watermark as a PNG with a transparent background.")]
    NotPng,
    /// More than [`Logo::MAX_BYTES`].
    #[error("This PNG is larger than 2 MB; please export the watermark smaller.")]
    TooLarge,
    /// More than [`Logo::MAX_PIXELS`].
    #[error("This PNG has more than 4 megapixels; please export the watermark smaller.")]
    TooManyPixels,
    /// It can't be read.
    #[error("This PNG is damaged; please export the watermark again.")]
    Damaged,
    /// Transparent, or nearly so.
    #[error("Hardly anything would be seen of this PNG, because nearly all of it is transparent.")]
    Invisible,
    /// A line rather than a picture.
    #[error("This PNG is too long and thin for a watermark; it may be 20 times as long as it is high.")]
    TooThin,
}

/// Decoded pixels: red, green, blue (sRGB) and alpha.
pub(crate) struct Rgba {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) data: Vec<u8>,
}

impl Logo {
    /// The largest file that is taken: 2 MiB.
    pub const MAX_BYTES: usize = 2 << 20;
    /// The most pixels that are taken: 4 million.
    pub const MAX_PIXELS: u64 = 4_000_000;

    /// As many pixels as the largest mark on the largest rendition has.
    const ENOUGH_PIXELS: u64 = 1 << 20;

    /// What an uploaded PNG looks like by its head; decodes nothing.
    pub fn probe(bytes: &[u8]) -> Result<Size, LogoFault> {
        if !png::announced(bytes) {
            return Err(LogoFault::NotPng);
        }
        if bytes.len() > Self::MAX_BYTES {
            return Err(LogoFault::TooLarge);
        }
        let size = png::read(bytes).size.filter(|size| !size.is_empty()).ok_or(LogoFault::Damaged)?;
        if size.pixels() > Self::MAX_PIXELS { Err(LogoFault::TooManyPixels) } else { Ok(size) }
    }

    /// Reads an uploaded PNG (8 or 16 bit, grayscale, palette or colour) and writes it anew: 8 bit, sRGB,
    /// without its empty border, without metadata, no larger than marks need.
    pub fn read(bytes: &[u8]) -> Result<(Self, Size), LogoFault> {
        let mut pixels = decoded(bytes)?.trimmed()?.checked()?;
        loop {
            let size = pixels.size();
            let png = pixels.encoded()?;
            if size.pixels() <= Self::ENOUGH_PIXELS && png.len() <= Self::MAX_BYTES {
                return Ok((Self::stored(png), size));
            }
            let most = if png.len() > Self::MAX_BYTES { size.pixels() / 4 } else { Self::ENOUGH_PIXELS };
            pixels = pixels.shrunk(most.min(Self::ENOUGH_PIXELS)).ok_or(LogoFault::Damaged)?;
        }
    }

    /// A PNG as `read` gave it. Anything else is found out when it is drawn, and nothing is marked with it.
    pub fn stored(png: Vec<u8>) -> Self {
        Self { png: png.into() }
    }

    /// The file.
    pub fn png(&self) -> &[u8] {
        &self.png
    }

    /// Whether both are the same bytes in memory.
    pub(super) fn is_shared_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.png, &other.png)
    }

    /// Bytes that decoding it and drawing stamps of it take at most.
    pub(super) fn memory_needed(&self) -> u64 {
        let pixels = Self::probe(&self.png).map_or(0, Size::pixels);
        // Decoded, once more while it is made ready, and a stamp as large as the logo itself.
        pixels * 16 + self.png.len() as u64 * 3
    }

    pub(super) fn pixels(&self) -> Result<Rgba, LogoFault> {
        decoded(&self.png)?.trimmed()
    }
}

fn decoded(bytes: &[u8]) -> Result<Rgba, LogoFault> {
    Logo::probe(bytes)?;
    contained(|| pixels_of(bytes)).flatten().ok_or(LogoFault::Damaged)
}

fn pixels_of(bytes: &[u8]) -> Option<Rgba> {
    let bytes: Cow<'_, [u8]> = png::without_large_profile(bytes);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    let mut limits = image::Limits::default();
    // Eight bytes a pixel at most, and as much again to work with.
    limits.max_alloc = Some(Logo::MAX_PIXELS * 16);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let profile = decoder.icc_profile().ok().flatten();
    let coloured = decoder.color_type().has_color();
    let picture = DynamicImage::from_decoder(decoder).ok()?.into_rgba8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let data = picture.into_raw();
    let profile = profile.filter(|_| coloured).and_then(|profile| icc::fitting(profile, false));
    let data = profile.and_then(|profile| icc::rgba_to_srgb(&data, &profile)).unwrap_or(data);
    Some(Rgba { width, height, data })
}

impl Rgba {
    pub(crate) fn size(&self) -> Size {
        let edge = |length| u32::try_from(length).unwrap_or(u32::MAX);
        Size::new(edge(self.width), edge(self.height))
    }

    /// Without the rows and columns at its edges in which nothing is seen.
    pub(crate) fn trimmed(self) -> Result<Self, LogoFault> {
        /// Of 255; what is fainter is dust.
        const FAINT: u8 = 6;
        let alpha = |x: usize, y: usize| self.data[(y * self.width + x) * 4 + 3];
        let row = |y: &usize| (0..self.width).any(|x| alpha(x, *y) > FAINT);
        let column = |x: &usize| (0..self.height).any(|y| alpha(*x, y) > FAINT);
        let top = (0..self.height).find(row).ok_or(LogoFault::Invisible)?;
        let bottom = (0..self.height).rfind(row).ok_or(LogoFault::Invisible)?;
        let left = (0..self.width).find(column).ok_or(LogoFault::Invisible)?;
        let right = (0..self.width).rfind(column).ok_or(LogoFault::Invisible)?;
        let (width, height) = (right - left + 1, bottom - top + 1);
        let rows = (top..=bottom).map(|y| &self.data[(y * self.width + left) * 4..][..width * 4]);
        Ok(Self { width, height, data: rows.flatten().copied().collect() })
    }

    /// Whether enough would be seen of it, and whether it is a picture rather than a line.
    pub(crate) fn checked(self) -> Result<Self, LogoFault> {
        /// From here on a pixel counts as seen.
        const CLEAR: u8 = 48;
        let clear = self.data.iter().skip(3).step_by(4).filter(|alpha| **alpha >= CLEAR).count();
        if clear < 16 || clear * 200 < self.width * self.height {
            return Err(LogoFault::Invisible);
        }
        let is_thin = self.width > 20 * self.height || self.height > 20 * self.width;
        if is_thin { Err(LogoFault::TooThin) } else { Ok(self) }
    }

    /// With at most so many pixels.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "edges of a picture of a few megapixels"
    )]
    fn shrunk(&self, most: u64) -> Option<Self> {
        let share = (most as f64 / self.size().pixels() as f64).sqrt().min(1.0);
        let edge = |length: usize| ((length as f64 * share) as usize).max(1);
        self.resized(edge(self.width), edge(self.height))
    }

    /// At another size; colours count as much as they are seen.
    pub(crate) fn resized(&self, width: usize, height: usize) -> Option<Self> {
        let edge = |length| u32::try_from(length).unwrap_or(u32::MAX);
        let Size { width: from_width, height: from_height } = self.size();
        let source = ImageRef::new(from_width, from_height, &self.data, PixelType::U8x4).ok()?;
        let mut target = Image::new(edge(width), edge(height), PixelType::U8x4);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
        Resizer::new().resize(&source, &mut target, &options).ok()?;
        Some(Self { width, height, data: target.into_vec() })
    }

    pub(crate) fn encoded(&self) -> Result<Vec<u8>, LogoFault> {
        let mut png = Vec::new();
        let Size { width, height } = self.size();
        PngEncoder::new(&mut png)
            .write_image(&self.data, width, height, ExtendedColorType::from(ColorType::Rgba8))
            .map_err(|_| LogoFault::Damaged)?;
        Ok(png)
    }
}

impl Serialize for Logo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        BASE64_STANDARD.encode(self.png()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Logo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'_, str>::deserialize(deserializer)?;
        let png = BASE64_STANDARD.decode(text.as_bytes()).map_err(serde::de::Error::custom)?;
        Ok(Self::stored(png))
    }
}
