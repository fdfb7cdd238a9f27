//! Poppies in the last sun, most of them out of focus.

use crate::pictures::canvas::{Canvas, dot};
use crate::pictures::colour::{Rgb, hex, mix, rgb, scale, smooth};
use crate::pictures::noise::{Dice, fbm, noise};

const SUN: (f32, f32) = (1.16, 0.10);

pub fn paint(width: usize, height: usize) -> Canvas {
    let small = (width.div_ceil(3), height.div_ceil(3));
    let far = far_field(small.0, small.1);
    let mut canvas = far.enlarged(width, height);
    let mut dice = Dice::new(314);
    // Distance by distance: how many, how large, where they stand, how blurred.
    for (number, size, top, blur) in
        [(38, 0.022, 0.46, 0.010), (17, 0.042, 0.52, 0.0075), (7, 0.070, 0.58, 0.0045)]
    {
        let mut sheet = Canvas::clear(width.div_ceil(2), height.div_ceil(2));
        for _ in 0..number * 7 {
            blade(&mut sheet, dice.between(-0.05, 1.55), size, top + 0.1, &mut dice);
        }
        for _ in 0..number {
            let at = (dice.between(-0.02, 1.52), top + dice.swing() * 0.05 + size * 1.2);
            Poppy::new(at, size * dice.between(0.75, 1.15), &mut dice).paint(&mut sheet);
        }
        canvas.lay(&sheet.blurred(blur).enlarged(width, height));
    }
    focus(&mut canvas, &mut dice);
    let mut sheet = Canvas::clear(small.0, small.1);
    for (x, y, size) in [(0.02, 0.98, 0.20), (1.47, 1.04, 0.24), (0.33, 1.10, 0.16)] {
        Poppy::new((x, y), size, &mut dice).paint(&mut sheet);
    }
    for _ in 0..50 {
        blade(&mut sheet, dice.between(-0.05, 1.55), 0.22, 0.86, &mut dice);
    }
    canvas.lay(&sheet.blurred(0.030).enlarged(width, height));
    canvas
}

/// Sky, a row of trees and the field up to where single flowers can be told apart.
fn far_field(width: usize, height: usize) -> Canvas {
    let mut canvas = Canvas::paint(width, height, |x, y| {
        let far = ((x - SUN.0).powi(2) + (y - SUN.1).powi(2)).sqrt();
        let sky = scale(&[(0.0, hex(0xf6d9a2)), (0.35, hex(0xffe2ae))], y)
            + hex(0xffd58a) * (1.4 * (-far * 3.0).exp());
        let trees = 0.19 + 0.05 * noise(x * 2.2, 1.0) + 0.03 * noise(x * 7.0, 2.0);
        let wood = hex(0x5d6b34).mix(hex(0xc9a24e), (-far * 1.6).exp());
        let field = scale(
            &[(0.28, hex(0xc4a655)), (0.48, hex(0x8d9440)), (0.75, hex(0x566a2c)), (1.0, hex(0x2b3c19))],
            y,
        );
        let patches = 0.85 + 0.5 * fbm(x * 5.0, y * 16.0, 4);
        let below = wood.mix(field * patches, smooth(0.27, 0.32, y));
        sky.mix(below, smooth(trees - 0.02, trees + 0.02, y)) + hex(0xffc670) * (0.35 * (-far * 2.2).exp())
    })
    .blurred(0.02);
    let mut dice = Dice::new(99);
    for _ in 0..420 {
        let near = dice.throw();
        let (x, y) = (dice.between(-0.05, 1.55), mix(0.29, 0.64, near * near) + dice.swing() * 0.02);
        let radius = mix(0.006, 0.026, near) * dice.between(0.7, 1.2);
        let red = dice.throw() < 0.55;
        let colour = if red { rgb(1.0, 0.10, 0.04) } else { hex(0xffd873) };
        let bright = if red { dice.between(0.15, 0.6) } else { dice.throw().powi(3) * 0.45 };
        canvas.fill((x - radius * 1.2, y - radius * 1.2), (x + radius * 1.2, y + radius * 1.2), |px, py| {
            let across = ((px - x).powi(2) + (py - y).powi(2)).sqrt() / radius;
            (colour * mix(0.75, 1.15, across), bright * smooth(1.08, 0.85, across))
        });
    }
    canvas.blurred(0.002)
}

