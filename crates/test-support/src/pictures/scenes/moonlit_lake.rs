//! A mountain lake under the full moon, with a jetty.

use crate::pictures::canvas::Canvas;
use crate::pictures::colour::{BLACK, Rgb, WHITE, hex, mix, rgb, scale, smooth};
use crate::pictures::land::{Point, Relief, View, Way, face, through_air};
use crate::pictures::noise::{Dice, chance, eroded, fbm, noise, whole};
use crate::pictures::stars::starlight;
use crate::pictures::trees::spruce;

const SHORE: f32 = 0.585;
const MOON: (f32, f32) = (0.80, 0.118);
const VIEW: View = View { eye: 0.3, horizon: SHORE, lens: 1.25, reach: (9.0, 95.0) };

pub fn paint(width: usize, height: usize) -> Canvas {
    let clouds = Canvas::paint(width.div_ceil(2), height.div_ceil(2), |x, y| {
        if y < SHORE + 0.02 { WHITE * cloud(x, y) } else { BLACK }
    });
    let mut canvas =
        Canvas::paint(
            width,
            height,
            |x, y| {
                if y < SHORE + 0.01 { sky(x, y, clouds.light(x, y).g) } else { BLACK }
            },
        );
    let moonlight = Way::new(0.72, 0.52, -0.18);
    let relief = Relief::measure((-46.0, 9.0), (46.0, 92.0), 0.07, mountain);
    let shadows = relief.shadows(moonlight);
    let land = |x: f32, z: f32| relief.at(x, z);
    VIEW.paint(&mut canvas, land, |point| slope(point, moonlight, &shadows, land));
    forest(&mut canvas);
    let dry = canvas.clone();
    let aspect = canvas.aspect();
    canvas.fill((0.0, SHORE), (aspect, 1.0), |x, y| (water(&dry, x, y), smooth(SHORE, SHORE + 0.002, y)));
    canvas.fill((0.0, SHORE), (aspect, 1.0), |x, y| jetty(x, y, aspect));
    canvas
}

/// How thickly the sky is veiled.
fn cloud(x: f32, y: f32) -> f32 {
    let bend = fbm(x * 1.7, y * 3.4 + 2.0, 3);
    smooth(-0.06, 0.5, fbm(x * 1.5 + bend * 0.7 + 5.0, y * 4.2 + bend * 0.5, 6))
}

fn sky(x: f32, y: f32, cloud: f32) -> Rgb {
    let (dx, dy) = (x - MOON.0, y - MOON.1);
    let far = (dx * dx + dy * dy).sqrt();
    let base = scale(&[(0.0, hex(0x0b1a33)), (0.3, hex(0x1d3a5f)), (0.6, hex(0x4a6f8f))], y);
    let glow = hex(0xa9c4dd) * (0.30 * (-far * 4.5).exp() + 0.35 * (-far * 17.0).exp());
    let lining = hex(0x2a4362).mix(hex(0xb9cbdc), (0.9 * (-far * 3.0).exp()).min(1.0));
    let stars = starlight(x, y, 0.9) * (1.0 - cloud) * smooth(0.05, 0.4, far);
    let light = base.mix(lining, cloud * 0.62) + glow + hex(0xdfe9ff) * stars;
    let disc = smooth(0.0345, 0.0330, far);
    if disc <= 0.0 {
        return light;
    }
    let face = 1.0 - 0.28 * smooth(-0.05, 0.45, fbm(dx * 44.0 + 2.0, dy * 44.0 + 1.0, 4));
    light + rgb(2.6, 2.5, 2.3) * (face * disc * (1.0 - cloud * 0.55))
}

