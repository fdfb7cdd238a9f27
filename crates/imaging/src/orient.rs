//! Turning and mirroring planes as the EXIF orientation says.

use crate::planes::{Picture, Plane};

/// Samples that are turned together: as many as a number of 64 bits holds.
const SQUARE: usize = 8;

/// The width of the band that is turned from top to bottom, so that the cache holds both sides.
const BAND: usize = 64;

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
    let mut result = Plane::filled(plane.height, plane.width, 0);
    // Whole squares first, a band of the plane as wide as a line of the cache at a time.
    let (columns, rows) = (plane.width / SQUARE * SQUARE, plane.height / SQUARE * SQUARE);
    for band in (0..columns).step_by(BAND) {
        for y in (0..rows).step_by(SQUARE) {
            for x in (band..(band + BAND).min(columns)).step_by(SQUARE) {
                turn_square(plane, &mut result, (x, y), across, down);
            }
        }
    }
    let mut turn_one = |x: usize, y: usize| {
        let column = if across { plane.height - 1 - y } else { y };
        let row = if down { plane.width - 1 - x } else { x };
        result.data[row * plane.height + column] = plane.data[y * plane.width + x];
    };
    for y in 0..plane.height {
        for x in columns..plane.width {
            turn_one(x, y);
        }
    }
    for y in rows..plane.height {
        for x in 0..columns {
            turn_one(x, y);
        }
    }
    result
}

/// Eight by eight samples from a place on: each row is one number, and halves of them are exchanged three times.
fn turn_square(from: &Plane, into: &mut Plane, (x, y): (usize, usize), across: bool, down: bool) {
    let mut lines = [0_u64; SQUARE];
    for (index, line) in lines.iter_mut().enumerate() {
        let row = &from.row(y + index)[x..x + SQUARE];
        *line = row.try_into().map_or(0, u64::from_le_bytes);
    }
    for (apart, mask) in [(4, 0x0000_0000_FFFF_FFFF), (2, 0x0000_FFFF_0000_FFFF), (1, 0x00FF_00FF_00FF_00FF)]
    {
        let shift = apart * 8;
        for upper in (0..SQUARE).filter(|index| index & apart == 0) {
            let (one, other) = (lines[upper], lines[upper + apart]);
            lines[upper] = (one & mask) | ((other & mask) << shift);
            lines[upper + apart] = ((one >> shift) & mask) | (other & !mask);
        }
    }
    let column = if across { from.height - SQUARE - y } else { y };
    for (index, line) in lines.into_iter().enumerate() {
        let row = if down { from.width - 1 - x - index } else { x + index };
        let line = if across { line.swap_bytes() } else { line };
        into.row_mut(row)[column..column + SQUARE].copy_from_slice(&line.to_le_bytes());
    }
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
    fn planes_larger_than_a_square_are_turned_whole() {
        let (width, height) = (70, 45);
        let data = (0..=250).cycle().take(width * height).collect();
        let plane = Plane { width, height, data };
        assert_eq!(turned(&turned(&plane, 6), 8), plane);
        assert_eq!(turned(&turned(&plane, 5), 5), plane);
        assert_eq!(turned(&turned(&plane, 7), 7), plane);
        let quarter = turned(&plane, 6);
        for (x, y) in [(0, 0), (69, 0), (0, 44), (69, 44), (17, 9), (66, 3), (5, 42)] {
            assert_eq!(quarter.data[x * height + height - 1 - y], plane.data[y * width + x], "{x} {y}");
        }
    }
}
