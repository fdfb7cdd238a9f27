//! Birch trunks up close in an autumn wood.

use crate::pictures::canvas::Canvas;
use crate::pictures::colour::{Rgb, hex, mix, rgb, scale, smooth};
use crate::pictures::noise::{Dice, chance, fbm, noise, real, whole};

struct Trunk {
    x: f32,
    lean: f32,
    /// Half the width at the foot.
    half: f32,
    seed: f32,
}

pub fn paint(width: usize, height: usize) -> Canvas {
    let wood = wood(width.div_ceil(3), height.div_ceil(3));
    let mut canvas = wood.enlarged(width, height);
    let behind = [
        (Trunk { x: 0.395, lean: 0.012, half: 0.030, seed: 31.0 }, 0.0065),
        (Trunk { x: 0.045, lean: -0.020, half: 0.042, seed: 57.0 }, 0.0045),
    ];
    for (trunk, blur) in behind {
        let mut sheet = Canvas::clear(width.div_ceil(2), height.div_ceil(2));
        trunk.paint(&mut sheet, 0.72);
        canvas.lay(&sheet.blurred(blur).enlarged(width, height));
    }
    Trunk { x: 0.540, lean: 0.022, half: 0.066, seed: 12.0 }.paint(&mut canvas, 0.92);
    Trunk { x: 0.205, lean: -0.010, half: 0.098, seed: 3.0 }.paint(&mut canvas, 1.0);
    canvas
}

/// The wood behind, as a wide lens opening shows it.
fn wood(width: usize, height: usize) -> Canvas {
    let mut canvas = Canvas::paint(width, height, |x, y| {
        let base = scale(
            &[
                (0.0, hex(0xd9c46a)),
                (0.30, hex(0xc79a3c)),
                (0.58, hex(0x8d7430)),
                (0.74, hex(0x7a4f22)),
                (1.0, hex(0x3f2a17)),
            ],
            y + 0.10 * noise(x * 3.0, y * 2.0),
        );
        let leaves = fbm(x * 6.0, y * 6.0, 4);
        let gaps = smooth(0.1, 0.55, fbm(x * 3.0 + 7.0, y * 2.0, 3)) * smooth(0.62, 0.2, y);
        base * (0.85 + 0.7 * leaves) + hex(0xfff0b8) * (gaps * 0.55)
    })
    .blurred(0.02);
    let mut dice = Dice::new(40);
    for i in 0..11 {
        let (x, half) = (real(i) / 10.5 * 0.667 + dice.swing() * 0.04, dice.between(0.003, 0.011));
        let tone = hex(0xe9dcc0).mix(hex(0x54451f), dice.throw());
        let lean = dice.swing() * 0.03;
        let foot = dice.between(0.66, 0.86);
        canvas.fill((x - 0.06, 0.0), (x + 0.06, foot), |px, py| {
            let off = (px - x - lean * (py - 0.5)).abs();
            (tone * 0.62, 0.55 * smooth(half * 1.6, half * 0.5, off) * smooth(foot, foot - 0.05, py))
        });
    }
    canvas = canvas.blurred(0.008);
    for _ in 0..210 {
        let (x, y) = (dice.between(-0.02, 0.69), dice.throw().powf(1.5) * 0.98);
        let radius = dice.between(0.010, 0.026);
        let colour = scale(
            &[(0.0, hex(0xfff3c4)), (0.4, hex(0xffce4f)), (0.75, hex(0xe88b2a)), (1.0, hex(0xb4bb4a))],
            dice.throw(),
        );
        let bright = dice.throw().powi(3) * mix(0.55, 0.16, smooth(0.3, 0.8, y)) + 0.02;
        canvas.glow(x, y, radius * 1.1, |dx, dy| {
            let across = (dx * dx + dy * dy).sqrt() / radius;
            colour * (bright * smooth(1.05, 0.90, across) * (0.7 + 0.4 * across.powi(3)))
        });
    }
    canvas.blurred(0.0015)
}

impl Trunk {
    fn middle(&self, y: f32) -> f32 {
        self.x + self.lean * (0.5 - y) * 2.0 + 0.10 * self.half * noise(y * 1.7, self.seed)
    }

    fn half_at(&self, y: f32) -> f32 {
        let knots = 0.035 * noise(y * 5.0, self.seed + 4.0) + 0.012 * noise(y * 19.0, self.seed + 6.0);
        self.half * (0.93 + 0.12 * y + 0.22 * smooth(0.85, 1.05, y) + knots)
    }

    fn paint(&self, canvas: &mut Canvas, light: f32) {
        let soft = canvas.step() / self.half;
        canvas.fill((self.x - self.half * 1.6, 0.0), (self.x + self.half * 1.6, 1.0), |x, y| {
            let u = (x - self.middle(y)) / self.half_at(y);
            let cover = smooth(1.0 + soft, 1.0 - soft, u.abs());
            if cover <= 0.0 {
                return (rgb(0.0, 0.0, 0.0), 0.0);
            }
            (self.bark(u.clamp(-0.999, 0.999), y) * light, cover)
        });
    }

