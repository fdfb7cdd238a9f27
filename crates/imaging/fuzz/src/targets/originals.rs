//! Originals for other eyes: whatever the file, a clean form tells no place and is left alone from then on.

use imaging::scrub::{Clean, Scrubbed, clean};
use imaging::{Probe, probe, read_metadata};

use super::containers::{begun, iptc_resource, jpeg_segment, mended_png};
use super::pictures::{limits, webp};

const PICTURE: &[u8] = include_bytes!("pictures/rgb.jpg");

/// A clean form is the same picture without its place, and clean.
pub fn scrub(bytes: &[u8]) {
    // The first byte says in which place of which container the rest stands.
    let [place, piece @ ..] = bytes else { return };
    let file = match place % 8 {
        0 => jpeg_with(0xE1, &[b"Exif\0\0", piece].concat()),
        1 => jpeg_with(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0", piece].concat()),
        2 => jpeg_with(0xED, &iptc_resource(piece)),
        3 => jpeg_with(0xED, piece),
        4 => mended_png(piece),
        5 => begun(piece, b"II*\0"),
        6 => webp(piece),
        _ => piece.to_vec(),
    };
    let Ok(plan) = clean(&file) else { return };
    let new = read(&plan, &file);
    assert_eq!(new.len() as u64, plan.size);
    let again = clean(&new).expect("what is clean can be cleaned");
    assert!(again.is_unchanged(plan.size), "clean once is clean for ever: {again:?}");
    assert_eq!(read_metadata(&new).gps, None);
    let (before, after) = (probe(&file, &limits()), probe(&new, &limits()));
    let seen = |probed: Probe| (probed.stored, probed.orientation);
    assert_eq!(before.map(seen), after.map(seen));
    let whole = imaging::scrub::scrub(&file);
    let json = serde_json::to_string(&whole).expect("it can be written");
    assert_eq!(serde_json::from_str::<Scrubbed>(&json).ok(), Some(whole));
}

fn jpeg_with(marker: u8, body: &[u8]) -> Vec<u8> {
    [&PICTURE[..2], &jpeg_segment(marker, body), &PICTURE[2..]].concat()
}

fn read(plan: &Clean, original: &[u8]) -> Vec<u8> {
    let mut new = Vec::new();
    assert!(plan.read(original, |part| new.extend_from_slice(part)), "the plan is of this original");
    new
}
