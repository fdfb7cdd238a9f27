//! Bringing out the edges that making a picture smaller has softened.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::planes::{Picture, Plane};

/// How much the renditions are sharpened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sharpening {
    /// As the filter leaves them.
    Off,
    /// Seen beside the other, not by itself.
    #[default]
    Light,
    /// For pictures that are looked at from further away.
    Strong,
}

/// Not one of the names of [`Sharpening`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of off, light and strong")]
pub struct UnknownSharpening(String);

impl FromStr for Sharpening {
    type Err = UnknownSharpening;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "off" => Ok(Self::Off),
            "light" => Ok(Self::Light),
            "strong" => Ok(Self::Strong),
            other => Err(UnknownSharpening(other.to_owned())),
        }
    }
}

impl Sharpening {
    /// What is added of a sample's difference to its surroundings, in eighths, and by how much a sample may leave
    /// the range of its neighbours.
    ///
    /// Light is about what the galleries that photographers praise do to their previews: half of the difference.
    /// An edge gains what the filter took from it, and not more than a few steps beyond its two sides, so that
    /// no bright line runs along a dark one.
    const fn strength(self) -> Option<(i16, u8)> {
        match self {
            Self::Off => None,
            Self::Light => Some((4, 4)),
            Self::Strong => Some((8, 10)),
        }
    }
}

/// The picture with its luma sharpened; `None` when nothing is to be done. Colours stay: the eye does not see
/// their edges.
pub(crate) fn applied(picture: &Picture, sharpening: Sharpening) -> Option<Picture> {
    let (eighths, beyond) = sharpening.strength()?;
    Some(Picture { luma: sharpened(&picture.luma, eighths, beyond), chroma: picture.chroma.clone() })
}

/// Differences up to this, in sixteenths of a step, are left: they are noise, and cost bytes.
const NOISE: i16 = 16;

/// What a row and the two beside it are at each place: weighted sum, least and greatest.
#[derive(Default)]
struct Columns {
    sum: Vec<i16>,
    least: Vec<u8>,
    most: Vec<u8>,
}

impl Columns {
    /// With the first and the last column once more at each end.
    fn gather(&mut self, above: &[u8], here: &[u8], below: &[u8]) {
        let rows = || above.iter().zip(here).zip(below);
        let sum = |((above, here), below): ((&u8, &u8), &u8)| {
            i16::from(*above) + 2 * i16::from(*here) + i16::from(*below)
        };
        widened(&mut self.sum, rows().map(sum));
        widened(&mut self.least, rows().map(|((above, here), below)| *above.min(here).min(below)));
        widened(&mut self.most, rows().map(|((above, here), below)| *above.max(here).max(below)));
    }
}

fn widened<T: Copy + Default>(row: &mut Vec<T>, values: impl Iterator<Item = T>) {
    row.clear();
    row.push(T::default());
    row.extend(values);
    let last = row[row.len() - 1];
    row.push(last);
    row[0] = row[1];
}

/// The places left of, at and right of each sample.
fn three<T>(row: &[T], width: usize) -> (&[T], &[T], &[T]) {
    (&row[..width], &row[1..=width], &row[2..width + 2])
}

/// Every sample moved away from the mean of those around it. Sums of sixteen bits and no branches: processors do
/// many of them at once.
fn sharpened(plane: &Plane, eighths: i16, beyond: u8) -> Plane {
    let width = plane.width;
    let mut result = Plane::filled(width, plane.height, 0);
    let mut columns = Columns::default();
    for y in 0..plane.height {
        let here = plane.row(y);
        columns.gather(plane.row(y.saturating_sub(1)), here, plane.row((y + 1).min(plane.height - 1)));
        let (left, middle, right) = three(&columns.sum, width);
        let (low_left, low, low_right) = three(&columns.least, width);
        let (high_left, high, high_right) = three(&columns.most, width);
        let into = &mut result.row_mut(y)[..width];
        for x in 0..width {
            let around = left[x] + 2 * middle[x] + right[x];
            let sample = i16::from(here[x]);
            let difference = 16 * sample - around;
            let edge = difference - difference.clamp(-NOISE, NOISE);
            let moved = sample + ((edge * eighths + 64) >> 7);
            let low = low_left[x].min(low[x]).min(low_right[x]).saturating_sub(beyond);
            let high = high_left[x].max(high[x]).max(high_right[x]).saturating_add(beyond);
            into[x] = clamped(moved, low, high);
        }
    }
    result
}

/// Without the check that the limits are in order, which would keep the loop from being done many at once.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two bytes")]
fn clamped(value: i16, low: u8, high: u8) -> u8 {
    value.max(low.into()).min(high.into()) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(samples: &[u8]) -> Plane {
        Plane { width: samples.len(), height: 1, data: samples.to_vec() }
    }

    #[test]
    fn edges_become_steeper_and_even_tones_stay() {
        let slope = row(&[100, 100, 100, 110, 130, 140, 140, 140]);
        assert_eq!(sharpened(&slope, 4, 4).data, [100, 100, 99, 109, 131, 141, 140, 140]);
        let even = Plane::filled(9, 7, 77);
        assert_eq!(sharpened(&even, 8, 10), even);
    }

    #[test]
    fn no_halo_runs_along_a_hard_edge() {
        let edge = row(&[40, 40, 40, 200, 200, 200]);
        assert_eq!(sharpened(&edge, 4, 4).data, [40, 40, 36, 204, 200, 200]);
        let black = row(&[0, 255, 0]);
        assert_eq!(sharpened(&black, 8, 10).data, [0, 255, 0]);
    }

    #[test]
    fn noise_of_a_step_is_left_in_both_directions() {
        for noisy in [row(&[100, 100, 98, 100, 100]), row(&[100, 100, 102, 100, 100])] {
            assert_eq!(sharpened(&noisy, 8, 10), noisy);
        }
        assert_eq!(sharpened(&row(&[100, 100, 90, 100, 100]), 8, 10).data, [100, 102, 86, 102, 100]);
    }

    #[test]
    fn a_plane_of_one_sample_stays() {
        assert_eq!(sharpened(&row(&[9]), 8, 10), row(&[9]));
    }
}
