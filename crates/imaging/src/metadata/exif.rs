//! The facts in an EXIF block (Exif 3.0), whose form is that of a small TIFF.

use exif::{Context, Exif, In, Tag, Value};

use super::words::{self, Words};
use super::{Gps, Metadata, date, text};
use crate::containers::distilled::distilled;

/// Stars, in a tag of Microsoft's that many programs write.
const RATING: Tag = Tag(Context::Tiff, 0x4746);

/// Reads a block, also one that is broken, as far as it goes.
pub(super) fn parse(block: &[u8]) -> Option<Exif> {
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    match reader.read_raw(distilled(block)?) {
        Ok(exif) => Some(exif),
        Err(exif::Error::PartialResult(partial)) => Some(partial.into_inner().0),
        Err(_) => None,
    }
}

/// What the camera wrote.
pub(super) fn facts(exif: &Exif) -> Metadata {
    let taken_at = text_of(exif, Tag::DateTimeOriginal).and_then(|text| date::local(&text));
    let beside = |tag| taken_at.as_ref().and_then(|_| text_of(exif, tag));
    Metadata {
        make: text_of(exif, Tag::Make),
        model: text_of(exif, Tag::Model),
        lens: text_of(exif, Tag::LensModel),
        iso: iso(exif),
        exposure_seconds: positive(exif, Tag::ExposureTime),
        aperture: positive(exif, Tag::FNumber),
        focal_length_mm: positive(exif, Tag::FocalLength),
        taken_at_fraction: beside(Tag::SubSecTimeOriginal).and_then(|text| date::fraction(&text)),
        taken_at_offset: beside(Tag::OffsetTimeOriginal).and_then(|text| date::offset(&text)),
        taken_at,
        gps: gps(exif),
        ..Metadata::default()
    }
}

/// What people wrote.
pub(super) fn words(exif: &Exif) -> Words {
    let text = |tag| ascii(exif, tag)?.first().map(|bytes| text::decoded(bytes));
    // A photographer's notice and an editor's stand in one field.
    let notices = ascii(exif, Tag::Copyright).into_iter().flatten().map(|bytes| text::decoded(bytes));
    let notices: Vec<_> = notices.collect();
    Words {
        caption: text(Tag::ImageDescription).and_then(|text| words::caption(&text)),
        rating: number_of(exif, RATING).and_then(words::rating),
        creator: text(Tag::Artist).and_then(|text| words::name(&text)),
        copyright: words::names(notices.iter().map(|notice| &**notice)),
        ..Words::default()
    }
}

/// Cameras of before EXIF, and RAW files (TIFF/EP, ISO 12234-2), have in the first directory what EXIF has in its own.
fn value(exif: &Exif, tag: Tag) -> Option<&Value> {
    let first = (tag.context() == Context::Exif).then(|| Tag(Context::Tiff, tag.number()));
    let field = |tag| exif.get_field(tag, In::PRIMARY);
    field(tag).or_else(|| field(first?)).map(|field| &field.value)
}

fn ascii(exif: &Exif, tag: Tag) -> Option<&[Vec<u8>]> {
    match value(exif, tag)? {
        Value::Ascii(parts) => Some(parts),
        _ => None,
    }
}

fn text_of(exif: &Exif, tag: Tag) -> Option<String> {
    text::readable(ascii(exif, tag)?.first()?)
}

/// Old cameras have one number; new ones write 65535 there and the true one beside it.
fn iso(exif: &Exif) -> Option<u32> {
    [
        Tag::PhotographicSensitivity,
        Tag::RecommendedExposureIndex,
        Tag::StandardOutputSensitivity,
        Tag::ISOSpeed,
    ]
    .into_iter()
    .filter_map(|tag| value(exif, tag)?.get_uint(0))
    .find(|iso| *iso > 0 && *iso != 65_535 && *iso < 100_000_000)
}

fn positive(exif: &Exif, tag: Tag) -> Option<f64> {
    number_of(exif, tag).filter(|number| *number > 0.0 && *number < 1e6)
}

fn number_of(exif: &Exif, tag: Tag) -> Option<f64> {
    number(value(exif, tag)?, 0)
}

/// The number at an index, when it is one: a division by zero is none.
fn number(value: &Value, index: usize) -> Option<f64> {
    let number = match value {
        Value::Rational(all) => all.get(index)?.to_f64(),
        Value::SRational(all) => all.get(index)?.to_f64(),
        Value::SShort(all) => f64::from(*all.get(index)?),
        Value::SLong(all) => f64::from(*all.get(index)?),
        Value::Float(all) => f64::from(*all.get(index)?),
        Value::Double(all) => *all.get(index)?,
        other => f64::from(other.get_uint(index)?),
    };
    number.is_finite().then_some(number)
}

fn gps(exif: &Exif) -> Option<Gps> {
    let latitude = angle(exif, Tag::GPSLatitude, Tag::GPSLatitudeRef, [b'N', b'S'], 90.0)?;
    let longitude = angle(exif, Tag::GPSLongitude, Tag::GPSLongitudeRef, [b'E', b'W'], 180.0)?;
    // Cameras that have no fix yet write zeros.
    if latitude == 0.0 && longitude == 0.0 {
        return None;
    }
    Some(Gps { latitude, longitude, altitude: altitude(exif) })
}

/// Degrees, minutes and seconds as degrees; a place without its hemisphere is no place.
fn angle(exif: &Exif, tag: Tag, hemisphere: Tag, letters: [u8; 2], most: f64) -> Option<f64> {
    let parts = value(exif, tag)?;
    let degrees = number(parts, 0)? + number(parts, 1)? / 60.0 + number(parts, 2).unwrap_or(0.0) / 3600.0;
    let Value::Ascii(reference) = value(exif, hemisphere)? else { return None };
    let letter = reference.first()?.first()?.to_ascii_uppercase();
    let sign = match letters.iter().position(|candidate| *candidate == letter)? {
        0 => 1.0,
        _ => -1.0,
    };
    (0.0..=most).contains(&degrees).then_some(degrees * sign)
}

fn altitude(exif: &Exif) -> Option<f64> {
    let metres = number(value(exif, Tag::GPSAltitude)?, 0)?;
    let below = value(exif, Tag::GPSAltitudeRef).and_then(|value| match value {
        Value::Byte(bytes) => bytes.first().copied(),
        _ => None,
    });
    (metres.abs() < 100_000.0).then_some(if below == Some(1) { -metres } else { metres })
}
