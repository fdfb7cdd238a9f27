//! A picture that arrives row by row, made smaller by a whole factor on the way, so that little of it is in memory.

use crate::error::Error;
use crate::planes::{Decoded, Plane};
use crate::recipe::Kind;
use crate::size::Size;
use crate::turbo::{self, Pixels};

/// Rows that become planes at once; even, because chroma is made of pairs.
const STRIP: usize = 32;

/// What people see where a part of the picture is missing.
const MISSING: u8 = 128;

/// Larger boxes are not needed for any picture that is taken, and would overflow their sums.
const LARGEST_FACTOR: usize = 128;

/// Something that counts brightness.
pub(crate) trait Sample: Copy + Into<u32> {
    /// White.
    const FULL: u32;
}

impl Sample for u8 {
    const FULL: u32 = 255;
}

impl Sample for u16 {
    const FULL: u32 = 65_535;
}

/// By how much a picture can be made smaller with boxes of pixels so that a filter for `edge` still has a fifth more
/// than it needs.
pub(crate) fn factor(size: Size, edge: u32) -> usize {
    let enough = (u64::from(edge) * 6 / 5).max(1);
    usize::try_from(u64::from(size.long_edge()) / enough).unwrap_or(1).clamp(1, LARGEST_FACTOR)
}

/// Bytes that gathering a picture's rows takes, its planes included.
pub(crate) fn needed(size: Size) -> u64 {
    let factor = factor(size, Kind::Preview.edge()) as u64;
    let (width, height) = (u64::from(size.width).div_ceil(factor), u64::from(size.height).div_ceil(factor));
    width * height * 3 / 2 + width * (12 + 6 * STRIP as u64)
}

/// Gathers rows of gray or of red, green and blue.
pub(crate) struct Rows {
    size: Size,
    factor: usize,
    channels: usize,
    width: usize,
    /// Of the boxes that are being filled, and how many rows are in them.
    sums: Vec<u32>,
    filled: usize,
    taken: u32,
    strip: Vec<u8>,
    luma: Vec<u8>,
    chroma: [Vec<u8>; 2],
}

impl Rows {
    /// For a picture of this size, of which at least `edge` pixels of the long edge are wanted.
    pub(crate) fn new(size: Size, colour: bool, edge: u32) -> Self {
        let factor = factor(size, edge);
        let channels = if colour { 3 } else { 1 };
        let width = (size.width as usize).div_ceil(factor);
        let sums = vec![0; width * channels];
        let (luma, chroma) = (Vec::new(), [Vec::new(), Vec::new()]);
        Self { size, factor, channels, width, sums, filled: 0, taken: 0, strip: Vec::new(), luma, chroma }
    }

    /// How many rows have come.
    pub(crate) fn taken(&self) -> u32 {
        self.taken
    }

    /// The next row, pixel by pixel; rows beyond the last are left out.
    pub(crate) fn push<S: Sample>(&mut self, row: &[S]) -> Result<(), Error> {
        if self.taken == self.size.height {
            return Ok(());
        }
        if row.len() != self.size.width as usize * self.channels {
            return Err(Error::Damaged);
        }
        self.taken += 1;
        for (sums, part) in
            self.sums.chunks_exact_mut(self.channels).zip(row.chunks(self.factor * self.channels))
        {
            for pixel in part.chunks_exact(self.channels) {
                for (sum, sample) in sums.iter_mut().zip(pixel) {
                    *sum += (*sample).into();
                }
            }
        }
        self.filled += 1;
        if self.filled == self.factor || self.taken == self.size.height {
            self.round(S::FULL);
            if self.strip.len() >= self.width * self.channels * STRIP {
                self.convert()?;
            }
        }
        Ok(())
    }

    /// Gray for the rows that did not come, when most of them came.
    pub(crate) fn fill_missing(&mut self) -> Result<(), Error> {
        if u64::from(self.taken) * 2 <= u64::from(self.size.height) {
            return Err(Error::Damaged);
        }
        let row = vec![MISSING; self.size.width as usize * self.channels];
        while self.taken < self.size.height {
            self.push(&row)?;
        }
        Ok(())
    }

