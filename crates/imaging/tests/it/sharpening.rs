//! What became softer as it became smaller is brought out again, and nothing else is touched.

use image::{GrayImage, Luma, RgbImage};
use imaging::{Kind, Recipe, Rendered, Sharpening, render};

use crate::fixtures::{camera_jpeg, pixels, rendition};

/// Stripes with hard edges.
fn stripes(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        let light = if x / 47 % 2 == 0 { 70 } else { 180 };
        image::Rgb([light, light - 10, light - 20])
    })
}

fn made(file: &[u8], sharpening: Sharpening) -> Rendered {
    let recipe = Recipe { quality: 97, sharpening, ..Recipe::default() };
    render(file, &recipe).expect("renditions")
}

/// The mean step from one sample to the next.
fn steepness(rendered: &Rendered, kind: Kind) -> f64 {
    let picture = image::DynamicImage::ImageRgb8(pixels(rendition(rendered, kind, false))).into_luma8();
    let step = |x: u32, y: u32| {
        let [Luma([one]), Luma([other])] = [picture.get_pixel(x, y), picture.get_pixel(x + 1, y)];
        f64::from(one.abs_diff(*other))
    };
    let (width, height) = GrayImage::dimensions(&picture);
    let steps = (0..height).flat_map(|y| (0..width - 1).map(move |x| (x, y)));
    steps.map(|(x, y)| step(x, y)).sum::<f64>() / f64::from(width * height)
}

#[test]
fn edges_become_steeper_in_every_rendition_that_was_made_smaller() {
    let file = camera_jpeg(&stripes(2600, 400));
    let [off, light, strong] =
        [Sharpening::Off, Sharpening::Light, Sharpening::Strong].map(|sharpening| made(&file, sharpening));
    for kind in Kind::all() {
        let [off, light, strong] = [&off, &light, &strong].map(|rendered| steepness(rendered, *kind));
        assert!(light > off * 1.02 && strong > light * 1.01, "{}: {off} {light} {strong}", kind.name());
    }
}

#[test]
fn a_copy_at_the_size_of_the_photo_is_as_sharp_as_the_photo() {
    let file = camera_jpeg(&stripes(1200, 300));
    let [off, strong] = [Sharpening::Off, Sharpening::Strong].map(|sharpening| made(&file, sharpening));
    let [one, other] = [&off, &strong].map(|rendered| rendition(rendered, Kind::Preview, false));
    assert!(one.file == other.file);
    let [one, other] = [&off, &strong].map(|rendered| rendition(rendered, Kind::Thumbnail2x, false));
    assert!(one.file != other.file);
}

#[test]
fn fitted_tables_make_the_same_picture_of_fewer_bytes() {
    let file = camera_jpeg(&stripes(1200, 300));
    let with = |kinds: &[Kind]| {
        render(&file, &Recipe { fitted_tables: kinds.to_vec(), ..Recipe::default() }).expect("renditions")
    };
    let (plain, fitted) = (with(&[]), with(&[Kind::Thumbnail]));
    let [one, other] = [&plain, &fitted].map(|rendered| rendition(rendered, Kind::Thumbnail, true));
    assert_eq!(pixels(one), pixels(other));
    assert!(other.file.len() < one.file.len());
    let [one, other] = [&plain, &fitted].map(|rendered| rendition(rendered, Kind::Preview, true));
    assert!(one.file == other.file);
}

#[test]
fn settings_have_names() {
    for (name, sharpening) in
        [("off", Sharpening::Off), ("light", Sharpening::Light), ("strong", Sharpening::Strong)]
    {
        assert_eq!(name.parse(), Ok(sharpening));
    }
    assert!("Light!".parse::<Sharpening>().is_err());
}
