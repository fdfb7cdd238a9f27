//! Northern lights over a cabin in the snow.

use crate::pictures::canvas::Canvas;
use crate::pictures::colour::{BLACK, Rgb, hex, mix, rgb, scale, smooth};
use crate::pictures::land::{Point, Relief, View, Way, face, through_air};
use crate::pictures::noise::{Dice, chance, count, eroded, fbm, noise, real, whole};
use crate::pictures::stars::starlight;
use crate::pictures::trees::spruce;

const HORIZON: f32 = 0.74;
const LENS: f32 = 0.72;
const STEPS: usize = 64;
const CABIN: (f32, f32) = (1.06, 0.800);

pub fn paint(width: usize, height: usize) -> Canvas {
    let sheets: Vec<Sheet> = (0..6000).map(|i| Sheet::new(real(i) / 1500.0 - 0.2)).collect();
    let colours = colours();
    let lights = Canvas::paint(width.div_ceil(3), height.div_ceil(3), |x, y| {
        if y < HORIZON { curtains(x - 0.75, y, &sheets, &colours) } else { BLACK }
    })
    .blurred(0.003);
    let mut canvas = Canvas::paint(width, height, |x, y| {
        let light = lights.light(x, y);
        let stars = starlight(x * 1.15, y * 1.15, 0.86) * smooth(0.9, 0.1, light.g);
        let base = scale(&[(0.0, hex(0x060d20)), (0.45, hex(0x0c2140)), (HORIZON, hex(0x1d4a5c))], y);
        base + light + rgb(0.85, 0.95, 1.1) * (stars * smooth(HORIZON, 0.4, y))
    });
    let relief = Relief::measure((-60.0, 8.0), (60.0, 90.0), 0.1, mountain);
    let view = View { eye: 1.0, horizon: HORIZON, lens: LENS, reach: (9.0, 88.0) };
    let land = |x: f32, z: f32| relief.at(x, z);
    view.paint(&mut canvas, land, |point| slope(point, land));
    snow(&mut canvas, &lights);
    canvas
}

/// What stands at a distance, given as its logarithm: a band that winds from the horizon to overhead, and a
/// fainter one beside it.
struct Sheet {
    first: f32,
    second: f32,
    /// How bright its rays are.
    rays: f32,
}

impl Sheet {
    fn new(far: f32) -> Self {
        let sway = 0.17 * noise(far * 2.1, 13.0) + 0.05 * noise(far * 6.0, 8.0);
        let first = 0.10 + (0.34 + 0.10 * far) * (far * 3.4 + 1.2).sin() + sway;
        let second = -0.66 + 0.20 * far + 0.20 * (far * 2.6 + 0.4).sin() + 0.8 * sway;
        let fine =
            0.55 * noise(far * 12.6, 3.0) + 0.42 * noise(far * 38.7, 5.0) + 0.25 * noise(far * 90.0, 2.0);
        let patch = smooth(-0.6, 0.3, noise(far * 2.6 + 2.0, 6.0));
        Self { first, second, rays: (0.62 + fine).max(0.10) * mix(0.3, 1.0, patch) }
    }

    /// How much light stands so far to the side.
    fn light(&self, aside: f32) -> f32 {
        let (first, second) = (aside - self.first, aside - self.second);
        let glow = 0.10 / (1.0 + 60.0 * first * first);
        let band = |off: f32, thin: f32| if off.abs() < 0.13 { (-off * off * thin).exp() } else { 0.0 };
        self.rays * (band(first, 900.0) + glow + 0.32 * band(second, 500.0))
    }
}

/// The colour of a curtain from its hem upward, step by step.
fn colours() -> Vec<Rgb> {
    let colour = |step: usize| {
        let part = real(step) / real(STEPS);
        let green = rgb(0.10, 1.0, 0.42) * (smooth(0.0, 0.08, part) * (-part * 3.9).exp());
        let violet = rgb(0.55, 0.08, 0.85) * (0.50 * smooth(0.15, 0.7, part) * (-part * 1.7).exp());
        let hem = rgb(0.9, 0.12, 0.42) * (0.30 * smooth(0.10, 0.0, part));
        (green + violet + hem) * (smooth(1.0, 0.7, part) * 14.5 / real(STEPS))
    };
    (0..STEPS).map(colour).collect()
}

