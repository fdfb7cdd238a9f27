//! From light to a photograph: the lens's glow and falloff, the film's curve and grain.

use image::{Rgb as Code, RgbImage};

use super::canvas::Canvas;
use super::colour::{Rgb, mix, rgb, smooth};
use super::noise::{bits, count, real};

/// How a picture is developed.
pub struct Film {
    /// A factor on all light.
    pub exposure: f32,
    /// The share of light that the lens scatters, 0 to 1.
    pub bloom: f32,
    /// How much darker the corners are, 0 to 1.
    pub vignette: f32,
    /// Strength of the grain; 1 is fine film.
    pub grain: f32,
    /// Steepness in the middle tones; 0 leaves them.
    pub contrast: f32,
    /// Colourfulness; 1 leaves it.
    pub saturation: f32,
}

/// Develops well what is lit well.
pub const FILM: Film =
    Film { exposure: 1.0, bloom: 0.11, vignette: 0.25, grain: 1.0, contrast: 0.12, saturation: 1.05 };

impl Film {
    /// The finished picture.
    pub fn develop(&self, canvas: &Canvas) -> RgbImage {
        let glow = scattered(canvas);
        let codes = self.codes();
        let (aspect, step) = (canvas.aspect(), canvas.step());
        let mut image = RgbImage::new(pixels(canvas.width), pixels(canvas.height));
        for (i, (code, pixel)) in image.pixels_mut().zip(&canvas.pixels).enumerate() {
            let (column, row) = (i % canvas.width, i / canvas.width);
            let (x, y) = ((real(column) + 0.5) * step, (real(row) + 0.5) * step);
            let sharp = rgb(pixel[0], pixel[1], pixel[2]);
            let mut light = sharp.mix(glow.light(x, y), self.bloom) * self.exposure;
            let (u, v) = ((x / aspect - 0.5) * 2.0, (y - 0.5) * 2.0);
            light = light * (1.0 - self.vignette * smooth(0.25, 2.2, u * u + v * v));
            let grey = light.luminance();
            light = exposed(rgb(grey, grey, grey).mix(light, self.saturation));
            let shown = light.map(|part| codes[count(part.clamp(0.0, 1.0).sqrt() * 4095.0)]);
            *code = Code(grained(shown, column, row, self.grain));
        }
        image
    }

    /// What the screen shows for the square root of light, both 0 to 1: the root spreads the shadows.
    /// Contrast is a gentle S around the middle grey.
    fn codes(&self) -> Vec<f32> {
        let code = |root: f32| {
            let shown = root.powf(2.0 / 2.2);
            mix(shown, shown * shown * (3.0 - 2.0 * shown), self.contrast)
        };
        (0..4096).map(|i| code(real(i) / 4095.0)).collect()
    }
}

/// Brings any light below white. Highlights keep their colour for long before they bleach.
fn exposed(light: Rgb) -> Rgb {
    let peak = light.r.max(light.g).max(light.b);
    if peak <= KNEE {
        return light;
    }
    let coloured = light * (shoulder(peak) / peak);
    coloured.mix(light.map(shoulder), mix(0.30, 1.0, smooth(0.8, 7.0, peak)))
}

/// Where the film's answer begins to flatten.
const KNEE: f32 = 0.5;

/// Faithful up to the middle, then rolls off toward white like film does.
fn shoulder(light: f32) -> f32 {
    if light < KNEE {
        return light;
    }
    let beyond = (light - KNEE) / (1.0 - KNEE);
    // Near enough to the exponential, and much quicker.
    let left = 1.0 / (1.0 + beyond * (1.0 + beyond * (0.5 + beyond * (0.1667 + beyond * 0.0417))));
    1.0 - (1.0 - KNEE) * left
}

/// The finished code of a pixel: grain is strongest in the middle tones and nearly grey.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
fn grained(shown: Rgb, column: usize, row: usize, strength: f32) -> [u8; 3] {
    let [a, b, tint, _] = bits(column, row).to_be_bytes().map(|byte| f32::from(byte) / 255.0);
    let [clump, ..] = bits(column / 2, row / 2 + 7919).to_be_bytes().map(|byte| f32::from(byte) / 255.0);
    let tone = shown.luminance();
    let weight = strength * (0.006 + 0.034 * (tone * (1.0 - tone)).max(0.0).sqrt());
    let grey = ((a + b - 1.0) * 0.8 + (clump - 0.5) * 0.5) * weight;
    let colour = (tint - 0.5) * weight * 0.5;
    [shown.r + grey + colour, shown.g + grey, shown.b + grey - colour]
        .map(|part| (part * 255.0 + 0.5).clamp(0.0, 255.0) as u8)
}

/// What a lens makes of all that light: halves of halves, laid over one another.
fn scattered(canvas: &Canvas) -> Canvas {
    let mut levels = vec![halved(canvas)];
    while levels.len() < 7 && levels[levels.len() - 1].height > 8 {
        levels.push(halved(&levels[levels.len() - 1]));
    }
    let mut sum = levels.pop().expect("one at least");
    while let Some(finer) = levels.pop() {
        // Stretching by the sides' ratio, since halves are rounded up.
        sum = Canvas::paint(finer.width, finer.height, |x, y| finer.light(x, y).mix(sum.light(x, y), 0.62));
    }
    sum
}

fn halved(canvas: &Canvas) -> Canvas {
    let (width, height) = (canvas.width.div_ceil(2), canvas.height.div_ceil(2));
    let mut half = Canvas::clear(width, height);
    for (i, pixel) in half.pixels.iter_mut().enumerate() {
        let (left, top) = (i % width * 2, i / width * 2);
        let (right, bottom) = ((left + 1).min(canvas.width - 1), (top + 1).min(canvas.height - 1));
        let corners = [(left, top), (right, top), (left, bottom), (right, bottom)];
        for (column, row) in corners {
            let corner = canvas.pixels[row * canvas.width + column];
            *pixel = std::array::from_fn(|i| pixel[i] + corner[i] * 0.25);
        }
    }
    half
}

fn pixels(side: usize) -> u32 {
    u32::try_from(side).expect("pictures are far smaller")
}