    /// The bark at a share of the half width from the middle.
    fn bark(&self, u: f32, y: f32) -> Rgb {
        // Along the round of the trunk, in picture heights.
        let s = u.asin() * self.half;
        let seed = self.seed;
        let tone = fbm(s * 14.0 + seed, y * 5.0, 4);
        let fibres = fbm(s * 9.0 + seed, y * 190.0, 3);
        let paper = hex(0xf0ebe1)
            .mix(hex(0xd9b79a), smooth(0.05, 0.5, tone) * 0.55)
            .mix(hex(0xb9b7b0), smooth(-0.1, -0.5, tone) * 0.5);
        let mut bark = paper * (1.0 + 0.16 * fibres);
        let dashes = self.dashes(s, y, 62.0, 15.0, 0.30).max(0.8 * self.dashes(s, y, 150.0, 26.0, 0.16));
        bark = bark.mix(hex(0x3a2d27), dashes * 0.85);
        let flakes = fbm(s * 16.0 + seed * 2.0, y * 26.0, 5);
        let curl = smooth(0.34, 0.37, flakes);
        let lip = smooth(0.31, 0.345, flakes) * (1.0 - curl);
        if curl > 0.0 {
            let flesh = hex(0xd9a884).mix(hex(0xb98565), 0.5 + fbm(s * 40.0, y * 120.0, 3));
            bark = bark.mix(flesh, curl * smooth(0.34, 0.52, flakes + 0.08) * 0.85);
        }
        bark = bark.mix(hex(0x6b5244), lip * 0.45);
        let (eye, brow) = self.scars(s, y);
        let scar = eye.max(brow);
        if scar > 0.0 || y > 0.70 {
            let rough = 0.7 + 0.5 * fbm(s * 60.0, y * 60.0, 3);
            bark = bark.mix(hex(0x17110e) * rough * 1.4, scar);
            let moss = 0.10 * fbm(s * 24.0, y * 9.0, 4) + 0.03 * noise(s * 90.0, y * 12.0);
            bark = bark.mix(hex(0x231b16) * rough * 1.3, 0.85 * smooth(0.80, 1.04, y + moss));
        }
        // Light from the right and above; the wood's gold from the left.
        let round = (1.0 - u * u).sqrt();
        let right = ((u * 0.70 + round * 0.66 + 0.55) / 1.5).max(0.0).powi(2);
        let glow = (0.5 - 0.7 * u + round * 0.1).max(0.0).powi(2);
        let bump = 1.0 + 0.5 * (fibres * 0.3 + lip);
        bark.times(
            rgb(1.06, 1.0, 0.88) * (right * bump) + hex(0xc08a38) * (glow * 0.20) + rgb(0.05, 0.055, 0.065),
        )
    }

    /// Dark dashes across the bark, one to a cell of a grid at most.
    fn dashes(&self, s: f32, y: f32, rows: f32, columns: f32, share: f32) -> f32 {
        let y = y + 0.006 * noise(s * 20.0, y * 9.0);
        let row = whole(y * rows);
        let shifted = s * columns + chance(row, 3, 11) * 7.0;
        let column = whole(shifted);
        let key = column + whole(self.seed) * 13;
        if chance(key, row, 21) > share * (0.5 + 0.9 * chance(row, 1, 22)) {
            return 0.0;
        }
        let (u, v) = (shifted.fract() - 0.5, (y * rows).fract() - 0.5);
        let long = mix(0.10, 0.46, chance(key, row, 23).powi(2));
        let thick = mix(0.07, 0.24, chance(key, row, 24).powi(2));
        let across = (u / long).powi(2) + (v / thick).powi(2);
        smooth(1.2, 0.55, across + 0.5 * noise(s * 300.0, y * 300.0))
    }

    /// Where branches were: a dark eye, and its brow.
    fn scars(&self, s: f32, y: f32) -> (f32, f32) {
        let (mut eye, mut brow) = (0.0_f32, 0.0_f32);
        let mut dice = Dice::new(self.seed.to_bits());
        for i in 0..5 {
            let (cs, cy) = (self.half * dice.between(-1.0, 1.0), (real(i) + dice.between(0.05, 0.95)) / 5.0);
            let size = self.half * mix(0.10, 0.36, dice.throw().powi(2));
            let (steep, flat) = (dice.between(0.28, 0.60), dice.between(1.3, 2.3));
            let (dx, dy) = (s - cs, y - cy);
            if dx.abs() > size * 4.0 || dy.abs() > size * 3.0 {
                continue;
            }
            let ragged = fbm(s * 42.0 + cy * 90.0, y * 42.0, 4);
            let (u, v) = (dx / size + 0.25 * ragged, dy / size + 0.35 * ragged);
            eye = eye.max(smooth(1.15, 0.5, u * u + (v * flat).powi(2) + 0.5 * ragged));
            let arch = v + 0.55 - steep * (u * u + 0.3).sqrt() * 1.2;
            let ends = smooth(3.4, 0.8, u.abs() + 0.8 * ragged);
            let thick = mix(0.05, 0.24, ends) + 0.12 * ragged;
            brow = brow.max(smooth(thick, thick * 0.3, arch.abs()) * ends * 0.85);
        }
        (eye, brow)
    }
}
