//! A photographer's logo for pages and mails: read from any common format, turned upright, trimmed, made no larger than
//! pages need, and written anew as PNG.

use std::borrow::Cow;
use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};
use serde::{Deserialize, Serialize};

use crate::containers::png;
use crate::format::Format;
use crate::icc;
use crate::mark::Rgba;
use crate::probe::probe;
use crate::recipe::Limits;
use crate::refusal::Refusal;
use crate::render::contained;
use crate::size::Size;

/// A logo, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emblem {
    /// Pixels.
    pub size: Size,
    /// On which ground it can be seen.
    pub tone: Tone,
    /// Whether it has no colours, so that it may be shown with light and dark exchanged.
    pub is_gray: bool,
    /// A PNG, 8 bit, sRGB, without metadata. Serialised forms leave it out: it travels beside them as raw bytes.
    #[serde(skip)]
    pub png: Vec<u8>,
}

/// On which ground a logo can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// On any: it has a ground of its own, or colours that are seen everywhere.
    Any,
    /// It is dark and needs a light ground.
    Dark,
    /// It is light and needs a dark ground.
    Light,
}

/// Why a file is no logo. `Display` is one sentence that says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmblemFault {
    /// No picture at all.
    #[error("This file is not a picture; please choose a PNG, a JPEG or a WebP.")]
    NotAPicture,
    /// A picture that is not taken.
    #[error("A logo can't be {name} here; please export it as a PNG with a transparent background.")]
    Unsupported {
        /// What the file is.
        name: &'static str,
    },
    /// More than [`Emblem::MAX_BYTES`].
    #[error("This file is larger than 5 MB; please export the logo smaller.")]
    TooLarge,
    /// More than [`Emblem::MAX_MEGAPIXELS`].
    #[error("This picture has more than 12 megapixels; please export the logo smaller.")]
    TooManyPixels,
    /// It would be a blur.
    #[error("This picture is very small; please export the logo at least 64 pixels wide or high.")]
    TooSmall,
    /// A line rather than a picture.
    #[error("This picture is too long and thin for a logo; it may be 12 times as wide as it is high.")]
    TooThin,
    /// It can't be read.
    #[error("This picture is damaged; please export the logo again.")]
    Damaged,
    /// Transparent, or nearly so.
    #[error("Hardly anything would be seen of this logo, because nearly all of it is transparent.")]
    Invisible,
}

impl Emblem {
    /// The largest file that is taken: 5 MiB.
    pub const MAX_BYTES: usize = 5 << 20;
    /// The most pixels that are taken, in millions.
    pub const MAX_MEGAPIXELS: u32 = 12;

    /// Of the box that it fits into, which is half as high: twice as large as pages show it, for screens with two pixels
    /// to the point.
    const BOX_EDGE: u32 = 960;
    /// On its longer edge.
    const LEAST_EDGE: u32 = 64;
    const MOST_STRETCH: u32 = 12;

    /// What an uploaded file looks like by its head; decodes nothing.
    pub fn probe(bytes: &[u8]) -> Result<(), EmblemFault> {
        format(bytes).map(drop)
    }

    /// Reads an uploaded picture.
    pub fn read(bytes: &[u8]) -> Result<Self, EmblemFault> {
        let format = format(bytes)?;
        let pixels = contained(|| pixels_of(bytes, format)).flatten().ok_or(EmblemFault::Damaged)?;
        let pixels = pixels.trimmed().and_then(Rgba::checked).map_err(|_| EmblemFault::Invisible);
        let pixels = fitted(pixels?)?;
        let (tone, is_gray) = judged(&pixels);
        let png = pixels.encoded().map_err(|_| EmblemFault::Damaged)?;
        Ok(Self { size: pixels.size(), tone, is_gray, png })
    }
}

