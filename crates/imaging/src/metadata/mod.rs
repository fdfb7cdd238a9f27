//! The facts that a camera wrote beside the picture: camera, lens, exposure, time and place.

mod date;
mod text;

use exif::{Exif, In, Tag, Value};
use serde::{Deserialize, Serialize};

use crate::containers::tiff::with_plain_pointers;
use crate::containers::{exif_block, format_of};
use crate::render::contained;

/// What the EXIF block of a photo says. Absent, empty and meaningless values are `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Who made the camera.
    pub make: Option<String>,
    /// The camera.
    pub model: Option<String>,
    /// The lens.
    pub lens: Option<String>,
    /// Sensitivity as an ISO number.
    pub iso: Option<u32>,
    /// Exposure time in seconds.
    pub exposure_seconds: Option<f64>,
    /// The f-number.
    pub aperture: Option<f64>,
    /// Focal length in millimetres, as the lens has it.
    pub focal_length_mm: Option<f64>,
    /// When the photo was taken by the camera's clock: `YYYY-MM-DDTHH:MM:SS`.
    pub taken_at: Option<String>,
    /// The offset of that clock from UTC: `+01:00`.
    pub taken_at_offset: Option<String>,
    /// Where the photo was taken.
    pub gps: Option<Gps>,
}

/// A place on the earth (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gps {
    /// Degrees, north positive.
    pub latitude: f64,
    /// Degrees, east positive.
    pub longitude: f64,
    /// Metres above the sea.
    pub altitude: Option<f64>,
}

/// Reads the facts from a whole file of any format; whatever can't be read is left out.
pub fn read_metadata(bytes: &[u8]) -> Metadata {
    let block = format_of(bytes).and_then(|format| exif_block(format, bytes));
    block
        .and_then(|block| contained(|| parse(&block)))
        .flatten()
        .map_or_else(Metadata::default, |exif| gather(&exif))
}

fn parse(block: &[u8]) -> Option<Exif> {
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    match reader.read_raw(with_plain_pointers(block)) {
        Ok(exif) => Some(exif),
        Err(exif::Error::PartialResult(partial)) => Some(partial.into_inner().0),
        Err(_) => None,
    }
}

fn gather(exif: &Exif) -> Metadata {
    let taken_at = text_of(exif, Tag::DateTimeOriginal).and_then(|text| date::local(&text));
    Metadata {
        make: text_of(exif, Tag::Make),
        model: text_of(exif, Tag::Model),
        lens: text_of(exif, Tag::LensModel),
        iso: iso(exif),
        exposure_seconds: positive(exif, Tag::ExposureTime),
        aperture: positive(exif, Tag::FNumber),
        focal_length_mm: positive(exif, Tag::FocalLength),
        taken_at_offset: taken_at
            .as_ref()
            .and_then(|_| text_of(exif, Tag::OffsetTimeOriginal))
            .and_then(|text| date::offset(&text)),
        taken_at,
        gps: gps(exif),
    }
}

fn value(exif: &Exif, tag: Tag) -> Option<&Value> {
    exif.get_field(tag, In::PRIMARY).map(|field| &field.value)
}

fn text_of(exif: &Exif, tag: Tag) -> Option<String> {
    match value(exif, tag)? {
        Value::Ascii(parts) => text::readable(parts.first()?),
        _ => None,
    }
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
    number(value(exif, tag)?, 0).filter(|number| *number > 0.0 && *number < 1e6)
}

/// The number at an index, when it is one: a division by zero is none.
fn number(value: &Value, index: usize) -> Option<f64> {
    let number = match value {
        Value::Rational(all) => all.get(index)?.to_f64(),
        Value::SRational(all) => all.get(index)?.to_f64(),
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
    (metres < 100_000.0).then_some(if below == Some(1) { -metres } else { metres })
}
