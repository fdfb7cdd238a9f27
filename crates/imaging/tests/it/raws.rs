//! RAW files, which are shown by the picture that the camera laid into them.

use imaging::{
    Error, Format, Kind, Limits, RawKind, Recipe, Size, memory_needed, probe, read_metadata, render,
};

use crate::fixtures::{
    camera_jpeg, corners, described_jpeg, difference, directory, exif_orientation, fine, pixels, rendition,
    tiff,
};

const WIDTH: u32 = 1200;
const HEIGHT: u32 = 802;

fn embedded() -> Vec<u8> {
    camera_jpeg(&corners(WIDTH, HEIGHT))
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("a small file")
}

/// A TIFF whose first directory names a maker, an orientation and an inner directory with a JPEG; the data of the sensor
/// is said to be in the first.
fn nikon(jpeg: &[u8], orientation: u32) -> Vec<u8> {
    let maker = b"NIKON CORPORATION\0";
    let maker_at = 8;
    let jpeg_at = maker_at + length(maker);
    let inner_at = jpeg_at + length(jpeg);
    let inner = directory(&[(513, 4, 1, jpeg_at), (514, 4, 1, length(jpeg))]);
    let first = directory(&[
        (262, 3, 1, 32_803),
        (271, 2, length(maker), maker_at),
        (274, 3, 1, orientation),
        (330, 4, 1, inner_at),
    ]);
    let first_at = inner_at + length(&inner);
    [&b"II*\0"[..], &first_at.to_le_bytes()[..], maker, jpeg, &inner, &first].concat()
}

/// A box around what is inside.
fn boxed(kind: [u8; 4], inside: &[u8]) -> Vec<u8> {
    [&(length(inside) + 8).to_be_bytes()[..], &kind, inside].concat()
}

/// A CR3: metadata apart in two small TIFFs, a track whose sample is the JPEG.
fn canon(jpeg: &[u8], orientation: u32) -> Vec<u8> {
    const METADATA: [u8; 16] =
        [0x85, 0xC0, 0xB6, 0x87, 0x82, 0x0F, 0x11, 0xE0, 0x81, 0x11, 0xF4, 0xCE, 0x46, 0x2B, 0x6A, 0x48];
    let main =
        [&b"II*\0\x08\0\0\0"[..], &directory(&[(271, 2, 4, 0x006E_6F43), (274, 3, 1, orientation)])[..]]
            .concat();
    let values = [1_u32.to_le_bytes(), 250_u32.to_le_bytes()].concat();
    let inner = [&b"II*\0\x10\0\0\0"[..], &values[..], &directory(&[(33_434, 5, 1, 8), (34_855, 3, 1, 400)])]
        .concat();
    let metadata = [&METADATA[..], &boxed(*b"CMT1", &main), &boxed(*b"CMT2", &inner)].concat();
    let file = |at: u64| {
        let sizes =
            [&[0; 4][..], &0_u32.to_be_bytes(), &1_u32.to_be_bytes(), &length(jpeg).to_be_bytes()].concat();
        let offsets = [&[0; 4][..], &1_u32.to_be_bytes(), &at.to_be_bytes()].concat();
        let table = boxed(*b"stbl", &[boxed(*b"stsz", &sizes), boxed(*b"co64", &offsets)].concat());
        let track = boxed(*b"trak", &boxed(*b"mdia", &boxed(*b"minf", &table)));
        let movie = boxed(*b"moov", &[boxed(*b"uuid", &metadata), track].concat());
        [boxed(*b"ftyp", b"crx \0\0\0\x01crx isom"), movie].concat()
    };
    let at = file(0).len() as u64 + 8;
    [file(at), boxed(*b"mdat", jpeg)].concat()
}

/// A RAF, whose header says where the JPEG is.
fn fuji(jpeg: &[u8]) -> Vec<u8> {
    let mut header = [0; 108];
    header[..15].copy_from_slice(b"FUJIFILMCCD-RAW");
    header[84..88].copy_from_slice(&108_u32.to_be_bytes());
    header[88..92].copy_from_slice(&length(jpeg).to_be_bytes());
    [&header[..], jpeg, &[7; 500]].concat()
}

/// An RW2, which has a number of its own in its header and the JPEG as the value of a tag.
fn panasonic(jpeg: &[u8], orientation: u32) -> Vec<u8> {
    let first = directory(&[(46, 7, length(jpeg), 8), (274, 3, 1, orientation)]);
    [&b"IIU\0"[..], &(8 + length(jpeg)).to_le_bytes()[..], jpeg, &first].concat()
}