fn format(bytes: &[u8]) -> Result<ImageFormat, EmblemFault> {
    if bytes.len() > Emblem::MAX_BYTES {
        return Err(EmblemFault::TooLarge);
    }
    let limits = Limits { max_megapixels: Emblem::MAX_MEGAPIXELS, ..Limits::default() };
    let probed = probe(bytes, &limits).map_err(|refusal| match refusal {
        Refusal::TooManyPixels { .. } => EmblemFault::TooManyPixels,
        Refusal::UnsupportedFormat { name } => EmblemFault::Unsupported { name },
        Refusal::NotHere { format } => EmblemFault::Unsupported { name: format.name() },
        Refusal::Empty | Refusal::NotAnImage => EmblemFault::NotAPicture,
    })?;
    match probed.format {
        Format::Jpeg => Ok(ImageFormat::Jpeg),
        Format::Png => Ok(ImageFormat::Png),
        Format::WebP => Ok(ImageFormat::WebP),
        Format::Gif => Ok(ImageFormat::Gif),
        Format::Tiff => Ok(ImageFormat::Tiff),
        Format::Bmp => Ok(ImageFormat::Bmp),
        other => Err(EmblemFault::Unsupported { name: other.name() }),
    }
}

fn pixels_of(bytes: &[u8], format: ImageFormat) -> Option<Rgba> {
    let bytes: Cow<'_, [u8]> =
        if format == ImageFormat::Png { png::without_large_profile(bytes) } else { bytes.into() };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = image::Limits::default();
    // Eight bytes a pixel at most, and half as much again to work with.
    limits.max_alloc = Some(u64::from(Emblem::MAX_MEGAPIXELS) * 12_000_000);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    // The head may have kept silent about it.
    if Size::new(width, height).pixels() > u64::from(Emblem::MAX_MEGAPIXELS) * 1_000_000 {
        return None;
    }
    let profile = decoder.icc_profile().ok().flatten();
    let orientation = decoder.orientation().ok();
    let coloured = decoder.color_type().has_color();
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    let picture = picture.into_rgba8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let data = picture.into_raw();
    let profile = profile.filter(|_| coloured).and_then(|profile| icc::fitting(profile, false));
    let data = profile.and_then(|profile| icc::rgba_to_srgb(&data, &profile)).unwrap_or(data);
    Some(Rgba { width, height, data })
}

/// Within the box, never larger than it came.
fn fitted(pixels: Rgba) -> Result<Rgba, EmblemFault> {
    let Size { width, height } = pixels.size();
    if width.max(height) < Emblem::LEAST_EDGE {
        return Err(EmblemFault::TooSmall);
    }
    if width > Emblem::MOST_STRETCH * height || height > Emblem::MOST_STRETCH * width {
        return Err(EmblemFault::TooThin);
    }
    // With its height counted twice the box is a square.
    let fitted = Size::new(width, 2 * height).fitted(Emblem::BOX_EDGE);
    if fitted.width == width {
        return Ok(pixels);
    }
    let (wide, high) = (fitted.width as usize, (fitted.height as usize / 2).max(1));
    pixels.resized(wide, high).ok_or(EmblemFault::Damaged)
}

/// On which ground it can be seen, and whether it has no colours. A logo that covers its whole ground is seen anywhere.
fn judged(pixels: &Rgba) -> (Tone, bool) {
    /// Of 255: from here on a pixel is seen.
    const SEEN: u8 = 64;
    /// Brightness at which a pixel is lost on the ground of a dark page, and of a light one.
    const LOST_ON_DARK: u32 = 72;
    const LOST_ON_LIGHT: u32 = 196;
    let all = pixels.width * pixels.height;
    let (mut seen, mut dark, mut light, mut coloured) = (0_usize, 0_usize, 0_usize, 0_usize);
    for pixel in pixels.data.chunks_exact(4).filter(|pixel| pixel[3] >= SEEN) {
        let (red, green, blue) = (u32::from(pixel[0]), u32::from(pixel[1]), u32::from(pixel[2]));
        let brightness = (red * 299 + green * 587 + blue * 114) / 1000;
        let spread = red.max(green).max(blue) - red.min(green).min(blue);
        seen += 1;
        dark += usize::from(brightness < LOST_ON_DARK);
        light += usize::from(brightness > LOST_ON_LIGHT);
        coloured += usize::from(spread > 28);
    }
    let is_gray = coloured * 50 < seen;
    if seen * 50 > all * 49 {
        return (Tone::Any, false);
    }
    // A few pixels of an outline do not decide.
    let tone = match (dark * 8 > seen, light * 8 > seen) {
        (true, false) => Tone::Dark,
        (false, true) => Tone::Light,
        _ => Tone::Any,
    };
    (tone, is_gray)
}

