//! Rain on a window, the city's lights behind it.

use crate::pictures::canvas::Canvas;
use crate::pictures::colour::{Rgb, hex, mix, rgb, scale, smooth};
use crate::pictures::noise::{Dice, fbm, noise, real};

/// A drop on the glass.
struct Drop {
    x: f32,
    y: f32,
    radius: f32,
    /// How much longer than wide.
    long: f32,
    seed: f32,
}

/// Where a drop has run down.
struct Run {
    x: f32,
    top: f32,
    end: f32,
    wide: f32,
    seed: f32,
}

pub fn paint(width: usize, height: usize) -> Canvas {
    let city = city(width.div_ceil(4), height.div_ceil(4));
    let behind = city.clone().blurred(0.012);
    let mut dice = Dice::new(77);
    let runs: Vec<Run> = (0..9).map(|i| Run::new(i, &mut dice)).collect();
    let mut canvas = Canvas::paint(width, height, |x, y| {
        let wiped =
            runs.iter().map(|run| run.wiped(x, y)).fold((0.0, 0.0), |a, b| if b.0 > a.0 { b } else { a });
        let mist = (1.0 - wiped.0) * (0.6 + 0.8 * fbm(x * 4.0, y * 3.0, 3)).max(0.0);
        let beads = 1.0 + 0.22 * noise(x * 240.0, y * 240.0) * mist;
        // Where water ran the glass is clear, and bends what is behind it a little.
        let light = behind.light(x + wiped.0 * wiped.1 * 0.030, y);
        let edge = 1.0 + 0.5 * wiped.0 * wiped.1;
        (light * (0.96 * edge) + hex(0x566a80) * (0.035 * mist)) * beads
    });
    for drop in drops(&runs, &mut dice) {
        drop.paint(&mut canvas, &city);
    }
    canvas
}

/// What is outside, out of focus.
fn city(width: usize, height: usize) -> Canvas {
    let mut canvas = Canvas::paint(width, height, |x, y| {
        let base = scale(
            &[
                (0.0, hex(0x0d1b2c)),
                (0.35, hex(0x1c3346)),
                (0.55, hex(0x3a3f4c)),
                (0.75, hex(0x1d2029)),
                (1.0, hex(0x0c0f16)),
            ],
            y,
        );
        let haze =
            hex(0xa8663a) * (0.55 * (-((y - 0.60) * 5.0).powi(2)).exp() * (0.7 + 0.6 * noise(x * 2.0, 3.0)));
        let houses = smooth(0.05, -0.05, y - 0.33 - 0.16 * noise(x * 3.1, 1.0));
        base * mix(0.62, 1.0, houses) + haze
    });
    let mut dice = Dice::new(5);
    let colours = [
        rgb(1.0, 0.52, 0.18),
        rgb(1.0, 0.68, 0.36),
        rgb(1.0, 0.20, 0.12),
        rgb(0.45, 0.75, 1.0),
        rgb(0.30, 0.95, 0.72),
        rgb(1.0, 0.85, 0.65),
    ];
    for _ in 0..120 {
        let (x, deep) = (dice.between(-0.05, 0.85), dice.throw());
        let y = 0.60 + dice.swing() * mix(0.10, 0.36, deep);
        let radius = mix(0.016, 0.052, deep) * dice.between(0.8, 1.15);
        let weights = [0.0, 0.30, 0.55, 0.74, 0.86, 0.92];
        let pick = dice.throw();
        let colour = colours[weights.iter().rposition(|&from| pick >= from).unwrap_or(0)];
        let bright = mix(0.9, 0.35, deep) * dice.between(0.12, 1.0).powi(2) * 1.5;
        lamp(&mut canvas, x, y, radius, colour * bright);
        // The wet street doubles what stands above it.
        if y > 0.55 {
            let mirror = 1.30 - y * 0.85;
            lamp(
                &mut canvas,
                x + dice.swing() * 0.02,
                mirror + 0.10,
                radius * 1.15,
                colour * (bright * 0.28),
            );
        }
    }
    canvas
}

/// A lamp so far out of focus that it is a disc.
fn lamp(canvas: &mut Canvas, x: f32, y: f32, radius: f32, light: Rgb) {
    canvas.glow(x, y, radius * 1.15, |dx, dy| {
        let across = (dx * dx + dy * dy).sqrt() / radius;
        light * (smooth(1.06, 0.92, across) * (0.62 + 0.38 * across.powi(3)))
    });
}

impl Run {
    fn new(i: u8, dice: &mut Dice) -> Self {
        let top = if dice.throw() < 0.55 { -0.1 } else { dice.between(0.05, 0.4) };
        Self {
            x: (f32::from(i) + dice.between(0.15, 0.85)) * 0.8 / 9.0,
            top,
            end: top.max(0.0) + dice.between(0.25, 0.75),
            wide: dice.between(0.0045, 0.009),
            seed: f32::from(i) * 9.1,
        }
    }