/// The light of the curtains where one looks: sheets that hang along winding lines, seen from below.
fn curtains(x: f32, y: f32, sheets: &[Sheet], colours: &[Rgb]) -> Rgb {
    let (aside, up) = (x / LENS, (HORIZON - y) / LENS);
    let overhead = (up + 0.08).ln();
    // Each look steps a little otherwise, else the steps would show as stripes.
    let start = chance(whole(x * 999.0), whole(y * 999.0), 6);
    let mut sum = BLACK;
    for (step, &colour) in colours.iter().enumerate() {
        let part = (real(step) + start) / real(STEPS);
        let far = (1.0 + 1.7 * part * part).ln() - overhead;
        let sheet = &sheets[count((far + 0.2) * 1500.0).min(sheets.len() - 1)];
        sum += colour * sheet.light(aside);
    }
    sum * smooth(0.0, 0.10, up)
}

fn mountain(x: f32, z: f32) -> f32 {
    if x.abs() > 1.1 * z + 2.0 {
        // Beside the picture.
        return 0.0;
    }
    let rise = smooth(12.0, 40.0, z);
    -0.5 + rise * (15.5 * eroded(x * 0.055 + 41.0, z * 0.055 + 7.0, 9) - 1.6)
}

fn slope(point: Point, land: impl Fn(f32, f32) -> f32) -> Rgb {
    let Point { x, y, z, pixel } = point;
    let ground = face(&land, (x, land(x, z), z), (pixel * 1.4).max(0.1));
    let patchy = 0.15 * fbm(x * 0.7, z * 0.7, 4);
    let snow = smooth(0.52, 0.70, ground.y + patchy) * smooth(0.3, 2.0, y + patchy * 4.0);
    let albedo = hex(0x2a333a).mix(hex(0xdfe8ec), snow);
    let glow = Way::new(-0.45, 0.8, -0.3).on(ground);
    let light = rgb(0.06, 0.26, 0.19) * glow + rgb(0.035, 0.06, 0.11);
    through_air(albedo.times(light), hex(0x1d4a5c), z, rgb(0.006, 0.006, 0.007))
}

/// The field of snow, the trees and the cabin upon it.
fn snow(canvas: &mut Canvas, lights: &Canvas) {
    let aspect = canvas.aspect();
    let mut dice = Dice::new(17);
    let above =
        lights.light(0.6, 0.3) * 0.25 + lights.light(1.0, 0.35) * 0.25 + lights.light(0.3, 0.2) * 0.25;
    let hills = |x: f32| 0.775 + 0.012 * noise(x * 2.0, 5.0) + 0.010 * (x - 0.75);
    let mut x = -0.02;
    while x < aspect + 0.02 {
        x += dice.between(0.003, 0.012);
        let tall = 0.055 * dice.between(0.3, 1.0) * smooth(-0.3, 0.5, noise(x * 3.0, 9.0));
        if tall > 0.012 {
            spruce(canvas, (x, hills(x) + 0.006), tall, hex(0x0c1c20), hex(0x1c3c3c), &mut dice);
        }
    }
    canvas.fill((0.0, 0.74), (aspect, 1.0), |x, y| {
        let edge = hills(x);
        let near = ((y - edge) / (1.0 - edge)).max(0.0);
        let far = 0.25 / (y - 0.70);
        let (u, v) = ((x - 0.75) * far * 2.2, far * 2.6);
        let drifts = |u: f32, v: f32| fbm(u * 0.8 + v * 0.3, v * 1.1, 3);
        let crust = 0.09 * noise(u * 19.0, v * 19.0) * near;
        let tilt = (drifts(u - 0.06, v + 0.06) - drifts(u, v)) * 5.5 + crust;
        let day = mix(0.72, 1.10, smooth(0.0, 0.35, near)) * (1.0 + 0.55 * tilt).max(0.25) * tracks(x, y);
        let (dx, dy) = (x - CABIN.0, (y - CABIN.1 - 0.02) * 3.2);
        let lamp =
            hex(0xffb060) * (0.75 * (-(dx * dx + dy * dy).sqrt() * 13.0).exp() * (1.0 + 0.8 * tilt).max(0.0));
        let sparkle = smooth(0.9985, 1.0, chance(whole(x * 900.0), whole(y * 900.0), 4)) * 0.25 * near;
        let light = (rgb(0.035, 0.075, 0.13) + above * 0.42 + rgb(0.01, 0.055, 0.04)) * day + lamp;
        (light + rgb(sparkle, sparkle, sparkle), smooth(edge, edge + 0.002, y))
    });
    cabin(canvas);
    for (x, foot, tall) in [
        (0.06, 0.93, 0.50),
        (0.165, 0.895, 0.34),
        (0.255, 0.875, 0.19),
        (-0.03, 0.97, 0.62),
        (1.435, 0.90, 0.36),
        (1.36, 0.875, 0.20),
        (1.50, 0.95, 0.50),
        (1.285, 0.856, 0.12),
    ] {
        spruce(canvas, (x, foot), tall, hex(0x060f13), hex(0x2b5150), &mut dice);
    }
}

