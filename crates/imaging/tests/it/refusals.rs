//! Files that are not taken: what they are is said, and nothing is allocated for them.

use imaging::{Error, Limits, Recipe, Refusal, Size, probe, render};

use crate::fixtures::{camera_jpeg, corners, jpeg, plain, textured, tiff};

fn refusal(head: &[u8]) -> Option<Refusal> {
    let refusal = probe(head, &Limits::default()).err()?;
    assert_eq!(render(head, &Recipe::default()), Err(Error::Refused(refusal)), "probe and render agree");
    Some(refusal)
}

#[test]
fn nothing_and_anything_else_are_told_apart() {
    assert_eq!(refusal(b""), Some(Refusal::Empty));
    for bytes in
        [&b"x"[..], b"<html><body>hello</body></html>", b"#!/bin/sh\n", &[0; 5000], b"BM not a bitmap"]
    {
        assert_eq!(refusal(bytes), Some(Refusal::NotAnImage));
    }
}

#[test]
fn known_kinds_are_named() {
    let known: [(&[u8], &str); 9] = [
        (b"\0MRM\0\0\0\0", "Minolta RAW (MRW)"),
        (b"FOVb\0\0\x02\0", "Sigma RAW (X3F)"),
        (b"\0\0\0\x18ftypisom\0\0\0\x01isommp42", "Video"),
        (b"8BPS\0\x01", "Photoshop (PSD)"),
        (b"%PDF-1.7", "PDF"),
        (b"\xFF\x0A\0\0", "JPEG XL"),
        (b"\xEF\xBB\xBF <?xml version=\"1.0\"?>\n<!-- a picture -->\n<svg xmlns=\"x\"/>", "SVG"),
        (b"RIFF\0\0\0\0AVI LIST", "Video"),
        (b"PK\x03\x04", "ZIP"),
    ];
    for (bytes, name) in known {
        let found = refusal(bytes);
        assert_eq!(found, Some(Refusal::UnsupportedFormat { name }));
        let said = found.map(|refusal| refusal.to_string()).unwrap_or_default();
        assert!(said.starts_with(name) && said.contains("JPEG"), "{said}");
    }
}

#[test]
fn more_pixels_than_allowed_are_refused_by_the_header() {
    let mut jpeg_lie = camera_jpeg(&corners(16, 16));
    let frame = jpeg_lie.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a frame header");
    jpeg_lie[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xDC, 0xFF, 0xDC]);
    let mut png_lie = plain(&corners(16, 16).into(), image::ImageFormat::Png);
    png_lie[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let mut gif_lie = plain(&corners(16, 16).into(), image::ImageFormat::Gif);
    gif_lie[6..10].copy_from_slice(&[0xFF; 4]);
    let mut bmp_lie = plain(&corners(16, 16).into(), image::ImageFormat::Bmp);
    bmp_lie[18..26].copy_from_slice(&[0, 0, 1, 0, 0, 0, 1, 0]);
    let mut tiff_lie = tiff(&corners(16, 16), 1);
    let width = tiff_lie.windows(4).rposition(|tag| tag == [0, 1, 4, 0]).expect("the width");
    tiff_lie[width + 8..width + 12].copy_from_slice(&[0, 0, 1, 1]);
    for lie in [jpeg_lie, png_lie, gif_lie, bmp_lie, tiff_lie] {
        let found = refusal(&lie);
        assert!(matches!(found, Some(Refusal::TooManyPixels { limit_megapixels: 250, .. })), "{found:?}");
    }
}

#[test]
fn the_limit_on_pixels_is_a_setting() {
    let file = camera_jpeg(&corners(1200, 1000));
    let limits = Limits { max_megapixels: 1, ..Limits::default() };
    let size = Size::new(1200, 1000);
    assert_eq!(probe(&file, &limits), Err(Refusal::TooManyPixels { size, limit_megapixels: 1 }));
}

#[test]
fn a_picture_that_needs_too_much_memory_is_not_decoded() {
    let limits = Limits { max_decoded_bytes: 1 << 20, ..Limits::default() };
    let recipe = Recipe { limits, ..Recipe::default() };
    let picture = textured(1200, 900);
    for file in [
        plain(&picture.clone().into(), image::ImageFormat::Png),
        jpeg(&picture, turbojpeg::Subsamp::None, true),
    ] {
        assert_eq!(render(&file, &recipe), Err(Error::TooMuchMemory));
    }
    assert!(render(&camera_jpeg(&picture), &recipe).is_ok(), "a baseline JPEG is decoded by rows");
}

#[test]
fn a_jpeg_with_endless_passes_is_given_up() {
    let file = jpeg(&textured(600, 400), turbojpeg::Subsamp::Sub2x2, true);
    let last = file.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).expect("a scan");
    let (start, scan) = (&file[..last], &file[last..file.len() - 2]);
    let bomb = [start, &scan.repeat(1000), &[0xFF, 0xD9]].concat();
    let began = std::time::Instant::now();
    assert_eq!(render(&bomb, &Recipe::default()), Err(Error::TooManyScans));
    assert!(began.elapsed().as_secs() < 5);
}

#[test]
fn every_refusal_has_its_word() {
    let words = [
        (Refusal::Empty, "empty"),
        (Refusal::NotAnImage, "not_an_image"),
        (Refusal::UnsupportedFormat { name: "HEIC" }, "unsupported_format"),
        (Refusal::TooManyPixels { size: Size::new(9, 9), limit_megapixels: 1 }, "too_many_pixels"),
    ];
    for (refusal, word) in words {
        assert_eq!(refusal.reason(), word);
        assert_eq!(Error::from(refusal).reason(), word);
        assert_eq!(Error::from(refusal).to_string(), refusal.to_string());
    }
}
