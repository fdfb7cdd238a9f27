//! One channel of the stamp: what it leaves of a plane and what it adds, and where in each row it does anything.

use std::ops::Range;

use crate::planes::Plane;

/// A sample becomes `sample * keep + add`, in 255ths.
pub(super) struct Layer {
    /// Of 255, how much of each sample stays.
    pub(super) keep: Plane,
    /// At most 255 times what does not stay, so that the sum fits sixteen bits.
    add: Vec<u16>,
    /// The part of each row that changes anything; a turned line of text leaves most of its box untouched.
    spans: Vec<Range<usize>>,
}

/// Less than this of 255 stays where a mark is clearly seen.
const SEEN: u8 = 224;

impl Layer {
    pub(super) fn new(keep: Plane, mut add: Vec<u16>) -> Self {
        for (add, keep) in add.iter_mut().zip(&keep.data) {
            *add = (*add).min(255 * u16::from(255 - keep));
        }
        let span = |row: &[u8]| {
            let start = row.iter().position(|keep| *keep < 255).unwrap_or(row.len());
            let end = row.iter().rposition(|keep| *keep < 255).map_or(start, |last| last + 1);
            start..end
        };
        let spans = (0..keep.height).map(|y| span(keep.row(y))).collect();
        Self { keep, add, spans }
    }

    /// What draws chroma towards gray as much as this layer covers: the mean of each two by two.
    pub(super) fn fading(&self) -> Self {
        self.tinting(|_, _| 0)
    }

    /// The same, with what colour adds to a sample of chroma at a place in 255ths.
    pub(super) fn tinting(&self, colour: impl Fn(usize, usize) -> i32) -> Self {
        let keep = &self.keep;
        let (width, height) = (keep.width / 2, keep.height / 2);
        let mut half = Plane::filled(width, height, 255);
        let mut add = vec![0; width * height];
        for y in 0..height {
            let (upper, lower) = (keep.row(2 * y), keep.row(2 * y + 1));
            for (x, mean) in half.row_mut(y).iter_mut().enumerate() {
                let four = [upper[2 * x], upper[2 * x + 1], lower[2 * x], lower[2 * x + 1]];
                let sum: u16 = four.into_iter().map(u16::from).sum();
                *mean = u8::try_from((sum + 2) / 4).unwrap_or(u8::MAX);
                let gray = 128 * i32::from(255 - *mean);
                add[y * width + x] = u16::try_from(gray + colour(x, y)).unwrap_or(0);
            }
        }
        Self::new(half, add)
    }

    /// Presses the layer onto a plane, with its corner at a place that may lie outside.
    pub(super) fn press(&self, plane: &mut Plane, x: i64, y: i64) {
        self.over((plane.width, plane.height), x, y, |line, columns, from| {
            let into = &mut plane.row_mut(line)[columns];
            let (keep, add) = (&self.keep.data[from.clone()], &self.add[from]);
            for ((sample, keep), add) in into.iter_mut().zip(keep).zip(add) {
                *sample = mixed(*sample, *keep, *add);
            }
        });
    }

    /// How many samples of a plane with these edges it clearly changes.
    pub(super) fn touches(&self, edges: (usize, usize), x: i64, y: i64) -> u64 {
        let mut touched = 0;
        self.over(edges, x, y, |_, _, from| touched += seen(&self.keep.data[from]));
        touched
    }

    /// How many samples it clearly changes where it is pressed whole.
    pub(super) fn strength(&self) -> u64 {
        seen(&self.keep.data)
    }

    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        self.keep.data.len() * 3 + self.spans.len() * size_of::<Range<usize>>()
    }

    /// Walks the parts of rows that the layer changes in a plane with these edges: the line, its columns, and
    /// where the layer's samples for them are.
    fn over(
        &self,
        (width, height): (usize, usize),
        x: i64,
        y: i64,
        mut row: impl FnMut(usize, Range<usize>, Range<usize>),
    ) {
        for (line, span) in (y..).zip(&self.spans) {
            let Ok(line) = usize::try_from(line) else { continue };
            if line >= height {
                break;
            }
            let inside = |column: usize| {
                let at = x.saturating_add_unsigned(column as u64);
                usize::try_from(at).unwrap_or(0).min(width)
            };
            let (left, right) = (inside(span.start), inside(span.end));
            if left < right {
                let column = i64::try_from(left).unwrap_or(i64::MAX) - x;
                let layer_row = i64::try_from(line).unwrap_or(i64::MAX) - y;
                let index = |number: i64| usize::try_from(number).unwrap_or(0);
                let from = index(layer_row) * self.keep.width + index(column);
                row(line, left..right, from..from + (right - left));
            }
        }
    }
}

/// As `share`, in sixteen bits, of which processors do twice as many at once: `add` leaves room for the rest.
fn mixed(sample: u8, keep: u8, add: u16) -> u8 {
    let sum = u16::from(sample) * u16::from(keep) + add + 128;
    ((sum + (sum >> 8)) >> 8) as u8
}

fn seen(keep: &[u8]) -> u64 {
    keep.iter().map(|keep| u64::from(*keep < SEEN)).sum()
}

#[cfg(test)]
mod tests {
    use super::super::share;
    use super::*;

    fn pressed(x: i64, y: i64) -> Vec<u8> {
        let keep = Plane { width: 3, height: 2, data: vec![255, 0, 0, 0, 0, 255] };
        let layer = Layer::new(keep, [9, 1, 2, 3, 4, 9].map(|value| value * 255).to_vec());
        let mut plane = Plane::filled(4, 3, 0);
        layer.press(&mut plane, x, y);
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

    #[test]
    fn sixteen_bits_are_enough_for_every_sample() {
        for (sample, keep) in (0..=255).flat_map(|sample| (0..=255).map(move |keep| (sample, keep))) {
            for add in [0, 128 * u16::from(255 - keep), 255 * u16::from(255 - keep)] {
                let sum = u32::from(sample) * u32::from(keep) + u32::from(add);
                assert_eq!(mixed(sample, keep, add), share(sum), "{sample} {keep} {add}");
            }
        }
    }
}
