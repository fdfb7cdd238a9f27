//! Turning and mirroring planes as the EXIF orientation says.

use crate::planes::{Picture, Plane};

/// Samples moved at once when rows become columns; small enough for the cache to hold both sides.
const TILE: usize = 32;

/// The picture as it is meant to be seen.
pub(crate) fn upright(picture: Picture, orientation: u8) -> Picture {
    if !(2..=8).contains(&orientation) {
        return picture;
    }
    let picture = with_chroma_for(picture, orientation);
    Picture {
        luma: turned(&picture.luma, orientation),
        chroma: picture.chroma.map(|planes| planes.map(|plane| turned(&plane, orientation))),
    }
}

/// Chroma samples stand for pairs counted from the left and the top. Where an odd edge is turned round, the
/// pairs begin at its other end: each sample becomes the mean of two halves.
fn with_chroma_for(mut picture: Picture, orientation: u8) -> Picture {
    let across = matches!(orientation, 2 | 3 | 7 | 8) && picture.luma.width % 2 == 1;
    let down = matches!(orientation, 3 | 4 | 6 | 7) && picture.luma.height % 2 == 1;
    for plane in picture.chroma.iter_mut().flatten() {
        let width = plane.width;
        if across {
            for row in plane.data.chunks_exact_mut(width) {
                for x in (1..width).rev() {
                    row[x] = row[x - 1].midpoint(row[x]);
                }
            }
        }
        if down {
            for at in (width..plane.data.len()).rev() {
                plane.data[at] = plane.data[at - width].midpoint(plane.data[at]);
            }
        }
    }
    picture
}

fn turned(plane: &Plane, orientation: u8) -> Plane {
    match orientation {
        2 => mirrored(plane, true, false),
        3 => mirrored(plane, true, true),
        4 => mirrored(plane, false, true),
        5 => transposed(plane, false, false),
        6 => transposed(plane, true, false),
        7 => transposed(plane, true, true),
        _ => transposed(plane, false, true),
    }
}

/// Left and right exchanged, or top and bottom, or both.
fn mirrored(plane: &Plane, across: bool, down: bool) -> Plane {
    let mut result = Plane::filled(plane.width, plane.height, 0);
    for y in 0..plane.height {
        let row = result.row_mut(y);
        row.copy_from_slice(plane.row(if down { plane.height - 1 - y } else { y }));
        if across {
            row.reverse();
        }
    }
    result
}

/// Rows become columns; then left and right exchanged, or top and bottom, or both.
fn transposed(plane: &Plane, across: bool, down: bool) -> Plane {
    let (width, height) = (plane.height, plane.width);
    let mut result = Plane::filled(width, height, 0);
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            for y in top..(top + TILE).min(height) {
                let column = if down { height - 1 - y } else { y };
                let right = (left + TILE).min(width);
                let into = &mut result.data[y * width + left..y * width + right];
                for (x, sample) in (left..right).zip(into) {
                    let row = if across { width - 1 - x } else { x };
                    *sample = plane.data[row * plane.width + column];
                }
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The letters a to f in two rows of three.
    fn letters() -> Plane {
        Plane { width: 3, height: 2, data: b"abcdef".to_vec() }
    }

    #[test]
    fn all_eight_orientations_move_every_sample_to_its_place() {
        let expected: [(u8, usize, &[u8]); 8] = [
            (1, 3, b"abcdef"),
            (2, 3, b"cbafed"),
            (3, 3, b"fedcba"),
            (4, 3, b"defabc"),
            (5, 2, b"adbecf"),
            (6, 2, b"daebfc"),
            (7, 2, b"fcebda"),
            (8, 2, b"cfbead"),
        ];
        for (orientation, width, samples) in expected {
            let picture = upright(Picture { luma: letters(), chroma: None }, orientation);
            assert_eq!((picture.luma.width, picture.luma.data.as_slice()), (width, samples), "{orientation}");
        }
    }

    #[test]
    fn planes_larger_than_a_tile_are_turned_whole() {
        let (width, height) = (70, 45);
        let data = (0..=250).cycle().take(width * height).collect();
        let plane = Plane { width, height, data };
        assert_eq!(turned(&turned(&plane, 6), 8), plane);
        assert_eq!(turned(&turned(&plane, 5), 5), plane);
        assert_eq!(turned(&turned(&plane, 7), 7), plane);
    }
}
