//! Renditions in other encodings than JPEG: the same picture, the same profile, nothing else.

use image::{DynamicImage, ImageDecoder, RgbImage, imageops};
use imaging::{Encoding, Kind, Recipe, Rendered, Rendition, Size, render};
use moxcms::ColorProfile;

use crate::colours::display_p3;
use crate::fixtures::{camera_jpeg, corners, described_jpeg, difference, exif_orientation, png, textured};

fn both() -> Recipe {
    Recipe { quality: 90, encodings: vec![Encoding::Jpeg, Encoding::Webp], ..Recipe::default() }
}

fn found(rendered: &Rendered, kind: Kind, marked: bool, encoding: Encoding) -> &Rendition {
    let mut all = rendered.renditions.iter();
    all.find(|made| (made.kind, made.marked, made.encoding) == (kind, marked, encoding)).expect("made")
}

fn pixels(rendition: &Rendition) -> RgbImage {
    let picture = image::load_from_memory(&rendition.file).expect("a sound file").into_rgb8();
    assert_eq!(Size::new(picture.width(), picture.height()), rendition.size);
    picture
}

/// The chunks of a WebP file: their names, and what they hold.
fn chunks(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    assert_eq!((&file[..4], &file[8..12]), (&b"RIFF"[..], &b"WEBP"[..]));
    let length = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect("four bytes")) as usize;
    assert_eq!(length(4) + 8, file.len());
    let (mut at, mut chunks) = (12, Vec::new());
    while at < file.len() {
        let name = String::from_utf8_lossy(&file[at..at + 4]).into_owned();
        chunks.push((name, file[at + 8..at + 8 + length(at + 4)].to_vec()));
        at += 8 + length(at + 4).next_multiple_of(2);
    }
    chunks
}

fn names(file: &[u8]) -> Vec<String> {
    chunks(file).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn a_webp_shows_what_the_jpeg_shows() {
    let rendered = render(&camera_jpeg(&textured(1201, 803)), &both()).expect("renditions");
    assert_eq!(rendered.renditions.len(), 12);
    for kind in Kind::all() {
        for marked in [false, true] {
            let [jpeg, webp] =
                [Encoding::Jpeg, Encoding::Webp].map(|encoding| found(&rendered, *kind, marked, encoding));
            let off = difference(&pixels(jpeg), &pixels(webp));
            assert!(off < 4.0, "{} {marked}: {off}", kind.name());
        }
    }
}

#[test]
fn brightness_and_colours_are_those_of_the_jpeg() {
    // Flat colours to the ends of the range: JPEG and WebP count their levels differently.
    for colour in [[0, 0, 0], [255, 255, 255], [128, 128, 128], [250, 20, 20], [20, 240, 30], [10, 30, 250]] {
        let picture = RgbImage::from_pixel(64, 48, image::Rgb(colour));
        let rendered = render(&camera_jpeg(&picture), &both()).expect("renditions");
        let webp = pixels(found(&rendered, Kind::Preview, false, Encoding::Webp));
        let pixel = webp.get_pixel(30, 20).0;
        assert!(pixel.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= 4), "{colour:?}: {pixel:?}");
    }
}

#[test]
fn the_profile_is_kept_and_nothing_else() {
    let (exif, profile) = (exif_orientation(6), display_p3());
    let file = described_jpeg(&corners(301, 200), Some(exif), Some(profile.clone()));
    let rendered = render(&file, &both()).expect("renditions");
    for made in rendered.renditions.iter().filter(|made| made.encoding == Encoding::Webp) {
        let chunks = chunks(&made.file);
        assert_eq!(names(&made.file), ["VP8X", "ICCP", "VP8 "]);
        assert_eq!(chunks[1].1, profile);
        let mut decoder =
            image::codecs::webp::WebPDecoder::new(std::io::Cursor::new(&made.file)).expect("WebP");
        assert_eq!(decoder.icc_profile().expect("readable"), Some(profile.clone()));
        assert!(made.size.width < made.size.height, "it stands upright");
        pixels(made);
    }
    let plain = render(&camera_jpeg(&corners(60, 40)), &both()).expect("renditions");
    assert_eq!(names(&found(&plain, Kind::Preview, true, Encoding::Webp).file), ["VP8 "]);
}

#[test]
fn marked_pictures_carry_the_mark_in_every_encoding() {
    let gray = RgbImage::from_pixel(900, 600, image::Rgb([120, 120, 120]));
    let rendered = render(&camera_jpeg(&gray), &both()).expect("renditions");
    for kind in Kind::all() {
        let [clean, marked] =
            [false, true].map(|marked| pixels(found(&rendered, *kind, marked, Encoding::Webp)));
        assert!(difference(&clean, &marked) > 1.0, "{}", kind.name());
        let jpeg = pixels(found(&rendered, *kind, true, Encoding::Jpeg));
        assert!(difference(&jpeg, &marked) < 1.5, "{}: the same mark", kind.name());
    }
}

#[test]
fn grayscale_stays_gray_and_its_tones_become_those_of_screens() {
    let gray = DynamicImage::ImageLuma8(imageops::grayscale(&corners(300, 200)));
    let linear = ColorProfile::new_gray_with_gamma(1.0).encode().expect("a profile");
    let plain = render(&png(&gray, None, None), &both()).expect("renditions");
    let bright = render(&png(&gray, None, Some(linear)), &both()).expect("renditions");
    let middle = |rendered: &Rendered| {
        pixels(found(rendered, Kind::Preview, false, Encoding::Webp)).get_pixel(150, 100).0
    };
    for pixel in [middle(&plain), middle(&bright)] {
        assert!(pixel[0].abs_diff(pixel[1]) <= 1 && pixel[1].abs_diff(pixel[2]) <= 1, "{pixel:?}");
    }
    let expected = (255.0 * (f64::from(middle(&plain)[1]) / 255.0).powf(1.0 / 2.2)).round();
    assert!((f64::from(middle(&bright)[1]) - expected).abs() < 5.0, "{:?}, not {expected}", middle(&bright));
    assert_eq!(names(&found(&bright, Kind::Preview, false, Encoding::Webp).file), ["VP8 "]);
}

#[test]
fn every_size_can_be_written() {
    for (width, height) in [(1, 1), (3, 1), (2, 2), (401, 20), (20_000, 1), (1, 5000)] {
        let rendered = render(&camera_jpeg(&corners(width, height)), &both()).expect("renditions");
        for made in &rendered.renditions {
            assert_eq!(made.size, Size::new(width, height).fitted(made.kind.edge()), "{width}x{height}");
            pixels(made);
        }
    }
}

#[test]
fn jpeg_can_be_left_out_where_it_was_made_before() {
    let recipe = Recipe { encodings: vec![Encoding::Webp], ..Recipe::default() };
    let rendered = render(&camera_jpeg(&corners(90, 60)), &recipe).expect("renditions");
    let order: Vec<_> =
        rendered.renditions.iter().map(|made| (made.kind, made.marked, made.encoding)).collect();
    let expected: Vec<_> = Kind::all()
        .iter()
        .flat_map(|kind| [false, true].map(|marked| (*kind, marked, Encoding::Webp)))
        .collect();
    assert_eq!(order, expected);
}
