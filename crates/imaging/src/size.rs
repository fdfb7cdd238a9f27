//! The width and height of a picture, in pixels.

use serde::{Deserialize, Serialize};

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

impl Size {
    /// A size from its two edges.
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// How many pixels a picture of this size has.
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The longer of the two edges.
    pub fn long_edge(self) -> u32 {
        self.width.max(self.height)
    }

    /// The size after an EXIF orientation (1 to 8) has been applied.
    #[must_use]
    pub fn oriented(self, orientation: u8) -> Self {
        if (5..=8).contains(&orientation) { Self::new(self.height, self.width) } else { self }
    }

    /// The largest size of the same shape whose long edge is at most `edge`; never larger than this one, and
    /// never without pixels.
    #[must_use]
    pub fn fitted(self, edge: u32) -> Self {
        let long = self.long_edge();
        if long <= edge || long == 0 {
            return self;
        }
        let scaled = |side: u32| {
            let rounded = (u64::from(side) * u64::from(edge) * 2 + u64::from(long)) / (u64::from(long) * 2);
            u32::try_from(rounded).unwrap_or(edge).max(1)
        };
        Self::new(scaled(self.width), scaled(self.height))
    }

    pub(crate) fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }
}

#[cfg(test)]
mod tests {
    use super::Size;

    #[test]
    fn a_fitted_size_keeps_the_shape_and_never_grows_or_vanishes() {
        assert_eq!(Size::new(6000, 4000).fitted(2048), Size::new(2048, 1365));
        assert_eq!(Size::new(4000, 6000).fitted(400), Size::new(267, 400));
        assert_eq!(Size::new(300, 200).fitted(400), Size::new(300, 200));
        assert_eq!(Size::new(20_000, 1).fitted(400), Size::new(400, 1));
        assert_eq!(Size::new(1, 1).fitted(400), Size::new(1, 1));
    }

    #[test]
    fn a_quarter_turn_swaps_the_edges() {
        assert_eq!(Size::new(3, 2).oriented(6), Size::new(2, 3));
        assert_eq!(Size::new(3, 2).oriented(3), Size::new(3, 2));
    }
}
