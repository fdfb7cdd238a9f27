//! Every orientation, in every format that can carry one, ends upright, once.

use image::DynamicImage;
use image::metadata::Orientation;
use imaging::{Kind, Limits, Size, probe, render};
use turbojpeg::Subsamp;

use crate::fixtures::{
    corners, described_jpeg, difference, exif_orientation, fine, jpeg, pixels, png, rendition, tiff, webp,
};

fn turned(picture: &image::RgbImage, orientation: u8) -> image::RgbImage {
    let mut upright = DynamicImage::ImageRgb8(picture.clone());
    upright.apply_orientation(Orientation::from_exif(orientation).expect("1 to 8"));
    upright.into_rgb8()
}

fn assert_upright(file: &[u8], stored: &image::RgbImage, orientation: u8, what: &str) {
    let expected = turned(stored, orientation);
    let size = Size::new(expected.width(), expected.height());
    let probed = probe(file, &Limits::default()).expect("a picture");
    assert_eq!((probed.orientation, probed.displayed()), (orientation, Some(size)), "{what} {orientation}");
    let rendered = render(file, &fine()).expect("renditions");
    assert_eq!(rendered.displayed, size, "{what} {orientation}");
    let found = pixels(rendition(&rendered, Kind::Preview, false));
    let off = difference(&found, &expected);
    assert!(off < 4.0, "{what} {orientation}: {off}");
}

#[test]
fn every_orientation_of_every_format_is_shown_upright() {
    let stored = corners(90, 61);
    let whole = DynamicImage::ImageRgb8(stored.clone());
    for orientation in 1..=8 {
        let exif = exif_orientation(orientation.into());
        assert_upright(&described_jpeg(&stored, Some(exif.clone()), None), &stored, orientation, "JPEG");
        assert_upright(&png(&whole, Some(exif.clone()), None), &stored, orientation, "PNG");
        assert_upright(&webp(&whole, Some(exif), None), &stored, orientation, "WebP");
        assert_upright(&tiff(&stored, orientation.into()), &stored, orientation, "TIFF");
    }
}

#[test]
fn large_photos_are_scaled_and_turned_alike() {
    let stored = corners(2600, 1700);
    for orientation in [3, 6, 8] {
        let file = described_jpeg(&stored, Some(exif_orientation(orientation.into())), None);
        let rendered = render(&file, &fine()).expect("renditions");
        let preview = rendition(&rendered, Kind::Preview, false);
        let expected = turned(&corners(2048, 1339), orientation);
        assert_eq!(preview.size, Size::new(expected.width(), expected.height()));
        assert!(difference(&pixels(preview), &expected) < 2.0, "{orientation}");
    }
}

#[test]
fn every_chroma_sampling_of_odd_sizes_comes_out_right() {
    for sampling in [Subsamp::None, Subsamp::Sub2x1, Subsamp::Sub1x2, Subsamp::Sub2x2, Subsamp::Sub4x1] {
        for (width, height) in [(61, 45), (64, 45), (61, 48), (33, 97), (2, 3), (5, 1), (1, 7), (17, 16)] {
            let stored = corners(width, height);
            let rendered = render(&jpeg(&stored, sampling, false), &fine()).expect("renditions");
            let found = pixels(rendition(&rendered, Kind::Preview, false));
            let off = difference(&found, &stored);
            // A handful of pixels with steep slopes between lose colour to the coarser chroma.
            let most = if width * height < 64 { 60.0 } else { 5.0 };
            assert!(off < most, "{sampling:?} {width}x{height}: {off}");
        }
    }
}

#[test]
fn orientations_that_do_not_exist_mean_upright() {
    let stored = corners(40, 30);
    for orientation in [0, 9, 255, 65_535] {
        let file = described_jpeg(&stored, Some(exif_orientation(orientation)), None);
        assert_eq!(probe(&file, &Limits::default()).map(|probed| probed.orientation), Ok(1), "{orientation}");
    }
}
