//! A city by the water at the blue hour.

use crate::pictures::canvas::{Canvas, dot};
use crate::pictures::colour::{BLACK, Rgb, hex, mix, rgb, scale, smooth};
use crate::pictures::noise::{Dice, chance, count, fbm, noise, whole};

const QUAY: f32 = 0.69;

/// What stands between two places along the quay.
struct Tower {
    left: f32,
    right: f32,
    top: f32,
    /// 0 far behind to 1 at the front.
    near: f32,
    seed: u32,
    crown: Crown,
}

#[derive(Clone, Copy, PartialEq)]
enum Crown {
    Flat,
    Stepped,
    Slanted,
    Spire,
}

pub fn paint(width: usize, height: usize) -> Canvas {
    let mut canvas = Canvas::paint(width.div_ceil(2), height.div_ceil(2), sky).enlarged(width, height);
    let mut dice = Dice::new(2024);
    for row in 0..4_u8 {
        let near = f32::from(row) / 3.0;
        for tower in street(row, near, canvas.aspect(), &mut dice) {
            tower.paint(&mut canvas);
        }
        veil(&mut canvas, near);
    }
    let lamps = promenade(&mut canvas, &mut dice);
    let dry = canvas.clone().blurred(0.0035);
    let aspect = canvas.aspect();
    canvas.fill((0.0, QUAY + 0.012), (aspect, 1.0), |x, y| (water(&dry, x, y), 1.0));
    for (x, lamp) in lamps {
        streak(&mut canvas, x, lamp);
    }
    canvas
}

fn sky(x: f32, y: f32) -> Rgb {
    let bend = fbm(x * 1.2, y * 3.0, 3);
    let thick = fbm(x * 1.1 + bend * 0.8 + 2.0, y * 5.0 + bend, 5);
    let lit = hex(0x31487f).mix(hex(0xe79a86), smooth(0.15, 0.6, y));
    dusk(y - 0.05 * (x - 0.9).abs()).mix(lit, smooth(0.0, 0.5, thick) * 0.55)
}

/// The sky without its clouds.
fn dusk(y: f32) -> Rgb {
    scale(
        &[
            (0.0, hex(0x0c1d45)),
            (0.20, hex(0x20407f)),
            (0.36, hex(0x5468a6)),
            (0.48, hex(0xa98aa8)),
            (0.58, hex(0xee9f80)),
            (0.68, hex(0xffb07a)),
        ],
        y,
    )
}

/// The towers of one row; the city is highest right of the middle.
fn street(row: u8, near: f32, aspect: f32, dice: &mut Dice) -> Vec<Tower> {
    let mut towers = Vec::new();
    let mut seed = u32::from(row) * 10;
    let mut x = -0.03;
    while x < aspect {
        let wide = dice.between(0.028, 0.085) * mix(0.8, 1.2, near);
        let hill =
            0.35 + 0.75 * (-((x - 1.08) / 0.42).powi(2)).exp() + 0.30 * (-((x - 0.42) / 0.16).powi(2)).exp();
        let tall = dice.between(0.10, 0.44) * hill * mix(1.15, 0.55, near) + mix(0.05, 0.02, near);
        let crown = match count(dice.throw() * 10.0) {
            0..=5 => Crown::Flat,
            6..=7 => Crown::Stepped,
            8 => Crown::Slanted,
            _ => Crown::Spire,
        };
        towers.push(Tower { left: x, right: x + wide, top: QUAY - tall, near, seed, crown });
        seed += 7;
        x += wide + dice.between(-0.012, 0.022);
    }
    towers
}

impl Tower {
    fn paint(&self, canvas: &mut Canvas) {
        let soft = canvas.step() * 0.5;
        canvas.fill((self.left - 0.002, self.top - 0.03), (self.right + 0.002, QUAY + 0.012), |x, y| {
            let roof = self.roof(x);
            let inside = smooth(self.left - soft, self.left + soft, x)
                * smooth(self.right + soft, self.right - soft, x);
            (self.front(x, y), inside * smooth(roof - soft, roof + soft, y))
        });
        if self.crown == Crown::Spire {
            let (x, y) = ((self.left + self.right) * 0.5, self.top - 0.075 + 0.03 * self.near);
            canvas.stroke(dot(x, self.top + 0.004, 0.0022), dot(x, y, 0.0006), self.stone(y), 1.0);
            canvas
                .glow(x, y, 0.012, |dx, dy| rgb(3.0, 0.25, 0.12) * (-(dx * dx + dy * dy) * 500_000.0).exp());
        }
    }

