//! Where on a picture the mark stands: all over it, or in one of nine places.

use serde::{Deserialize, Serialize};

use super::stamp::Stamp;
use crate::size::Size;

/// Where the mark stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// All over the picture, in rising lines: hard to remove.
    Tiled,
    /// The upper left corner.
    TopLeft,
    /// The middle of the upper edge.
    Top,
    /// The upper right corner.
    TopRight,
    /// The middle of the left edge.
    Left,
    /// The very middle.
    Center,
    /// The middle of the right edge.
    Right,
    /// The lower left corner.
    BottomLeft,
    /// The middle of the lower edge.
    Bottom,
    /// The lower right corner.
    BottomRight,
}

impl Place {
    /// Every place.
    pub const fn all() -> &'static [Self] {
        use Place::{Bottom, BottomLeft, BottomRight, Center, Left, Right, Tiled, Top, TopLeft, TopRight};
        &[Tiled, TopLeft, Top, TopRight, Left, Center, Right, BottomLeft, Bottom, BottomRight]
    }

    /// The stable name in rows and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tiled => "tiled",
            Self::TopLeft => "top_left",
            Self::Top => "top",
            Self::TopRight => "top_right",
            Self::Left => "left",
            Self::Center => "center",
            Self::Right => "right",
            Self::BottomLeft => "bottom_left",
            Self::Bottom => "bottom",
            Self::BottomRight => "bottom_right",
        }
    }

    /// How far across and down, in halves.
    const fn halves(self) -> (i64, i64) {
        match self {
            Self::TopLeft => (0, 0),
            Self::Top => (1, 0),
            Self::TopRight => (2, 0),
            Self::Left => (0, 1),
            Self::Tiled | Self::Center => (1, 1),
            Self::Right => (2, 1),
            Self::BottomLeft => (0, 2),
            Self::Bottom => (1, 2),
            Self::BottomRight => (2, 2),
        }
    }
}

/// The corner of a stamp that stands in one place, so far from the edges; even, so that chroma fits.
pub(super) fn spot(stamp: &Stamp, size: Size, place: Place, margin: i64) -> (i64, i64) {
    let (across, down) = place.halves();
    let (width, height) = stamp.edges();
    let at = |halves: i64, edge: u32, length: usize| {
        let room = i64::from(edge) - i64::try_from(length).unwrap_or(0) - 2 * margin;
        let from = margin + room.max(0) * halves / 2;
        from - from % 2
    };
    (at(across, size.width, width), at(down, size.height, height))
}

/// Where a stamp is pressed so that its lines cover a picture, one of them in the very middle.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "places are pixels, within a few thousand"
)]
pub(super) fn tiles(stamp: &Stamp, size: Size) -> Vec<(i64, i64)> {
    let lattice = stamp.lattice();
    let (width, height) = (size.width as f32, size.height as f32);
    let reach = width.hypot(height) / 2.0;
    let steps = |step: (f32, f32)| (reach / step.0.hypot(step.1)).ceil() as i64 + 2;
    let (lines, words) = (steps(lattice.across), steps(lattice.along));
    let mut places = Vec::new();
    for line in -lines..=lines {
        // Every other line is shifted, like bricks.
        let shift = if line % 2 == 0 { 0.0 } else { 0.5 };
        for word in -words..=words {
            let (line, word) = (line as f32, word as f32 + shift);
            let x = width / 2.0 + lattice.along.0 * word + lattice.across.0 * line;
            let y = height / 2.0 + lattice.along.1 * word + lattice.across.1 * line;
            let place = (
                2 * (x / 2.0).round() as i64 + lattice.offset.0,
                2 * (y / 2.0).round() as i64 + lattice.offset.1,
            );
            let meets = |from: i64, length: usize, edge: u32| {
                from < i64::from(edge) && from + i64::try_from(length).unwrap_or(0) > 0
            };
            let (across, down) = stamp.edges();
            if meets(place.0, across, size.width) && meets(place.1, down, size.height) {
                places.push(place);
            }
        }
    }
    places
}
