//! Pictures as planes of luma and chroma, the form in which JPEG holds them and in which all work is done.

use crate::size::Size;

/// One channel of a picture: rows of bytes without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plane {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) data: Vec<u8>,
}

impl Plane {
    /// A plane of one value.
    pub(crate) fn filled(width: usize, height: usize, value: u8) -> Self {
        Self { width, height, data: vec![value; width * height] }
    }

    /// One row.
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        &self.data[y * self.width..][..self.width]
    }

    /// One row, to change.
    pub(crate) fn row_mut(&mut self, y: usize) -> &mut [u8] {
        &mut self.data[y * self.width..][..self.width]
    }

    /// The same plane with its last column and row repeated up to a larger size.
    pub(crate) fn padded(&self, width: usize, height: usize) -> Self {
        let mut padded = Self::filled(width, height, 0);
        for y in 0..height {
            let row = self.row(y.min(self.height - 1));
            let into = padded.row_mut(y);
            into[..self.width].copy_from_slice(row);
            into[self.width..].fill(row[self.width - 1]);
        }
        padded
    }
}

/// What a decoder gives: planes of any chroma resolution, a little larger than the picture they show.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// The part of the luma plane, from its upper left corner, that the picture covers; decoders that scale
    /// round it up.
    pub(crate) extent: (f64, f64),
    pub(crate) luma: Plane,
    /// Blue and red difference; none in a grayscale picture.
    pub(crate) chroma: Option<[Plane; 2]>,
    /// How many luma samples one chroma sample spans, across and down.
    pub(crate) sampling: (u8, u8),
}

/// A picture ready to be encoded: luma of exactly its size, chroma of half of it, rounded up (4:2:0).
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) luma: Plane,
    /// Blue and red difference; none in a grayscale picture.
    pub(crate) chroma: Option<[Plane; 2]>,
}

impl Picture {
    /// Its size in pixels.
    pub(crate) fn size(&self) -> Size {
        let edge = |length| u32::try_from(length).unwrap_or(u32::MAX);
        Size::new(edge(self.luma.width), edge(self.luma.height))
    }
}

/// The size as indexes.
pub(crate) fn edges(size: Size) -> (usize, usize) {
    (size.width as usize, size.height as usize)
}
