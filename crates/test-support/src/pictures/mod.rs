//! Photographs of places that don't exist, for the sample galleries, the tests and the README.
//!
//! Drawn by the project itself, so that nobody's rights or faces are in them, and the same on every run.

#![expect(clippy::unreadable_literal, reason = "colours are written as everybody writes them")]
#![expect(clippy::many_single_char_names, reason = "places have the names that geometry gives them")]

mod canvas;
mod colour;
mod develop;
mod land;
mod noise;
mod scenes;
mod stars;
mod trees;

use image::codecs::jpeg::JpegEncoder;

use canvas::Canvas;
use develop::Film;

/// The long edge that [`Scene::size`] speaks of.
const LONG_EDGE: u32 = 1800;

/// The scenes have their details at this size; smaller ones would only be a blur.
const SHORTEST_LONG_EDGE: u32 = 240;

/// Paints a picture of so many pixels across and down.
type Paint = fn(usize, usize) -> Canvas;

/// One picture that can be drawn at many sizes.
pub struct Scene {
    /// The file's name, such as `misty-ridges.jpg`.
    pub name: &'static str,
    ratio: (u32, u32),
    film: Film,
    paint: Paint,
}

/// All of them, in an order that looks well in a gallery.
pub fn scenes() -> &'static [Scene] {
    &scenes::SCENES
}

impl Scene {
    /// Width and height in pixels at the size that samples have.
    pub fn size(&self) -> (u32, u32) {
        self.fit(LONG_EDGE)
    }

    /// The picture as a JPEG whose longer side has so many pixels (at least 240); the same bytes each time.
    pub fn jpeg(&self, long_edge: u32) -> Vec<u8> {
        let (width, height) = self.fit(long_edge.max(SHORTEST_LONG_EDGE));
        let canvas = (self.paint)(width as usize, height as usize);
        let image = self.film.develop(&canvas);
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&image).expect("memory takes any picture");
        bytes
    }

    fn fit(&self, long_edge: u32) -> (u32, u32) {
        let (wide, high) = self.ratio;
        let short = long_edge * wide.min(high) / wide.max(high);
        if wide >= high { (long_edge, short) } else { (short, long_edge) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::scenes;

    #[test]
    fn every_scene_has_a_name_of_its_own() {
        let names: HashSet<&str> = scenes().iter().map(|scene| scene.name).collect();
        assert_eq!(names.len(), scenes().len());
    }

    #[test]
    fn a_scene_is_the_same_each_time_and_as_large_as_asked() {
        let scene = scenes().iter().find(|scene| scene.name == "golden-sea.jpg").expect("a scene at 16:9");
        assert_eq!(scene.size(), (1800, 1012));
        let jpeg = scene.jpeg(320);
        let image = image::load_from_memory(&jpeg).expect("a picture");
        assert_eq!((image.width(), image.height()), (320, 180));
        assert!(jpeg == scene.jpeg(320), "the bytes differ");
    }
}
