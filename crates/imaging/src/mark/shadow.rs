//! The soft shadow around a logo.

use crate::planes::Plane;

/// The plane with its edges made soft, over so many samples each way: three means come close to a lens.
pub(super) fn soft(plane: &Plane, radius: usize) -> Plane {
    (0..3).fold(plane.clone(), |soft, _| turned(&rows(&turned(&rows(&soft, radius)), radius)))
}

/// The mean of each sample with its neighbours in the row; outside is nothing.
fn rows(plane: &Plane, radius: usize) -> Plane {
    let mut means = Plane::filled(plane.width, plane.height, 0);
    let window = u32::try_from(2 * radius + 1).unwrap_or(u32::MAX);
    for y in 0..plane.height {
        let row = plane.row(y);
        let at = |index: usize| row.get(index).copied().map_or(0, u32::from);
        let mut sum: u32 = (0..radius).map(at).sum();
        for (x, mean) in means.row_mut(y).iter_mut().enumerate() {
            sum += at(x + radius);
            *mean = u8::try_from((sum + window / 2) / window).unwrap_or(u8::MAX);
            sum -= x.checked_sub(radius).map_or(0, at);
        }
    }
    means
}

/// Rows as columns.
fn turned(plane: &Plane) -> Plane {
    let mut turned = Plane::filled(plane.height, plane.width, 0);
    for (y, row) in plane.data.chunks_exact(plane.width.max(1)).enumerate() {
        for (x, sample) in row.iter().enumerate() {
            turned.data[x * plane.height + y] = *sample;
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_becomes_a_round_and_even_spot() {
        let mut plane = Plane::filled(21, 21, 0);
        plane.data[10 * 21 + 10] = 255;
        let soft = soft(&plane, 2);
        let at = |x: usize, y: usize| soft.data[y * 21 + x];
        assert!(at(10, 10) > at(12, 10) && at(12, 10) > 0);
        assert_eq!(at(12, 10), at(8, 10));
        assert_eq!(at(12, 10), at(10, 8));
        assert_eq!(at(0, 0), 0);
    }

    #[test]
    fn a_full_plane_stays_full_in_its_middle() {
        let soft = soft(&Plane::filled(30, 20, 255), 2);
        assert_eq!(soft.data[10 * 30 + 15], 255);
    }
}
