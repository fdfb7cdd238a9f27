//! The pictures that a camera lays into its RAW files, of which the largest is shown.

mod kinds;

use std::borrow::Cow;

pub use kinds::RawKind;
pub(crate) use kinds::{foreign_name, kind};

use super::boxes::{Boxed, boxes, inside};
use super::bytes::{available, be32, be64};
use super::joined::joined;
use super::jpeg;
use super::tiff::{self, EXIF_DIRECTORY, GPS_DIRECTORY, Tiff};
use crate::size::Size;

const STRIPS: u16 = 273;
const STRIP_LENGTHS: u16 = 279;
const SUB_DIRECTORIES: u16 = 330;
const JPEG_AT: u16 = 513;
const JPEG_LENGTH: u16 = 514;
/// Panasonic's whole JPEG, as the value of a tag.
const JPEG_FROM_RAW: u16 = 46;
/// Directories that follow one another, and directories inside one: no camera has more.
const MOST_DIRECTORIES: usize = 12;
/// Of an embedded JPEG: its own metadata stands before its size.
const LONGEST_HEAD: usize = 1 << 20;

/// The boxes in which Canon keeps metadata and the preview.
const CANON_METADATA: [u8; 16] =
    [0x85, 0xC0, 0xB6, 0x87, 0x82, 0x0F, 0x11, 0xE0, 0x81, 0x11, 0xF4, 0xCE, 0x46, 0x2B, 0x6A, 0x48];
const CANON_PREVIEW: [u8; 16] =
    [0xEA, 0xF4, 0x2B, 0x5E, 0x1C, 0x98, 0x4B, 0x88, 0xB9, 0xFB, 0xB7, 0xDC, 0x40, 0x6E, 0x4D, 0x16];

/// The box in which any program keeps XMP.
const XMP: [u8; 16] =
    [0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8, 0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF, 0xAC];

/// An embedded picture.
pub(crate) struct Embedded<'a> {
    /// The JPEG, from its beginning.
    pub(crate) jpeg: &'a [u8],
    pub(crate) size: Size,
    /// As it says itself.
    pub(crate) orientation: Option<u8>,
}

/// What is embedded in a RAW file.
pub(crate) struct Pictures<'a> {
    pub(crate) largest: Option<Embedded<'a>>,
    /// Whether another one is said to be beyond the bytes at hand.
    pub(crate) more: bool,
}

/// The embedded pictures, as the structure of the file tells.
pub(crate) fn pictures(bytes: &[u8], kind: RawKind) -> Pictures<'_> {
    let places = match kind {
        RawKind::Cr3 => in_boxes(bytes),
        RawKind::Raf => be32(bytes, 84)
            .zip(be32(bytes, 88))
            .map(|(at, length)| (at as usize, length as usize))
            .into_iter()
            .collect(),
        _ => in_directories(bytes),
    };
    let more = places.iter().any(|(at, length)| *length > 0 && *at >= bytes.len());
    let largest = places
        .iter()
        .filter_map(|(at, length)| read(available(bytes, *at, *length)))
        .max_by_key(|found| found.size.pixels());
    Pictures { largest, more }
}

/// The largest JPEG anywhere in the file, for cameras that tell of theirs in notes of their own.
pub(crate) fn search(bytes: &[u8]) -> Option<Embedded<'_>> {
    const BEGINNING: [u8; 3] = [0xFF, 0xD8, 0xFF];
    const MOST: usize = 64;
    let mut places = Vec::new();
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == 0xFF)) {
        at += found;
        if bytes[at..].starts_with(&BEGINNING) && places.len() < MOST {
            places.push(at);
        }
        at += 1;
    }
    places.into_iter().filter_map(|at| read(&bytes[at..])).max_by_key(|found| found.size.pixels())
}

/// A JPEG as cameras show it; the data of sensors has the same form, without loss.
fn read(jpeg: &[u8]) -> Option<Embedded<'_>> {
    if !jpeg::announced(jpeg) {
        return None;
    }
    let head = jpeg::Head::read(available(jpeg, 0, LONGEST_HEAD));
    head.frame.filter(|frame| !frame.lossless && matches!(frame.channels, 1 | 3))?;
    let directory = head.exif.and_then(Tiff::open).and_then(Tiff::first_directory);
    let orientation = directory.and_then(|directory| directory.stated_orientation());
    Some(Embedded { jpeg, size: head.size.filter(|size| !size.is_empty())?, orientation })
}

