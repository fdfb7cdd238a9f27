//! A pine wood in the fog of the morning, the sun coming through.

use crate::pictures::canvas::{Canvas, dot};
use crate::pictures::colour::{BLACK, Rgb, WHITE, hex, mix, rgb, scale, smooth};
use crate::pictures::noise::{Dice, count, fbm, noise, real};
use crate::pictures::trees::spruce;

const SUN: (f32, f32) = (0.43, 0.20);
const DEPTHS: u8 = 7;

pub fn paint(width: usize, height: usize) -> Canvas {
    let air = Air {
        fog: Canvas::paint(width.div_ceil(4), height.div_ceil(4), fog),
        banks: Canvas::paint(width.div_ceil(4), height.div_ceil(4), |x, y| {
            WHITE * (0.6 + 0.9 * fbm(x * 2.3, y * 5.0, 4))
        }),
    };
    let mut canvas = air.fog.enlarged(width, height);
    let mut dice = Dice::new(606);
    for depth in 0..DEPTHS {
        let near = f32::from(depth) / f32::from(DEPTHS - 1);
        let ink = Ink { near, air: &air };
        if near < 0.75 {
            young(&mut canvas, &ink, &mut dice);
        }
        for trunk in trunks(near, &mut dice) {
            trunk.paint(&mut canvas, &ink, &mut dice);
        }
        ground(&mut canvas, &ink, &mut dice);
        if depth + 1 < DEPTHS {
            drift(&mut canvas, &ink);
        }
        if depth + 3 == DEPTHS {
            rays(&mut canvas);
        }
        if depth + 2 == DEPTHS {
            for (x, foot, tall) in [(0.035, 0.985, 0.34), (0.655, 0.975, 0.42), (0.585, 0.955, 0.16)] {
                let (dark, lit) = (ink.tone(hex(0x0d1712), x, 0.8), ink.tone(hex(0x3c5440), x, 0.8));
                spruce(&mut canvas, (x, foot), tall, dark, lit, &mut dice);
            }
        }
    }
    canvas
}

/// The fog, worked out once, coarsely.
struct Air {
    fog: Canvas,
    banks: Canvas,
}

/// The fog itself, lit from behind.
fn fog(x: f32, y: f32) -> Rgb {
    let base = scale(
        &[
            (0.0, hex(0xb3c3c0)),
            (0.35, hex(0xdad9c4)),
            (0.62, hex(0xa9bab3)),
            (0.80, hex(0x76908b)),
            (1.0, hex(0x4c625f)),
        ],
        y,
    );
    let far = ((x - SUN.0).powi(2) + ((y - SUN.1) * 0.8).powi(2)).sqrt();
    base * (0.80 + 0.20 * fbm(x * 2.0, y * 3.0, 4))
        + hex(0xffe2a8) * (0.75 * (-far * 4.2).exp() + 0.9 * (-far * 13.0).exp())
}

/// The colour of things at a depth of the fog.
struct Ink<'a> {
    near: f32,
    air: &'a Air,
}

impl Ink<'_> {
    fn tone(&self, own: Rgb, x: f32, y: f32) -> Rgb {
        let sunward = ((x - SUN.0).powi(2) + (y - SUN.1).powi(2)).sqrt();
        let clear = mix(0.10, 1.0, self.near.powf(1.6))
            * mix(1.0, mix(0.76, 0.93, self.near), smooth(0.75, 0.25, sunward));
        self.air.fog.light(x, y).mix(own, clear)
    }
}

struct Trunk {
    x: f32,
    lean: f32,
    half: f32,
    foot: f32,
    seed: f32,
}

fn floor_of(near: f32, x: f32) -> f32 {
    mix(0.705, 0.985, near.powf(1.5))
        + 0.018 * noise(x * 3.0, near * 9.0)
        + mix(0.008, 0.03, near) * ((x - 0.36) * 2.2).powi(2)
}

fn trunks(near: f32, dice: &mut Dice) -> Vec<Trunk> {
    let number = count(mix(17.0, 4.0, near.sqrt()));
    let mut trunks = Vec::new();
    for i in 0..number {
        let x = (real(i) + dice.between(0.1, 0.9)) / real(number) * 0.74 - 0.035;
        // A ride is left free in the middle, wider the nearer one stands.
        let ride = mix(0.015, 0.20, near);
        let x = if (x - 0.37).abs() < ride {
            0.37 + (ride + dice.throw() * 0.05) * (x - 0.37).signum()
        } else {
            x
        };
        let half = mix(0.0030, 0.027, near.powf(1.5)) * dice.between(0.7, 1.3);
        trunks.push(Trunk {
            x,
            lean: dice.swing() * 0.03,
            half,
            foot: floor_of(near, x) + 0.004,
            seed: dice.throw() * 90.0,
        });
    }
    trunks
}