    /// The planes, once every row has come.
    pub(crate) fn finish(mut self) -> Result<Decoded, Error> {
        if self.taken != self.size.height {
            return Err(Error::Damaged);
        }
        self.convert()?;
        let share = |length: u32| f64::from(length) / f64::from(u32::try_from(self.factor).unwrap_or(1));
        let extent = (share(self.size.width), share(self.size.height));
        let plane = |width: usize, data: Vec<u8>| Plane { width, height: data.len() / width.max(1), data };
        let sampling = if self.channels == 1 { (1, 1) } else { (2, 2) };
        let [blue, red] = self.chroma;
        let half = self.width.div_ceil(2);
        let padded = if self.channels == 1 { self.width } else { 2 * half };
        Ok(Decoded {
            extent,
            luma: plane(padded, self.luma),
            chroma: (self.channels == 3).then(|| [plane(half, blue), plane(half, red)]),
            sampling,
        })
    }

    /// The boxes as samples of eight bits, to the nearest.
    fn round(&mut self, full: u32) {
        let last = self.size.width as usize - (self.width - 1) * self.factor;
        let rows = self.filled;
        let width = self.width;
        for (x, sums) in self.sums.chunks_exact_mut(self.channels).enumerate() {
            let pixels = rows * if x + 1 == width { last } else { self.factor };
            let white = u64::from(full) * pixels as u64;
            for sum in sums {
                let rounded = (u64::from(*sum) * 255 + white / 2) / white;
                self.strip.push(u8::try_from(rounded).unwrap_or(u8::MAX));
                *sum = 0;
            }
        }
        self.filled = 0;
    }

    fn convert(&mut self) -> Result<(), Error> {
        let data = std::mem::take(&mut self.strip);
        if self.channels == 1 {
            self.luma.extend_from_slice(&data);
        } else if !data.is_empty() {
            let height = data.len() / (self.width * 3);
            let planes = turbo::planes_of(&Pixels { width: self.width, height, data })?;
            self.luma.extend_from_slice(&planes.luma.data);
            for (whole, part) in self.chroma.iter_mut().zip(planes.chroma.iter().flatten()) {
                whole.extend_from_slice(&part.data);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_are_rounded_after_the_mean() {
        let size = Size::new(5000, 4);
        let mut rows = Rows::new(size, false, 2048);
        assert_eq!(rows.factor, 2);
        for y in 0..4 {
            // 100.25 and 100.75 of 255 in turn: their mean is 100.5, which no single row is.
            let value: u16 = if y % 2 == 0 { 25_764 } else { 25_894 };
            rows.push(&vec![value; 5000]).expect("a whole row");
        }
        let planes = rows.finish().expect("all rows");
        assert_eq!((planes.luma.width, planes.luma.height), (2500, 2));
        assert!(planes.luma.data.iter().all(|sample| *sample == 101 || *sample == 100));
    }

    #[test]
    fn every_size_has_its_last_pixel() {
        for (width, height) in [(1, 1), (3, 2), (33, 65), (2459, 3), (4917, 67), (20_001, 1), (7, 9001)] {
            for channels in [1_u32, 3] {
                let mut rows = Rows::new(Size::new(width, height), channels == 3, 2048);
                for _ in 0..height {
                    rows.push(&vec![200_u8; (width * channels) as usize]).expect("a whole row");
                }
                let planes = rows.finish().expect("all rows");
                assert!(planes.luma.data.iter().all(|sample| *sample == 200), "{width}x{height}");
                let long = |edge: usize| f64::from(u32::try_from(edge).expect("a small picture"));
                let covered = (long(planes.luma.width), long(planes.luma.height));
                assert!(covered.0 >= planes.extent.0 && covered.1 >= planes.extent.1);
            }
        }
    }

    #[test]
    fn too_few_rows_are_no_picture() {
        let mut rows = Rows::new(Size::new(4, 4), false, 2048);
        rows.push(&[1_u8; 4]).expect("a whole row");
        rows.push(&[1_u8; 4]).expect("a whole row");
        assert_eq!(rows.fill_missing(), Err(Error::Damaged));
        rows.push(&[1_u8; 4]).expect("a whole row");
        assert_eq!(rows.fill_missing(), Ok(()));
        assert!(rows.finish().is_ok());
    }
}
