//! The sun goes down over a sea of clouds, seen from above.

use crate::pictures::canvas::Canvas;
use crate::pictures::colour::{BLACK, Rgb, hex, mix, rgb, scale, smooth};
use crate::pictures::land::{Relief, Way};
use crate::pictures::noise::{fbm, fbm3, noise};

const HORIZON: f32 = 0.40;
const SUN: (f32, f32) = (1.02, 0.335);
const EYE: f32 = 1.25;
const LENS: f32 = 0.95;
const FAR: f32 = 45.0;
const HIGHEST: f32 = 1.8;

pub fn paint(width: usize, height: usize) -> Canvas {
    let sun = Way::new((SUN.0 - 0.75) / LENS, 0.13, 1.0);
    let tops = Relief::measure((-36.0, 0.0), (36.0, 46.0), 0.06, billows);
    let shadows = tops.shadows(sun);
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let clouds = Canvas::compose(half_width, half_height, |x, y| cloud(x, y, &tops, &shadows));
    Canvas::paint(width, height, |x, y| {
        let [r, g, b, cover] = clouds.at(x, y);
        let open = 1.0 - cover;
        if open < 0.001 { rgb(r, g, b) } else { sky(x, y) * open + rgb(r, g, b) }
    })
}

fn sky(x: f32, y: f32) -> Rgb {
    let base = scale(
        &[
            (0.0, hex(0x27477f)),
            (0.14, hex(0x5f7cae)),
            (0.26, hex(0xb9a5b4)),
            (0.35, hex(0xf6bd93)),
            (0.42, hex(0xffcf94)),
        ],
        y,
    );
    let (dx, dy) = (x - SUN.0, y - SUN.1);
    let far = (dx * dx + dy * dy).sqrt();
    let glow = hex(0xffb066) * (0.7 * (-far * 3.6).exp()) + hex(0xffe6b8) * (1.6 * (-far * 15.0).exp());
    let light = base + glow + rgb(22.0, 14.0, 6.5) * smooth(0.0272, 0.0222, far);
    let high = smooth(0.36, 0.1, y);
    if high <= 0.0 {
        return light;
    }
    let thin = smooth(0.05, 0.55, fbm(x * 1.2 + 0.6 * y, y * 11.0 + 0.7 * x, 5)) * high;
    light + (hex(0xf2c3b0) - base) * (thin * 0.35)
}

/// The tops of the clouds: round above, creased between.
fn billows(x: f32, z: f32) -> f32 {
    let (mut sum, mut strength, mut fine) = (0.0, 1.0, 0.42);
    let bend = noise(x * 0.3, z * 0.3) * 0.5;
    for octave in 0..4_u8 {
        let shift = f32::from(octave) * 7.7;
        sum += strength * (noise(x * fine + bend + shift, z * fine - bend + shift).abs() * 1.5 - 0.35);
        strength *= 0.46;
        fine *= 2.1;
    }
    let towers = smooth(0.05, 0.6, fbm(x * 0.13 + 25.0, z * 0.13 + 0.0, 3));
    0.42 * sum * (0.55 + 0.9 * towers) + 0.75 * towers
}

/// Light and cover of the clouds on the way of one look.
fn cloud(x: f32, y: f32, tops: &Relief, shadows: &Relief) -> [f32; 4] {
    let (aside, down) = ((x - 0.75) / LENS, (y - HORIZON) / LENS);
    let (mut z, mut light, mut open) = (0.6, BLACK, 1.0);
    let air = sky(mix(x, SUN.0, 0.15), HORIZON - 0.012);
    let toward = (-((x - SUN.0).powi(2) * 2.2 + (y - SUN.1).powi(2) * 3.0)).exp();
    while z < FAR && open > 0.02 {
        let (px, py) = (aside * z, EYE - down * z);
        let above = py - tops.at(px, z);
        if above > 0.30 {
            z += (above * 0.45).max(0.012 * z);
            if down <= 0.0 && py > HIGHEST {
                z = FAR;
            }
            continue;
        }
        let stride = 0.014 * z;
        let wisps = fbm3(px * 2.6, py * 3.4, z * 2.6, if z < 14.0 { 4 } else { 3 });
        let thick = ((0.34 * wisps - above) * 5.0).clamp(0.0, 1.0);
        if thick > 0.0 {
            let lit = smooth(-0.26, 0.14, py - shadows.at(px, z) + 0.26 * wisps);
            let edge = 1.0 - thick * 0.6;
            let warm = hex(0xffb877).mix(hex(0xffd9a8), lit) * (lit * (0.62 + 1.0 * toward * edge));
            let high = smooth(-0.5, 0.9, py + 0.3 * wisps);
            let cool = hex(0x4c5f9c).mix(hex(0xa98fb4), high) * mix(0.50, 0.85, high);
            let far = 1.0 - (-z * 0.050).exp();
            let cover = (1.0 - (-thick * stride * 26.0).exp()) * open;
            light += (cool + warm).mix(air, far * 0.85) * cover;
            open -= cover;
        }
        z += stride;
    }
    let rest = smooth(FAR * 0.5, FAR, z) * open;
    let left = open - rest;
    let light = light + hex(0x4f5f95) * (left * (1.0 - smooth(FAR * 0.5, FAR, z)));
    [light.r, light.g, light.b, 1.0 - rest]
}
