//! The mark over pictures that are shown to people who have not bought: a text or a logo, tiled or in one place.

mod artwork;
mod layer;
mod letters;
mod line;
mod logo;
mod place;
mod shadow;
mod stamp;
mod stamps;
mod veil;

use serde::{Deserialize, Serialize};

pub(crate) use logo::Rgba;
pub use logo::{Logo, LogoFault};
pub use place::Place;
pub use stamps::Stamps;

use crate::planes::{Picture, Plane};
use crate::size::Size;

/// Drawn when there is no text, or none that the font can show.
const NEUTRAL: &str = "PREVIEW";

/// What is drawn over marked renditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// A text or a picture.
    pub subject: Subject,
    /// Tiled by default.
    pub place: Place,
    /// 0.05 to 1. Default 0.4.
    pub opacity: f32,
    /// Height of the letters, or mean edge of the logo, as a share of the picture's mean edge: 0.01 to 0.6.
    /// Default 0.038, which fits letters. A mark too small to be seen is made a little larger, one that does
    /// not fit in smaller.
    pub size: f32,
    /// By how many degrees tiled lines rise. Default 24.
    pub angle: f32,
    /// From the edges to a mark that is in one place, as a share of the picture's mean edge: 0 to 0.25.
    /// Default 0.03.
    pub margin: f32,
}

/// What a mark shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Usually the photographer's name, in white. Text that can't be drawn is replaced by a neutral word.
    Text(String),
    /// A picture with transparent parts, in its own colours.
    Logo(Logo),
}

impl Default for Mark {
    fn default() -> Self {
        Self::new(NEUTRAL)
    }
}

impl Mark {
    /// The usual look with a text of one's own.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            subject: Subject::Text(text.into()),
            place: Place::Tiled,
            opacity: 0.4,
            size: 0.038,
            angle: 24.0,
            margin: 0.03,
        }
    }

    /// Whether the font has every letter and digit of a text, and it is not too long for a mark.
    pub fn can_draw(text: &str) -> bool {
        text.trim().chars().count() <= line::LONGEST && line::drawable(text).is_some()
    }

    /// Bytes of memory that drawing it takes beside the photo, at most.
    pub fn memory_needed(&self) -> u64 {
        match &self.subject {
            Subject::Text(_) => 0,
            Subject::Logo(logo) => logo.memory_needed(),
        }
    }

    fn is_sound(&self) -> bool {
        (0.05..=1.0).contains(&self.opacity)
            && (0.01..=0.6).contains(&self.size)
            && (0.0..=0.25).contains(&self.margin)
            && self.angle.is_finite()
    }
}

/// The edge of a square with as many pixels.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a length in pixels")]
fn mean_edge(size: Size) -> f32 {
    (size.pixels() as f64).sqrt() as f32
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
