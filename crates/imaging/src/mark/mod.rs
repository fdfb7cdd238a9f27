//! The mark over previews that are shown to people who have not bought: the photographer's name, tiled.

mod layer;
mod line;
mod stamp;
mod veil;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::planes::{Picture, Plane};
use crate::size::Size;
use stamp::Stamp;

/// Drawn when there is no text, or none that the font can show.
const NEUTRAL: &str = "PREVIEW";

/// Letters below this height can't be read.
const SMALLEST_TEXT: f32 = 14.0;

/// What is drawn over marked renditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Usually the photographer's name. Text that can't be drawn is replaced by a neutral word.
    pub text: String,
    /// Of the letters, 0.05 to 1. Default 0.4.
    pub opacity: f32,
    /// Height of the letters as a share of the picture's mean edge, 0.01 to 0.5. Default 0.038.
    pub size: f32,
    /// By how many degrees the lines rise. Default 24.
    pub angle: f32,
}

impl Default for Mark {
    fn default() -> Self {
        Self { text: NEUTRAL.to_owned(), opacity: 0.4, size: 0.038, angle: 24.0 }
    }
}

impl Mark {
    /// The usual look with a text of one's own.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    fn is_sound(&self) -> bool {
        (0.05..=1.0).contains(&self.opacity) && (0.01..=0.5).contains(&self.size) && self.angle.is_finite()
    }

    fn text_height(&self, size: Size) -> f32 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "a length in pixels"
        )]
        let mean_edge = (size.pixels() as f64).sqrt() as f32;
        (mean_edge * self.size).max(SMALLEST_TEXT)
    }
}

/// The picture with the mark over it. A mark that can't be drawn is an error, never an unmarked picture.
pub(crate) fn applied(mark: &Mark, picture: &Picture) -> Result<Picture, Error> {
    if !mark.is_sound() {
        return Err(Error::MarkFailed);
    }
    let size = picture.size();
    let mut marked = picture.clone();
    if veil::is_needed(size) {
        veil::lay(&mut marked);
        return Ok(marked);
    }
    let height = mark.text_height(size);
    let line = line::shaped(&mark.text, height).or_else(|| line::shaped(NEUTRAL, height));
    let stamp = line.and_then(|line| Stamp::new(&line, mark)).ok_or(Error::MarkFailed)?;
    let mut touched = 0;
    for (x, y) in stamp.places(size) {
        touched += stamp.press(&mut marked, x, y);
    }
    // A fiftieth of the letters' usual share: the lines have missed the picture.
    if touched < size.pixels() / 500 {
        veil::lay(&mut marked);
    }
    Ok(marked)
}

/// A chroma sample drawn towards gray: `keep` of 255 stay.
fn faded(sample: u8, keep: u8) -> u8 {
    let keep = u32::from(keep);
    share(u32::from(sample) * keep + 128 * (255 - keep))
}

/// A sum of products with 255ths as a sample, to the nearest; by shifts, which processors do many at once.
#[expect(clippy::cast_possible_truncation, reason = "the products sum up to 255 times 255 at most")]
fn share(sum: u32) -> u8 {
    let sum = sum + 128;
    ((sum + (sum >> 8)) >> 8) as u8
}

fn chroma_of(picture: &mut Picture) -> &mut [Plane] {
    picture.chroma.as_mut().map_or(&mut [], |planes| planes.as_mut_slice())
}
