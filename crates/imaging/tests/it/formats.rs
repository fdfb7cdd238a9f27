//! Every format and every kind of sample in it comes out as the picture that was put in.

use image::{DynamicImage, GrayImage, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use imaging::{Format, Kind, Limits, probe, render};

use crate::fixtures::{corners, difference, directory, fine, pixels, plain, rendition};

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
            let decoded = image::load_from_memory(&made.file).expect("a sound JPEG");
            assert_eq!(
                decoded.color(),
                image::ColorType::L8,
                "{kind:?} {} {}",
                made.kind.name(),
                made.marked
            );
        }
        let preview =
            image::load_from_memory(&rendition(&rendered, Kind::Preview, false).file).expect("a sound JPEG");
        let off =
            preview.into_luma8().pixels().zip(gray.pixels()).map(|(a, b)| a.0[0].abs_diff(b.0[0])).max();
        assert!(off < Some(6), "{kind:?}: {off:?}");
    }
}

/// An uncompressed TIFF in tiles of 64 by 64 pixels, each sample plane apart if wished.
fn tiled(picture: &RgbImage, apart: bool) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    let (across, down) = (width.div_ceil(64), height.div_ceil(64));
    let planes = if apart { 3 } else { 1 };
    let mut data = Vec::new();
    for plane in 0..planes {
        for tile in 0..across * down {
            for pixel in 0..64 * 64 {
                let (x, y) = (tile % across * 64 + pixel % 64, tile / across * 64 + pixel / 64);
                let found = picture.get_pixel_checked(x, y).map_or([9; 3], |pixel| pixel.0);
                if apart { data.push(found[plane as usize]) } else { data.extend(found) }
            }
        }
    }
    let count = across * down * planes;
    let bytes = u32::try_from(data.len()).expect("a small picture") / count;
    let lists: Vec<u8> =
        [(0..count).map(|tile| 8 + tile * bytes).collect::<Vec<_>>(), vec![bytes; count as usize]]
            .concat()
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect();
    let lists_at = 8 + bytes * count;
    let bits_at = lists_at + 8 * count;
    let directory = directory(&[
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 3, bits_at),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (277, 3, 1, 3),
        (284, 3, 1, if apart { 2 } else { 1 }),
        (322, 4, 1, 64),
        (323, 4, 1, 64),
        (324, 4, count, lists_at),
        (325, 4, count, lists_at + 4 * count),
    ]);
    [&b"II*\0"[..], &(bits_at + 6).to_le_bytes()[..], &data, &lists, &[8, 0, 8, 0, 8, 0], &directory].concat()
}

#[test]
fn tiffs_in_tiles_and_in_planes_are_put_together() {
    let picture = corners(150, 100);
    for apart in [false, true] {
        let off = difference(&shown(&tiled(&picture, apart)), &picture);
        assert!(off < 2.0, "{apart}: {off}");
    }
}

#[test]
fn inks_in_a_tiff_become_colours() {
    let inks: Vec<u8> = (0..32 * 32)
        .flat_map(|index| if index % 32 < 16 { [255, 0, 0, 0] } else { [0, 0, 255, 0] })
        .collect();
    let length = u32::try_from(inks.len()).expect("a small picture");
    let directory = directory(&[
        (256, 4, 1, 32),
        (257, 4, 1, 32),
        (258, 3, 4, 8 + length),
        (259, 3, 1, 1),
        (262, 3, 1, 5),
        (273, 4, 1, 8),
        (277, 3, 1, 4),
        (278, 4, 1, 32),
        (279, 4, 1, length),
    ]);
    let file =
        [&b"II*\0"[..], &(16 + length).to_le_bytes()[..], &inks, &[8, 0, 8, 0, 8, 0, 8, 0], &directory]
            .concat();
    let found = shown(&file);
    for (x, expected) in [(6, [0, 255, 255]), (25, [255, 255, 0])] {
        let pixel = found.get_pixel(x, 16).0;
        assert!(pixel.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 12), "{x}: {pixel:?}");
    }
}

#[test]
fn large_pictures_are_reduced_as_they_arrive_and_look_the_same() {
    for (width, height) in [(5001, 1203), (1003, 7507), (9830, 64)] {
        let picture = corners(width, height);
        let whole = DynamicImage::ImageRgb8(picture);
        for kind in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp] {
            let found = shown(&plain(&whole, kind));
            let expected = corners(found.width(), found.height());
            let off = difference(&found, &expected);
            assert!(off < 2.0, "{kind:?} {width}x{height}: {off}");
        }
        let gray = whole.to_luma16();
        let found = shown(&plain(&gray.clone().into(), ImageFormat::Png));
        let expected = DynamicImage::ImageLuma16(gray).to_luma8();
        let corner = |picture: &GrayImage| picture.get_pixel(0, 0).0[0];
        assert!(found.get_pixel(0, 0).0[0].abs_diff(corner(&expected)) < 3);
    }
}

#[test]
fn shapes_of_every_kind_are_shown_in_every_format() {
    for (width, height) in [(1, 1), (1, 3000), (4001, 1), (2, 5), (2457, 3)] {
        let whole = DynamicImage::ImageRgb8(corners(width, height));
        for kind in
            [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp]
        {
            let rendered = render(&plain(&whole, kind), &fine()).expect("renditions");
            assert_eq!((rendered.displayed.width, rendered.displayed.height), (width, height), "{kind:?}");
            for made in &rendered.renditions {
                assert_eq!(
                    made.size,
                    rendered.displayed.fitted(made.kind.edge()),
                    "{kind:?} {width}x{height}"
                );
                pixels(made);
            }
        }
    }
}