/// A blade of grass that bends in the wind.
fn blade(canvas: &mut Canvas, x: f32, size: f32, top: f32, dice: &mut Dice) {
    let (sway, tall) = (dice.swing() * size * 1.8, 1.05 - top + size * dice.between(-0.4, 1.3));
    let colour = hex(0x41561f).mix(hex(0xd2bf66), dice.throw().powi(2)) * dice.between(0.45, 1.1);
    let thick = size * dice.between(0.016, 0.034);
    let at = |up: f32| (x + sway * up * up, 1.05 - tall * up);
    for part in 0..5_u8 {
        let (from, to) = (f32::from(part) / 5.0, f32::from(part + 1) / 5.0);
        let (a, b) = (at(from), at(to));
        let lit = colour * mix(0.55, 1.25, to);
        canvas.stroke(
            dot(a.0, a.1, thick * (1.0 - from * from * 0.85)),
            dot(b.0, b.1, thick * (1.0 - to * to * 0.85)),
            lit,
            0.95,
        );
    }
}

/// An ear of wild oat: spikelets that hang from a bowed stem.
fn ear(canvas: &mut Canvas, x: f32, top: f32, dice: &mut Dice) {
    let sway = dice.between(0.03, 0.09) * if dice.throw() < 0.5 { -1.0 } else { 1.0 };
    let colour = hex(0xe3c98a) * dice.between(0.7, 1.1);
    let at = |up: f32| (x + sway * up.powi(3), mix(1.05, top, up - 0.10 * up.powi(6)));
    for part in 0..14_u8 {
        let (a, b) = (at(f32::from(part) / 14.0), at(f32::from(part + 1) / 14.0));
        canvas.stroke(dot(a.0, a.1, 0.0012), dot(b.0, b.1, 0.0010), colour * 0.75, 1.0);
        if part > 7 {
            for side in [-1.0, 1.0] {
                let (dx, dy) = (side * dice.between(0.003, 0.008), dice.between(-0.002, 0.004));
                let (husk, tip) =
                    ((a.0 + dx, a.1 + dy), (a.0 + dx * 1.7, a.1 + dy + dice.between(0.011, 0.018)));
                canvas.stroke(dot(a.0, a.1, 0.0004), dot(husk.0, husk.1, 0.0004), colour * 0.8, 0.8);
                canvas.stroke(
                    dot(husk.0, husk.1, 0.0007),
                    dot(mix(husk.0, tip.0, 0.4), mix(husk.1, tip.1, 0.4), 0.0019),
                    colour,
                    1.0,
                );
                canvas.stroke(
                    dot(mix(husk.0, tip.0, 0.4), mix(husk.1, tip.1, 0.4), 0.0019),
                    dot(tip.0, tip.1, 0.0003),
                    colour,
                    1.0,
                );
            }
        }
    }
}

/// A bud that nods on its hairy stem.
fn bud(canvas: &mut Canvas, x: f32, top: f32, dice: &mut Dice) {
    let side = if dice.throw() < 0.5 { -1.0 } else { 1.0 };
    let green = hex(0x6d7f3c);
    let (bow, neck) = (0.011, top + 0.011);
    let at = |t: f32| {
        let turn = (t - 0.6).max(0.0) / 0.4 * 2.7;
        let rise = mix(1.05, neck, (t / 0.6).min(1.0));
        (x + side * (bow * (1.0 - turn.cos()) + 0.010 * (t * 3.0).sin()), rise - bow * turn.sin())
    };
    let mut before = at(0.0);
    for part in 1..=24_u8 {
        let now = at(f32::from(part) / 24.0);
        canvas.stroke(dot(before.0, before.1, 0.0018), dot(now.0, now.1, 0.0017), green, 1.0);
        before = now;
    }
    let (cx, cy) = (before.0 + side * 0.001, before.1 + 0.017);
    for _ in 0..70 {
        let way = dice.throw() * std::f32::consts::TAU;
        let (ux, uy) = (way.cos(), way.sin());
        let (from, to) = ((cx + ux * 0.010, cy + uy * 0.017), (cx + ux * 0.0155 + 0.001, cy + uy * 0.0230));
        canvas.stroke(dot(from.0, from.1, 0.0004), dot(to.0, to.1, 0.0001), hex(0xd8cf92), 0.45);
    }
    canvas.fill((cx - 0.02, cy - 0.025), (cx + 0.02, cy + 0.025), |px, py| {
        let (u, v) = ((px - cx) / 0.0115, (py - cy) / 0.0185);
        let across = (u * u + v * v).sqrt();
        let slit = smooth(0.16, 0.08, (u - 0.25 - 0.2 * v * v).abs()) * smooth(0.95, 0.6, v.abs());
        let skin =
            hex(0x5d7034).mix(hex(0xb7b566), smooth(-0.2, 1.0, u)) * (1.0 + 0.25 * noise(u * 9.0, v * 7.0));
        (skin.mix(rgb(0.85, 0.07, 0.03), slit), smooth(1.05, 0.95, across))
    });
}