/// Steps that lead to the door: 1 beside them, darker in them.
fn tracks(x: f32, y: f32) -> f32 {
    let from_door = (y - CABIN.1 - 0.008) / (1.02 - CABIN.1);
    if from_door < 0.0 {
        return 1.0;
    }
    let size = mix(0.0016, 0.014, from_door);
    let path = CABIN.0 - 0.30 * from_door.powf(1.4) + 0.035 * (from_door * 7.0).sin() * from_door;
    // Equal steps on the ground draw together toward the horizon.
    let pace = 26.0 / (0.22 + from_door);
    let aside = if whole(pace) % 2 == 0 { 0.55 } else { -0.55 };
    let (dx, dy) = ((x - path - aside * size * 1.6) / (size * 0.75), (pace.fract() - 0.5) * 3.4);
    1.0 - 0.5 * smooth(1.0, 0.45, dx * dx + dy * dy)
}

fn cabin(canvas: &mut Canvas) {
    let (x, y) = CABIN;
    let (wide, wall, roof) = (0.052, 0.030, 0.040);
    canvas.fill((x - 0.1, y - 0.1), (x + 0.1, y + 0.02), |px, py| {
        let (u, v) = (px - x, y + 0.006 - py);
        let on_wall = u.abs() < wide && (0.0..wall).contains(&v);
        let gable = v >= wall - 0.006 && v < wall + roof - u.abs() * 0.62;
        let cap = gable && v > wall + roof - u.abs() * 0.62 - 0.013;
        let flue = (u - 0.022).abs() < 0.005 && (wall..wall + roof + 0.012).contains(&v);
        let window = |cx: f32| {
            let (wx, wy) = ((u - cx).abs(), (v - 0.017).abs());
            wx < 0.0085 && wy < 0.008 && wx > 0.0007 && wy > 0.0006
        };
        if on_wall && (window(-0.024) || window(0.024)) {
            return (rgb(3.4, 1.75, 0.55) * (0.8 + 0.3 * (v - 0.017) / 0.008), 1.0);
        }
        let door = u.abs() < 0.0075 && (0.0..0.021).contains(&v);
        if cap && u.abs() < wide + 0.014 {
            return (rgb(0.07, 0.15, 0.17), 1.0);
        }
        if on_wall || (gable && u.abs() < wide) {
            let logs = 0.8 + 0.35 * (v * 1300.0).sin();
            let tone = if door { 0.4 } else { 1.0 };
            return (hex(0x2b1d15) * (logs * tone), 1.0);
        }
        (hex(0x14181c), if flue { 1.0 } else { 0.0 })
    });
    for cx in [-0.024, 0.024] {
        canvas.glow(x + cx, y - 0.011, 0.12, |dx, dy| {
            rgb(1.0, 0.5, 0.16) * (0.25 * (-(dx * dx + dy * dy).sqrt() * 42.0).exp())
        });
    }
}