fn mountain(x: f32, z: f32) -> f32 {
    if x < -0.52 * z - 2.0 {
        // Beside the picture, and where its shadow can't fall into it.
        return 0.0;
    }
    let valley = 0.22 + 0.78 * smooth(0.0, 19.0, (x - 1.6 - 0.05 * z).abs());
    let rise = smooth(11.0, 44.0, z);
    let rock = eroded(x * 0.062 + 20.0, z * 0.062, 10);
    let shore = smooth(10.0, 16.0, z);
    let hills = if shore > 0.0 { 0.9 * shore * (0.5 + fbm(x * 0.3, z * 0.3, 4)) } else { 0.0 };
    -0.3 + rise * valley * (22.0 * rock - 2.0) + hills
}

fn slope(point: Point, moonlight: Way, shadows: &Relief, land: impl Fn(f32, f32) -> f32) -> Rgb {
    let Point { x, y, z, pixel } = point;
    let at = (x, land(x, z), z);
    let rough = face(&land, at, (pixel * 1.4).max(0.07));
    let broad = face(&land, at, 0.6);
    let open = smooth(-0.16, 0.0, y - shadows.at(x, z));
    let direct = moonlight.on(rough) * open;
    let steep = rough.y * 0.6 + broad.y * 0.4;
    let patchy = 0.16 * fbm(x * 0.8, z * 0.8, 4);
    let snow = smooth(0.50, 0.66, steep + patchy) * smooth(0.8, 3.6, y + patchy * 6.0);
    let wood = smooth(2.6, 1.2, y + patchy * 5.0);
    let stone = hex(0x39424e).mix(hex(0x141c22), wood);
    let albedo = stone.mix(hex(0xe6edf5), snow);
    let light = rgb(0.78, 0.86, 0.98) * direct + hex(0x3b5c86) * (0.35 + 0.35 * rough.y);
    let air = hex(0x4f7290).mix(hex(0x86a5bd), smooth(4.0, 0.0, y) * smooth(14.0, 40.0, z));
    let seen = through_air(albedo.times(light), air, z, rgb(0.008, 0.009, 0.0105));
    if y > 3.0 {
        return seen;
    }
    let mist = smooth(1.9, 0.1, y + 0.9 * fbm(x * 0.22, z * 0.1 + y * 0.6, 3)) * smooth(9.0, 30.0, z);
    seen.mix(hex(0x7f9fb8), mist * 0.55)
}

fn forest(canvas: &mut Canvas) {
    let mut dice = Dice::new(91);
    let aspect = canvas.aspect();
    for layer in 0..3_u8 {
        let near = f32::from(layer) / 2.0;
        let (dark, lit) = (hex(0x26405a).mix(hex(0x0a1520), near), hex(0x4d6c88).mix(hex(0x23384c), near));
        let mut x = -0.05;
        while x < aspect + 0.05 {
            x += dice.between(0.002, 0.018) * mix(0.7, 1.2, near);
            // The forest is thick at the sides and leaves the middle of the lake's end open.
            let side = ((x - 0.74) / 0.6).abs();
            let here =
                smooth(mix(0.0, 0.55, near), mix(0.5, 1.05, near), side + 0.25 * noise(x * 5.0, near * 7.0));
            let tall = mix(0.022, 0.115, near) * here * dice.between(0.45, 1.0) + 0.006 * (1.0 - near);
            if tall > 0.006 {
                spruce(canvas, (x, SHORE + 0.002 * near), tall, dark, lit, &mut dice);
            }
        }
    }
    canvas.fill((0.0, SHORE - 0.012), (aspect, SHORE + 0.003), |x, y| {
        let bank = SHORE - 0.004 - 0.006 * (0.5 + fbm(x * 14.0, 1.0, 4));
        (hex(0x0c1822), smooth(bank, bank + 0.003, y))
    });
}

