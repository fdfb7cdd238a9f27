//! A mark as it is pressed onto pictures: drawn once for a size, then only mixed in.

use super::chroma_of;
use super::layer::Layer;
use crate::planes::{Picture, edges};
use crate::size::Size;

/// What was drawn, ready to be mixed in.
pub(super) struct Stamp {
    luma: Layer,
    /// How many pixels are clearly changed where all of it is inside.
    strength: u64,
    /// At half the size: one layer for both planes where the mark is gray, else one each.
    chroma: Vec<Layer>,
    lattice: Lattice,
}

/// How stamps stand when they are tiled.
pub(super) struct Lattice {
    /// From a place to the upper left corner of the stamp; even numbers, so that chroma fits.
    pub(super) offset: (i64, i64),
    /// From one place to the next on a line.
    pub(super) along: (f32, f32),
    /// From a line to the next.
    pub(super) across: (f32, f32),
}

impl Stamp {
    /// Of a luma layer with even edges; `None` when nothing would be seen of it.
    pub(super) fn new(luma: Layer, chroma: Vec<Layer>, lattice: Lattice) -> Option<Self> {
        let strength = luma.strength();
        (strength > 0).then_some(Self { luma, strength, chroma, lattice })
    }

    /// Width and height in pixels, shadow included.
    pub(super) fn edges(&self) -> (usize, usize) {
        (self.luma.keep.width, self.luma.keep.height)
    }

    pub(super) fn lattice(&self) -> &Lattice {
        &self.lattice
    }

    /// Presses the stamp with its corner at an even place, which may lie outside.
    pub(super) fn press(&self, picture: &mut Picture, x: i64, y: i64) {
        self.luma.press(&mut picture.luma, x, y);
        for (index, plane) in chroma_of(picture).iter_mut().enumerate() {
            if let Some(layer) = self.chroma.get(index).or(self.chroma.first()) {
                layer.press(plane, x / 2, y / 2);
            }
        }
    }

    /// How many pixels of a picture of this size it clearly changes at a place.
    pub(super) fn touches(&self, size: Size, x: i64, y: i64) -> u64 {
        if self.is_inside(size, x, y) { self.strength } else { self.luma.touches(edges(size), x, y) }
    }

    /// Whether all of it is inside at a place.
    pub(super) fn is_inside(&self, size: Size, x: i64, y: i64) -> bool {
        let ends = |from: i64, length: usize| from.saturating_add_unsigned(length as u64);
        let (width, height) = self.edges();
        x >= 0 && y >= 0 && ends(x, width) <= size.width.into() && ends(y, height) <= size.height.into()
    }

    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        self.luma.bytes() + self.chroma.iter().map(Layer::bytes).sum::<usize>()
    }
}
