//! Every format and every kind of sample in it comes out as the picture that was put in.

use image::{DynamicImage, GrayImage, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use imaging::{Format, Kind, Limits, probe, render};

use crate::fixtures::{corners, difference, fine, pixels, plain, rendition};

fn shown(file: &[u8]) -> RgbImage {
    let rendered = render(file, &fine()).expect("renditions");
    assert!(!rendered.damaged);
    pixels(rendition(&rendered, Kind::Preview, false))
}

#[test]
fn every_format_is_known_by_its_bytes_and_shown() {
    let picture = corners(120, 80);
    let whole = DynamicImage::ImageRgb8(picture.clone());
    for (kind, format, most) in [
        (ImageFormat::Jpeg, Format::Jpeg, 3.0),
        (ImageFormat::Png, Format::Png, 2.0),
        (ImageFormat::WebP, Format::WebP, 2.0),
        (ImageFormat::Gif, Format::Gif, 6.0),
        (ImageFormat::Tiff, Format::Tiff, 2.0),
        (ImageFormat::Bmp, Format::Bmp, 2.0),
    ] {
        let file = plain(&whole, kind);
        let probed = probe(&file, &Limits::default()).expect("a picture");
        assert_eq!(probed.format, format);
        assert_eq!(probed.displayed().map(|size| (size.width, size.height)), Some((120, 80)), "{format}");
        let off = difference(&shown(&file), &picture);
        assert!(off < most, "{format}: {off}");
    }
}

#[test]
fn sixteen_bits_are_rounded_to_eight() {
    let picture = corners(100, 70);
    let deep = ImageBuffer::<Rgb<u16>, _>::from_fn(100, 70, |x, y| {
        Rgb(picture.get_pixel(x, y).0.map(|s| u16::from(s) * 257))
    });
    let gray = ImageBuffer::<Luma<u16>, _>::from_fn(100, 70, |x, _| {
        Luma([u16::try_from(x * 650).expect("in range")])
    });
    for kind in [ImageFormat::Png, ImageFormat::Tiff] {
        assert!(difference(&shown(&plain(&deep.clone().into(), kind)), &picture) < 2.0);
        let found = shown(&plain(&gray.clone().into(), kind));
        let expected = RgbImage::from_fn(100, 70, |x, _| Rgb([(x * 650 * 255 / 65_535) as u8; 3]));
        assert!(difference(&found, &expected) < 1.5);
    }
}

#[test]
fn transparency_is_laid_on_white() {
    let half = RgbaImage::from_fn(64, 64, |x, _| match x {
        0..22 => Rgba([200, 0, 0, 255]),
        22..43 => Rgba([200, 0, 0, 128]),
        _ => Rgba([0, 0, 0, 0]),
    });
    for kind in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff] {
        let found = shown(&plain(&half.clone().into(), kind));
        for (x, expected) in [(5, [200, 0, 0]), (32, [227, 127, 127]), (58, [255, 255, 255])] {
            let pixel = found.get_pixel(x, 30).0;
            assert!(pixel.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 8), "{kind:?} {x}: {pixel:?}");
        }
    }
}

#[test]
fn grayscale_stays_grayscale() {
    let gray = GrayImage::from_fn(90, 60, |x, y| Luma([(x + y) as u8]));
    for kind in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Tiff] {
        let rendered = render(&plain(&gray.clone().into(), kind), &fine()).expect("renditions");
        for made in &rendered.renditions {
            let decoded = image::load_from_memory(&made.jpeg).expect("a sound JPEG");
            assert_eq!(
                decoded.color(),
                image::ColorType::L8,
                "{kind:?} {} {}",
                made.kind.name(),
                made.marked
            );
        }
        let preview =
            image::load_from_memory(&rendition(&rendered, Kind::Preview, false).jpeg).expect("a sound JPEG");
        let off =
            preview.into_luma8().pixels().zip(gray.pixels()).map(|(a, b)| a.0[0].abs_diff(b.0[0])).max();
        assert!(off < Some(6), "{kind:?}: {off:?}");
    }
}
