//! Mountain ridges behind one another in the mist of a dusk.

use crate::pictures::canvas::Canvas;
use crate::pictures::colour::{BLACK, Rgb, hex, mix, rgb, scale, smooth};
use crate::pictures::noise::{Dice, count, fbm, noise, real, ridged};
use crate::pictures::trees::spruce;

const RIDGES: usize = 9;
const SUN: (f32, f32) = (0.98, 0.385);

struct Ridge {
    /// The ground's place above each column.
    ground: Vec<f32>,
    /// The same with the trees on it.
    crest: Vec<f32>,
    colour: Rgb,
    mist: Rgb,
    seed: f32,
    near: f32,
}

pub fn paint(width: usize, height: usize) -> Canvas {
    let ridges: Vec<Ridge> = (0..RIDGES).rev().map(|i| ridge(i, width, height)).collect();
    let step = 1.0 / real(height);
    let mut canvas = Canvas::paint(width, height, |x, y| {
        let column = count(x / step).min(width - 1);
        let (mut light, mut open) = (BLACK, 1.0);
        for ridge in &ridges {
            let cover = ((y - ridge.crest[column]) / step + 0.5).clamp(0.0, 1.0);
            if cover > 0.0 {
                light += hillside(ridge, x, y, y - ridge.ground[column]) * (cover * open);
                open *= 1.0 - cover;
                if open < 0.004 {
                    return light;
                }
            }
        }
        light + sky(x, y) * open
    });
    let mut dice = Dice::new(12);
    let mut x = -0.02;
    while x < canvas.aspect() + 0.02 {
        x += dice.between(0.003, 0.018);
        let column = count(x.max(0.0) / step).min(width - 1);
        let grove = smooth(-0.35, 0.5, noise(x * 2.6 + 5.0, 1.0) + 0.4 * noise(x * 9.0, 4.0));
        let tall = dice.between(0.5, 1.0) * mix(0.018, 0.135, grove);
        let foot = ridges[0].ground[column] + 0.02;
        spruce(&mut canvas, (x, foot), tall, hex(0x091722), hex(0x122433), &mut dice);
    }
    canvas
}

fn ridge(i: usize, width: usize, height: usize) -> Ridge {
    let near = real(i) / real(RIDGES - 1);
    let seed = real(i) * 13.7 + 4.0;
    let step = 1.0 / real(height);
    let base = 0.455 + 0.505 * near.powf(1.25);
    let (tall, fine) = (mix(0.085, 0.15, near), mix(3.0, 1.05, near));
    let ground: Vec<f32> = (0..width)
        .map(|column| {
            let x = real(column) * step * fine + seed;
            let bent = x + 0.25 * noise(x * 0.8, seed + 7.0);
            let peaks = 0.62 * ridged(bent, seed, 3) + 0.22 * fbm(x * 3.1, seed + 1.0, 5);
            base - tall * (peaks - 0.22 + 0.75 * noise(x * 0.45, seed + 3.3))
        })
        .collect();
    let mut crest = ground.clone();
    if (0.5..0.95).contains(&near) {
        plant(&mut crest, &ground, i, step, mix(0.004, 0.036, (near - 0.5) / 0.5));
    }
    let colour = scale(
        &[
            (0.0, hex(0xbdb2a6)),
            (0.3, hex(0x7d929b)),
            (0.6, hex(0x44667a)),
            (0.85, hex(0x1e394b)),
            (1.0, hex(0x091722)),
        ],
        near,
    );
    let mist = scale(
        &[(0.0, hex(0xf5d6ab)), (0.4, hex(0xc4c4b6)), (0.8, hex(0x7c9ca8)), (1.0, hex(0x395566))],
        near,
    );
    Ridge { ground, crest, colour, mist, seed, near }
}

/// Raises the crest by a row of firs.
fn plant(crest: &mut [f32], ground: &[f32], seed: usize, step: f32, tall: f32) {
    let mut dice = Dice::new(u32::try_from(seed).expect("few ridges"));
    let mut x = 0.0;
    while x < real(crest.len()) * step {
        x += tall * dice.between(0.03, 0.36);
        let grove = 0.55 + 0.6 * noise(x * 0.35 / tall.sqrt(), real(seed));
        let top = tall * dice.between(0.35, 1.0) * grove;
        let half = top * dice.between(0.20, 0.32);
        for column in count((x - half) / step)..count((x + half) / step + 1.0).min(crest.len()) {
            let off = ((real(column) * step - x) / half).abs();
            if off < 1.0 {
                let ragged = 0.16 * noise(off * 7.0, x * 91.0 + off);
                let height = top * ((1.0 - off).powf(1.4) + ragged * off * (1.0 - off) * 2.0);
                crest[column] = crest[column].min(ground[column] - height);
            }
        }
    }
}

fn hillside(ridge: &Ridge, x: f32, y: f32, below: f32) -> Rgb {
    let fine = mix(8.0, 5.0, ridge.near);
    let down = below.max(0.0);
    // Spurs run down from the crest, some to this side and some to that.
    let spurs =
        fbm(x * fine + 2.0 * noise(x * 2.0, ridge.seed) * down * fine + ridge.seed, down * fine * 0.45, 4);
    let woods = fbm(x * 46.0, y * 60.0 + ridge.seed, 2) * smooth(0.35, 0.8, ridge.near);
    let lit = ridge.colour * (1.0 + 0.34 * spurs + 0.22 * woods);
    let wisps = 0.5 + 1.1 * fbm(x * 1.4 + ridge.seed * 3.0, y * 6.0 - 0.4 * spurs, 4);
    let deep = smooth(0.004, mix(0.085, 0.22, ridge.near), below) * (0.60 + 0.5 * wisps).clamp(0.0, 1.0);
    let sunward = (-((x - SUN.0) * (x - SUN.0) * 2.0)).exp() * (1.0 - ridge.near);
    lit.mix(ridge.mist, deep * 0.88) + hex(0xff9a5a) * (sunward * 0.20)
}

fn sky(x: f32, y: f32) -> Rgb {
    let high = scale(
        &[
            (0.0, hex(0x4a7090)),
            (0.16, hex(0x83a3b2)),
            (0.30, hex(0xcdc3b0)),
            (0.42, hex(0xf3cf9f)),
            (0.55, hex(0xffdfa8)),
        ],
        y,
    );
    let (dx, dy) = (x - SUN.0, y - SUN.1);
    let far = (dx * dx + dy * dy).sqrt();
    let glow = hex(0xffb36b) * (0.55 * (-far * 3.2).exp()) + hex(0xffd9a0) * (1.5 * (-far * 12.0).exp());
    let light = high + glow + rgb(5.0, 3.2, 1.5) * smooth(0.0260, 0.0200, far);
    let low = smooth(0.40, 0.12, y);
    if low <= 0.0 {
        return light;
    }
    let veil = fbm(x * 1.3 + 0.4 * fbm(x * 2.0, y * 9.0, 3), y * 10.0 + x * 1.1, 5);
    let lining = hex(0xf0c9a8).mix(hex(0xffdcae), (-far * 2.0).exp()) - high;
    light + lining * (smooth(0.02, 0.42, veil) * low * 0.55)
}
