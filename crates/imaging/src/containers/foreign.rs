//! Files that are known and not taken, so that a photographer is told what they are.

use super::bytes::{available, slice};
use super::raw;

/// Beginnings that are enough to know a file by.
const SIGNATURES: [(&[u8], &str); 19] = [
    (b"8BPS", "Photoshop (PSD)"),
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"\xFF\x0A", "JPEG XL"),
    (b"\0\0\0\x0CJXL \r\n\x87\n", "JPEG XL"),
    (b"\0\0\0\x0CjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xFF\x4F\xFF\x51", "JPEG 2000"),
    (b"II\xBC\x01", "JPEG XR"),
    (b"\0\0\x01\0", "Icon (ICO)"),
    (b"\x76\x2F\x31\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"gimp xcf", "GIMP (XCF)"),
    (b"qoif", "QOI"),
    (b"\x1A\x45\xDF\xA3", "Video"),
    (b"\0\0\x01\xBA", "Video"),
    (b"FLV\x01", "Video"),
    (b"PK\x03\x04", "ZIP"),
    (b"Rar!\x1A\x07", "RAR"),
    (b"7z\xBC\xAF\x27\x1C", "7z"),
];

/// The name of the kind of file when it is a known one that is never taken.
pub(crate) fn name(bytes: &[u8]) -> Option<&'static str> {
    raw::foreign_name(bytes)
        .or_else(|| SIGNATURES.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, name)| *name))
        .or_else(|| boxed(bytes))
        .or_else(|| (bytes.starts_with(b"RIFF") && slice(bytes, 8, 4) == Some(b"AVI ")).then_some("Video"))
        .or_else(|| is_svg(bytes).then_some("SVG"))
}

/// Files made of boxes (ISO/IEC 14496-12) that are none of the pictures made of boxes.
fn boxed(bytes: &[u8]) -> Option<&'static str> {
    matches!(slice(bytes, 4, 4)?, b"ftyp" | b"moov" | b"mdat" | b"wide").then_some("Video")
}

/// An SVG may begin with a byte order mark, a declaration, comments and a document type.
fn is_svg(bytes: &[u8]) -> bool {
    let start = available(bytes, 0, 4096);
    let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    text.starts_with(b"<svg")
        || ((text.starts_with(b"<?xml") || text.starts_with(b"<!"))
            && text.windows(4).any(|part| part.eq_ignore_ascii_case(b"<svg")))
}
