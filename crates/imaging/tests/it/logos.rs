//! A photographer's logo: which files are taken, how it looks on pictures, and that nothing is clean without it.

use image::{DynamicImage, GrayAlphaImage, GrayImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, RgbImage};
use image::{Rgba, RgbaImage};
use imaging::{Error, Kind, Logo, LogoFault, Mark, Place, Recipe, Rendered, Size, Subject, render};

use crate::fixtures::{camera_jpeg, corners, described_jpeg, pixels, plain, png, rendition};

/// A ring in one colour on nothing, with an empty border.
pub fn badge(colour: [u8; 3]) -> RgbaImage {
    RgbaImage::from_fn(160, 140, |x, y| {
        let away = (f64::from(x) - 80.0).hypot(f64::from(y) - 70.0);
        let inside = (25.0..50.0).contains(&away);
        Rgba([colour[0], colour[1], colour[2], if inside { 255 } else { 0 }])
    })
}

/// A rectangle of one colour.
fn block(colour: [u8; 4]) -> RgbaImage {
    RgbaImage::from_pixel(120, 80, Rgba(colour))
}

fn file(logo: &RgbaImage) -> Vec<u8> {
    plain(&DynamicImage::ImageRgba8(logo.clone()), ImageFormat::Png)
}

pub fn logo_mark(logo: &RgbaImage) -> Mark {
    let (logo, _) = Logo::read(&file(logo)).expect("a logo");
    Mark { subject: Subject::Logo(logo), size: 0.2, opacity: 0.6, ..Mark::default() }
}

fn marked(mark: Mark, file: &[u8]) -> Result<Rendered, Error> {
    render(file, &Recipe { quality: 96, mark, ..Recipe::default() })
}

fn solid(tone: [u8; 3]) -> Vec<u8> {
    camera_jpeg(&RgbImage::from_pixel(900, 600, Rgb(tone)))
}

fn strongest(rendered: &Rendered, kind: Kind) -> u8 {
    let (with, without) = (pixels(rendition(rendered, kind, true)), pixels(rendition(rendered, kind, false)));
    with.as_raw().iter().zip(without.as_raw()).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

#[test]
fn a_logo_is_seen_on_pictures_of_its_own_colour() {
    for tone in [[255; 3], [0; 3], [128; 3], [200, 30, 40]] {
        for place in [Place::Tiled, Place::BottomRight] {
            let mark = Mark { place, ..logo_mark(&badge(tone)) };
            let rendered = marked(mark, &solid(tone)).expect("renditions");
            for kind in Kind::all() {
                let strongest = strongest(&rendered, *kind);
                assert!(strongest > 40, "{tone:?} {} {}: {strongest}", place.name(), kind.name());
            }
        }
    }
}

#[test]
fn a_tiled_logo_is_in_every_part_of_every_rendition() {
    for picture in [corners(2200, 1500), corners(700, 1300)] {
        let rendered = marked(logo_mark(&badge([250; 3])), &camera_jpeg(&picture)).expect("renditions");
        for kind in Kind::all() {
            let parts = crate::marks::changed(&rendered, *kind);
            assert!(parts.iter().all(|share| *share > 0.03), "{} {parts:?}", kind.name());
        }
    }
}

#[test]
fn a_logo_keeps_its_colours_also_in_pictures_with_a_wide_profile() {
    let mark = Mark { place: Place::Center, opacity: 1.0, ..logo_mark(&block([255, 0, 0, 255])) };
    let picture = RgbImage::from_pixel(900, 600, Rgb([60, 70, 80]));
    let profile = moxcms::ColorProfile::new_display_p3().encode().expect("a profile");
    // The red of sRGB, and the numbers for it in Display P3.
    for (profile, expected) in [(None, [254, 0, 0]), (Some(profile), [234, 51, 35])] {
        let rendered = marked(mark.clone(), &described_jpeg(&picture, None, profile)).expect("renditions");
        for kind in Kind::all() {
            let with = pixels(rendition(&rendered, *kind, true));
            let middle = with.get_pixel(with.width() / 2, with.height() / 2).0;
            let near = middle.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 4);
            assert!(near, "{}: {middle:?}, not {expected:?}", kind.name());
        }
    }
}

#[test]
fn on_a_grayscale_picture_a_logo_is_gray() {
    let gray = DynamicImage::ImageLuma8(GrayImage::from_pixel(600, 400, Luma([90])));
    let mark = Mark { place: Place::Center, opacity: 1.0, ..logo_mark(&block([255, 0, 0, 255])) };
    let rendered = marked(mark, &plain(&gray, ImageFormat::Png)).expect("renditions");
    let middle = pixels(rendition(&rendered, Kind::Preview, true)).get_pixel(300, 200).0;
    assert!(middle.iter().all(|sample| sample.abs_diff(76) <= 3), "{middle:?}");
}

