//! HEIC and AVIF, where the library that decodes them is installed: pictures that were drawn here, in every form.

use image::DynamicImage;
use image::metadata::Orientation;
use imaging::{Capabilities, Format, Kind, Limits, Recipe, Size, probe, read_metadata, render};
use moxcms::ColorProfile;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::colours::segments;
use crate::fixtures::{corners, difference, fine, pixels, rendition};

const CORNERS: &[u8] = include_bytes!("files/corners.heic");
const AVIF: &[u8] = include_bytes!("files/corners.avif");
/// All of them show corners of their size; how each was made is said in files/README.md.
const FILES: [(&[u8], Format, Size); 8] = [
    (CORNERS, Format::Heic, Size::new(88, 64)),
    (AVIF, Format::Avif, Size::new(88, 60)),
    (include_bytes!("files/grid.heic"), Format::Heic, Size::new(90, 61)),
    (include_bytes!("files/clipped.heic"), Format::Heic, Size::new(90, 61)),
    (include_bytes!("files/limited.heic"), Format::Heic, Size::new(88, 64)),
    (include_bytes!("files/wide.heic"), Format::Heic, Size::new(88, 64)),
    (include_bytes!("files/deep.heic"), Format::Heic, Size::new(88, 64)),
    (include_bytes!("files/clear.heic"), Format::Heic, Size::new(88, 64)),
];

/// Whether the library is there; leaving the tests out has to be wished.
pub fn available() -> bool {
    let found = Capabilities::of_this_machine();
    let all = found.heic && found.avif;
    let skipped = std::env::var("HEIF_TESTS").is_ok_and(|value| value == "skip");
    assert!(
        all || skipped,
        "libheif is missing: install libheif1, or leave these tests out with HEIF_TESTS=skip"
    );
    if !all {
        eprintln!("SKIPPED: a test of HEIC and AVIF (HEIF_TESTS=skip)");
    }
    all
}

#[test]
fn every_form_is_known_by_its_bytes_and_shown_as_it_was_drawn() {
    if !available() {
        return;
    }
    for (index, (file, format, size)) in FILES.into_iter().enumerate() {
        let probed = probe(file, &Limits::default()).expect("a picture");
        assert_eq!((probed.format, probed.displayed()), (format, Some(size)), "{index}");
        let rendered = render(file, &fine()).expect("renditions");
        assert_eq!((rendered.displayed, rendered.damaged), (size, false), "{index}");
        let found = pixels(rendition(&rendered, Kind::Preview, false));
        let mut drawn = corners(size.width, size.height);
        if index == 7 {
            // The right half is transparent to three quarters.
            for (x, _, pixel) in drawn.enumerate_pixels_mut().filter(|(x, _, _)| *x >= 44) {
                assert!(x >= 44);
                pixel.0 = pixel.0.map(|sample| (255 - (255 - u16::from(sample)) / 4) as u8);
            }
        }
        let off = difference(&found, &drawn);
        assert!(off < 3.0, "{index}: {off}");
    }
}

/// The picture with boxes that turn it and, where there is an axis, mirror it.
fn boxed(angle: u8, axis: Option<u8>) -> Vec<u8> {
    let mut file = CORNERS.to_vec();
    let place =
        |kind: &[u8]| CORNERS.windows(4).position(|bytes| bytes == kind).expect("a box that was put in");
    file[place(b"irot") + 4] = angle;
    if let Some(axis) = axis {
        let mirror = place(b"skip");
        file[mirror..mirror + 4].copy_from_slice(b"imir");
        file[mirror + 4] = axis;
    }
    file
}

