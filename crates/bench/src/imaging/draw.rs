//! Pictures with the statistics of photographs: things of all sizes that hide one another, each with a texture, and
//! the noise of a sensor. The same on every run.

use image::{
    Rgb, RgbImage,
    imageops::{FilterType, resize},
};

/// The edge of the square of texture that is laid on things, a power of two.
const TILE: usize = 1024;
/// Radius of the smallest thing.
const SMALLEST: f32 = 5.0;
/// How often a picture is covered by things, on average.
const LAYERS: f32 = 3.5;
/// So many pixels of a soft background are one.
const BLUR: u32 = 48;
/// How far what is in focus reaches from the middle, of the picture's edge.
const SUBJECT: f32 = 0.36;

/// Numbers that look random (xorshift).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "24 bits fit")]
    fn share(&mut self) -> f32 {
        (self.next() >> 40) as f32 / 16_777_216.0
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.share()
    }
}

/// A disc with a colour, a texture and, at times, stripes.
struct Thing {
    x: f32,
    y: f32,
    radius: f32,
    colour: [f32; 3],
    roughness: f32,
    offset: (usize, usize),
    stripes: Option<(f32, f32)>,
}

impl Thing {
    fn any(dice: &mut Dice, width: f32, height: f32) -> Self {
        // As many things of each size as fill the same area: what makes photographs look alike at every scale.
        let largest = height / 3.0;
        let rarest = (SMALLEST / largest).powi(2);
        let radius = SMALLEST / (1.0 - dice.share() * (1.0 - rarest)).sqrt();
        let light = dice.between(20.0, 225.0);
        let striped = dice.share() < 0.12 && radius > 40.0;
        Self {
            x: dice.between(0.0, width),
            y: dice.between(0.0, height),
            radius,
            colour: [0; 3].map(|_| light + dice.between(-28.0, 28.0)),
            roughness: dice.share().powi(2) * 26.0,
            offset: (index(dice.between(0.0, 1024.0)), index(dice.between(0.0, 1024.0))),
            stripes: striped.then(|| (dice.between(0.15, 0.9), dice.between(-0.5, 0.5))),
        }
    }

    /// Paints over what is there, with an edge as soft as a good lens draws it.
    fn paint(&self, picture: &mut RgbImage, texture: &[f32]) {
        let (width, height) = (picture.width(), picture.height());
        let span = |centre: f32, edge: u32| {
            let from = (centre - self.radius - 1.0).max(0.0);
            let to = (centre + self.radius + 2.0).max(0.0);
            index(from)..index(to).min(edge as usize)
        };
        let columns = span(self.x, width);
        let samples: &mut [u8] = picture;
        for y in span(self.y, height) {
            let start = (y * width as usize + columns.start) * 3;
            let row = &mut samples[start..start + columns.len() * 3];
            let line = ((y + self.offset.1) % TILE) * TILE;
            for (x, pixel) in columns.clone().zip(row.chunks_exact_mut(3)) {
                let (dx, dy) = (real(x) - self.x, real(y) - self.y);
                let cover = ((self.radius - dx.hypot(dy)) / 1.4 + 0.5).clamp(0.0, 1.0);
                if cover <= 0.0 {
                    continue;
                }
                let mut rough = texture[line + (x + self.offset.0) % TILE] * self.roughness;
                if let Some((pitch, slope)) = self.stripes {
                    rough += ((dx + dy * slope) * pitch).sin().clamp(-0.5, 0.5) * 50.0;
                }
                for (sample, colour) in pixel.iter_mut().zip(self.colour) {
                    *sample = byte(f32::from(*sample) * (1.0 - cover) + (colour + rough) * cover);
                }
            }
        }
    }
}

/// What of a picture is in focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// All of it: the dearest that there is to decode and to encode.
    All,
    /// What stands in the middle, before a soft background: renditions weigh what those of real photos do.
    Subject,
}

/// A picture of this size, with nothing out of focus.
pub fn photograph(width: u32, height: u32) -> RgbImage {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let texture = texture(&mut dice);
    let mut picture = RgbImage::from_fn(width, height, |_, y| {
        let light = 235.0 - 90.0 * real(y as usize) / real(height as usize);
        Rgb([byte(light - 40.0), byte(light - 10.0), byte(light)])
    });
    let (wide, high) = (real(width as usize), real(height as usize));
    let area = std::f32::consts::TAU * SMALLEST.powi(2) * (high / 3.0 / SMALLEST).ln();
    for _ in 0..index(wide * high * LAYERS / area) {
        Thing::any(&mut dice, wide, high).paint(&mut picture, &texture);
    }
    add_noise(&mut dice, &mut picture);
    picture
}

/// The same picture with everything but its middle out of focus.
pub fn with_background(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let small = resize(picture, (width / BLUR).max(1), (height / BLUR).max(1), FilterType::Triangle);
    let mut soft = resize(&small, width, height, FilterType::CatmullRom);
    let (wide, high) = (real(width as usize), real(height as usize));
    for (x, y, pixel) in soft.enumerate_pixels_mut() {
        let (right, down) = (real(x as usize) / wide - 0.5, real(y as usize) / high - 0.5);
        let cover = ((SUBJECT - right.hypot(down)) / 0.08 + 0.5).clamp(0.0, 1.0);
        for (sample, sharp) in pixel.0.iter_mut().zip(picture.get_pixel(x, y).0) {
            *sample = byte(f32::from(*sample) * (1.0 - cover) + f32::from(sharp) * cover);
        }
    }
    soft
}

/// Noise of many sizes, finer ones fainter, that joins at its edges; about -1 to 1.
fn texture(dice: &mut Dice) -> Vec<f32> {
    let mut sum = vec![0.0; TILE * TILE];
    let (mut period, mut strength) = (256, 0.8);
    while period >= 2 {
        let cells = TILE / period;
        let corners: Vec<f32> = (0..cells * cells).map(|_| dice.between(-1.0, 1.0)).collect();
        for (at, value) in sum.iter_mut().enumerate() {
            let (x, y) = (at % TILE, at / TILE);
            let (right, down) = (real(x % period) / real(period), real(y % period) / real(period));
            let corner = |x: usize, y: usize| corners[(y % cells) * cells + x % cells];
            let (left, top) = (x / period, y / period);
            let upper = corner(left, top) * (1.0 - right) + corner(left + 1, top) * right;
            let lower = corner(left, top + 1) * (1.0 - right) + corner(left + 1, top + 1) * right;
            *value += (upper * (1.0 - down) + lower * down) * strength;
        }
        period /= 2;
        strength *= 0.78;
    }
    sum
}

/// What a sensor adds at a low sensitivity, and what making colours of its mosaic leaves: neighbours are alike.
fn add_noise(dice: &mut Dice, picture: &mut RgbImage) {
    let mut before = 0.0;
    for pixel in picture.pixels_mut() {
        let bits = dice.next().to_le_bytes().map(|byte| f32::from(byte) / 127.5 - 1.0);
        let here = bits[0] + bits[1] + bits[2];
        let grey = here * 0.75 + before * 0.55;
        before = here;
        let weight = 2.1 - f32::from(pixel.0[1]) / 220.0;
        for (sample, tint) in pixel.0.iter_mut().zip([bits[4], 0.0, bits[5]]) {
            *sample = byte(f32::from(*sample) + (grey + tint * 0.5) * weight);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "places in a picture")]
fn real(place: usize) -> f32 {
    place as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places in a picture, none negative"
)]
fn index(place: f32) -> usize {
    place as usize
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
fn byte(light: f32) -> u8 {
    (light + 0.5).clamp(0.0, 255.0) as u8
}