#[test]
fn a_logo_that_can_not_be_drawn_gives_no_renditions() {
    let picture = camera_jpeg(&corners(300, 200));
    let whole = file(&badge([255; 3]));
    for bytes in [Vec::new(), b"no picture".to_vec(), whole[..60].to_vec(), file(&block([9, 9, 9, 0]))] {
        let mark = Mark { subject: Subject::Logo(Logo::stored(bytes)), ..Mark::default() };
        assert_eq!(marked(mark, &picture), Err(Error::MarkFailed));
    }
}

#[test]
fn a_logo_too_faint_to_be_seen_gives_a_veil() {
    let faint = plain(&DynamicImage::ImageRgba8(block([255, 255, 255, 20])), ImageFormat::Png);
    for place in [Place::Tiled, Place::TopLeft] {
        let subject = Subject::Logo(Logo::stored(faint.clone()));
        let rendered = marked(Mark { subject, place, ..Mark::default() }, &solid([128; 3])).expect("veiled");
        for kind in Kind::all() {
            let parts = crate::marks::changed(&rendered, *kind);
            assert!(parts.iter().all(|share| *share > 0.3), "{parts:?}");
        }
    }
}

#[test]
fn every_kind_of_png_is_read_and_written_anew_without_border_and_metadata() {
    let wide = |value: u8| u16::from(value) * 257;
    let ring = badge([20, 60, 200]);
    let pictures = [
        DynamicImage::ImageRgba8(ring.clone()),
        DynamicImage::ImageRgba16(ImageBuffer::from_fn(160, 140, |x, y| {
            Rgba(ring.get_pixel(x, y).0.map(wide))
        })),
        DynamicImage::ImageLumaA8(GrayAlphaImage::from_fn(160, 140, |x, y| {
            LumaA([99, ring.get_pixel(x, y)[3]])
        })),
    ];
    for picture in pictures {
        let exif = crate::fixtures::exif_orientation(6);
        let (logo, size) = Logo::read(&png(&picture, Some(exif), None)).expect("a logo");
        assert_eq!(size, Size::new(99, 99));
        assert!(!logo.png().windows(4).any(|name| name == b"eXIf" || name == b"iCCP"));
        assert_eq!(Logo::read(logo.png()).map(|(again, _)| again), Ok(logo), "a second time changes nothing");
    }
    for opaque in [
        DynamicImage::ImageRgb8(RgbImage::from_pixel(90, 60, Rgb([1, 2, 3]))),
        DynamicImage::ImageLuma8(GrayImage::from_pixel(90, 60, Luma([1]))),
        DynamicImage::ImageLuma16(ImageBuffer::from_pixel(90, 60, Luma([1]))),
    ] {
        let read = Logo::read(&plain(&opaque, ImageFormat::Png)).map(|(_, size)| size);
        assert_eq!(read, Ok(Size::new(90, 60)));
    }
}

#[test]
fn a_large_logo_is_made_as_small_as_marks_need() {
    let (logo, size) =
        Logo::read(&file(&RgbaImage::from_pixel(2400, 1600, Rgba([9, 9, 9, 255])))).expect("a logo");
    assert!(size.pixels() <= 1 << 20 && size.width > 1200, "{size:?}");
    assert!(logo.png().len() < 100_000);
    let mut seed = 1_u32;
    let noise = RgbaImage::from_fn(700, 700, |_, _| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Rgba([(seed >> 24) as u8, (seed >> 16) as u8, (seed >> 8) as u8 | 128, 255])
    });
    let (logo, _) = Logo::read(&file(&noise)).expect("a logo");
    assert!(logo.png().len() <= Logo::MAX_BYTES, "{}", logo.png().len());
}

#[test]
fn what_is_no_logo_is_refused_with_its_reason() {
    let large = RgbaImage::from_pixel(2100, 2000, Rgba([9, 9, 9, 255]));
    let whole = file(&badge([255; 3]));
    for (bytes, fault) in [
        (Vec::new(), LogoFault::NotPng),
        (camera_jpeg(&corners(60, 40)), LogoFault::NotPng),
        (vec![0; 100], LogoFault::NotPng),
        ([&whole[..], &vec![0; Logo::MAX_BYTES]].concat(), LogoFault::TooLarge),
        (file(&large), LogoFault::TooManyPixels),
        (whole[..whole.len() / 2].to_vec(), LogoFault::Damaged),
        (whole[..20].to_vec(), LogoFault::Damaged),
        (file(&block([255, 255, 255, 0])), LogoFault::Invisible),
        (file(&block([255, 255, 255, 30])), LogoFault::Invisible),
        (file(&RgbaImage::from_pixel(900, 20, Rgba([9, 9, 9, 255]))), LogoFault::TooThin),
    ] {
        assert_eq!(Logo::read(&bytes).map(|(_, size)| size), Err(fault));
    }
}

#[test]
fn a_recipe_with_a_logo_survives_the_way_to_the_decoder() {
    let recipe = Recipe { mark: logo_mark(&badge([1, 2, 3])), ..Recipe::default() };
    let json = serde_json::to_string(&recipe).expect("JSON");
    assert_eq!(serde_json::from_str::<Recipe>(&json).expect("a recipe"), recipe);
    assert!(serde_json::from_str::<Recipe>(&json.replace("iVBOR", "*****")).is_err());
}
