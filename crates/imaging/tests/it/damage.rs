//! Files that are cut off: most of a picture is shown as damaged, less is an error.

use imaging::{Error, Kind, Recipe, render};
use turbojpeg::Subsamp;

use crate::fixtures::{camera_jpeg, corners, difference, fine, jpeg, pixels, plain, rendition, textured};

fn cut(file: &[u8], percent: usize) -> &[u8] {
    &file[..file.len() * percent / 100]
}

#[test]
fn most_of_a_jpeg_is_shown_as_damaged() {
    let whole = camera_jpeg(&textured(1200, 800));
    let rendered = render(cut(&whole, 80), &fine()).expect("most of the picture");
    assert!(rendered.damaged);
    let kept = |rendered| pixels(rendition(rendered, Kind::Preview, false));
    let (part, all) = (kept(&rendered), kept(&render(&whole, &fine()).expect("renditions")));
    let upper = |picture: &image::RgbImage| image::imageops::crop_imm(picture, 0, 0, 1200, 500).to_image();
    assert!(difference(&upper(&part), &upper(&all)) < 0.5, "the upper part is untouched");
}

#[test]
fn too_little_of_a_jpeg_is_an_error() {
    let whole = camera_jpeg(&textured(1200, 800));
    for percent in [0, 1, 2, 10, 35] {
        assert!(render(cut(&whole, percent), &Recipe::default()).is_err(), "{percent}");
    }
    assert_eq!(render(cut(&whole, 35), &Recipe::default()), Err(Error::Damaged));
}

#[test]
fn a_progressive_jpeg_without_its_last_passes_is_shown() {
    let whole = jpeg(&textured(1000, 700), Subsamp::Sub2x2, true);
    assert!(render(cut(&whole, 60), &Recipe::default()).is_ok_and(|rendered| rendered.damaged));
}

#[test]
fn a_png_is_shown_as_far_as_it_goes() {
    let whole = plain(&textured(600, 500).into(), image::ImageFormat::Png);
    assert!(render(cut(&whole, 85), &Recipe::default()).is_ok_and(|rendered| rendered.damaged));
    assert_eq!(render(cut(&whole, 30), &Recipe::default()), Err(Error::Damaged));
}

#[test]
fn a_sound_file_is_not_called_damaged() {
    let whole = camera_jpeg(&corners(300, 200));
    assert!(render(&whole, &Recipe::default()).is_ok_and(|rendered| !rendered.damaged));
    let trailing = [whole, b"<html>more</html>".to_vec()].concat();
    assert!(render(&trailing, &Recipe::default()).is_ok_and(|rendered| !rendered.damaged));
}

#[test]
fn every_cut_of_a_small_file_ends_well() {
    let picture = textured(40, 30);
    for kind in [
        image::ImageFormat::Jpeg,
        image::ImageFormat::Png,
        image::ImageFormat::WebP,
        image::ImageFormat::Gif,
        image::ImageFormat::Tiff,
        image::ImageFormat::Bmp,
    ] {
        let whole = plain(&picture.clone().into(), kind);
        for end in (0..whole.len()).step_by(17) {
            let made =
                render(&whole[..end], &Recipe::default()).map_or(6, |rendered| rendered.renditions.len());
            assert_eq!(made, 6, "all or none");
        }
    }
}
