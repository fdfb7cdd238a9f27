//! What stands beside the picture: what the camera wrote (camera, lens, exposure, time, place) and what people did
//! (title, caption, keywords, names, rights).

mod date;
mod exif;
mod iptc;
mod rdf;
mod text;
mod words;
mod xmp;

use serde::{Deserialize, Serialize};

use self::words::Words;
use self::xmp::Xmp;
use crate::containers::{exif_block, extended_xmp_block, format_of, iptc_block, xmp_block};
use crate::format::Format;
use crate::render::contained;

/// What the EXIF, IPTC and XMP blocks of a photo say. Absent, empty and meaningless values are `None`.
///
/// The camera's facts come from EXIF. What people wrote comes from XMP, else from IPTC, else from EXIF, each fact by
/// itself: programs write XMP, and the others beside it for older ones. The Metadata Working Group's guidelines
/// (2.0, chapter 3) begin with EXIF where all agree, but cameras fill its fields without being asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Who made the camera.
    pub make: Option<String>,
    /// The camera.
    pub model: Option<String>,
    /// The lens; where EXIF is silent, as XMP names it.
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
    /// The fraction of that second, as the digits behind the point.
    pub taken_at_fraction: Option<String>,
    /// The offset of that clock from UTC: `+01:00`.
    pub taken_at_offset: Option<String>,
    /// Where the photo was taken.
    pub gps: Option<Gps>,
    /// A title, at most 256 characters (dc:title, photoshop:Headline; IIM 2:05, 2:105).
    pub title: Option<String>,
    /// A caption, at most 2,000 characters in lines (dc:description; IIM 2:120; `ImageDescription`). What cameras
    /// write there by themselves is none.
    pub caption: Option<String>,
    /// At most 100 keywords of at most 100 characters, each once (dc:subject; IIM 2:25).
    pub keywords: Vec<String>,
    /// Stars, 0 to 5; -1 is a photo that was rejected (xmp:Rating; tag 0x4746 of EXIF).
    pub rating: Option<i8>,
    /// A label such as the name of a colour, at most 256 characters (xmp:Label).
    pub label: Option<String>,
    /// Who made the photo, at most 256 characters (dc:creator; IIM 2:80; Artist).
    pub creator: Option<String>,
    /// Who is to be named beside it, at most 256 characters (photoshop:Credit; IIM 2:110).
    pub credit: Option<String>,
    /// Whose the rights are, at most 256 characters (dc:rights; IIM 2:116; Copyright).
    pub copyright: Option<String>,
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
    let Some(format) = format_of(bytes) else { return Metadata::default() };
    let exif = exif_block(format, bytes).and_then(|block| contained(|| exif::parse(&block))).flatten();
    let exif = exif.as_ref();
    let xmp = contained(|| read_xmp(format, bytes)).unwrap_or_default();
    let iptc = iptc_block(format, bytes).map_or_else(Words::default, |data| iptc::read(&data));
    let facts = exif.map_or_else(Metadata::default, exif::facts);
    let words = xmp.words.or(iptc).or(exif.map_or_else(Words::default, exif::words));
    Metadata {
        lens: facts.lens.or(xmp.lens),
        title: words.title,
        caption: words.caption,
        keywords: words.keywords,
        rating: words.rating,
        label: words.label,
        creator: words.creator,
        credit: words.credit,
        copyright: words.copyright,
        ..facts
    }
}

fn read_xmp(format: Format, bytes: &[u8]) -> Xmp {
    let Some(packet) = xmp_block(format, bytes) else { return Xmp::default() };
    let xmp = xmp::read(&packet);
    match &xmp.extended {
        Some(name) => {
            let rest = xmp::read(&extended_xmp_block(format, bytes, name));
            xmp.or(rest)
        }
        None => xmp,
    }
}
