//! Colours as light: linear, unbounded, red–green–blue.

use std::ops::{Add, AddAssign, Mul, Sub};

/// An amount of light in each of the three colours; 1.0 is the white of the screen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rgb {
    pub r: f32,
    pub g: f32,
    pub b: f32,
}

pub const BLACK: Rgb = rgb(0.0, 0.0, 0.0);
pub const WHITE: Rgb = rgb(1.0, 1.0, 1.0);

pub const fn rgb(r: f32, g: f32, b: f32) -> Rgb {
    Rgb { r, g, b }
}

/// A colour as designers write it, `0x1b2a49`, turned into light.
pub fn hex(code: u32) -> Rgb {
    let [_, r, g, b] = code.to_be_bytes().map(|byte| (f32::from(byte) / 255.0).powf(2.2));
    rgb(r, g, b)
}

/// The colour at `t` on a scale of stops that rise.
pub fn scale(stops: &[(f32, Rgb)], t: f32) -> Rgb {
    let after = stops.iter().position(|stop| stop.0 > t).unwrap_or(stops.len());
    match (after.checked_sub(1).and_then(|before| stops.get(before)), stops.get(after)) {
        (Some(a), Some(b)) => a.1.mix(b.1, smooth(a.0, b.0, t)),
        (Some(only), None) | (None, Some(only)) => only.1,
        (None, None) => BLACK,
    }
}

/// 0 below `from`, 1 above `to`, an easy curve between; falls when `from` is above `to`.
pub fn smooth(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// The way from `a` to `b`, straight.
pub fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

impl Rgb {
    pub fn mix(self, other: Self, t: f32) -> Self {
        self + (other - self) * t
    }

    /// How bright it looks.
    pub fn luminance(self) -> f32 {
        0.2126 * self.r + 0.7152 * self.g + 0.0722 * self.b
    }

    /// Each of the three by itself.
    pub fn map(self, change: impl Fn(f32) -> f32) -> Self {
        rgb(change(self.r), change(self.g), change(self.b))
    }

    /// The light that this colour lets through of another.
    pub fn times(self, other: Self) -> Self {
        rgb(self.r * other.r, self.g * other.g, self.b * other.b)
    }
}

impl Add for Rgb {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        rgb(self.r + other.r, self.g + other.g, self.b + other.b)
    }
}

impl AddAssign for Rgb {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Rgb {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        rgb(self.r - other.r, self.g - other.g, self.b - other.b)
    }
}

impl Mul<f32> for Rgb {
    type Output = Self;

    fn mul(self, factor: f32) -> Self {
        rgb(self.r * factor, self.g * factor, self.b * factor)
    }
}
