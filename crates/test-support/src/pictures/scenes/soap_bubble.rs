//! A soap bubble up close, its skin thin enough to split light.

use crate::pictures::canvas::Canvas;
use crate::pictures::colour::{Rgb, hex, rgb, scale, smooth};
use crate::pictures::noise::{Dice, count, fbm, noise, real};

const CENTRE: (f32, f32) = (0.5, 0.495);
const RADIUS: f32 = 0.395;

pub fn paint(width: usize, height: usize) -> Canvas {
    let mut canvas = behind(width, height);
    let colours: Vec<Rgb> = (0..2048).map(|i| film(real(i) / 2047.0 * 1400.0)).collect();
    let step = canvas.step();
    let edges = (CENTRE.0 - RADIUS - step, CENTRE.1 - RADIUS - step);
    let room = canvas.clone();
    canvas.fill(edges, (CENTRE.0 + RADIUS + step, CENTRE.1 + RADIUS + step), |x, y| {
        let (u, v) = ((x - CENTRE.0) / RADIUS, (y - CENTRE.1) / RADIUS);
        let across = (u * u + v * v).sqrt();
        let cover = smooth(1.0 + step / RADIUS, 1.0 - step / RADIUS, across);
        (skin(&room, &colours, u, v, across.min(1.0)), cover)
    });
    canvas
}

/// A dark garden far out of focus.
fn behind(width: usize, height: usize) -> Canvas {
    let mut small = Canvas::paint(width.div_ceil(4), height.div_ceil(4), |x, y| {
        let base = scale(&[(0.0, hex(0x1a2c3a)), (0.5, hex(0x14222b)), (1.0, hex(0x0c1416))], y + 0.2 * x);
        let warm = hex(0x6a4a35) * (1.2 * (-((x - 0.85).powi(2) + (y - 0.25).powi(2)) * 9.0).exp());
        let green = hex(0x27493f) * (1.2 * (-((x - 0.1).powi(2) + (y - 0.8).powi(2)) * 8.0).exp());
        base * 0.6 + warm + green
    });
    let mut dice = Dice::new(8);
    for _ in 0..46 {
        let (x, y, r) = (dice.throw(), dice.throw(), dice.between(0.02, 0.055));
        let tint = hex(0x54707a).mix(hex(0xc78f5d), smooth(0.3, 0.9, x - y * 0.5 + dice.swing() * 0.4));
        let bright = dice.throw().powi(3) * 0.30 + 0.02;
        small.glow(x, y, r * 1.1, |dx, dy| {
            let across = (dx * dx + dy * dy).sqrt() / r;
            tint * (bright * smooth(1.04, 0.94, across) * (0.75 + 0.35 * across * across))
        });
    }
    small.blurred(0.006).enlarged(width, height)
}

/// What light a skin of so many nanometres gives back: the wavelengths whose two reflections agree.
fn film(thickness: f32) -> Rgb {
    // Wavelengths, and what the eye makes of them on a screen.
    const LINES: [(f32, f32, f32, f32); 9] = [
        (430.0, 0.14, -0.02, 0.80),
        (460.0, 0.05, 0.03, 0.95),
        (490.0, -0.12, 0.25, 0.45),
        (520.0, -0.18, 0.62, 0.08),
        (550.0, 0.05, 0.72, -0.05),
        (580.0, 0.55, 0.45, -0.06),
        (610.0, 0.85, 0.12, -0.03),
        (640.0, 0.60, -0.02, 0.0),
        (670.0, 0.22, -0.02, 0.0),
    ];
    let mut sum = rgb(0.0, 0.0, 0.0);
    for (length, r, g, b) in LINES {
        let phase = std::f32::consts::TAU * 1.33 * thickness / length;
        sum += rgb(r, g, b) * phase.sin().powi(2);
    }
    sum.map(|part| (part * 0.62).max(0.0))
}

fn skin(room: &Canvas, colours: &[Rgb], u: f32, v: f32, across: f32) -> Rgb {
    let facing = (1.0 - across * across).sqrt();
    // Flow is painted on the sphere, so it draws together at the rim.
    let bulge = 1.0 + 0.55 * across * across / (0.35 + facing);
    let (s, t) = (u * bulge * 1.15, v * bulge * 1.15);
    let (a, b) = (fbm(s * 0.9 + 3.0, t * 1.2, 2), fbm(s * 0.9 + 8.0, t * 1.2 + 2.0, 2));
    let (c, d) =
        (fbm(s * 1.1 + 2.0 * a, t * 1.7 + 2.0 * b, 2), fbm(s * 1.1 + 2.0 * b + 5.0, t * 1.7 + 2.0 * a, 2));
    let swirl = fbm(s * 0.8 + 2.4 * c, t * 1.9 + 2.4 * d, 3);
    let drained = 330.0 + 270.0 * (t + 0.95) + 300.0 * swirl + 120.0 * c;
    let thickness = drained.clamp(20.0, 1390.0) * (1.0 - (1.0 - facing * facing) / 1.77).sqrt();
    let colour = colours[count(thickness / 1400.0 * 2047.0)];
    let fresnel = 0.10 + 0.90 * (1.0 - facing).powi(3);
    let light = window(u, v, facing) + 0.26 * (0.5 - 0.5 * v) + 0.24;
    let shown =
        room.light(CENTRE.0 + u * RADIUS * 0.96, CENTRE.1 + v * RADIUS * 0.96) * (1.0 - 0.55 * fresnel);
    let rim = smooth(0.90, 1.0, across) * smooth(1.005, 0.985, across);
    shown + colour * (light * (0.55 + 1.7 * fresnel)) + colour.mix(rgb(0.6, 0.7, 0.8), 0.4) * (rim * 0.35)
}

/// The brightness that the skin mirrors: a tall window above to the left, and the same once more upside down,
/// small and faint, from the far side.
fn window(u: f32, v: f32, facing: f32) -> f32 {
    let near = panes((u + 0.43) / 0.19, (v + 0.50 + 0.10 * u) / 0.25, 0.05);
    let back = panes((u - 0.42) / 0.14, (v - 0.52 + 0.10 * u) / 0.17, 0.10);
    let soft = 0.85 + 0.15 * noise(u * 3.0, v * 3.0);
    (near * 2.3 + back * 1.0) * soft * smooth(0.0, 0.5, facing)
}

/// Two by two panes between -1 and 1, bowed as a sphere bows them.
fn panes(u: f32, v: f32, soft: f32) -> f32 {
    let (u, v) = (u + 0.14 * v * v - 0.07, v + 0.14 * u * u - 0.07);
    let side = |w: f32| smooth(1.0 + soft, 1.0 - soft, w.abs()) * smooth(0.05, 0.05 + soft, w.abs());
    side(u) * side(v)
}