    fn roof(&self, x: f32) -> f32 {
        let part = (x - self.left) / (self.right - self.left);
        match self.crown {
            Crown::Flat | Crown::Spire => self.top,
            Crown::Stepped => self.top + if (part - 0.5).abs() > 0.3 { 0.018 } else { 0.0 },
            Crown::Slanted => self.top + 0.028 * part,
        }
    }

    /// The wall, darker the nearer it stands; glass gives back some of the sky.
    fn stone(&self, y: f32) -> Rgb {
        let wall = hex(0x5d6394).mix(hex(0x141a33), self.near.sqrt());
        let sheen = dusk(0.59 - (QUAY - y) * 0.8) * (0.16 + 0.14 * chance(5, 1, self.seed));
        wall.mix(sheen + wall * 0.4, 0.55)
    }

    fn front(&self, x: f32, y: f32) -> Rgb {
        let luck = |what: i32| chance(what, 1, self.seed);
        // Most towers stand askew and show a second side, narrow and darker.
        let corner = mix(self.left, self.right, if luck(7) < 0.7 { mix(0.55, 0.85, luck(8)) } else { 2.0 });
        let turned = x > corner;
        let shade = if turned { 0.62 } else { 1.0 } * (1.0 + 0.10 * smooth(0.0012, 0.0, (x - corner).abs()));
        let crown = luck(9) > 0.72 && self.near < 0.9;
        let uplit = if crown { hex(0xffb870) * (0.34 * smooth(0.035, 0.0, y - self.top)) } else { BLACK };
        let wall = self.stone(y) * shade + uplit;
        let pitch = mix(0.0034, 0.0062, self.near) * mix(0.8, 1.5, luck(1)) * if turned { 0.62 } else { 1.0 };
        let floor = mix(0.0052, 0.0074, self.near) * mix(0.9, 1.25, luck(2));
        let (u, v) = ((x - if turned { corner } else { self.left }) / pitch, (y - self.top) / floor);
        let (column, row) = (whole(u) + if turned { 400 } else { 0 }, whole(v));
        // Some fronts are bands of glass, others have a window to each room.
        let pier = if luck(4) > 0.6 { 0.04 } else { 0.20 };
        let frame = smooth(pier * 0.6, pier * 1.2, u.fract())
            * smooth(1.0 - pier * 0.3, 1.0 - pier, u.fract())
            * smooth(0.24, 0.36, v.fract());
        let margin = (x - self.left).min(self.right - x) > pitch * 0.4 && v > 1.2;
        let glass = wall * mix(0.88, 1.03, frame);
        let office = chance(whole(u / mix(2.0, 7.0, luck(5))) + i32::from(turned), row, self.seed + 1);
        let late = chance(row, 9, self.seed) * 0.45 + 0.55 * office;
        let lit = late > mix(0.42, 0.68, luck(3)) && chance(column, row, self.seed + 2) > 0.22;
        if !lit || !margin || y > QUAY {
            return glass;
        }
        let kind = 0.7 * luck(6) + 0.3 * chance(column, row, self.seed + 3);
        let lamp = scale(
            &[(0.0, rgb(1.0, 0.52, 0.20)), (0.6, rgb(1.0, 0.68, 0.36)), (1.0, rgb(0.85, 0.90, 1.0))],
            kind,
        );
        let bright = mix(0.25, 1.5, chance(column, row, self.seed + 4).powi(3)) * mix(0.7, 1.35, self.near);
        glass + lamp * (frame * bright * mix(0.8, 1.0, shade))
    }
}

