//! The RAW formats of cameras, known by their first bytes or by the directories of their TIFFs.

use serde::{Deserialize, Serialize};

use crate::containers::boxes::has_brand;
use crate::containers::bytes::slice;
use crate::containers::tiff::{Directory, Tiff};

const COMPRESSION: u16 = 259;
const PHOTOMETRIC: u16 = 262;
const MAKE: u16 = 271;
const SUB_DIRECTORIES: u16 = 330;
const CFA_PATTERN: u16 = 33_422;
const DNG_VERSION: u16 = 50_706;

/// A RAW format, named by its usual extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RawKind {
    /// Canon, until 2018.
    Cr2,
    /// Canon, since 2018.
    Cr3,
    /// Nikon.
    Nef,
    /// Sony.
    Arw,
    /// Adobe's format, also of phones.
    Dng,
    /// Fujifilm.
    Raf,
    /// Olympus and OM System.
    Orf,
    /// Panasonic.
    Rw2,
    /// Pentax.
    Pef,
    /// Samsung.
    Srw,
    /// Hasselblad.
    #[serde(rename = "3fr")]
    ThreeFr,
    /// Phase One.
    Iiq,
    /// Epson.
    Erf,
    /// Kodak.
    Kdc,
    /// Another maker's TIFF with the data of a sensor.
    Other,
}

/// Each kind with its name, its extension and its media type.
const KINDS: [(RawKind, &str, &str, &str); 15] = [
    (RawKind::Cr2, "Canon RAW (CR2)", "cr2", "image/x-canon-cr2"),
    (RawKind::Cr3, "Canon RAW (CR3)", "cr3", "image/x-canon-cr3"),
    (RawKind::Nef, "Nikon RAW (NEF)", "nef", "image/x-nikon-nef"),
    (RawKind::Arw, "Sony RAW (ARW)", "arw", "image/x-sony-arw"),
    (RawKind::Dng, "DNG (RAW)", "dng", "image/x-adobe-dng"),
    (RawKind::Raf, "Fujifilm RAW (RAF)", "raf", "image/x-fuji-raf"),
    (RawKind::Orf, "Olympus RAW (ORF)", "orf", "image/x-olympus-orf"),
    (RawKind::Rw2, "Panasonic RAW (RW2)", "rw2", "image/x-panasonic-rw2"),
    (RawKind::Pef, "Pentax RAW (PEF)", "pef", "image/x-pentax-pef"),
    (RawKind::Srw, "Samsung RAW (SRW)", "srw", "image/x-samsung-srw"),
    (RawKind::ThreeFr, "Hasselblad RAW (3FR)", "3fr", "image/x-hasselblad-3fr"),
    (RawKind::Iiq, "Phase One RAW (IIQ)", "iiq", "image/x-phaseone-iiq"),
    (RawKind::Erf, "Epson RAW (ERF)", "erf", "image/x-epson-erf"),
    (RawKind::Kdc, "Kodak RAW (KDC)", "kdc", "image/x-kodak-kdc"),
    (RawKind::Other, "RAW", "raw", "image/x-raw"),
];

impl RawKind {
    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|row| row.0)
    }

    const fn row(self) -> &'static (Self, &'static str, &'static str, &'static str) {
        &KINDS[self as usize]
    }

    /// The name that people know, such as `Canon RAW (CR2)`.
    pub const fn name(self) -> &'static str {
        self.row().1
    }

    pub(crate) const fn extension(self) -> &'static str {
        self.row().2
    }

    pub(crate) const fn media_type(self) -> &'static str {
        self.row().3
    }
}

/// The kind when the bytes are a RAW file whose embedded picture can be found.
pub(crate) fn kind(bytes: &[u8]) -> Option<RawKind> {
    by_signature(bytes).or_else(|| by_directories(bytes))
}

/// The name of a RAW format whose embedded picture nobody looks for here.
pub(crate) fn foreign_name(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\0MRM") {
        Some("Minolta RAW (MRW)")
    } else if bytes.starts_with(b"FOVb") {
        Some("Sigma RAW (X3F)")
    } else {
        None
    }
}

fn by_signature(bytes: &[u8]) -> Option<RawKind> {
    if bytes.starts_with(b"FUJIFILMCCD-RAW") {
        Some(RawKind::Raf)
    } else if bytes.starts_with(b"IIRO") || bytes.starts_with(b"IIRS") || bytes.starts_with(b"MMOR") {
        Some(RawKind::Orf)
    } else if bytes.starts_with(b"IIU\0") {
        Some(RawKind::Rw2)
    } else if slice(bytes, 8, 2) == Some(b"CR") && bytes.starts_with(b"II*\0") {
        Some(RawKind::Cr2)
    } else if has_brand(bytes, &[b"crx "]) {
        Some(RawKind::Cr3)
    } else {
        None
    }
}

fn by_directories(bytes: &[u8]) -> Option<RawKind> {
    let tiff = Tiff::open(bytes)?;
    let first = tiff.first_directory()?;
    if first.has(DNG_VERSION) {
        return Some(RawKind::Dng);
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

fn by_make(make: &[u8]) -> RawKind {
    const MAKERS: [(&[u8], RawKind); 10] = [
        (b"NIKON", RawKind::Nef),
        (b"SONY", RawKind::Arw),
        (b"PENTAX", RawKind::Pef),
        (b"RICOH", RawKind::Pef),
        (b"KODAK", RawKind::Kdc),
        (b"EASTMAN", RawKind::Kdc),
        (b"SAMSUNG", RawKind::Srw),
        (b"HASSELBLAD", RawKind::ThreeFr),
        (b"PHASE", RawKind::Iiq),
        (b"EPSON", RawKind::Erf),
    ];
    let upper = make.to_ascii_uppercase();
    MAKERS.iter().find(|(maker, _)| upper.starts_with(maker)).map_or(RawKind::Other, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_in_its_row() {
        for kind in RawKind::all() {
            assert_eq!(kind.row().0, kind);
        }
    }
}
