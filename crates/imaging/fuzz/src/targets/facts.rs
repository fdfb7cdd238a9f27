//! What a file says of itself: its kind, its size, and the facts beside the picture.

use imaging::{Format, Limits, Metadata, Probe, Refusal};
use serde_json::Value;

use super::containers::{iptc_resource, jpeg_head, png_head, webp_head};
use super::pictures::limits;

/// No text out of a file is longer, in characters.
const LONGEST_TEXT: usize = 10_000;

/// The verdict on a beginning of a file is in keeping with that on the whole.
pub fn probe(bytes: &[u8]) {
    // The first two bytes say where the file is cut.
    let [high, low, file @ ..] = bytes else { return };
    let cut = usize::from(u16::from_be_bytes([*high, *low])).min(file.len());
    let whole = checked(file, &limits());
    let part = checked(&file[..cut], &limits());
    match (part, whole) {
        (Ok(part), Ok(whole)) => {
            assert!(
                part.format == whole.format || may_become(part.format, whole.format),
                "{part:?} {whole:?}"
            );
            // What is described piece by piece may go on beyond the cut.
            if !is_in_pieces(whole.format) {
                assert!(part.stored.is_none() || part.stored == whole.stored, "{part:?} {whole:?}");
                assert!(part.orientation == 1 || part.orientation == whole.orientation, "{part:?} {whole:?}");
            }
        }
        // Directories beyond the cut may show that a TIFF is RAW, and a size beyond it that it is too large.
        (Ok(part), Err(refusal)) => match refusal {
            Refusal::UnsupportedFormat { .. } => {
                assert!(part.format == Format::Tiff || is_in_pieces(part.format));
            }
            _ => assert!(part.stored.is_none() || is_in_pieces(part.format), "{part:?} {refusal:?}"),
        },
        (Err(refusal @ Refusal::TooManyPixels { .. }), Ok(whole)) => {
            assert!(is_in_pieces(whole.format), "{refusal:?} {whole:?}");
        }
        (Err(_), _) => {}
    }
}

fn is_in_pieces(format: Format) -> bool {
    matches!(format, Format::Raw(_) | Format::Heic | Format::Avif)
}

/// What a file that looks like one format turns out to be when there is more of it.
fn may_become(part: Format, whole: Format) -> bool {
    match whole {
        Format::Raw(_) => matches!(part, Format::Tiff | Format::Raw(_)),
        Format::Avif => part == Format::Heic,
        _ => false,
    }
}

fn checked(file: &[u8], limits: &Limits) -> Result<Probe, Refusal> {
    let verdict = imaging::probe(file, limits);
    let memory = imaging::memory_needed(file, limits);
    assert_eq!(memory > 0, verdict.is_ok());
    match &verdict {
        Ok(probe) => {
            assert!((1..=8).contains(&probe.orientation));
            for size in probe.stored.into_iter().chain(probe.displayed()) {
                assert!(size.width > 0 && size.height > 0);
                assert!(size.pixels() <= u64::from(limits.max_megapixels) * 1_000_000);
            }
        }
        Err(refusal) => assert!(!refusal.to_string().is_empty() && !refusal.reason().is_empty()),
    }
    verdict
}

/// Facts are clean, bounded, and survive the way to the worker and back.
pub fn metadata(bytes: &[u8]) {
    // The first byte says in which place of which container the rest stands.
    let [place, piece @ ..] = bytes else { return };
    let file = match place % 10 {
        0 => piece.to_vec(),
        1 => jpeg_head(0xE1, &[b"Exif\0\0", piece].concat()),
        2 => png_head(*b"eXIf", piece),
        3 => webp_head(*b"EXIF", piece),
        4 => jpeg_head(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0", piece].concat()),
        5 => png_head(*b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", piece].concat()),
        6 => webp_head(*b"XMP ", piece),
        7 => jpeg_head(0xED, piece),
        8 => jpeg_head(0xED, &iptc_resource(piece)),
        _ => jpeg_head(0xE1, piece),
    };
    check_facts(&imaging::read_metadata(&file));
}

/// Whether facts are fit for a database and a page.
pub fn check_facts(facts: &Metadata) {
    let written = serde_json::to_value(facts).expect("facts can be written");
    check_value(&written);
    assert_eq!(serde_json::from_value::<Metadata>(written).ok().as_ref(), Some(facts));
    if let Some(place) = facts.gps {
        assert!((-90.0..=90.0).contains(&place.latitude) && (-180.0..=180.0).contains(&place.longitude));
        assert!(place.altitude.is_none_or(|metres| metres.abs() < 100_000.0));
    }
    for number in [facts.exposure_seconds, facts.aperture, facts.focal_length_mm].into_iter().flatten() {
        assert!(number > 0.0 && number < 1e6);
    }
}

/// JSON has no infinities: a number that could not be written would be a null that can't be read again.
fn check_value(value: &Value) {
    match value {
        Value::String(text) => {
            assert!(!text.is_empty() && text.trim() == text, "{text:?}");
            assert!(text.chars().count() <= LONGEST_TEXT, "endless");
            assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'), "{text:?}");
        }
        Value::Array(all) => all.iter().for_each(check_value),
        Value::Object(all) => all.values().for_each(check_value),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
