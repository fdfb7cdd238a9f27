//! A logo as a stamp: its own colours, with a soft shadow that sets it off from what is behind.

use super::layer::Layer;
use super::logo::{Logo, LogoFault, Rgba};
use super::stamp::{Lattice, Stamp};
use super::{shadow, share};
use crate::error::Error;
use crate::icc;
use crate::planes::Plane;

/// How far the shadow reaches, as a share of the logo's mean edge, and how strong it is in its middle.
const REACH: f32 = 0.018;
const STRENGTH: f32 = 0.55;

/// Gaps between tiles on a line and between lines, as a share of the logo's mean edge.
const GAP: f32 = 0.85;
const LINE_GAP: f32 = 0.65;

/// A logo that was decoded, in sRGB.
pub(super) struct Artwork {
    pixels: Rgba,
}

/// Pixels whose colours are multiplied with their alpha, with even edges and room for a shadow.
struct Sheet {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

impl Artwork {
    pub(super) fn of(logo: &Logo) -> Result<Self, LogoFault> {
        Ok(Self { pixels: logo.pixels()? })
    }

    /// Width by height.
    #[expect(clippy::cast_precision_loss, reason = "edges of a picture")]
    pub(super) fn aspect(&self) -> f32 {
        self.pixels.width as f32 / self.pixels.height as f32
    }

    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        self.pixels.data.len()
    }

    /// Draws the stamp at a size, rising by so many degrees, for pictures with a colour profile; `None` when
    /// nothing would be seen.
    pub(super) fn stamp(
        &self,
        (width, height): (f32, f32),
        opacity: f32,
        degrees: f32,
        profile: Option<&[u8]>,
    ) -> Result<Option<Stamp>, Error> {
        let sheet = self.sheet(width, height, profile)?;
        let mean_edge = (width * height).sqrt();
        let reach = rounded(mean_edge * REACH).max(1);
        let sheet = sheet.turned(degrees, 3 * reach);
        let shade = sheet.shade(reach);
        let (luma, chroma) = layers(&sheet, &shade, opacity);
        let (sin, cos) = (-degrees).to_radians().sin_cos();
        let (step, gap) = (width + mean_edge * GAP, height + mean_edge * LINE_GAP);
        let even = |length: usize| -i64::try_from(length / 4 * 2).unwrap_or(0);
        let lattice = Lattice {
            offset: (even(sheet.width), even(sheet.height)),
            along: (cos * step, sin * step),
            across: (-sin * gap, cos * gap),
        };
        Ok(Stamp::new(luma, chroma, lattice))
    }

    /// The logo at a size, in colours that look in a profile as they do in sRGB.
    fn sheet(&self, width: f32, height: f32, profile: Option<&[u8]>) -> Result<Sheet, Error> {
        let (width, height) = (rounded(width).max(1), rounded(height).max(1));
        let Rgba { width, height, mut data } = self.pixels.resized(width, height).ok_or(Error::MarkFailed)?;
        if let Some(fitting) = profile.and_then(|profile| icc::rgba_from_srgb(&data, profile)) {
            data = fitting;
        }
        for pixel in data.chunks_exact_mut(4) {
            let alpha = u32::from(pixel[3]);
            for sample in &mut pixel[..3] {
                *sample = share(u32::from(*sample) * alpha);
            }
        }
        Ok(Sheet { width, height, data })
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places and samples of a picture of a few thousand pixels"
)]
impl Sheet {
    /// Rising by so many degrees, with a rim and even edges.
    fn turned(&self, degrees: f32, rim: usize) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (from_width, from_height) = (self.width as f32, self.height as f32);
        let across = from_width * cos.abs() + from_height * sin.abs();
        let down = from_width * sin.abs() + from_height * cos.abs();
        let width = (across.ceil() as usize + 2 * rim).next_multiple_of(2);
        let height = (down.ceil() as usize + 2 * rim).next_multiple_of(2);
        let mut data = vec![0; width * height * 4];
        // Without an angle samples stay samples.
        let centre = |to: usize, from: usize| {
            if degrees == 0.0 { ((to - from) / 2) as f32 + from as f32 / 2.0 } else { to as f32 / 2.0 }
        };
        let (middle_x, middle_y) = (centre(width, self.width), centre(height, self.height));
        for (index, pixel) in data.chunks_exact_mut(4).enumerate() {
            let x = (index % width) as f32 + 0.5 - middle_x;
            let y = (index / width) as f32 + 0.5 - middle_y;
            let from_x = x * cos - y * sin + from_width / 2.0 - 0.5;
            let from_y = x * sin + y * cos + from_height / 2.0 - 0.5;
            pixel.copy_from_slice(&self.between(from_x, from_y));
        }
        Self { width, height, data }
    }

    /// What lies between the four samples around a place.
    fn between(&self, x: f32, y: f32) -> [u8; 4] {
        let (left, upper) = (x.floor(), y.floor());
        let (right_share, lower_share) = (x - left, y - upper);
        let mut mixed = [0.5; 4];
        for (down, row_share) in [(0.0, 1.0 - lower_share), (1.0, lower_share)] {
            for (across, column_share) in [(0.0, 1.0 - right_share), (1.0, right_share)] {
                let (column, row) = (left + across, upper + down);
                if column < 0.0 || row < 0.0 || column >= self.width as f32 || row >= self.height as f32 {
                    continue;
                }
                let at = (row as usize * self.width + column as usize) * 4;
                for (mixed, sample) in mixed.iter_mut().zip(&self.data[at..at + 4]) {
                    *mixed += f32::from(*sample) * row_share * column_share;
                }
            }
        }
        mixed.map(|sample| sample as u8)
    }

    /// The shadow: soft, and as strong around thin lines as around broad ones.
    fn shade(&self, reach: usize) -> Plane {
        let data = self.data.iter().skip(3).step_by(4).copied().collect();
        let mut shade = shadow::soft(&Plane { width: self.width, height: self.height, data }, reach);
        for sample in &mut shade.data {
            *sample = sample.saturating_mul(3);
        }
        shade
    }
}