/// The glow of the streets that hangs between the rows.
fn veil(canvas: &mut Canvas, near: f32) {
    let aspect = canvas.aspect();
    canvas.fill((0.0, 0.35), (aspect, QUAY + 0.012), |x, y| {
        let low = smooth(mix(0.30, 0.08, near), 0.0, QUAY - y);
        let drift = 0.7 + 0.5 * noise(x * 3.0, near * 5.0);
        (
            hex(0xd98e78).mix(hex(0xffa35c), near) * mix(0.62, 0.45, near),
            low * low * drift * mix(0.50, 0.22, near),
        )
    });
}

/// Lamps and trees along the water; answers where the lamps are and their light.
fn promenade(canvas: &mut Canvas, dice: &mut Dice) -> Vec<(f32, Rgb)> {
    let aspect = canvas.aspect();
    canvas.fill((0.0, QUAY - 0.03), (aspect, QUAY + 0.013), |x, y| {
        let leaves = QUAY - 0.004 - 0.013 * (0.55 + fbm(x * 30.0, 3.0, 4)).max(0.0);
        (hex(0x0b1020), smooth(leaves - 0.001, leaves + 0.002, y))
    });
    let mut lamps = Vec::new();
    let mut x = 0.008;
    while x < aspect {
        x += dice.between(0.012, 0.034);
        let (y, warm) = (QUAY - 0.006 - dice.throw() * 0.006, dice.throw());
        let lamp = rgb(1.0, 0.58, 0.22).mix(rgb(1.0, 0.85, 0.62), warm) * dice.between(1.5, 6.0);
        canvas.glow(x, y, 0.010, |dx, dy| lamp * (-(dx * dx + dy * dy) * 260_000.0).exp());
        canvas.glow(x, y, 0.06, |dx, dy| lamp * (0.020 * (-(dx * dx + dy * dy).sqrt() * 70.0).exp()));
        lamps.push((x, lamp));
    }
    lamps
}

fn water(dry: &Canvas, x: f32, y: f32) -> Rgb {
    let down = y - QUAY - 0.012;
    let far = 0.06 / (down + 0.012);
    let (u, v) = ((x - 0.9) * far * 7.0, far * 9.0);
    let wave = fbm(u * 2.4, v * 2.2, 4);
    let small = noise(u * 4.0, v * 9.0) * smooth(0.0, 0.12, down);
    let mut light = rgb(0.0, 0.0, 0.0);
    for tap in 0..5_u8 {
        // Each bit of a wave shows another height of the city: lamps turn into columns of light.
        let spread = (f32::from(tap) - 2.5 + chance(whole(x * 1500.0), whole(y * 1500.0), 3)) / 2.2;
        let height = down * (0.95 + 0.60 * spread) + (wave + 0.3 * small) * (0.012 + 0.15 * down) + 0.004;
        let aside = wave * 0.008 + small * 0.004;
        light += dry.light(x + aside, QUAY - 0.002 - height.abs());
    }
    let fresnel = mix(0.80, 0.45, smooth(0.0, 0.3, down)) * (1.0 + 0.35 * small);
    light.times(rgb(0.92, 0.96, 1.05)) * (fresnel / 5.0) + hex(0x0a1730) * 0.7
}

/// The column of light that a lamp draws on the water, broken by the waves.
fn streak(canvas: &mut Canvas, x: f32, lamp: Rgb) {
    let top = QUAY + 0.013;
    canvas.glow(x, top + 0.15, 0.16, |dx, dy| {
        let down = dy + 0.15;
        if down < 0.0 || dx.abs() > 0.02 {
            return BLACK;
        }
        let far = 0.06 / (down + 0.012);
        let wave = noise(x * 977.0 + dx * far * 60.0, far * 21.0)
            + 0.7 * noise(x * 613.0 + dx * far * 130.0, far * 57.0);
        let wide = 0.0011 + 0.016 * down;
        let column = (-((dx + wave * wide * 0.9) / wide).powi(2)).exp();
        lamp * (column * smooth(-0.25, 0.7, wave) * 0.34 * (-down * 8.0).exp())
    });
}
