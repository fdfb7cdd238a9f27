//! What there is to see.

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

use super::Scene;
use super::develop::{FILM, Film};

pub static SCENES: [Scene; 12] = [
    Scene {
        name: "misty-ridges.jpg",
        ratio: (3, 2),
        film: Film { bloom: 0.14, ..FILM },
        paint: misty_ridges::paint,
    },
    Scene {
        name: "golden-sea.jpg",
        ratio: (16, 9),
        film: Film { bloom: 0.14, ..FILM },
        paint: golden_sea::paint,
    },
    Scene { name: "dunes.jpg", ratio: (4, 3), film: Film { bloom: 0.08, ..FILM }, paint: dunes::paint },
    Scene {
        name: "moonlit-lake.jpg",
        ratio: (5, 4),
        film: Film { bloom: 0.14, saturation: 0.9, ..FILM },
        paint: moonlit_lake::paint,
    },
    Scene {
        name: "northern-lights.jpg",
        ratio: (3, 2),
        film: Film { bloom: 0.12, ..FILM },
        paint: northern_lights::paint,
    },
    Scene {
        name: "blue-hour.jpg",
        ratio: (16, 9),
        film: Film { bloom: 0.16, ..FILM },
        paint: skyline::paint,
    },
    Scene {
        name: "soap-bubble.jpg",
        ratio: (1, 1),
        film: Film { bloom: 0.10, ..FILM },
        paint: soap_bubble::paint,
    },
    Scene {
        name: "above-clouds.jpg",
        ratio: (3, 2),
        film: Film { bloom: 0.10, ..FILM },
        paint: above_clouds::paint,
    },
    Scene { name: "rain.jpg", ratio: (4, 5), film: Film { bloom: 0.12, ..FILM }, paint: rain::paint },
    Scene { name: "birches.jpg", ratio: (2, 3), film: Film { bloom: 0.10, ..FILM }, paint: birches::paint },
    Scene {
        name: "pines-in-fog.jpg",
        ratio: (2, 3),
        film: Film { bloom: 0.16, ..FILM },
        paint: pines::paint,
    },
    Scene { name: "poppies.jpg", ratio: (3, 2), film: Film { bloom: 0.12, ..FILM }, paint: poppies::paint },
];
