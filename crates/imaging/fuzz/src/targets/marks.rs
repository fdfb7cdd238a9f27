//! The mark over previews: whatever somebody sets, it is seen, or nothing is shown.

use imaging::{Error, Mark, Recipe};

use super::containers::bitmap;
use super::pictures::{check, limits};

/// The edges of the largest picture that is marked here.
const LARGEST: u8 = 160;

/// A mark with hostile settings.
pub fn mark(bytes: &[u8]) {
    let [width, height, opacity, size, a, b, c, d, text @ ..] = bytes else { return };
    let edge = |byte: &u8| u32::from(byte % LARGEST) + 1;
    let mark = Mark {
        text: String::from_utf8_lossy(text).into_owned(),
        // A little beyond what is allowed on either side.
        opacity: f32::from(*opacity) / 240.0,
        size: f32::from(*size) / 500.0,
        angle: f32::from_le_bytes([*a, *b, *c, *d]),
    };
    let recipe = Recipe { mark, limits: limits(), ..Recipe::default() };
    let outcome = check(&bitmap(edge(width), edge(height)), &recipe);
    assert!(matches!(outcome, Ok(_) | Err(Error::MarkFailed)), "{outcome:?}");
}