impl Trunk {
    fn middle(&self, y: f32) -> f32 {
        self.x + self.lean * (self.foot - y) + 0.2 * self.half * noise(y * 3.0, self.seed)
    }

    fn paint(&self, canvas: &mut Canvas, ink: &Ink<'_>, dice: &mut Dice) {
        let soft = canvas.step() / self.half;
        let reach = self.half * 1.7 + self.lean.abs();
        canvas.fill((self.x - reach, 0.0), (self.x + reach, self.foot + self.half), |x, y| {
            let up = self.foot - y;
            let flare = 1.0 + 0.55 * (-up / (self.half * 2.6)).exp();
            let half = self.half * (1.0 - 0.42 * up) * flare;
            let u = (x - self.middle(y)) / half;
            let cover = smooth(1.0 + soft, 1.0 - soft, u.abs())
                * smooth(-self.half * 0.5, 0.0, up + self.half * 0.4 * noise(x * 90.0, 1.0));
            (if cover > 0.0 { self.bark(ink, u.clamp(-1.0, 1.0), x, y) } else { BLACK }, cover)
        });
        for _ in 0..count(8.0 * dice.throw() + 5.0) {
            let y = dice.between(-0.02, self.foot - 0.22);
            let side = if dice.throw() < 0.5 { -1.0 } else { 1.0 };
            let long = mix(0.014, 0.11, ink.near) * dice.between(0.4, 1.5);
            self.twig(canvas, ink, y, side * long, dice);
        }
    }

    fn bark(&self, ink: &Ink<'_>, u: f32, x: f32, y: f32) -> Rgb {
        let round = (1.0 - u * u).sqrt();
        let s = u.asin() * self.half;
        let plates = fbm(s * 110.0 + self.seed, y * 26.0, if ink.near > 0.6 { 5 } else { 2 });
        let cracks = smooth(0.10, -0.18, plates);
        let own = hex(0x3c2f28).mix(hex(0x57483c), 0.5 + plates).mix(hex(0x0f0c0b), cracks * 0.8);
        let moss = smooth(0.0, 0.5, 0.35 + fbm(s * 30.0, y * 9.0 + self.seed, 2) - 0.9 * (self.foot - y));
        let own = own.mix(hex(0x2f3d22), moss * 0.6);
        // The light wraps around from behind.
        let sunward = (SUN.0 - x).signum();
        let rim = smooth(0.45, 1.0, u * sunward) * 0.55 + smooth(0.6, 1.0, -u * sunward) * 0.22;
        ink.tone(own * (0.30 + 0.30 * round) + ink.air.fog.light(x, y) * (rim * 0.55), x, y)
    }

    /// A dead twig, bowed and forked.
    fn twig(&self, canvas: &mut Canvas, ink: &Ink<'_>, y: f32, long: f32, dice: &mut Dice) {
        let tone = ink.tone(hex(0x1a1613), self.x, y);
        let (mut x, mut y) = (self.middle(y) + self.half * 0.5 * long.signum(), y);
        let mut thick = mix(0.0006, 0.0014, ink.near) * dice.between(0.6, 1.2);
        let mut rise = dice.between(-0.35, 0.25);
        for _ in 0..9 {
            let (next_x, next_y) = (x + long * 0.11, y + long.abs() * 0.11 * rise);
            canvas.stroke(dot(x, y, thick), dot(next_x, next_y, thick * 0.86), tone, 1.0);
            if dice.throw() < 0.55 {
                let fork = long * dice.between(0.06, 0.24);
                let end = dot(next_x + fork, next_y + fork.abs() * (rise + dice.swing() * 1.6), thick * 0.15);
                canvas.stroke(dot(next_x, next_y, thick * 0.6), end, tone, 1.0);
            }
            (x, y, thick) = (next_x, next_y, thick * 0.86);
            rise += 0.10 + dice.swing() * 0.25;
        }
    }
}