#[test]
fn all_eight_turns_of_the_boxes_are_done_once() {
    if !available() {
        return;
    }
    let stored = corners(88, 64);
    // Counter-clockwise quarters, then the axis of a mirror (1 exchanges left and right), and what they come to.
    let turns: [(u8, Option<u8>, u8); 12] = [
        (0, None, 1),
        (0, Some(1), 2),
        (2, None, 3),
        (0, Some(0), 4),
        (1, Some(0), 5),
        (3, None, 6),
        (3, Some(0), 7),
        (1, None, 8),
        (1, Some(1), 7),
        (2, Some(1), 4),
        (3, Some(1), 5),
        (2, Some(0), 2),
    ];
    for (angle, axis, orientation) in turns {
        let file = boxed(angle, axis);
        let mut upright = DynamicImage::ImageRgb8(stored.clone());
        upright.apply_orientation(Orientation::from_exif(orientation).expect("1 to 8"));
        let upright = upright.into_rgb8();
        let size = Size::new(upright.width(), upright.height());
        assert_eq!(
            probe(&file, &Limits::default()).map(|found| found.displayed()),
            Ok(Some(size)),
            "{orientation}"
        );
        let rendered = render(&file, &fine()).expect("renditions");
        assert_eq!(rendered.displayed, size, "{orientation}");
        let off = difference(&pixels(rendition(&rendered, Kind::Preview, false)), &upright);
        assert!(off < 3.0, "{angle} {axis:?}: {off}");
    }
}

#[test]
fn the_camera_s_orientation_is_not_applied_again() {
    if !available() {
        return;
    }
    // Turned by its boxes, and the EXIF block says 6 too.
    let file = include_bytes!("files/exif.heic");
    assert_eq!(read_metadata(file).make.as_deref(), Some("Maker"));
    let rendered = render(file, &fine()).expect("renditions");
    let mut upright = DynamicImage::ImageRgb8(corners(88, 64));
    upright.apply_orientation(Orientation::Rotate90);
    let off = difference(&pixels(rendition(&rendered, Kind::Preview, false)), &upright.into_rgb8());
    assert!(off < 3.0, "{off}");
}

#[test]
fn colours_that_only_numbers_describe_get_a_profile() {
    if !available() {
        return;
    }
    let profile = |file| {
        let rendered = render(file, &fine()).expect("renditions");
        segments(&rendition(&rendered, Kind::Preview, true).file).1
    };
    let wide = ColorProfile::new_from_slice(&profile(FILES[5].0)).expect("a profile");
    let (found, expected) = (wide.colorant_matrix(), ColorProfile::new_display_p3().colorant_matrix());
    for (found, expected) in found.v.iter().flatten().zip(expected.v.iter().flatten()) {
        assert!((found - expected).abs() < 1e-3, "{found} {expected}");
    }
    assert!(profile(CORNERS).is_empty(), "what is sRGB needs none");
}

#[test]
fn a_file_that_is_cut_is_an_error_or_a_picture() {
    if !available() {
        return;
    }
    for (file, _, _) in FILES {
        for end in (0..file.len()).step_by(41) {
            let made =
                render(&file[..end], &Recipe::default()).map_or(6, |rendered| rendered.renditions.len());
            assert_eq!(made, 6, "all or none");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    // The boxes are read by this crate; what libheif makes of such files is its own process's concern.
    #[test]
    fn broken_boxes_never_panic(seed in 0..FILES.len(), changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..8)) {
        let mut file = FILES[seed].0.to_vec();
        for (at, byte) in &changes {
            let at = at.index(file.len());
            file[at] = *byte;
        }
        let _ = probe(&file, &Limits::default());
        let _ = probe(&file[..changes[0].0.index(file.len())], &Limits::default());
        read_metadata(&file);
        imaging::memory_needed(&file, &Limits::default());
    }
}

#[test]
fn metadata_that_the_library_does_not_know_hide_no_picture() {
    if !available() {
        return;
    }
    let mut file = include_bytes!("files/exif.heic").to_vec();
    // Metadata of a picture that is none, as the tone maps of phones seem to libheif 1.15.
    let about = file.windows(4).position(|kind| kind == b"cdsc").expect("a reference") + 8;
    file[about..about + 2].copy_from_slice(&999_u16.to_be_bytes());
    let rendered = render(&file, &fine()).expect("renditions");
    assert_eq!(rendered.displayed, Size::new(64, 88));
}
