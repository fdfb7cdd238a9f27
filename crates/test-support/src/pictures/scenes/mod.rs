//! What there is to see: a file a picture, each painting its light onto a canvas of the size wanted.

mod above_clouds;
mod birches;
mod dunes;
mod golden_sea;
mod misty_ridges;
mod moonlit_lake;
mod northern_lights;
mod pines;
mod poppies;
mod rain;
mod skyline;
mod soap_bubble;

use super::develop::{FILM, Film};
use super::{Paint, Scene};

/// Hazy and glaring scenes: the lens scatters more of their light.
const HAZY: Film = Film { bloom: 0.15, ..FILM };

/// Moonlight, in which the eye sees little colour.
const MOONLIGHT: Film = Film { saturation: 0.9, ..HAZY };

pub static SCENES: [Scene; 12] = [
    scene("misty-ridges.jpg", (3, 2), HAZY, misty_ridges::paint),
    scene("poppies.jpg", (3, 2), FILM, poppies::paint),
    scene("pines-in-fog.jpg", (2, 3), HAZY, pines::paint),
    scene("northern-lights.jpg", (3, 2), FILM, northern_lights::paint),
    scene("soap-bubble.jpg", (1, 1), FILM, soap_bubble::paint),
    scene("dunes.jpg", (4, 3), FILM, dunes::paint),
    scene("rain.jpg", (4, 5), FILM, rain::paint),
    scene("above-clouds.jpg", (3, 2), FILM, above_clouds::paint),
    scene("birches.jpg", (2, 3), FILM, birches::paint),
    scene("moonlit-lake.jpg", (5, 4), MOONLIGHT, moonlit_lake::paint),
    scene("blue-hour.jpg", (16, 9), HAZY, skyline::paint),
    scene("golden-sea.jpg", (16, 9), HAZY, golden_sea::paint),
];

const fn scene(name: &'static str, ratio: (u32, u32), film: Film, paint: Paint) -> Scene {
    Scene { name, ratio, film, paint }
}