fn in_directories(bytes: &[u8]) -> Vec<(usize, usize)> {
    let Some(tiff) = Tiff::open_raw(bytes) else { return Vec::new() };
    let mut places = Vec::new();
    for outer in tiff.directories(MOST_DIRECTORIES) {
        let inner = outer.numbers(SUB_DIRECTORIES, MOST_DIRECTORIES);
        let inner = inner.into_iter().filter_map(|at| tiff.directory(usize::try_from(at).ok()?));
        for directory in std::iter::once(outer).chain(inner) {
            let number = |tag| directory.number(tag).and_then(|number| usize::try_from(number).ok());
            places.extend(number(JPEG_AT).zip(number(JPEG_LENGTH)));
            // A picture in one strip may be a JPEG; what is not is seen by its beginning.
            if directory.numbers(STRIPS, 2).len() == 1 && matches!(number(259), Some(6 | 7 | 34_892)) {
                places.extend(number(STRIPS).zip(number(STRIP_LENGTHS)));
            }
            places.extend(directory.place(JPEG_FROM_RAW).filter(|(_, length)| *length > 4));
        }
    }
    places
}

/// In a CR3: the preview's box, and the tracks, whose one sample is a picture.
fn in_boxes(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    for found in boxes(bytes) {
        match found.kind {
            b"moov" => places.extend(
                boxes(found.body).filter(|inner| inner.kind == b"trak").filter_map(|track| sample(&track)),
            ),
            b"uuid" if found.body.starts_with(&CANON_PREVIEW) => {
                let start = found.body.windows(3).take(64).position(|bytes| bytes == [0xFF, 0xD8, 0xFF]);
                let here = found.body.as_ptr() as usize - bytes.as_ptr() as usize;
                places.extend(start.map(|start| (here + start, found.body.len() - start)));
            }
            _ => {}
        }
    }
    places
}

fn sample(track: &Boxed<'_>) -> Option<(usize, usize)> {
    let table = inside(inside(inside(track.body, *b"mdia")?, *b"minf")?, *b"stbl")?;
    let sizes = inside(table, *b"stsz")?;
    let length = be32(sizes, 4).filter(|length| *length > 0).or_else(|| be32(sizes, 12))?;
    let at = be64(inside(table, *b"co64")?, 8)?;
    Some((usize::try_from(at).ok()?, usize::try_from(length).ok()?))
}

/// The EXIF block of a RAW file: itself, or what its boxes or its picture hold.
pub(crate) fn exif(bytes: &[u8], kind: RawKind) -> Option<Cow<'_, [u8]>> {
    match kind {
        RawKind::Cr3 => {
            let metadata =
                boxes(inside(bytes, *b"moov")?).find(|found| found.body.starts_with(&CANON_METADATA))?;
            let metadata = metadata.body.get(16..)?;
            let others = [(EXIF_DIRECTORY, b"CMT2"), (GPS_DIRECTORY, b"CMT4")];
            let others: Vec<_> =
                others.iter().filter_map(|(tag, kind)| Some((*tag, inside(metadata, **kind)?))).collect();
            joined(inside(metadata, *b"CMT1")?, &others).map(Cow::Owned)
        }
        RawKind::Raf => jpeg::Head::read(pictures(bytes, kind).largest?.jpeg).exif.map(Cow::Borrowed),
        RawKind::Orf | RawKind::Rw2 => {
            let mut plain = bytes.to_vec();
            let number = if plain.starts_with(b"II") { [42, 0] } else { [0, 42] };
            plain.get_mut(2..4)?.copy_from_slice(&number);
            Some(Cow::Owned(plain))
        }
        _ => Some(Cow::Borrowed(bytes)),
    }
}

/// The XMP packet of a RAW file.
pub(crate) fn xmp(bytes: &[u8], kind: RawKind) -> Option<&[u8]> {
    match kind {
        RawKind::Cr3 => boxes(bytes).find_map(|found| found.body.strip_prefix(&XMP)),
        RawKind::Raf => jpeg::Head::read(pictures(bytes, kind).largest?.jpeg).xmp,
        _ => tiff::xmp(bytes),
    }
}

/// How a RAW file is to be turned: as its picture says, or else its first directory.
pub(crate) fn orientation(bytes: &[u8], kind: RawKind, picture: Option<&Embedded<'_>>) -> u8 {
    picture
        .and_then(|picture| picture.orientation)
        .or_else(|| match kind {
            RawKind::Cr3 => exif(bytes, kind).map(|block| tiff::orientation(&block)),
            _ => Tiff::open_raw(bytes).and_then(Tiff::first_directory)?.stated_orientation(),
        })
        .unwrap_or(1)
}