/// What is sharp.
fn focus(canvas: &mut Canvas, dice: &mut Dice) {
    for _ in 0..150 {
        blade(canvas, dice.between(-0.05, 1.55), 0.11, 0.80, dice);
    }
    for (x, top) in [(0.42, 0.60), (0.90, 0.66), (1.30, 0.55), (0.13, 0.58)] {
        ear(canvas, x, top, dice);
    }
    for (x, top) in [(0.775, 0.60), (1.215, 0.70), (0.36, 0.74)] {
        bud(canvas, x, top, dice);
    }
    for (x, y, size) in [(1.08, 0.575, 0.080), (0.245, 0.655, 0.070), (0.60, 0.425, 0.125)] {
        Poppy::new((x, y), size, dice).paint(canvas);
    }
}

struct Poppy {
    x: f32,
    y: f32,
    size: f32,
    tilt: f32,
    open: f32,
    seed: f32,
}

impl Poppy {
    fn new((x, y): (f32, f32), size: f32, dice: &mut Dice) -> Self {
        Self {
            x,
            y,
            size,
            tilt: dice.swing() * 0.35,
            open: dice.between(0.85, 1.15),
            seed: dice.throw() * 70.0,
        }
    }

    fn paint(&self, canvas: &mut Canvas) {
        let (sin, cos) = self.tilt.sin_cos();
        let thick = self.size * 0.030;
        let neck = (self.x - sin * self.size * 0.55, self.y + cos * self.size * 0.55);
        let bend = (neck.0 - sin * self.size * 0.8, neck.1 + self.size * 1.4);
        let stem = hex(0x5f7034);
        canvas.stroke(dot(neck.0, neck.1, thick), dot(bend.0, bend.1, thick * 1.1), stem, 1.0);
        canvas.stroke(
            dot(bend.0, bend.1, thick * 1.1),
            dot(bend.0 - sin * self.size * 0.6, 1.1, thick * 1.3),
            stem,
            1.0,
        );
        let reach = self.size * 1.45;
        canvas.fill((self.x - reach, self.y - reach), (self.x + reach, self.y + reach), |px, py| {
            let (dx, dy) = ((px - self.x) / self.size, (self.y - py) / self.size);
            self.petals(dx * cos - dy * sin, dx * sin + dy * cos)
        });
    }

