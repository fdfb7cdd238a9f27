//! The mark over previews: whatever somebody sets, it is seen, or nothing is shown.

use imaging::{Error, Logo, Mark, Place, Recipe, Subject};

use super::containers::{bitmap, mended_png};
use super::pictures::{check, limits};

/// The edges of the largest picture that is marked here.
const LARGEST: u8 = 160;

/// A mark with hostile settings.
pub fn mark(bytes: &[u8]) {
    let [width, height, opacity, size, a, b, c, d, text @ ..] = bytes else { return };
    let edge = |byte: &u8| u32::from(byte % LARGEST) + 1;
    // A picture as a mark where the text is one, in each of the places.
    let png = text.starts_with(b"\x89PNG").then(|| mended_png(text));
    let subject = match Logo::read(png.as_deref().unwrap_or(text)) {
        Ok((logo, _)) => Subject::Logo(logo),
        Err(_) => Subject::Text(String::from_utf8_lossy(text).into_owned()),
    };
    let places = Place::all();
    let mark = Mark {
        subject,
        place: places[usize::from(*width) % places.len()],
        // A little beyond what is allowed on either side.
        opacity: f32::from(*opacity) / 240.0,
        size: f32::from(*size) / 400.0,
        angle: f32::from_le_bytes([*a, *b, *c, *d]),
        margin: f32::from(*height) / 1000.0,
    };
    let recipe = Recipe { mark, limits: limits(), ..Recipe::default() };
    let outcome = check(&bitmap(edge(width), edge(height)), &recipe);
    assert!(matches!(outcome, Ok(_) | Err(Error::MarkFailed)), "{outcome:?}");
}