fn water(dry: &Canvas, x: f32, y: f32) -> Rgb {
    let down = y - SHORE;
    let far = 0.30 / (down + 0.004);
    let (u, v) = ((x - 0.6) * far, far);
    let calm = smooth(-0.25, 0.35, noise(x * 1.2 + 3.0, far * 0.14 + 1.0));
    let wave = fbm(u * 2.2, v * 5.5, 3) * smooth(0.0, 0.06, down)
        + 0.5 * fbm(u * 9.0, v * 17.0, 2) * smooth(0.05, 0.3, down);
    let sway = wave * (0.010 + 0.075 * down) * mix(1.25, 0.5, calm);
    let mut light = BLACK;
    for tap in 0..5_u8 {
        let spread = (f32::from(tap) - 2.0 + chance(whole(x * 2000.0), whole(y * 2000.0), 6) - 0.5)
            * (0.0015 + 0.03 * down * mix(1.0, 0.4, calm));
        light += dry.light(x + sway * 0.35, SHORE - down * 0.98 - sway - spread - 0.002);
    }
    let fresnel = mix(0.86, 0.42, smooth(0.0, 0.42, down));
    let path = (-((x - MOON.0 + 0.02 * noise(far * 2.0, 1.0)) / (0.020 + 0.11 * down)).powi(2)).exp();
    let mut lit = light * (fresnel / 5.0) + hex(0x071521) * 0.9;
    if path > 0.002 {
        let fine = fbm(u * 6.0, v * 15.0, 4) * smooth(0.5, 0.02, down) + 0.35 * wave;
        let glints = smooth(0.08, 0.5, fine + 0.06 - 0.06 * smooth(0.1, 0.4, down)) * path;
        lit += rgb(1.35, 1.44, 1.44) * glints;
    }
    let low = smooth(0.05, 0.0, down);
    if low <= 0.0 {
        return lit;
    }
    lit.mix(hex(0x7f9fb8), low * (0.5 + 0.5 * fbm(x * 5.0, down * 30.0, 3)) * 0.35)
}

/// Planks that lead out, as seen from one end.
fn jetty(x: f32, y: f32, aspect: f32) -> (Rgb, f32) {
    let (eye, deck, end, drift) = (1.5, 0.55, 5.2, 0.02);
    let (aside, down) = ((x - aspect * 0.5) / VIEW.lens, (y - SHORE).max(1e-4) / VIEW.lens);
    let z = (eye - deck) / down;
    let (px, left, right, soft) = (aside * z, -0.98 + drift * z, -0.12 + drift * z, 0.0009 * z);
    let across = smooth(left - soft, left + soft, px) * smooth(right + soft, right - soft, px);
    let on = across * smooth(end + 0.02, end - 0.02, z);
    if on > 0.0 {
        return (planks(px, z), on);
    }
    // Its side, the posts under it and what the water shows of them.
    let z = 0.12 / (drift - aside).max(1e-4);
    let height = eye - down * z;
    if !(0.5..end).contains(&z) || height.abs() > deck {
        return (rgb(0.0, 0.0, 0.0), 0.0);
    }
    let beam = smooth(0.38, 0.40, height.abs());
    let post = smooth(0.09, 0.07, ((z * 0.62).fract() - 0.5).abs());
    let gloom = 0.55 * smooth(0.02, 0.3, height.abs()) + 0.2;
    let cover = (beam + post).min(1.0).max(gloom) * if height < 0.0 { 0.6 } else { 1.0 };
    (hex(0x121c28).mix(hex(0x2c3b4c), beam * 0.6), cover)
}

fn planks(x: f32, z: f32) -> Rgb {
    let row = z * 5.2;
    let plank = whole(row);
    let part = row.fract();
    let tone = 0.6 + 0.55 * chance(plank, 3, 8);
    let grain = 0.75
        + 0.6 * fbm(x * 3.0 + 9.0 * chance(plank, 1, 4), row * 11.0, 4)
        + 0.25 * fbm(x * 40.0, row * 9.0, 2);
    let gap = smooth(0.02, 0.07, part) * smooth(1.0, 0.95, part);
    let worn = hex(0x66788c) * (tone * grain * mix(0.08, 1.0, gap));
    let nails = smooth(0.018, 0.010, ((x + 0.80).abs()).min((x + 0.24).abs()))
        * smooth(0.1, 0.06, (part - 0.5).abs());
    worn * (0.5 + 0.6 * smooth(1.2, 5.0, z)) * (1.0 - 0.7 * nails)
}