    /// The flower in its own measure: `u` to the right, `v` up, the petals about 1 long.
    fn petals(&self, u: f32, v: f32) -> (Rgb, f32) {
        let soft = 0.0016 / self.size;
        let ruffle = |k: f32, w: f32| {
            0.075 * noise(w * 2.6 + self.seed, k)
                + 0.040 * noise(w * 7.0 + self.seed, k + 3.0)
                + 0.014 * noise(w * 19.0 + self.seed, k)
        };
        let wide = 1.02 * self.open;
        let bowl = |v: f32| wide * (1.0 - ((0.12 - v) / 0.74).clamp(0.0, 1.0).powf(2.1)).max(0.0).powf(0.55);
        // Behind: two petals that stand up, seen from inside.
        let back_top = 0.66 + 0.15 * (u * 2.6 + self.seed).cos() + ruffle(1.0, u) - 0.46 * (u / wide).powi(4);
        let side = if v < 0.12 { bowl(v) } else { wide * (1.0 + 0.12 * v) + ruffle(5.0, v * 1.5) };
        let back = smooth(back_top + soft, back_top - soft, v) * smooth(side + soft, side - soft, u.abs());
        let front_top =
            0.16 + 0.15 * (u * 2.4 + self.seed * 1.7).sin() + ruffle(9.0, u) + 0.20 * (u / wide).powi(2);
        let front_side = if v < 0.12 { bowl(v) + ruffle(11.0, v) * 0.4 } else { wide * (1.0 - 0.05 * v) };
        let front = smooth(front_top + soft, front_top - soft, v)
            * smooth(front_side + soft, front_side - soft, u.abs());
        let below = smooth(-0.62 - soft, -0.60, v - 0.25 * u * u);
        let lip = smooth(0.055, 0.0, front_top - v);
        let depth = smooth(0.42, -0.05, v - front_top);
        let inside = self.heart(u, v, self.petal(u, v, 1.0, 2.0) * mix(1.0, 0.55, depth));
        let outside = self.petal(u, v, 0.0, 7.0) * (1.0 + 0.45 * lip);
        (inside.mix(outside, front), back.max(front) * below)
    }

    /// The dark blotch at the ground of the cup, the stamens around the green seed.
    fn heart(&self, u: f32, v: f32, petal: Rgb) -> Rgb {
        let blotch = (-(u * u * 7.0 + (v - 0.16).powi(2) * 13.0)
            * (1.0 + 0.6 * noise(u * 9.0 + self.seed, v * 9.0)))
        .exp();
        let mut light = petal.mix(rgb(0.015, 0.006, 0.012), (blotch * 1.3).min(0.95));
        let seed = smooth(1.1, 0.8, ((u * 8.5).powi(2) + ((v - 0.13) * 8.0).powi(2)).sqrt());
        let ribs = 0.85 + 0.12 * (u * 95.0).cos();
        light = light.mix(hex(0x6f7c3a) * (ribs * (0.45 + 3.5 * (v - 0.05)).max(0.2)), seed * 0.9);
        let ring = ((u * 3.6).powi(2) + ((v - 0.16) * 4.8).powi(2)).sqrt();
        let dots =
            smooth(0.20, 0.45, noise(u * 34.0 + self.seed, v * 34.0)) * smooth(0.6, 0.3, (ring - 0.80).abs());
        light.mix(rgb(0.02, 0.015, 0.02), dots * 0.95)
    }

    /// A petal's red: light shines through it, less where folds lie over one another.
    fn petal(&self, u: f32, v: f32, inner: f32, key: f32) -> Rgb {
        let (du, dv) = (u, v + 0.66);
        let (way, far) = (du.atan2(dv), (du * du + dv * dv).sqrt());
        let veins = fbm(way * 30.0 + self.seed, far * 1.3 + key, 3);
        let crepe = fbm(way * 15.0 + 3.0 * noise(far * 6.0, key), far * 11.0 + self.seed, 3);
        let folds = noise(way * 4.2 + self.seed * 2.0, far * 1.2 + key)
            + 0.5 * noise(way * 9.0 + self.seed, far * 2.2 + key);
        let seam_at = 0.13 * (v * 3.4 + self.seed).sin() + if inner > 0.5 { 0.14 } else { -0.08 };
        let seam = u - seam_at;
        let overlap = smooth(-0.012, 0.012, seam) * smooth(0.30, 0.0, seam);
        let edge = smooth(-0.05, 0.0, seam) * smooth(0.012, 0.0, seam);
        let body = 1.0 + 0.38 * folds + 0.30 * veins + 0.34 * crepe;
        let through = mix(0.30, 1.0, smooth(0.05, 1.15, far)) * body * (1.0 - 0.50 * overlap + 0.25 * edge);
        let red = scale(
            &[
                (0.0, rgb(0.10, 0.002, 0.006)),
                (0.35, rgb(0.50, 0.012, 0.010)),
                (0.75, rgb(0.95, 0.045, 0.014)),
                (1.25, rgb(1.45, 0.20, 0.05)),
            ],
            through,
        );
        let sheen = rgb(0.16, 0.075, 0.06) * (0.3 + folds + crepe).max(0.0) * (1.0 - inner);
        red * ((1.0 + 0.30 * u) * mix(1.0, 0.86, inner)) + sheen
    }
}
