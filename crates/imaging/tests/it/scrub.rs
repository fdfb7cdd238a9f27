//! Clean originals: what has to go is gone, what stays is the same, and no pixel changes.

use image::DynamicImage;
use imaging::{
    read_metadata,
    scrub::{Clean, Scrubbed, Unclean, clean, scrub},
};

use crate::{
    fixtures::{
        camera_jpeg, corners, described_jpeg, each, exif_orientation, plain, png, samples, textured, webp,
    },
    scrub_fixtures::{
        CAPTION, SECRETS, annotated_gif, annotated_heic, annotated_jpeg, annotated_png, annotated_tiff,
        annotated_webp, block,
    },
};

fn cleaned(original: &[u8]) -> (Clean, Vec<u8>) {
    let plan = clean(original).expect("a clean form");
    let mut all = Vec::new();
    assert!(plan.read(original, |part| all.extend_from_slice(part)));
    assert_eq!(all.len() as u64, plan.size);
    (plan, all)
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|part| part == text)
}

fn annotated() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("JPEG", annotated_jpeg()),
        ("PNG", annotated_png()),
        ("WebP", annotated_webp()),
        ("TIFF, low byte first", annotated_tiff(true)),
        ("TIFF, high byte first", annotated_tiff(false)),
        ("GIF", annotated_gif()),
    ]
}

#[test]
fn place_serial_numbers_owner_and_previews_are_gone_from_every_format() {
    for (name, original) in annotated() {
        let (plan, all) = cleaned(&original);
        assert!(!plan.is_unchanged(original.len() as u64), "{name}");
        for secret in SECRETS {
            assert!(!holds(&all, secret), "{name}: {}", String::from_utf8_lossy(secret));
        }
        // GIF alone has no place for any of them.
        let expected = SECRETS.iter().filter(|secret| holds(&original, secret)).count();
        assert!(expected >= if name == "GIF" { 1 } else { 5 }, "{name}: the test itself holds {expected}");
        assert_eq!(read_metadata(&all).gps, None, "{name}");
    }
}

#[test]
fn what_a_photographer_wrote_and_a_camera_measured_stays() {
    for (name, original) in annotated().into_iter().filter(|(name, _)| *name != "GIF") {
        let (before, after) = (read_metadata(&original), read_metadata(&cleaned(&original).1));
        assert!(before.gps.is_some() && before.lens.is_some(), "{name}: {before:?}");
        assert_eq!(after, imaging::Metadata { gps: None, ..before }, "{name}");
        assert!(holds(&cleaned(&original).1, CAPTION), "{name}");
    }
}

#[test]
fn no_pixel_changes() {
    for (name, original) in annotated() {
        let decoded = |bytes: &[u8]| image::load_from_memory(bytes).expect("a picture");
        assert_eq!(decoded(&original), decoded(&cleaned(&original).1), "{name}");
    }
}

#[test]
fn a_clean_file_is_left_as_it_is() {
    for (name, original) in annotated() {
        let (_, all) = cleaned(&original);
        assert!(clean(&all).expect("clean").is_unchanged(all.len() as u64), "{name}");
    }
    let picture = DynamicImage::ImageRgb8(textured(40, 30));
    let profile = moxcms::ColorProfile::new_display_p3().encode().expect("a profile");
    for original in [
        camera_jpeg(&textured(40, 30)),
        png(&picture, Some(exif_orientation(6)), Some(profile.clone())),
        webp(&picture, None, Some(profile)),
        plain(&picture, image::ImageFormat::Gif),
        plain(&picture, image::ImageFormat::Bmp),
        plain(&picture, image::ImageFormat::Tiff),
    ] {
        assert!(clean(&original).expect("clean").is_unchanged(original.len() as u64));
    }
}

