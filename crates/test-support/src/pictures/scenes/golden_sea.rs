//! The sun just above the sea, and its path of glitter.

use crate::pictures::canvas::Canvas;
use crate::pictures::colour::{Rgb, hex, rgb, scale, smooth};
use crate::pictures::noise::{chance, fbm, noise, whole};

const HORIZON: f32 = 0.56;
const SUN: (f32, f32) = (1.12, 0.085);
const EYE: f32 = 0.9;

pub fn paint(width: usize, height: usize) -> Canvas {
    Canvas::paint(width, height, |x, y| if y < HORIZON { sky(x, HORIZON - y, true) } else { water(x, y) })
}

/// The sky at a height above the horizon, in picture heights.
fn sky(x: f32, up: f32, clouds: bool) -> Rgb {
    let base = scale(
        &[
            (0.0, hex(0xffb765)),
            (0.07, hex(0xff9f5c)),
            (0.18, hex(0xe08a78)),
            (0.34, hex(0x8f7898)),
            (0.60, hex(0x41598c)),
        ],
        up,
    );
    let (dx, dy) = (x - SUN.0, up - SUN.1);
    let far = (dx * dx + dy * dy).sqrt();
    let glow = hex(0xffa24a) * (0.8 * (-far * 4.0).exp()) + hex(0xffe3a8) * (2.0 * (-far * 16.0).exp());
    let mut light = base + glow;
    if clouds {
        let far_off = 1.0 / (up + 0.06);
        let (u, v) = ((x - 0.9) * far_off * 0.55, far_off * 1.25);
        let bend = noise(u * 0.7, v * 0.5);
        let thick = fbm(u + bend * 0.5 + 3.0, v + 1.0, 6);
        let toward = fbm(u + bend * 0.5 + 3.0 - dx * 0.12, v + 1.10, 4);
        let cover = smooth(0.02, 0.42, thick) * smooth(0.015, 0.12, up);
        let lit = smooth(-0.10, 0.26, thick - toward + 0.10);
        let near_sun = (-far * 1.9).exp();
        let dark = hex(0x6d5a7c).mix(hex(0xb5655a), near_sun);
        let bright = hex(0xf09a80).mix(hex(0xffd9a0) * 1.5, near_sun);
        light = light.mix(dark.mix(bright, lit), cover * 0.9);
    }
    light + rgb(26.0, 15.0, 5.5) * smooth(0.0385, 0.0335, far)
}

/// The water as a mirror of many small slopes; far off they are finer than a pixel and only roughen it.
fn water(x: f32, y: f32) -> Rgb {
    let down = y - HORIZON + 0.0006;
    let far = EYE / down;
    let (wx, wz) = ((x - 0.889) * far, far);
    let footprint = far * far / EYE / 1012.0;
    let (mut tilt_x, mut tilt_z, mut rough) = (0.0, 0.0, 0.0);
    let (mut fine, mut strength) = (0.55, 0.10);
    for octave in 0..10_u8 {
        let seen = smooth(0.9, 0.12, footprint * fine);
        if seen > 0.0 {
            let turn = (f32::from(octave) * 2.4).sin() * 0.55;
            let (u, v) = ((wx + wz * turn) * fine * 0.50, (wz - wx * turn) * fine * 1.15);
            let shift = f32::from(octave) * 11.3;
            let here = crest(u + shift, v);
            tilt_x += (crest(u + 0.12 + shift, v) - here) * strength * seen * 3.5;
            tilt_z += (crest(u + shift, v + 0.12) - here) * strength * seen * 8.0;
        }
        rough += strength * (1.0 - seen);
        fine *= 1.75;
        strength *= 0.86;
    }
    // A slope that faces the eye shows higher sky.
    let up = (down + 0.04 + 1.1 * (tilt_z + 0.25 * rough).max(-down * 0.5)).clamp(0.0, 0.62);
    let mirrored = sky(x + tilt_x * 0.5, up, false);
    let facing = (down * 0.9 + tilt_z * 0.8 + 0.03).clamp(0.0, 1.0);
    let fresnel = 0.03 + 0.97 * (1.0 - facing).powi(5);
    let deep = hex(0x0e2c40).mix(hex(0x24525c), 0.5 * smooth(0.0, 0.45, down));
    let mut light = deep.mix(mirrored, fresnel * 0.86);
    let (slope_x, slope_z) =
        ((x - SUN.0) * 0.62 - tilt_x * 0.55, (SUN.1 - down) * 0.42 - tilt_z * 0.62 + 0.01);
    let (wide, high) = (0.030 + 0.16 * rough + 0.05 * down, 0.045 + 0.26 * rough);
    let path = (-(slope_x / wide).powi(2) - (slope_z / high).powi(2)).exp();
    let twinkle = 0.25 + 3.5 * chance(whole(x * 1000.0), whole(y * 1000.0), 5).powi(5);
    light += rgb(7.5, 3.7, 1.25) * (path * twinkle * smooth(0.0, 0.004, down));
    light.mix(hex(0xf4a768), smooth(0.035, 0.0, down) * 0.40)
}

/// A wave's shape: pointed above, round below.
fn crest(u: f32, v: f32) -> f32 {
    let swell = noise(u, v);
    swell - 0.55 * swell.abs()
}