/// Luma, and chroma where there is colour.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255 times 255")]
fn layers(sheet: &Sheet, shade: &Plane, opacity: f32) -> (Layer, Vec<Layer>) {
    // A light logo is lost on light pictures and a dark one on dark: its shadow is the other.
    let behind = if is_light(sheet) { 0.0 } else { 255.0 };
    let mut keep = Plane::filled(sheet.width, sheet.height, 255);
    let mut add = vec![0; keep.data.len()];
    for (index, pixel) in sheet.data.chunks_exact(4).enumerate() {
        let cover = f32::from(pixel[3]) / 255.0;
        let stays = 1.0 - cover * opacity;
        // The shadow lies around the logo, not under it.
        let shaded = f32::from(shade.data[index]) / 255.0 * STRENGTH * opacity * (1.0 - cover);
        keep.data[index] = ((1.0 - shaded) * stays * 255.0).round() as u8;
        add[index] = (255.0 * (luma(pixel) * opacity + behind * shaded * stays)).round() as u16;
    }
    let layer = Layer::new(keep, add);
    let colours: [fn(&[u8]) -> f32; 2] = [blue_difference, red_difference];
    if sheet.data.chunks_exact(4).all(|pixel| colours.iter().all(|colour| colour(pixel).abs() < 2.0)) {
        let chroma = vec![layer.fading()];
        return (layer, chroma);
    }
    let tinted = |colour: fn(&[u8]) -> f32| {
        layer.tinting(|x, y| {
            let at = |x: usize, y: usize| colour(&sheet.data[(y * sheet.width + x) * 4..][..4]);
            let four =
                at(2 * x, 2 * y) + at(2 * x + 1, 2 * y) + at(2 * x, 2 * y + 1) + at(2 * x + 1, 2 * y + 1);
            (four / 4.0 * 255.0 * opacity).round() as i32
        })
    };
    let chroma = colours.map(tinted).into();
    (layer, chroma)
}

fn is_light(sheet: &Sheet) -> bool {
    let sum = |part: fn(&[u8]) -> f32| sheet.data.chunks_exact(4).map(part).sum::<f32>();
    sum(luma) > 0.45 * sum(|pixel| f32::from(pixel[3]))
}

/// Of red, green and blue, as JPEG has it (ITU-T T.871, section 7).
fn luma(pixel: &[u8]) -> f32 {
    0.299 * f32::from(pixel[0]) + 0.587 * f32::from(pixel[1]) + 0.114 * f32::from(pixel[2])
}

/// Around zero.
fn blue_difference(pixel: &[u8]) -> f32 {
    (f32::from(pixel[2]) - luma(pixel)) / 1.772
}

/// Around zero.
fn red_difference(pixel: &[u8]) -> f32 {
    (f32::from(pixel[0]) - luma(pixel)) / 1.402
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length in pixels")]
fn rounded(length: f32) -> usize {
    length.round() as usize
}
