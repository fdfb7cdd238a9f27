//! The facts in EXIF blocks, sound and broken, as they are read.

use imaging::{Metadata, read_metadata};

use crate::fixtures::{corners, described_jpeg, directory, png};

/// An EXIF block with text, numbers and a place, at fixed offsets.
fn full_block() -> Vec<u8> {
    let rationals: [(u32, u32); 10] =
        [(1, 250), (28, 10), (35, 1), (41, 1), (24, 1), (3600, 100), (2, 1), (10, 1), (30, 1), (655, 10)];
    // Directories first, then the values they point to.
    let (main_at, exif_at, gps_at, values_at) = (8_u32, 80_u32, 200_u32, 320_u32);
    let text_at = values_at + 80;
    let texts: [&[u8]; 4] =
        [b"Ansel Cameras \0\0", b"Zone VI\0\0", b"2026:11:22 08:15:30\0", b"Planar 80mm\0"];
    let place = |index: usize| {
        text_at + u32::try_from(texts[..index].iter().map(|text| text.len()).sum::<usize>()).expect("small")
    };
    let length = |index: usize| u32::try_from(texts[index].len()).expect("small");
    let main = directory(&[
        (271, 2, length(0), place(0)),
        (272, 2, length(1), place(1)),
        (34_665, 4, 1, exif_at),
        (34_853, 4, 1, gps_at),
    ]);
    let exif = directory(&[
        (33_434, 5, 1, values_at),
        (33_437, 5, 1, values_at + 8),
        (34_855, 3, 1, 400),
        (36_867, 2, length(2), place(2)),
        (37_386, 5, 1, values_at + 16),
        (42_036, 2, length(3), place(3)),
    ]);
    let gps = directory(&[
        (1, 2, 2, u32::from(b'N')),
        (2, 5, 3, values_at + 24),
        (3, 2, 2, u32::from(b'W')),
        (4, 5, 3, values_at + 48),
        (5, 1, 1, 1),
        (6, 5, 1, values_at + 72),
    ]);
    let mut block = b"II*\0\x08\0\0\0".to_vec();
    for (at, bytes) in [(main_at, main), (exif_at, exif), (gps_at, gps)] {
        block.resize(at as usize, 0);
        block.extend(bytes);
    }
    block.resize(values_at as usize, 0);
    for (above, below) in rationals {
        block.extend([above.to_le_bytes(), below.to_le_bytes()].concat());
    }
    block.extend(texts.concat());
    block
}

fn close(found: Option<f64>, expected: f64) -> bool {
    found.is_some_and(|found| (found - expected).abs() < 1e-6)
}

#[test]
fn every_fact_is_read_from_every_container() {
    let picture = corners(20, 10);
    for file in [
        described_jpeg(&picture, Some(full_block()), None),
        png(&picture.clone().into(), Some(full_block()), None),
        full_block(),
    ] {
        let facts = read_metadata(&file);
        assert_eq!(facts.make.as_deref(), Some("Ansel Cameras"));
        assert_eq!(facts.model.as_deref(), Some("Zone VI"));
        assert_eq!(facts.lens.as_deref(), Some("Planar 80mm"));
        assert_eq!(facts.iso, Some(400));
        assert!(close(facts.exposure_seconds, 0.004) && close(facts.aperture, 2.8), "{facts:?}");
        assert!(close(facts.focal_length_mm, 35.0), "{facts:?}");
        assert_eq!(facts.taken_at.as_deref(), Some("2026-11-22T08:15:30"));
        let place = facts.gps.expect("a place");
        assert!(close(Some(place.latitude), 41.0 + 24.0 / 60.0 + 36.0 / 3600.0), "{place:?}");
        assert!(close(Some(place.longitude), -(2.0 + 10.0 / 60.0 + 30.0 / 3600.0)), "{place:?}");
        assert!(close(place.altitude, -65.5), "{place:?}");
    }
}

#[test]
fn a_height_that_nobody_can_be_at_is_none() {
    let mut block = full_block();
    // The last value, whose type becomes that of numbers with a sign.
    let (kind_at, height_at) = (200 + 2 + 5 * 12 + 2, 320 + 9 * 8);
    block[kind_at] = 10;
    for (metres, known) in [(-430_i32, true), (-2_000_000_000, false), (2_000_000_000, false)] {
        block[height_at..height_at + 8]
            .copy_from_slice(&[metres.to_le_bytes(), 1_i32.to_le_bytes()].concat());
        let place = read_metadata(&block).gps.expect("a place");
        assert_eq!(place.altitude.is_some(), known, "{metres}");
    }
}

#[test]
fn files_without_facts_have_none() {
    for file in [described_jpeg(&corners(20, 10), None, None), Vec::new(), b"II*\0\xFF\xFF\xFF\xFF".to_vec()]
    {
        assert_eq!(read_metadata(&file), Metadata::default());
    }
}

#[test]
fn facts_are_written_as_plain_json() {
    let facts = read_metadata(&full_block());
    let text = serde_json::to_string(&facts).expect("JSON");
    assert_eq!(serde_json::from_str::<Metadata>(&text).expect("the same"), facts);
}

#[test]
fn of_many_pointers_one_is_followed() {
    // The reader of EXIF follows each, and makes a gigabyte of 64 kilobytes that point at themselves.
    let main =
        directory(&[(271, 2, 4, u32::from_le_bytes(*b"Ana\0")), (34_665, 4, 1, 50), (34_665, 4, 1, 68)]);
    let (first, second) =
        (directory(&[(34_855, 3, 1, 400)]), directory(&[(42_036, 2, 4, u32::from_le_bytes(*b"Lens"))]));
    let block = [&b"II*\0\x08\0\0\0"[..], &main, &first, &second].concat();
    let metadata = read_metadata(&described_jpeg(&corners(10, 8), Some(block), None));
    assert_eq!((metadata.make.as_deref(), metadata.iso, metadata.lens), (Some("Ana"), Some(400), None));
}
