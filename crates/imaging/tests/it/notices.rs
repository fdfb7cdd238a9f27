//! What a rendition says beside its picture: a colour profile, a copyright notice where it is wished, nothing else.

use exif::{In, Tag, Value};
use image::DynamicImage;
use imaging::{Kind, Recipe, render};

use crate::blocks::*;
use crate::fixtures::{corners, described_jpeg, pixels, png, rendition};

const NOTICE: &str = "© 2026 Ana Pérez";
/// Stands in every block of the originals, and must stand in no rendition.
const SECRET: &[u8] = b"SN-0042-SECRET";

fn exif() -> Vec<u8> {
    let notice = [NOTICE.as_bytes(), b"\0"].concat();
    let secret = [SECRET, b"\0"].concat();
    exif_texts(&[(270, &secret), (271, &secret), (315, &secret), (33_432, &notice), (42_033, &secret)])
}

/// Originals with everything that can stand beside a picture, and whether a colour profile does.
fn originals() -> Vec<(&'static str, Vec<u8>, bool)> {
    let secret = String::from_utf8_lossy(SECRET);
    let packet = xmp(
        &format!("aux:Lens='{secret}' aux:SerialNumber='{secret}'"),
        &format!("<dc:title>{secret}</dc:title><dc:rights>{NOTICE}</dc:rights>"),
    );
    let iptc = iim(&[(2, 5, SECRET), (2, 25, SECRET), (2, 116, NOTICE.as_bytes())]);
    let profile = moxcms::ColorProfile::new_display_p3().encode().expect("a profile");
    let whole = DynamicImage::ImageRgb8(corners(30, 20));
    let tiff = tiff_with(
        &[
            (256, 4, 1, 4),
            (257, 4, 1, 1),
            (258, 3, 1, 8),
            (259, 3, 1, 1),
            (262, 3, 1, 1),
            (273, 4, 1, 8),
            (277, 3, 1, 1),
            (279, 4, 1, 4),
        ],
        &[(270, 2, SECRET), (700, 1, &packet), (33_723, 7, &iptc)],
    );
    vec![
        ("JPEG", described_jpeg(&corners(30, 20), Some(exif()), Some(profile.clone())), true),
        (
            "JPEG with every segment",
            jpeg_with(&[
                app1_exif(&exif()),
                app1_xmp(&packet),
                app13(&resources(&iptc)),
                (0xE5, SECRET.to_vec()),
                (0xFE, SECRET.to_vec()),
            ]),
            false,
        ),
        ("PNG", png(&whole, Some(exif()), Some(profile)), true),
        (
            "PNG with texts",
            png_with(&[itxt_xmp(&packet, true), (b"tEXt", [b"Author\0", SECRET].concat())]),
            false,
        ),
        ("WebP", webp_with(*b"XMP ", &packet), false),
        ("TIFF", tiff, false),
    ]
}

/// Marker and body of each segment up to the end of the file.
fn segments(jpeg: &[u8]) -> Vec<(u8, &[u8])> {
    assert!(jpeg.starts_with(&[0xFF, 0xD8]) && jpeg.ends_with(&[0xFF, 0xD9]));
    let mut found = Vec::new();
    let mut at = 2;
    while jpeg[at + 1] != 0xDA {
        assert_eq!(jpeg[at], 0xFF, "a marker");
        let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        found.push((jpeg[at + 1], &jpeg[at + 4..at + 2 + length]));
        at += 2 + length;
    }
    // In the scan only stuffed bytes and restarts follow an FF.
    let scan = &jpeg[at + 2..jpeg.len() - 2];
    assert!(scan.windows(2).all(|pair| pair[0] != 0xFF || matches!(pair[1], 0x00 | 0xD0..=0xD7)));
    found
}

/// The segments that are not needed to show the picture.
fn extras(jpeg: &[u8]) -> Vec<(u8, &[u8])> {
    let needed = |marker| matches!(marker, 0xC0 | 0xC4 | 0xDB | 0xDD);
    segments(jpeg).into_iter().filter(|(marker, _)| !needed(*marker)).collect()
}

#[test]
fn renditions_carry_a_profile_and_nothing_else() {
    for (name, file, profile) in originals() {
        let rendered = render(&file, &Recipe::default()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(rendered.metadata.copyright.as_deref(), Some(NOTICE), "{name}");
        for made in &rendered.renditions {
            let extras = extras(&made.file);
            let markers: Vec<u8> = extras.iter().map(|(marker, _)| *marker).collect();
            assert_eq!(markers, if profile { vec![0xE0, 0xE2] } else { vec![0xE0] }, "{name}");
            // JFIF may hold a small picture of its own.
            assert!(extras[0].1.starts_with(b"JFIF\0") && extras[0].1.len() == 14, "{name}");
            assert!(extras[1..].iter().all(|(_, body)| body.starts_with(b"ICC_PROFILE\0")), "{name}");
        }
    }
}

#[test]
fn where_it_is_wished_they_name_whose_the_rights_are() {
    let recipe = Recipe { keep_copyright: true, ..Recipe::default() };
    for (name, file, profile) in originals() {
        let rendered = render(&file, &recipe).expect("renditions");
        let plain = render(&file, &Recipe::default()).expect("renditions");
        assert_eq!(rendered.metadata, plain.metadata, "{name}");
        for (made, plain) in rendered.renditions.iter().zip(&plain.renditions) {
            let extras = extras(&made.file);
            let markers: Vec<u8> = extras.iter().map(|(marker, _)| *marker).collect();
            assert_eq!(markers, if profile { vec![0xE0, 0xE1, 0xE2] } else { vec![0xE0, 0xE1] }, "{name}");
            let block = extras[1].1.strip_prefix(b"Exif\0\0").expect("EXIF").to_vec();
            let length = block.len();
            let exif = exif::Reader::new().read_raw(block).expect("sound EXIF");
            assert_eq!(exif.fields().count(), 1, "{name}");
            let field = exif.get_field(Tag::Copyright, In::PRIMARY).expect("a notice");
            let Value::Ascii(parts) = &field.value else { panic!("{name}: text") };
            assert_eq!(parts.as_slice(), [NOTICE.as_bytes().to_vec()], "{name}");
            // The header, a directory with one entry, its text, and not a byte more.
            assert_eq!(length, 26 + NOTICE.len() + 1, "{name}");
            let secret = made.file.windows(SECRET.len()).any(|bytes| bytes == SECRET);
            assert!(!secret, "{name}");
            assert_eq!(made.file.len() - plain.file.len(), length + 10, "the rest is as it was");
            assert_eq!(pixels(made), pixels(plain), "{name}");
        }
    }
}

#[test]
fn originals_without_a_notice_get_none() {
    let recipe = Recipe { keep_copyright: true, ..Recipe::default() };
    let file = jpeg_with(&[app1_exif(&exif_texts(&[(315, b"Ana Perez\0")]))]);
    assert_eq!(render(&file, &recipe), render(&file, &Recipe::default()));
    let short = app1_xmp(&xmp("", "<dc:rights>A</dc:rights>"));
    let rendered = render(&jpeg_with(&[short]), &recipe).expect("renditions");
    let block = extras(&rendition(&rendered, Kind::Thumbnail, true).file)[1].1[6..].to_vec();
    assert!(exif::Reader::new().read_raw(block).is_ok(), "a notice of one letter is sound too");
}