/// Young spruces between the trunks.
fn young(canvas: &mut Canvas, ink: &Ink<'_>, dice: &mut Dice) {
    for _ in 0..count(mix(12.0, 5.0, ink.near)) {
        let x = dice.between(-0.05, 0.72);
        let tall = mix(0.09, 0.36, ink.near) * dice.between(0.35, 1.2);
        let foot = floor_of(ink.near, x) + 0.006;
        if (x - 0.37).abs() > mix(0.02, 0.17, ink.near) {
            let dark = ink.tone(hex(0x13201a), x, foot - tall * 0.4);
            let lit = ink.tone(hex(0x4d6a4c), x, foot - tall * 0.4);
            spruce(canvas, (x, foot), tall, dark, lit, dice);
        }
    }
}

/// Moss, and the grass and fern upon it.
fn ground(canvas: &mut Canvas, ink: &Ink<'_>, dice: &mut Dice) {
    let aspect = canvas.aspect();
    let near = ink.near;
    // What lies lower the next row will cover.
    let bottom = floor_of((near + 1.0 / f32::from(DEPTHS - 1)).min(1.3), 0.0) + 0.06;
    canvas.fill((0.0, 0.66), (aspect, bottom), |x, y| {
        let edge = floor_of(near, x) - 0.011;
        if y < edge {
            return (BLACK, 0.0);
        }
        let edge = edge + 0.011 - mix(0.002, 0.010, near) * fbm(x * mix(60.0, 25.0, near), near * 5.0, 3);
        let deep = fbm(x * mix(30.0, 9.0, near), y * mix(90.0, 30.0, near), 4);
        let path = (-((x - 0.37 - 0.03 * (y * 9.0).sin()) / mix(0.02, 0.11, near)).powi(2)).exp();
        let own =
            hex(0x1b2716).mix(hex(0x4a5430), (0.5 + deep).clamp(0.0, 1.0)).mix(hex(0x5b4a35), path * 0.6);
        (ink.tone(own * 0.8, x, y), smooth(edge, edge + 0.003, y))
    });
    for _ in 0..count(mix(260.0, 520.0, near)) {
        let x = dice.between(-0.02, aspect + 0.02);
        let foot = floor_of(near, x) + dice.between(0.0, mix(0.01, 0.06, near));
        let tall = mix(0.004, 0.040, near.powf(1.3))
            * dice.between(0.4, 1.1)
            * smooth(0.0, 0.15, (x - 0.37).abs() + 0.03);
        let bend = tall * dice.swing() * 0.9;
        let own = hex(0x1c2a17).mix(hex(0x6a7442), dice.throw().powi(2));
        let tone = ink.tone(own, x, foot);
        let thick = tall * 0.035;
        canvas.stroke(dot(x, foot, thick), dot(x + bend * 0.35, foot - tall * 0.6, thick * 0.8), tone, 1.0);
        canvas.stroke(
            dot(x + bend * 0.35, foot - tall * 0.6, thick * 0.8),
            dot(x + bend, foot - tall, thick * 0.2),
            tone,
            1.0,
        );
    }
}

/// A bank of fog before the next row.
fn drift(canvas: &mut Canvas, ink: &Ink<'_>) {
    let (aspect, near) = (canvas.aspect(), ink.near);
    let (middle, thin) = (mix(0.70, 0.86, near), 1.0 - smooth(0.55, 1.0, near));
    canvas.fill((0.0, middle - 0.26), (aspect, middle + 0.26), |x, y| {
        let bank = smooth(0.26, 0.0, (y - middle).abs());
        let shape = ink.air.banks.light((x + near * 3.0) % aspect, y).g;
        (ink.air.fog.light(x, y), 0.33 * bank * shape * thin)
    });
}

/// Shafts of light from the sun through the crowns.
fn rays(canvas: &mut Canvas) {
    canvas.change(|x, y, light| {
        let (dx, dy) = (x - SUN.0, y - SUN.1 + 0.30);
        let way = dx.atan2(dy.max(0.001));
        let far = (dx * dx + dy * dy).sqrt();
        let shafts = smooth(
            -0.15,
            0.75,
            noise(way * 7.0, 2.0 + far * 0.3) + 0.35 * noise(way * 19.0, 5.0 + far * 0.4),
        );
        let fade = smooth(1.25, 0.35, far) * smooth(0.05, 0.45, far);
        light + rgb(1.0, 0.84, 0.56) * (0.34 * shafts * fade)
    });
}
