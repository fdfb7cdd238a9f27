//! The mark is on every marked rendition, in every part of it, or there is no rendition at all.

use image::{DynamicImage, GrayImage, ImageFormat, Luma, RgbImage};
use imaging::{Error, Kind, Mark, Recipe, Rendered, render};

use crate::fixtures::{camera_jpeg, corners, pixels, plain, rendition};

fn marked(mark: Mark, file: &[u8]) -> Result<Rendered, Error> {
    render(file, &Recipe { quality: 90, mark, ..Recipe::default() })
}

/// The share of pixels that differ clearly, in each of three by three parts.
pub fn changed(rendered: &Rendered, kind: Kind) -> Vec<f64> {
    let marked = pixels(rendition(rendered, kind, true));
    let clean = pixels(rendition(rendered, kind, false));
    let (width, height) = marked.dimensions();
    let mut parts = vec![(0_u32, 0_u32); 9];
    for (x, y, pixel) in marked.enumerate_pixels() {
        let part = &mut parts[(y * 3 / height * 3 + x * 3 / width) as usize];
        let other = clean.get_pixel(x, y);
        part.0 += u32::from(pixel.0.iter().zip(other.0).any(|(a, b)| a.abs_diff(b) > 12));
        part.1 += 1;
    }
    parts.into_iter().map(|(changed, all)| f64::from(changed) / f64::from(all)).collect()
}

#[test]
fn every_part_of_every_marked_rendition_carries_the_mark() {
    let tones = [0, 60, 128, 200, 255].map(|tone| RgbImage::from_pixel(2200, 1500, image::Rgb([tone; 3])));
    for picture in tones.iter().chain([&corners(2200, 1500), &corners(900, 1600)]) {
        let rendered = marked(Mark::new("Ana Pérez"), &camera_jpeg(picture)).expect("renditions");
        for kind in Kind::all() {
            let parts = changed(&rendered, *kind);
            assert!(parts.iter().all(|share| *share > 0.02), "{} {parts:?}", kind.name());
        }
    }
}

#[test]
fn grayscale_pictures_are_marked() {
    let gray = DynamicImage::ImageLuma8(GrayImage::from_pixel(600, 400, Luma([90])));
    let rendered = marked(Mark::default(), &plain(&gray, ImageFormat::Png)).expect("renditions");
    assert!(changed(&rendered, Kind::Thumbnail).iter().all(|share| *share > 0.02));
}

#[test]
fn pictures_too_small_for_letters_are_veiled() {
    for (width, height) in [(1, 1), (2, 2), (300, 5), (5, 300), (20, 20), (3000, 9)] {
        for tone in [0, 128, 255] {
            let picture = RgbImage::from_pixel(width, height, image::Rgb([tone; 3]));
            let rendered = marked(Mark::default(), &camera_jpeg(&picture)).expect("renditions");
            for kind in Kind::all() {
                let same =
                    pixels(rendition(&rendered, *kind, true)) == pixels(rendition(&rendered, *kind, false));
                assert!(!same, "{width}x{height} {tone} {}", kind.name());
            }
        }
    }
}

#[test]
fn text_that_can_not_be_drawn_becomes_a_neutral_mark() {
    let file = camera_jpeg(&corners(500, 400));
    let neutral = marked(Mark::default(), &file);
    for text in ["", "   ", "山田 太郎", "\u{200B}\u{202E}", "\u{1F4F7}"] {
        assert_eq!(marked(Mark::new(text), &file), neutral, "{text:?}");
    }
    assert_ne!(marked(Mark::new("Ольга"), &file), neutral);
}

#[test]
fn endless_text_is_cut_and_still_marks() {
    let rendered = marked(Mark::new("W".repeat(5000)), &camera_jpeg(&corners(600, 400))).expect("renditions");
    assert!(changed(&rendered, Kind::Preview).iter().all(|share| *share > 0.02));
}

#[test]
fn a_mark_that_would_not_show_is_an_error() {
    let file = camera_jpeg(&corners(300, 200));
    let usual = Mark::default();
    for mark in [
        Mark { opacity: 0.0, ..usual.clone() },
        Mark { opacity: f32::NAN, ..usual.clone() },
        Mark { size: 0.0, ..usual.clone() },
        Mark { size: 9.0, ..usual.clone() },
        Mark { angle: f32::INFINITY, ..usual },
    ] {
        assert_eq!(marked(mark, &file), Err(Error::MarkFailed));
    }
}

#[test]
fn only_the_kinds_that_a_recipe_names_are_marked() {
    let recipe = Recipe { marked: vec![Kind::Preview], ..Recipe::default() };
    let rendered = render(&camera_jpeg(&corners(500, 400)), &recipe).expect("renditions");
    let made: Vec<_> = rendered.renditions.iter().map(|made| (made.kind, made.marked)).collect();
    let clean = Kind::all().iter().map(|kind| (*kind, false));
    assert_eq!(made, clean.chain([(Kind::Preview, true)]).collect::<Vec<_>>());
}
