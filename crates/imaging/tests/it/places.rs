//! A mark in one place stands there and nowhere else, whole and legible, on pictures of every size and tone.

use image::{Rgb, RgbImage};
use imaging::{Kind, Mark, Place, Recipe, Rendered, Stamps, render, render_with};
use proptest::prelude::*;

use crate::fixtures::{camera_jpeg, corners, pixels, rendition};
use crate::logos::{badge, logo_mark};

fn marked(mark: Mark, picture: &RgbImage) -> Rendered {
    render(&camera_jpeg(picture), &Recipe { quality: 95, mark, ..Recipe::default() }).expect("renditions")
}

/// The box around what clearly differs between the marked and the clean form: left, top, right, bottom.
fn changed(rendered: &Rendered, kind: Kind) -> Option<[u32; 4]> {
    let (with, without) = (pixels(rendition(rendered, kind, true)), pixels(rendition(rendered, kind, false)));
    let places = with.enumerate_pixels().filter(|(x, y, pixel)| {
        pixel.0.iter().zip(without.get_pixel(*x, *y).0).any(|(a, b)| a.abs_diff(b) > 14)
    });
    places.fold(None, |found, (x, y, _)| {
        let [left, top, right, bottom] = found.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
    })
}

fn standing(place: Place, mark: Mark) -> Mark {
    Mark { place, opacity: 0.7, ..mark }
}

#[test]
fn each_place_is_where_its_name_says() {
    let picture = RgbImage::from_pixel(1200, 800, Rgb([120, 130, 90]));
    for mark in [Mark::new("Ana"), logo_mark(&badge([240, 240, 240]))] {
        for (index, place) in Place::all().iter().skip(1).enumerate() {
            let rendered = marked(standing(*place, mark.clone()), &picture);
            for kind in Kind::all() {
                let size = rendition(&rendered, *kind, true).size;
                let [left, top, right, bottom] = changed(&rendered, *kind).expect("a mark");
                let margin = (f64::from(size.width * size.height)).sqrt() * 0.03;
                let (near, far) = (margin * 0.5, margin * 1.8 + 4.0);
                for (third, low, high) in [
                    (index % 3, f64::from(left), f64::from(size.width - 1 - right)),
                    (index / 3, f64::from(top), f64::from(size.height - 1 - bottom)),
                ] {
                    let place = format!("{} {}: {low} {high}", place.name(), kind.name());
                    match third {
                        0 => assert!((near..far).contains(&low) && high > far, "{place}"),
                        1 => assert!((low - high).abs() < 12.0 && low > far, "{place}"),
                        _ => assert!((near..far).contains(&high) && low > far, "{place}"),
                    }
                }
            }
        }
    }
}

#[test]
fn a_mark_that_is_too_wide_is_made_smaller_and_one_that_gets_too_small_is_tiled() {
    let wide = standing(Place::Bottom, Mark::new("Ana Pérez, weddings and portraits in the south"));
    let picture = RgbImage::from_pixel(600, 900, Rgb([90, 90, 90]));
    let rendered = marked(wide.clone(), &picture);
    let [left, top, right, bottom] = changed(&rendered, Kind::Preview).expect("a mark");
    assert!(left > 8 && right < 592 && bottom - top < 60, "{left} {top} {right} {bottom}");
    let narrow = marked(wide, &RgbImage::from_pixel(120, 900, Rgb([90, 90, 90])));
    let [left, top, right, bottom] = changed(&narrow, Kind::Preview).expect("a mark");
    assert!(left < 12 && right > 108 && top < 60 && bottom > 840, "{left} {top} {right} {bottom}");
}

#[test]
fn stamps_that_are_kept_change_nothing_and_take_bounded_room() {
    let mut stamps = Stamps::within(400_000);
    let pictures: Vec<_> = [(900, 600), (600, 900), (640, 640), (500, 200), (900, 600)]
        .map(|(width, height)| camera_jpeg(&corners(width, height)))
        .into();
    let marks = [
        Mark::new("Ana Pérez"),
        logo_mark(&badge([10, 10, 10])),
        standing(Place::TopRight, logo_mark(&badge([200, 30, 40]))),
    ];
    for mark in marks {
        for file in &pictures {
            let recipe = Recipe { mark: mark.clone(), ..Recipe::default() };
            let kept = render_with(file, &recipe, &mut stamps).expect("renditions");
            assert_eq!(kept, render(file, &recipe).expect("renditions"));
            assert!(stamps.bytes() <= 400_000, "{}", stamps.bytes());
        }
    }
    assert!(stamps.count() > 1);
    let (mut stamps, recipe) = (Stamps::new(), Recipe::default());
    render_with(&pictures[0], &recipe, &mut stamps).expect("renditions");
    let drawn = stamps.count();
    render_with(&pictures[1], &recipe, &mut stamps).expect("renditions");
    assert_eq!(stamps.count(), drawn, "upright pictures of the same camera take the same stamps");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_for_no_marked_picture_is_clean(
        width in 1_u32..700,
        height in 1_u32..700,
        tone in any::<[u8; 3]>(),
        logo in any::<[u8; 3]>(),
        is_logo: bool,
        place in 0_usize..10,
        opacity in 0.05_f32..1.0,
        size in 0.01_f32..0.6,
        angle in -90_f32..90.0,
        margin in 0.0_f32..0.25,
    ) {
        let mark = if is_logo { logo_mark(&badge(logo)) } else { Mark::new("Ana") };
        let mark = Mark { place: Place::all()[place], opacity, size, angle, margin, ..mark };
        let rendered = marked(mark, &RgbImage::from_pixel(width, height, Rgb(tone)));
        for kind in Kind::all() {
            let (with, without) =
                (pixels(rendition(&rendered, *kind, true)), pixels(rendition(&rendered, *kind, false)));
            let strongest = with.as_raw().iter().zip(without.as_raw()).map(|(a, b)| a.abs_diff(*b)).max();
            prop_assert!(strongest > Some(8), "{width}x{height} {}: {strongest:?}", kind.name());
        }
    }
}