#[cfg(test)]
mod tests {
    use image::{Rgba as Pixel, RgbaImage};

    use super::*;

    fn file(width: u32, height: u32, format: ImageFormat, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
        let picture = RgbaImage::from_fn(width, height, |x, y| Pixel(pixel(x, y)));
        let picture = DynamicImage::ImageRgba8(picture);
        let picture =
            if format == ImageFormat::Jpeg { DynamicImage::ImageRgb8(picture.into_rgb8()) } else { picture };
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), format).expect("it can be written");
        bytes
    }

    /// Bars of a colour on nothing.
    fn bars(colour: [u8; 3]) -> impl Fn(u32, u32) -> [u8; 4] {
        move |x, _| [colour[0], colour[1], colour[2], if x % 20 < 10 { 255 } else { 0 }]
    }

    #[test]
    fn the_ground_follows_from_what_is_seen() {
        for (colour, expected) in [
            ([10, 10, 10], (Tone::Dark, true)),
            ([10, 10, 60], (Tone::Dark, false)),
            ([250, 250, 250], (Tone::Light, true)),
            ([250, 240, 150], (Tone::Light, false)),
            ([200, 80, 60], (Tone::Any, false)),
        ] {
            let emblem = Emblem::read(&file(200, 80, ImageFormat::Png, bars(colour))).expect("a logo");
            assert_eq!((emblem.tone, emblem.is_gray), expected, "{colour:?}");
        }
        let covering =
            Emblem::read(&file(200, 80, ImageFormat::Jpeg, |_, _| [9, 9, 9, 255])).expect("a logo");
        assert_eq!((covering.tone, covering.is_gray), (Tone::Any, false), "it brings its own ground");
    }

    #[test]
    fn logos_of_every_common_format_become_pngs_within_the_box() {
        for format in
            [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp]
        {
            let emblem = Emblem::read(&file(2000, 500, format, |_, _| [90, 40, 200, 255])).expect("a logo");
            assert_eq!(emblem.size, Size::new(960, 240), "{format:?}");
            assert!(png::announced(&emblem.png), "{format:?}");
        }
        let high =
            Emblem::read(&file(300, 900, ImageFormat::Png, |_, _| [90, 40, 200, 255])).expect("a logo");
        assert_eq!(high.size, Size::new(160, 480));
        let bordered = |x: u32, _| [0, 0, 0, if (100..200).contains(&x) { 255 } else { 0 }];
        let trimmed = Emblem::read(&file(300, 90, ImageFormat::Png, bordered)).expect("a logo");
        assert_eq!(trimmed.size, Size::new(100, 90), "its empty border is gone");
    }

    #[test]
    fn what_is_no_logo_is_refused_in_words() {
        let of = |bytes: &[u8]| Emblem::read(bytes).expect_err("no logo");
        let solid = |width, height| file(width, height, ImageFormat::Png, |_, _| [0, 0, 0, 255]);
        assert_eq!(of(b"hello"), EmblemFault::NotAPicture);
        assert_eq!(of(&vec![0; Emblem::MAX_BYTES + 1]), EmblemFault::TooLarge);
        assert_eq!(of(&solid(40, 20)), EmblemFault::TooSmall);
        assert_eq!(of(&solid(1400, 100)), EmblemFault::TooThin);
        assert_eq!(of(&solid(4000, 3100)), EmblemFault::TooManyPixels);
        assert_eq!(of(&file(90, 90, ImageFormat::Png, |_, _| [0, 0, 0, 0])), EmblemFault::Invisible);
        let mut cut = solid(300, 300);
        cut.truncate(60);
        assert_eq!(of(&cut), EmblemFault::Damaged);
    }
}
