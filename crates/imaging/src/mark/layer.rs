//! One channel of the stamp: what it leaves of a plane, and where in each row it leaves less than all.

use std::ops::Range;

use crate::planes::Plane;

/// Of 255, how much of each sample stays.
pub(super) struct Layer {
    pub(super) keep: Plane,
    /// The part of each row that changes anything; a turned line of text leaves most of its box untouched.
    spans: Vec<Range<usize>>,
}

impl Layer {
    pub(super) fn new(keep: Plane) -> Self {
        let span = |row: &[u8]| {
            let start = row.iter().position(|keep| *keep < 255).unwrap_or(row.len());
            let end = row.iter().rposition(|keep| *keep < 255).map_or(start, |last| last + 1);
            start..end
        };
        let spans = (0..keep.height).map(|y| span(keep.row(y))).collect();
        Self { keep, spans }
    }

    /// The same for chroma: the mean of each two by two.
    pub(super) fn halved(&self) -> Self {
        let keep = &self.keep;
        let (width, height) = (keep.width / 2, keep.height / 2);
        let mut half = Plane::filled(width, height, 255);
        for y in 0..height {
            let (upper, lower) = (keep.row(2 * y), keep.row(2 * y + 1));
            for (x, mean) in half.row_mut(y).iter_mut().enumerate() {
                let four = [upper[2 * x], upper[2 * x + 1], lower[2 * x], lower[2 * x + 1]];
                let sum: u16 = four.into_iter().map(u16::from).sum();
                *mean = u8::try_from((sum + 2) / 4).unwrap_or(u8::MAX);
            }
        }
        Self::new(half)
    }

    /// Walks the parts of rows in which the layer, with its corner at a place that may lie outside, changes a
    /// plane: the samples of the plane, and where the layer's samples for them are.
    pub(super) fn over(
        &self,
        plane: &mut Plane,
        x: i64,
        y: i64,
        mut row: impl FnMut(&mut [u8], Range<usize>),
    ) {
        for (line, span) in (y..).zip(&self.spans) {
            let Ok(line) = usize::try_from(line) else { continue };
            if line >= plane.height {
                break;
            }
            let inside = |column: usize| {
                let at = x.saturating_add_unsigned(column as u64);
                usize::try_from(at).unwrap_or(0).min(plane.width)
            };
            let (left, right) = (inside(span.start), inside(span.end));
            if left < right {
                let column = i64::try_from(left).unwrap_or(i64::MAX) - x;
                let layer_row = i64::try_from(line).unwrap_or(i64::MAX) - y;
                let index = |number: i64| usize::try_from(number).unwrap_or(0);
                let from = index(layer_row) * self.keep.width + index(column);
                row(&mut plane.row_mut(line)[left..right], from..from + (right - left));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(x: i64, y: i64) -> Vec<u8> {
        let layer = Layer::new(Plane { width: 3, height: 2, data: vec![255, 1, 2, 3, 4, 255] });
        let mut plane = Plane::filled(4, 3, 0);
        layer.over(&mut plane, x, y, |into, from| into.copy_from_slice(&layer.keep.data[from]));
        plane.data
    }

    #[test]
    fn a_layer_meets_a_plane_where_they_overlap() {
        assert_eq!(pressed(0, 0), [0, 1, 2, 0, 3, 4, 0, 0, 0, 0, 0, 0]);
        assert_eq!(pressed(-1, -1), [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(pressed(2, 2), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(pressed(9, -9), [0; 12]);
        assert_eq!(pressed(-2, 1), [0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
    }
}