#[test]
fn in_a_heic_everything_stays_in_its_place_and_metadata_becomes_shorter_in_its_own() {
    let original = annotated_heic();
    let (_, all) = cleaned(&original);
    assert_eq!(all.len(), original.len());
    for secret in SECRETS {
        assert!(!holds(&all, secret), "{}", String::from_utf8_lossy(secret));
    }
    assert!(SECRETS.iter().all(|secret| holds(&original, secret)), "the test itself holds them");
    for kept in [&b"PIXELS OF A PICTURE"[..], CAPTION, b"Planar 80mm", b"ispe", b"free"] {
        assert!(holds(&all, kept), "{}", String::from_utf8_lossy(kept));
    }
    let place = |file: &[u8]| file.windows(6).position(|part| part == b"PIXELS");
    assert_eq!(place(&original), place(&all));
    assert!(clean(&all).expect("clean").is_unchanged(all.len() as u64));
}

#[test]
fn what_follows_the_picture_is_gone() {
    let picture = DynamicImage::ImageRgb8(corners(24, 16));
    for original in [
        camera_jpeg(&corners(24, 16)),
        png(&picture, None, None),
        webp(&picture, None, None),
        plain(&picture, image::ImageFormat::Gif),
        plain(&picture, image::ImageFormat::Bmp),
        plain(&picture, image::ImageFormat::Tiff),
    ] {
        let longer = [&original[..], b"ftypmp42 a film with a place"].concat();
        assert_eq!(cleaned(&longer).1, original);
    }
}

#[test]
fn a_webp_announces_no_block_that_is_gone() {
    // Nothing but a pointer to the place.
    let place = b"II*\0\x08\0\0\0\x01\0\x25\x88\x04\0\x01\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    let picture = DynamicImage::ImageRgb8(corners(20, 10));
    let original = webp(&picture, Some(place), None);
    let (_, all) = cleaned(&original);
    let announced = |file: &[u8]| (&file[12..16] == b"VP8X").then_some(file[20] & 0x08);
    assert_eq!((announced(&original), announced(&all)), (Some(0x08), Some(0)));
    assert!(holds(&original, b"EXIF") && !holds(&all, b"EXIF"));
}

#[test]
fn pictures_with_parts_that_nobody_knows_are_refused() {
    let mut file = png(&DynamicImage::ImageRgb8(corners(20, 10)), None, None);
    // Behind the header; a capital letter says that it must be understood.
    file.splice(33..33, *b"\0\0\0\x01ABCDx\0\0\0\0");
    assert_eq!(clean(&file), Err(Unclean::Damaged));
    let chunk = |name: &[u8], body: &[u8]| [name, &(body.len() as u32).to_le_bytes(), body].concat();
    let frame =
        |inside: &[u8]| chunk(b"ANMF", &[&[0; 16][..], &chunk(b"VP8 ", b"picture."), inside].concat());
    let animation = |inside: &[u8]| {
        let chunks =
            [&b"WEBP"[..], &chunk(b"VP8X", &[2, 0, 0, 0, 0, 0, 0, 0, 0, 0]), &frame(inside)].concat();
        chunk(b"RIFF", &chunks)
    };
    assert!(clean(&animation(b"")).is_ok());
    assert_eq!(clean(&animation(&chunk(b"EXIF", b"II*\0pl"))), Err(Unclean::Damaged));
}

#[test]
fn of_a_block_that_comes_twice_the_first_counts() {
    let picture = corners(20, 10);
    let described = |orientation| described_jpeg(&picture, Some(exif_orientation(orientation)), None);
    let [first, second] = [described(6), described(3)];
    let name = first.windows(6).position(|part| part == b"Exif\0\0").expect("a block");
    let end = name - 2 + usize::from(u16::from_be_bytes([first[name - 2], first[name - 1]]));
    let both = [&first[..end], &second[2..]].concat();
    assert_eq!(cleaned(&both).1, cleaned(&first).1);
}

