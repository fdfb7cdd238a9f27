//! How much a rendition looks like the photo that it was made of.

use anyhow::Context;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer, images::Image as Pixels};
use image::{DynamicImage, GrayImage, RgbImage, metadata::Orientation};
use imaging::Size;
use turbojpeg::PixelFormat;

/// The window in which two pictures are compared (Wang et al. 2004: Gaussian, 11 samples, σ 1.5).
const WINDOW: usize = 11;

/// The photo as people see it: decoded at its full size, every rendition's reference made of that by one Lanczos.
pub struct Reference(RgbImage);

impl Reference {
    /// Decodes a photo.
    pub fn new(jpeg: &[u8], orientation: u8) -> anyhow::Result<Self> {
        let decoded = turbojpeg::decompress(jpeg, PixelFormat::RGB)?;
        let (width, height) = (u32::try_from(decoded.width)?, u32::try_from(decoded.height)?);
        let picture = RgbImage::from_raw(width, height, decoded.pixels).context("rows without gaps")?;
        let mut picture = DynamicImage::ImageRgb8(picture);
        picture.apply_orientation(Orientation::from_exif(orientation).context("an orientation")?);
        Ok(Self(picture.into_rgb8()))
    }

    /// The structural similarity of the luma of a rendition and the photo at its size; 1 is the same picture.
    pub fn likeness(&self, rendition: &[u8]) -> anyhow::Result<f64> {
        let found = turbojpeg::decompress(rendition, PixelFormat::GRAY)?;
        let size = Size::new(u32::try_from(found.width)?, u32::try_from(found.height)?);
        let wanted = self.scaled(size)?;
        anyhow::ensure!(wanted.as_raw().len() == found.pixels.len(), "a rendition has rows without gaps");
        Ok(similarity(wanted.as_raw(), &found.pixels, found.width))
    }

    fn scaled(&self, size: Size) -> anyhow::Result<GrayImage> {
        let (width, height) = self.0.dimensions();
        let source = Pixels::from_vec_u8(width, height, self.0.as_raw().clone(), PixelType::U8x3)?;
        let mut target = Pixels::new(size.width, size.height, PixelType::U8x3);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
        Resizer::new().resize(&source, &mut target, &options)?;
        let light = |pixel: &[u8]| {
            let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
            u8::try_from((red * 19_595 + green * 38_470 + blue * 7_471 + 32_768) >> 16).unwrap_or(u8::MAX)
        };
        let luma = target.buffer().chunks_exact(3).map(light).collect();
        GrayImage::from_raw(size.width, size.height, luma).context("as many samples as pixels")
    }
}

/// The mean structural similarity of two planes.
fn similarity(one: &[u8], other: &[u8], width: usize) -> f64 {
    const C1: f32 = (0.01 * 255.0) * (0.01 * 255.0);
    const C2: f32 = (0.03 * 255.0) * (0.03 * 255.0);
    let real = |plane: &[u8]| -> Vec<f32> { plane.iter().map(|sample| f32::from(*sample)).collect() };
    let (a, b) = (real(one), real(other));
    let product = |a: &[f32], b: &[f32]| -> Vec<f32> { a.iter().zip(b).map(|(a, b)| a * b).collect() };
    let [aa, bb, ab] = [product(&a, &a), product(&b, &b), product(&a, &b)];
    let [a, b, aa, bb, ab] = [a, b, aa, bb, ab].map(|plane| blurred(&plane, width));
    let mut sum = 0.0;
    for at in 0..a.len() {
        let (both, of_a, of_b) = (a[at] * b[at], a[at] * a[at], b[at] * b[at]);
        let shared = (2.0 * both + C1) * (2.0 * (ab[at] - both) + C2);
        let apart = (of_a + of_b + C1) * ((aa[at] - of_a) + (bb[at] - of_b) + C2);
        sum += f64::from(shared / apart);
    }
    sum / f64::from(u32::try_from(a.len()).unwrap_or(u32::MAX))
}

/// Both ways, where the whole window lies inside.
fn blurred(plane: &[f32], width: usize) -> Vec<f32> {
    let weights = weights();
    let across: Vec<f32> = plane
        .chunks_exact(width)
        .flat_map(|row| {
            row.windows(WINDOW)
                .map(|part| part.iter().zip(weights).map(|(value, weight)| value * weight).sum())
        })
        .collect();
    let width = width.saturating_sub(WINDOW - 1);
    let height = across.len() / width.max(1);
    let mut down = Vec::with_capacity(across.len());
    for y in 0..height.saturating_sub(WINDOW - 1) {
        for x in 0..width {
            down.push(
                weights
                    .iter()
                    .enumerate()
                    .map(|(line, weight)| across[(y + line) * width + x] * weight)
                    .sum(),
            );
        }
    }
    down
}

fn weights() -> [f32; WINDOW] {
    let mut at = -5.0_f32;
    let weights = [0; WINDOW].map(|_| {
        let weight = (-at * at / 4.5).exp();
        at += 1.0;
        weight
    });
    let sum: f32 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

#[cfg(test)]
mod tests {
    use super::similarity;

    #[test]
    fn a_picture_is_like_itself_and_less_like_a_flat_one() {
        let picture: Vec<u8> = (0..64_u32 * 64).map(|at| u8::try_from(at * 37 % 251).unwrap_or(0)).collect();
        assert!((similarity(&picture, &picture, 64) - 1.0).abs() < 1e-6);
        assert!(similarity(&picture, &[128; 64 * 64], 64) < 0.2);
    }
}
