//! What stands in a picture's place: close to the picture, in sRGB, and the same every time.

use image::{DynamicImage, RgbImage, imageops};
use imaging::{Placeholder, Recipe, render};
use moxcms::{ColorProfile, Layout, TransformOptions};
use thumbhash::{thumb_hash_to_approximate_aspect_ratio, thumb_hash_to_average_rgba, thumb_hash_to_rgba};

use crate::colours::display_p3;
use crate::fixtures::{camera_jpeg, corners, described_jpeg, difference, exif_orientation, fine, png};

fn placeholder(file: &[u8]) -> Placeholder {
    render(file, &fine()).expect("renditions").placeholder
}

fn channels(colour: u32) -> [u8; 3] {
    let [_, red, green, blue] = colour.to_be_bytes();
    [red, green, blue]
}

fn near(one: [u8; 3], other: [u8; 3], most: u8) -> bool {
    one.iter().zip(other).all(|(a, b)| a.abs_diff(b) <= most)
}

#[test]
fn a_blur_of_a_few_bytes_looks_like_the_picture() {
    let made = placeholder(&camera_jpeg(&corners(900, 600)));
    assert!((5..=25).contains(&made.thumbhash.len()), "{}", made.thumbhash.len());
    let (width, height, rgba) = thumb_hash_to_rgba(&made.thumbhash).expect("a thumbhash");
    let blur =
        RgbImage::from_fn(u32::try_from(width).expect("32"), u32::try_from(height).expect("32"), |x, y| {
            let at = (y as usize * width + x as usize) * 4;
            image::Rgb([rgba[at], rgba[at + 1], rgba[at + 2]])
        });
    let expected = corners(blur.width(), blur.height());
    let off = difference(&blur, &expected);
    assert!(off < 12.0, "{off}");
}

#[test]
fn the_blur_stands_upright() {
    let lying = described_jpeg(&corners(300, 200), Some(exif_orientation(6)), None);
    let ratio = thumb_hash_to_approximate_aspect_ratio(&placeholder(&lying).thumbhash).expect("a thumbhash");
    assert!(ratio < 1.0, "{ratio}");
}

#[test]
fn the_dominant_colour_is_the_commonest_and_not_the_mean() {
    let sky =
        RgbImage::from_fn(300, 200, |_, y| image::Rgb(if y < 130 { [90, 150, 220] } else { [40, 90, 30] }));
    let colour = placeholder(&camera_jpeg(&sky)).dominant_colour;
    assert!(near(channels(colour), [90, 150, 220], 4), "{colour:06x}");
}

#[test]
fn both_are_in_the_colours_of_screens_whatever_the_profile() {
    let wide = RgbImage::from_pixel(60, 40, image::Rgb([60, 200, 90]));
    let transform = ColorProfile::new_display_p3()
        .create_transform_8bit(
            Layout::Rgb,
            &ColorProfile::new_srgb(),
            Layout::Rgb,
            TransformOptions::default(),
        )
        .expect("a transform");
    let mut expected = [0; 3];
    transform.transform(&[60, 200, 90], &mut expected).expect("one pixel");
    assert!(!near(expected, [60, 200, 90], 8), "a colour that tells");
    let made = placeholder(&described_jpeg(&wide, None, Some(display_p3())));
    assert!(near(channels(made.dominant_colour), expected, 4), "{:06x}", made.dominant_colour);
    let (red, green, blue, _) = thumb_hash_to_average_rgba(&made.thumbhash).expect("a thumbhash");
    for (share, channel) in [red, green, blue].into_iter().zip(expected) {
        assert!((share * 255.0 - f32::from(channel)).abs() < 8.0, "{red} {green} {blue}: {expected:?}");
    }
}

#[test]
fn grayscale_has_a_gray_placeholder() {
    let gray = DynamicImage::ImageLuma8(imageops::grayscale(&corners(300, 200)));
    let [red, green, blue] = channels(placeholder(&png(&gray, None, None)).dominant_colour);
    assert!(red == green && green == blue, "{red} {green} {blue}");
}

#[test]
fn it_is_the_same_every_time_and_for_every_mark() {
    let file = camera_jpeg(&corners(700, 500));
    let marked = Recipe { mark: imaging::Mark::new("Somebody else"), ..fine() };
    let once = placeholder(&file);
    assert_eq!(once, placeholder(&file));
    assert_eq!(once, render(&file, &marked).expect("renditions").placeholder);
}

#[test]
fn pictures_of_a_pixel_and_of_a_line_have_one_too() {
    for (width, height) in [(1, 1), (2, 1), (1, 5000), (20_000, 1)] {
        let made = placeholder(&camera_jpeg(&corners(width, height)));
        assert!(thumb_hash_to_rgba(&made.thumbhash).is_ok(), "{width}x{height}");
    }
}