#[test]
fn a_camera_that_turns_its_photos_still_does() {
    for orientation in 1..=8 {
        let file = described_jpeg(&corners(20, 10), Some(exif_orientation(orientation)), None);
        let (_, all) = cleaned(&file);
        let probed = imaging::probe(&all, &imaging::Limits::default()).expect("a picture");
        assert_eq!(u16::from(probed.orientation), orientation);
    }
}

#[test]
fn checksums_are_those_of_the_clean_bytes() {
    let original = annotated_jpeg();
    let (_, all) = cleaned(&original);
    let Scrubbed::Clean { plan, sha256, crc32 } = scrub(&original) else { panic!("a clean form") };
    assert_eq!(plan.size, all.len() as u64);
    let Scrubbed::Clean { sha256: again, crc32: crc_again, .. } = scrub(&all) else { panic!("a clean form") };
    assert_eq!((sha256, crc32), (again, crc_again));
    // Both known from elsewhere, for nine digits.
    assert_eq!(crc32fast::hash(b"123456789"), 0xCBF4_3926);
    assert_eq!(crc32, crc32fast::hash(&all));
}

#[test]
fn what_can_not_be_cleaned_says_so_in_words() {
    let tiff = annotated_tiff(true);
    let cut_jpeg = &annotated_jpeg()[..300];
    for (bytes, reason) in [
        (&b"II*\0\x10\0\0\0CR\x02\0"[..], "unknown_format"),
        (&b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..], "damaged"),
        (b"no picture", "unknown_format"),
        (cut_jpeg, "damaged"),
        (&tiff[..tiff.len() / 2], "damaged"),
    ] {
        let fault = clean(bytes).expect_err("no clean form");
        assert_eq!(fault.reason(), reason);
        assert!(fault.to_string().ends_with('.'), "{fault}");
        let Scrubbed::Unclean { detail, .. } = scrub(bytes) else { panic!("no clean form") };
        assert_eq!(detail, fault.to_string());
    }
    assert_eq!(clean(b""), Err(Unclean::UnknownFormat { name: "no picture that is known here" }));
}

#[test]
fn directories_that_lead_back_to_themselves_are_refused() {
    let mut block = block(true);
    // The pointer to the exposure, back to the first directory.
    let pointer = block.windows(4).position(|part| part == [0x69, 0x87, 4, 0]).expect("a pointer");
    block[pointer + 8..pointer + 12].copy_from_slice(&8_u32.to_le_bytes());
    assert!(clean(&block).is_err());
    let file = crate::fixtures::described_jpeg(&corners(20, 10), Some(block), None);
    let (_, all) = cleaned(&file);
    assert!(clean(&all).expect("clean").is_unchanged(all.len() as u64));
}

#[test]
fn real_photos_keep_their_pixels_and_facts_and_lose_their_place() {
    let Some(folder) = samples("photos") else { return };
    let files: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").flatten().map(|file| file.path()).collect();
    let faults = each(&files, |path| {
        let original = std::fs::read(path).expect("a file");
        let Ok(plan) = clean(&original) else { return None };
        let mut all = Vec::new();
        assert!(plan.read(&original, |part| all.extend_from_slice(part)));
        let (before, after) = (read_metadata(&original), read_metadata(&all));
        let decoded = |bytes: &[u8]| image::load_from_memory(bytes).ok();
        let small = serde_json::to_string(&plan).expect("JSON").len() < 100_000;
        // Its IPTC is a profile in the form of text, which goes whole.
        let loses_words = path.ends_with("pentax-k3-sunrise-gps.png");
        let right = (loses_words || after == imaging::Metadata { gps: None, ..before })
            && after.gps.is_none()
            && decoded(&original) == decoded(&all)
            && clean(&all).is_ok_and(|again| again.is_unchanged(all.len() as u64))
            && small;
        (!right).then(|| path.display().to_string())
    });
    assert!(files.len() > 100 && faults.is_empty(), "{faults:#?}");
}
