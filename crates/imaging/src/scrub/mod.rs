//! Originals for other eyes: without place, serial numbers and owner, and with every pixel as it was.
//!
//! What stays is listed and everything else goes: a private tag that nobody knows may hold a serial number.
//!
//! - EXIF: the tags of `tags` stay (camera, lens, exposure, times, orientation, colour, title, caption, author,
//!   copyright). The place, the maker's notes, the embedded thumbnail, serial numbers, unique ids, the owner's name and
//!   the name of the computer are among what goes.
//! - XMP: the properties of `xmp::names` stay. Of places, the names that somebody typed stay, coordinates go.
//! - IPTC: captions, keywords, credits and typed places stay.
//! - Colour profiles stay byte for byte. Every other block of metadata, comments, previews, gain and depth maps, further
//!   pictures and whatever follows the end of the picture go.
//!
//! The result is a plan over the bytes of the original ([`Clean`]), so that it needs no file of its own: its size and
//! checksums are known beforehand and any range of it can be sent. The same bytes always give the same plan, and a
//! clean file is left as it is.

mod bmp;
mod exif;
mod gif;
mod heif;
mod jpeg;
mod photoshop;
mod places;
mod plan;
mod png;
mod tags;
mod tiff;
mod webp;
mod xmp;

pub use plan::{Clean, Part};

use crc32fast::Hasher;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    containers::{foreign, format_of},
    format::Format,
};

/// Grows with every change of what goes, so that plans are made anew.
pub const SCRUB_VERSION: i32 = 1;

/// Why an original has no clean form. `Display` is a sentence for its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclean {
    /// Nobody here knows where this kind of file keeps what has to go.
    #[error(
        "Place and serial numbers can't be taken out of this kind of file ({name}), so only you and your editors \
         can download it; visitors need a JPEG."
    )]
    UnknownFormat {
        /// What the file is, such as `DNG (RAW)`.
        name: &'static str,
    },
    /// The structure of the file can't be followed to the end.
    #[error(
        "Place and serial numbers can't be taken out of this file because it is damaged, so only you and your \
         editors can download it; please export it again."
    )]
    Damaged,
    /// What would stay is scattered over too many places.
    #[error(
        "Place and serial numbers can't be taken out of this file because of the way it is stored, so only you and \
         your editors can download it; please export it again."
    )]
    Scattered,
}

impl Unclean {
    /// A stable word for rows and the API.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::UnknownFormat { .. } => "unknown_format",
            Self::Damaged => "damaged",
            Self::Scattered => "scattered",
        }
    }
}

/// What became of an original: its clean form, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scrubbed {
    /// There is one.
    Clean {
        /// How it is made of the original.
        plan: Box<Clean>,
        /// SHA-256 of its bytes.
        sha256: [u8; 32],
        /// CRC-32 of its bytes, as in ZIP.
        crc32: u32,
    },
    /// There is none.
    Unclean {
        /// A fixed word.
        reason: String,
        /// A sentence for the owner.
        detail: String,
    },
}

/// Plans the clean form of a whole original and goes once through its bytes for the checksums.
pub fn scrub(original: &[u8]) -> Scrubbed {
    let measured = clean(original).and_then(|plan| {
        let (mut sha256, mut crc32) = (Sha256::new(), Hasher::new());
        let read = plan.read(original, |part| {
            sha256.update(part);
            crc32.update(part);
        });
        let measures = (plan, sha256.finalize().into(), crc32.finalize());
        if read { Ok(measures) } else { Err(Unclean::Damaged) }
    });
    match measured {
        Ok((plan, sha256, crc32)) => Scrubbed::Clean { plan: Box::new(plan), sha256, crc32 },
        Err(fault) => Scrubbed::Unclean { reason: fault.reason().to_owned(), detail: fault.to_string() },
    }
}

/// The plan, if what it makes is clean by itself: boxes of a damaged file may point at one another's bytes.
fn stable(plan: Clean, original: &[u8]) -> Result<Clean, Unclean> {
    let mut made = Vec::new();
    let whole = plan.read(original, |part| made.extend_from_slice(part));
    if whole && heif::plan(&made).is_ok_and(|again| again.is_unchanged(plan.size)) {
        Ok(plan)
    } else {
        Err(Unclean::Damaged)
    }
}

/// Plans the clean form of a whole original, of any format.
pub fn clean(original: &[u8]) -> Result<Clean, Unclean> {
    match format_of(original) {
        Some(Format::Jpeg) => jpeg::plan(original),
        Some(Format::Png) => png::plan(original),
        Some(Format::WebP) => webp::plan(original),
        Some(Format::Gif) => gif::plan(original),
        Some(Format::Tiff) => tiff::plan(original),
        Some(Format::Bmp) => bmp::plan(original),
        Some(Format::Heic | Format::Avif) => stable(heif::plan(original)?, original),
        // Makers hide serial numbers in parts of their own.
        Some(Format::Raw(kind)) => Err(Unclean::UnknownFormat { name: kind.name() }),
        None => {
            let name = foreign::name(original).unwrap_or("no picture that is known here");
            Err(Unclean::UnknownFormat { name })
        }
    }
}
