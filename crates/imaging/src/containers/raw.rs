//! RAW files of cameras, most of which are TIFFs whose directories give them away.

use super::bytes::slice;
use super::tiff::{Directory, Tiff};

const COMPRESSION: u16 = 259;
const PHOTOMETRIC: u16 = 262;
const MAKE: u16 = 271;
const SUB_DIRECTORIES: u16 = 330;
const CFA_PATTERN: u16 = 33_422;
const DNG_VERSION: u16 = 50_706;

/// The name of the RAW format when the bytes are one.
pub(crate) fn name(bytes: &[u8]) -> Option<&'static str> {
    by_signature(bytes).or_else(|| by_directories(bytes))
}

fn by_signature(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"FUJIFILMCCD-RAW") {
        Some("Fujifilm RAW (RAF)")
    } else if bytes.starts_with(b"IIRO") || bytes.starts_with(b"IIRS") || bytes.starts_with(b"MMOR") {
        Some("Olympus RAW (ORF)")
    } else if bytes.starts_with(b"IIU\0") {
        Some("Panasonic RAW (RW2)")
    } else if slice(bytes, 8, 2) == Some(b"CR") && bytes.starts_with(b"II*\0") {
        Some("Canon RAW (CR2)")
    } else if bytes.starts_with(b"\0MRM") {
        Some("Minolta RAW (MRW)")
    } else if bytes.starts_with(b"FOVb") {
        Some("Sigma RAW (X3F)")
    } else {
        None
    }
}

fn by_directories(bytes: &[u8]) -> Option<&'static str> {
    let tiff = Tiff::open(bytes)?;
    let first = tiff.first_directory()?;
    if first.has(DNG_VERSION) {
        return Some("DNG (RAW)");
    }
    let inner = first.numbers(SUB_DIRECTORIES, 8);
    let sensor = holds_sensor_data(&first)
        || inner
            .iter()
            .filter_map(|at| tiff.directory(usize::try_from(*at).ok()?))
            .any(|directory| holds_sensor_data(&directory));
    sensor.then(|| by_make(first.text(MAKE)))
}

/// Colour filter data, linear RAW, or a compression that only cameras use for it.
fn holds_sensor_data(directory: &Directory<'_>) -> bool {
    matches!(directory.number(PHOTOMETRIC), Some(32_803 | 34_892))
        || matches!(directory.number(COMPRESSION), Some(32_767 | 32_769 | 32_770 | 34_713 | 65_000 | 65_535))
        || directory.has(CFA_PATTERN)
}

fn by_make(make: &[u8]) -> &'static str {
    const MAKERS: [(&[u8], &str); 10] = [
        (b"NIKON", "Nikon RAW (NEF)"),
        (b"SONY", "Sony RAW (ARW)"),
        (b"PENTAX", "Pentax RAW (PEF)"),
        (b"RICOH", "Pentax RAW (PEF)"),
        (b"KODAK", "Kodak RAW (KDC)"),
        (b"EASTMAN", "Kodak RAW (KDC)"),
        (b"SAMSUNG", "Samsung RAW (SRW)"),
        (b"HASSELBLAD", "Hasselblad RAW (3FR)"),
        (b"PHASE", "Phase One RAW (IIQ)"),
        (b"EPSON", "Epson RAW (ERF)"),
    ];
    let upper = make.to_ascii_uppercase();
    MAKERS.iter().find(|(maker, _)| upper.starts_with(maker)).map_or("RAW", |(_, name)| name)
}
