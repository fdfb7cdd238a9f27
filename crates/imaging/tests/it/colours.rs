//! Colour profiles are kept when they fit; nothing else of a file's metadata leaves the crate.

use std::sync::LazyLock;

use imaging::{Kind, render};
use moxcms::ColorProfile;

use crate::fixtures::{corners, described_jpeg, exif_orientation, fine, pixels, png, rendition, webp};

/// The names of the segments of a JPEG, and the colour profile in them.
pub fn segments(jpeg: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut markers, mut profile, mut at) = (Vec::new(), Vec::new(), 2);
    while jpeg[at + 1] != 0xDA {
        let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        let body = &jpeg[at + 4..at + 2 + length];
        markers.push(jpeg[at + 1]);
        if let Some(part) = body.strip_prefix(b"ICC_PROFILE\0") {
            profile.extend_from_slice(&part[2..]);
        } else if jpeg[at + 1] == 0xE2 {
            panic!("an APP2 segment that is no profile");
        }
        at += 2 + length;
    }
    (markers, profile)
}

/// Always the same bytes: a profile says when it was made.
pub fn display_p3() -> Vec<u8> {
    static PROFILE: LazyLock<Vec<u8>> =
        LazyLock::new(|| ColorProfile::new_display_p3().encode().expect("a profile"));
    PROFILE.clone()
}

#[test]
fn the_profile_is_kept_in_every_rendition_and_nothing_else() {
    let picture = corners(500, 300);
    let whole = image::DynamicImage::ImageRgb8(picture.clone());
    let exif = || Some(exif_orientation(1));
    for file in [
        described_jpeg(&picture, exif(), Some(display_p3())),
        png(&whole, exif(), Some(display_p3())),
        webp(&whole, exif(), Some(display_p3())),
    ] {
        let rendered = render(&file, &fine()).expect("renditions");
        for made in &rendered.renditions {
            let (markers, profile) = segments(&made.file);
            assert_eq!(profile, display_p3());
            let allowed = |marker: &u8| matches!(marker, 0xC0 | 0xC4 | 0xDB | 0xE0 | 0xE2);
            assert!(markers.iter().all(allowed), "{markers:02X?}");
        }
    }
}

#[test]
fn a_profile_larger_than_a_segment_is_kept_whole() {
    let mut profile = display_p3();
    profile.resize(150_000, 7);
    let length = u32::try_from(profile.len()).expect("a small profile").to_be_bytes();
    profile[..4].copy_from_slice(&length);
    let file = described_jpeg(&corners(300, 200), None, Some(profile.clone()));
    let rendered = render(&file, &fine()).expect("renditions");
    assert_eq!(segments(&rendition(&rendered, Kind::Thumbnail, true).file).1, profile);
}

#[test]
fn profiles_that_do_not_fit_are_dropped() {
    let gray = ColorProfile::new_gray_with_gamma(2.2).encode().expect("a profile");
    let mut cut = display_p3();
    cut.truncate(200);
    for profile in [gray, cut, b"no profile at all".to_vec()] {
        let file = described_jpeg(&corners(100, 80), None, Some(profile));
        let rendered = render(&file, &fine()).expect("renditions");
        for made in &rendered.renditions {
            assert!(segments(&made.file).1.is_empty());
        }
    }
}

#[test]
fn printing_inks_become_colours() {
    // Cyan, magenta and yellow stripes, inverted as Adobe's programs write them.
    let width = 48;
    let inks: Vec<u8> = (0..width * width)
        .flat_map(|index| match index % width {
            0..16 => [0, 255, 255, 255],
            16..32 => [255, 0, 255, 255],
            _ => [255, 255, 0, 255],
        })
        .collect();
    let mut compressor = turbojpeg::Compressor::new().expect("compressor");
    compressor.set_quality(98).expect("quality");
    compressor.set_subsamp(turbojpeg::Subsamp::None).expect("sampling");
    let pitch = width * 4;
    let image = turbojpeg::Image {
        pixels: inks.as_slice(),
        width,
        pitch,
        height: width,
        format: turbojpeg::PixelFormat::CMYK,
    };
    let file = compressor.compress_to_vec(image).expect("a picture that can be encoded");
    assert!(file.windows(5).any(|part| part == b"Adobe"));
    let rendered = render(&file, &fine()).expect("renditions");
    let found = pixels(rendition(&rendered, Kind::Preview, false));
    for (x, expected) in [(7, [0, 255, 255]), (24, [255, 0, 255]), (41, [255, 255, 0])] {
        let pixel = found.get_pixel(x, 20).0;
        assert!(pixel.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 25), "{x}: {pixel:?}");
    }
}