#[test]
fn every_camera_s_picture_is_found_and_turned() {
    let jpeg = embedded();
    let turned = described_jpeg(&corners(WIDTH, HEIGHT), Some(exif_orientation(6)), None);
    let olympus = [&b"IIRO\x08\0\0\0"[..], &directory(&[(274, 3, 1, 6)])[..], &[0xFF; 40], &jpeg].concat();
    let files = [
        (nikon(&jpeg, 6), RawKind::Nef),
        (canon(&jpeg, 6), RawKind::Cr3),
        (fuji(&turned), RawKind::Raf),
        (panasonic(&jpeg, 6), RawKind::Rw2),
        (olympus, RawKind::Orf),
    ];
    let mut upright = image::DynamicImage::ImageRgb8(corners(WIDTH, HEIGHT));
    upright.apply_orientation(image::metadata::Orientation::Rotate90);
    let upright = upright.into_rgb8();
    for (file, kind) in files {
        let probed = probe(&file, &Limits::default()).expect("a RAW file");
        assert_eq!((probed.format, probed.orientation), (Format::Raw(kind), 6));
        if kind != RawKind::Orf {
            assert_eq!(probed.displayed(), Some(Size::new(HEIGHT, WIDTH)), "{}", kind.name());
        }
        assert!(memory_needed(&file, &Limits::default()) > u64::from(WIDTH * HEIGHT));
        let rendered = render(&file, &fine()).expect("renditions");
        assert_eq!(rendered.displayed, Size::new(HEIGHT, WIDTH), "{}", kind.name());
        let off = difference(&pixels(rendition(&rendered, Kind::Preview, false)), &upright);
        assert!(off < 2.0, "{}: {off}", kind.name());
    }
}

#[test]
fn facts_are_read_from_the_raw_file() {
    assert_eq!(read_metadata(&nikon(&embedded(), 1)).make.as_deref(), Some("NIKON CORPORATION"));
    let canon = read_metadata(&canon(&embedded(), 1));
    assert_eq!((canon.make.as_deref(), canon.iso), (Some("Con"), Some(400)));
    assert!(canon.exposure_seconds.is_some_and(|seconds| (seconds - 0.004).abs() < 1e-9));
}

#[test]
fn the_largest_picture_is_shown_not_the_first() {
    let small = camera_jpeg(&corners(160, 107));
    let mut file = nikon(&embedded(), 1);
    // A thumbnail in a directory that follows the first.
    let next_at = file.len() - 4;
    let at = length(&file);
    let thumbnail = directory(&[(513, 4, 1, at + 30), (514, 4, 1, length(&small))]);
    file[next_at..].copy_from_slice(&at.to_le_bytes());
    file.extend(thumbnail);
    file.extend(small);
    assert_eq!(render(&file, &fine()).map(|rendered| rendered.displayed), Ok(Size::new(WIDTH, HEIGHT)));
}

#[test]
fn a_picture_that_is_too_small_is_not_shown_as_the_photo() {
    let file = nikon(&camera_jpeg(&corners(640, 427)), 1);
    let refused = render(&file, &Recipe::default()).expect_err("only a thumbnail");
    assert_eq!((refused.clone(), refused.reason()), (Error::NoPreview, "no_preview"));
    assert!(refused.to_string().contains("export the photo as JPEG"));
    let none = nikon(b"no picture at all", 1);
    assert_eq!(render(&none, &Recipe::default()), Err(Error::NoPreview));
}

#[test]
fn of_the_beginning_of_a_file_no_wrong_size_is_told() {
    let file = nikon(&embedded(), 1);
    let probed = probe(&file[..4000], &Limits::default());
    assert!(!probed.is_ok_and(|probed| probed.stored.is_some_and(|size| size != Size::new(WIDTH, HEIGHT))));
    let canon = canon(&embedded(), 1);
    let head = canon.windows(4).position(|kind| kind == b"mdat").expect("the data");
    assert_eq!(probe(&canon[..head], &Limits::default()).map(|probed| probed.stored), Ok(None));
}

#[test]
fn every_cut_of_a_raw_file_ends_well() {
    let small = camera_jpeg(&corners(40, 30));
    for file in [nikon(&small, 6), canon(&small, 6), fuji(&small), panasonic(&small, 6)] {
        for end in 0..file.len() {
            assert!(render(&file[..end], &Recipe::default()).is_err());
            read_metadata(&file[..end]);
        }
    }
}

#[test]
fn every_kind_is_known_by_its_beginning() {
    let mut dng = tiff(&corners(4, 4), 1);
    let orientation = dng.windows(2).rposition(|pair| pair == 274_u16.to_le_bytes()).expect("the tag");
    dng[orientation..orientation + 2].copy_from_slice(&50_706_u16.to_le_bytes());
    let known: [(&[u8], RawKind); 6] = [
        (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", RawKind::Cr3),
        (b"II*\0\x10\0\0\0CR\x02\0", RawKind::Cr2),
        (b"FUJIFILMCCD-RAW 0201", RawKind::Raf),
        (b"IIRO\x08\0\0\0", RawKind::Orf),
        (b"IIU\0\x18\0\0\0", RawKind::Rw2),
        (&dng, RawKind::Dng),
    ];
    for (bytes, kind) in known {
        assert_eq!(probe(bytes, &Limits::default()).map(|found| found.format), Ok(Format::Raw(kind)));
    }
}