    /// Glass pulls a drop to this side and that.
    fn at(&self, y: f32) -> f32 {
        self.x + 0.016 * noise(y * 5.0, self.seed) + 0.004 * noise(y * 23.0, self.seed + 2.0)
    }

    /// How clear the glass is, and where in the run's width that is, -1 to 1.
    fn wiped(&self, x: f32, y: f32) -> (f32, f32) {
        if (x - self.x).abs() > 0.05 || y < self.top || y > self.end {
            return (0.0, 0.0);
        }
        let wide = self.wide * (0.8 + 0.35 * noise(y * 17.0, self.seed));
        let off = (x - self.at(y)) / wide;
        let ends = smooth(self.top, self.top + 0.05, y) * smooth(self.end, self.end - 0.004, y);
        (smooth(1.35, 0.7, off.abs()) * ends, off.clamp(-1.0, 1.0))
    }
}

/// All drops, small ones first.
fn drops(runs: &[Run], dice: &mut Dice) -> Vec<Drop> {
    let mut drops: Vec<Drop> = Vec::new();
    let mut add = |drop: Drop, near: f32| {
        let free = drops.iter().all(|other| {
            let (dx, dy) = (other.x - drop.x, other.y - drop.y);
            let apart = (other.radius + drop.radius) * near;
            dx * dx + dy * dy > apart * apart
        });
        if free {
            drops.push(drop);
        }
    };
    for run in runs {
        let drop = |x, y, radius, long, seed| Drop { x, y, radius, long, seed };
        add(drop(run.at(run.end), run.end - 0.002, run.wide * 1.5, 1.35, run.seed), 0.9);
        let mut y = run.end - 0.04;
        while y > run.top {
            let radius = run.wide * dice.between(0.22, 0.62);
            add(
                drop(run.at(y) + dice.swing() * run.wide * 0.4, y, radius, dice.between(1.0, 1.6), y * 90.0),
                1.1,
            );
            y -= dice.between(0.012, 0.05);
        }
    }
    for class in 0..4_u8 {
        let (tries, from, to) =
            [(48, 0.0120, 0.0200), (190, 0.0055, 0.0120), (700, 0.0024, 0.0055), (2300, 0.0008, 0.0024)]
                [usize::from(class)];
        for i in 0..tries {
            let (x, y) = (dice.between(-0.01, 0.81), dice.between(-0.01, 1.01));
            let radius = from + (to - from) * dice.throw().powi(2);
            let dry = runs.iter().all(|run| run.wiped(x, y).0 < 0.2);
            if dry {
                add(Drop { x, y, radius, long: dice.between(0.95, 1.25), seed: real(i) * 3.7 }, 1.08);
            }
        }
    }
    drops
}

impl Drop {
    /// A drop is a lens: it shows the street upside down.
    fn paint(&self, canvas: &mut Canvas, city: &Canvas) {
        let (x, y, radius) = (self.x, self.y, self.radius);
        let (wide, high) = (radius * 1.3, radius * self.long * 1.3);
        let soft = canvas.step() / radius;
        let ragged = if radius > 0.004 { 0.16 } else { 0.05 };
        canvas.fill((x - wide, y - high), (x + wide, y + high), |px, py| {
            let (u, v) = ((px - x) / radius, (py - y) / (radius * self.long));
            // Heavier below than above.
            let u_wide = u * (1.0 - 0.12 * v);
            let bend = 1.0 + ragged * noise(u * 0.9 + self.seed, v * 0.9 - self.seed);
            let across = (u_wide * u_wide + v * v).sqrt() * bend;
            let cover = smooth(1.0 + soft, 1.0 - soft, across);
            if cover <= 0.0 {
                return (rgb(0.0, 0.0, 0.0), 0.0);
            }
            let push = 1.0 + 1.3 * across * across;
            let seen = city.light(mix(0.4, x, 0.55) - u * push * 0.17, 0.56 - v * push * 0.20);
            let rim = 1.0 - 0.80 * smooth(0.55, 1.0, across) * (0.65 - 0.35 * v);
            let shine = (-((u + 0.32).powi(2) + (v + 0.42).powi(2)) * 26.0).exp() * 0.55;
            let below = smooth(0.35, 0.85, v) * smooth(1.0, 0.8, across) * 0.22;
            let sky = hex(0x8fa9bf);
            (
                seen * (mix(0.55, 1.15, smooth(0.0015, 0.009, radius)) * rim) + sky * (shine + below * 0.6),
                cover * mix(0.75, 1.0, smooth(0.001, 0.003, radius)),
            )
        });
    }
}
