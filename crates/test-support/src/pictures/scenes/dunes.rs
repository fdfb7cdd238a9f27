//! Dunes in the evening, every crest a line between light and shade.

use crate::pictures::canvas::Canvas;
use crate::pictures::colour::{BLACK, Rgb, hex, rgb, scale, smooth};
use crate::pictures::land::{Point, Relief, View, Way, face, through_air};
use crate::pictures::noise::{chance, fbm, noise, whole};

pub fn paint(width: usize, height: usize) -> Canvas {
    let mut canvas = Canvas::paint(width, height, |x, y| if y < 0.34 { sky(x, y) } else { BLACK });
    let view = View { eye: 5.6, horizon: 0.27, lens: 1.5, reach: (2.5, 90.0) };
    let sun = Way::new(-0.86, 0.24, 0.34);
    let land = |x: f32, z: f32| dune(x + 15.0, z + 120.0);
    let shadows = Relief::measure((-38.0, 1.5), (36.0, 92.0), 0.08, land).shadows(sun);
    view.paint(&mut canvas, land, |point| sand(point, sun, &shadows, land));
    canvas
}

fn sky(x: f32, y: f32) -> Rgb {
    let light = scale(
        &[(0.0, hex(0x5f8fb8)), (0.13, hex(0x9dbccb)), (0.22, hex(0xdcd0bd)), (0.29, hex(0xf1d5b0))],
        y,
    );
    let veil = smooth(0.0, 0.6, fbm(x * 1.1 + y * 3.0, y * 9.0 - x * 0.8, 5));
    light.mix(hex(0xf4e2cf), veil * 0.35) + hex(0xffd9a0) * (0.25 * (-x * 1.6).exp())
}

/// Sharp where smooth noise changes sign.
fn crest(x: f32, z: f32) -> f32 {
    let bend = 0.8 * noise(x * 0.11 + 3.1, z * 0.10);
    let n = noise(x * 0.085 + z * 0.03 + bend, z * 0.11 + 5.7 - bend * 0.4);
    1.0 - (n * n + 0.0003).sqrt() * 1.25
}

fn dune(x: f32, z: f32) -> f32 {
    // Wind from the left leans the crests to the right.
    let lean = 2.6 * crest(x, z);
    let large = crest(x - lean, z);
    let swell = noise(x * 0.05 + 1.7, z * 0.045);
    let small = noise(x * 0.33 + 9.0, z * 0.27) * 0.16;
    (2.6 + 1.5 * swell) * large * large + 0.7 * swell + small * (1.2 - large)
}

fn sand(point: Point, sun: Way, shadows: &Relief, land: impl Fn(f32, f32) -> f32) -> Rgb {
    let Point { x, z, pixel, .. } = point;
    // Felt a little on this side, else far crests would flicker between their two faces.
    let z = z * (1.0 - 0.006 * smooth(8.0, 25.0, z));
    let y = land(x, z);
    let ground = face(land, (x, y, z), (pixel * 1.5).max(0.01));
    let open = smooth(-0.06, 0.0, y - shadows.at(x, z));
    let ripple = ripples(x, z, pixel, ground);
    let direct = sun.on(ripple) * open;
    let above = 0.55 + 0.45 * ripple.y;
    let back = Way::new(0.7, 0.2, -0.4).on(ripple);
    let grain =
        1.0 + 0.16 * (chance(whole(x * 900.0), whole(z * 900.0), 3) - 0.5) + 0.10 * fbm(x * 3.0, z * 3.0, 3);
    let albedo = hex(0xd99a5f).mix(hex(0xc77f4c), 0.5 + 0.8 * noise(x * 0.2, z * 0.2)) * grain;
    let light = rgb(4.0, 2.75, 1.6) * direct + hex(0x7d94ec) * (above * 0.56) + hex(0xe08a58) * (back * 0.2);
    through_air(albedo.times(light), hex(0xf0cda4), z, rgb(0.0085, 0.0105, 0.013))
}

/// The wind's small waves, as a change of the face; only where the eye can tell them apart.
fn ripples(x: f32, z: f32, pixel: f32, ground: Way) -> Way {
    let bend = 1.6 * noise(x * 0.9, z * 0.9) + 0.5 * noise(x * 3.1, z * 2.7);
    let wave = (x * 0.82 + z * 0.5) * 52.0 + bend * 3.5;
    let seen = smooth(0.08, 0.02, pixel * 6.0) * smooth(0.6, 0.9, ground.y);
    let height = 0.30 * seen * (0.6 + 0.6 * noise(x * 0.6 + 4.0, z * 0.6));
    let slope = wave.cos() * height + (wave * 2.0).cos() * height * 0.25;
    Way::new(ground.x - slope * 0.82, ground.y, ground.z - slope * 0.5)
}
