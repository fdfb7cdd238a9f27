//! HEIC and AVIF: boxes stay in their places; metadata becomes shorter in its own, and the rest becomes zero
//! (ISO/IEC 14496-12, ISO/IEC 23008-12).

use std::ops::Range;

use super::{Unclean, exif, places::Places, plan::Clean, xmp};
use crate::containers::bytes::{be16, be32, be64, slice};

/// Parts of the description of pictures.
const DESCRIPTION: [&[u8]; 7] = [b"hdlr", b"pitm", b"iinf", b"iref", b"iloc", b"dinf", b"grpl"];
/// Properties of pictures: size, turns, colours, codecs, what helps another picture.
const PROPERTIES: [&[u8]; 19] = [
    b"ispe", b"pixi", b"pasp", b"colr", b"irot", b"imir", b"clap", b"auxC", b"hvcC", b"lhvC", b"av1C",
    b"avcC", b"a1op", b"a1lx", b"lsel", b"clli", b"mdcv", b"rloc", b"udes",
];
/// Items that are pictures, or made of them.
const PICTURES: [&[u8]; 7] = [b"hvc1", b"lhv1", b"av01", b"grid", b"iovl", b"iden", b"tmap"];
/// Of pictures and their parts.
const MOST_ITEMS: usize = 5000;
/// A TIFF that says nothing.
const EMPTY_BLOCK: &[u8] = b"II*\0\x08\0\0\0\0\0\0\0\0\0";

/// A box: its kind, all of it, and what is inside.
struct Boxed<'a> {
    kind: &'a [u8],
    range: Range<usize>,
    inside: Range<usize>,
}

/// Where an item lies, in one part or several.
struct Item {
    id: u32,
    parts: Vec<Range<usize>>,
}

pub(super) fn plan(bytes: &[u8]) -> Result<Clean, Unclean> {
    let mut places = Places::default();
    let mut described = false;
    for found in boxes(bytes, 0..bytes.len()) {
        match found.kind {
            b"ftyp" => places.keep(found.range),
            b"meta" if !described => {
                described = true;
                describe(bytes, &found, &mut places)?;
            }
            b"mdat" => places.keep(found.range.start..found.inside.start),
            // Pictures in a sequence lie elsewhere than items do.
            b"moov" | b"moof" => return Err(Unclean::Scattered),
            _ => free(&found, &mut places),
        }
    }
    // What is left of the file is as long as it was, so that every place stays where it is said to be.
    places.put(bytes.len(), Vec::new());
    if described { places.finish(bytes) } else { Err(Unclean::Damaged) }
}

/// In the place of a box, one that says nothing.
fn free(found: &Boxed<'_>, places: &mut Places) {
    places.keep(found.range.start..found.range.start + 4);
    places.put(found.range.start + 4, b"free".to_vec());
    places.keep(found.range.start + 8..found.inside.start);
}

fn describe(bytes: &[u8], meta: &Boxed<'_>, places: &mut Places) -> Result<(), Unclean> {
    let inner = meta.inside.start + 4..meta.inside.end;
    places.keep(meta.range.start..inner.start.min(meta.inside.end));
    let mut inside: Vec<Boxed<'_>> = Vec::new();
    for found in boxes(bytes, inner) {
        match found.kind {
            kind if DESCRIPTION.contains(&kind) => places.keep(found.range.clone()),
            b"iprp" => properties(bytes, &found, places),
            b"idat" => places.keep(found.range.start..found.inside.start),
            _ => free(&found, places),
        }
        inside.push(found);
    }
    let find = |kind: &[u8]| inside.iter().find(|found| found.kind == kind).map(|found| found.inside.clone());
    let (names, locations) = find(b"iinf").zip(find(b"iloc")).ok_or(Unclean::Damaged)?;
    let own = find(b"idat").unwrap_or(0..0);
    let kinds = kinds(bytes, names).ok_or(Unclean::Damaged)?;
    for item in items(bytes, locations, &own).ok_or(Unclean::Damaged)? {
        let kind = kinds.iter().find(|(id, _)| *id == item.id).map(|(_, kind)| *kind);
        content(bytes, kind.unwrap_or(b"none"), item, places);
    }
    Ok(())
}

fn properties(bytes: &[u8], found: &Boxed<'_>, places: &mut Places) {
    places.keep(found.range.start..found.inside.start);
    for part in boxes(bytes, found.inside.clone()) {
        if part.kind == b"ipco" {
            places.keep(part.range.start..part.inside.start);
            for property in boxes(bytes, part.inside) {
                if PROPERTIES.contains(&property.kind) {
                    places.keep(property.range);
                } else {
                    free(&property, places);
                }
            }
        } else {
            places.keep(part.range);
        }
    }
}

/// What stays of an item.
fn content(bytes: &[u8], kind: &[u8], item: Item, places: &mut Places) {
    if PICTURES.contains(&kind) {
        return item.parts.into_iter().for_each(|part| places.keep(part));
    }
    let [part] = item.parts.as_slice() else { return };
    let body = &bytes[part.clone()];
    let new = match kind {
        b"Exif" => block(body),
        b"mime" => xmp::rebuilt(body).map(String::into_bytes).unwrap_or_default(),
        _ => return,
    };
    // What has become longer is given up: how a picture is turned stands among its properties.
    if new.len() <= part.len() {
        places.put(part.start, new);
    }
}

/// An EXIF block as an item has it: how many bytes to pass over, those, the block. Where it does not fit, an empty one.
fn block(body: &[u8]) -> Vec<u8> {
    let skipped = be32(body, 0).and_then(|length| usize::try_from(length).ok()).unwrap_or(usize::MAX);
    let split = skipped.checked_add(4).and_then(|start| body.split_at_checked(start));
    let rebuilt =
        split.filter(|(head, _)| head.len() == 4 || head.ends_with(b"Exif\0\0")).and_then(|(head, block)| {
            // Longer heads are nobody's.
            (head.len() <= 10).then_some(())?;
            Some([head, &exif::rebuilt(block)?].concat()).filter(|new| new.len() <= body.len())
        });
    rebuilt.unwrap_or_else(|| [&[0; 4][..], EMPTY_BLOCK].concat())
}

/// The kind of each item.
fn kinds(bytes: &[u8], names: Range<usize>) -> Option<Vec<(u32, &[u8])>> {
    let start = names.start + if version(bytes, &names)? == 0 { 6 } else { 8 };
    let mut found = Vec::new();
    for entry in boxes(bytes, start..names.end).take(MOST_ITEMS) {
        let at = entry.inside.start + 4;
        let (id, kind_at) = match version(bytes, &entry.inside)? {
            2 => (be16(bytes, at)?.into(), at + 4),
            3 => (be32(bytes, at)?, at + 6),
            _ => return None,
        };
        found.push((id, slice(bytes, kind_at, 4)?));
    }
    Some(found)
}

/// Where each item lies; nothing for what lies outside the file or inside another item.
fn items(bytes: &[u8], table: Range<usize>, own: &Range<usize>) -> Option<Vec<Item>> {
    let version = version(bytes, &table)?;
    let widths = be16(bytes, table.start + 4)?;
    let width = |shift: u16| usize::from(widths >> shift & 15);
    let mut reader = Reader { bytes, at: table.start + 6 };
    let short = if version < 2 { 2 } else { 4 };
    let count = reader.number(short)?;
    let mut found = Vec::new();
    for _ in 0..count {
        let id = u32::try_from(reader.number(short)?).ok()?;
        let method = if version == 0 { 0 } else { reader.number(2)? & 15 };
        reader.number(2)?;
        let base = reader.number(width(4))?;
        let extents = reader.number(2)?;
        let mut parts = Vec::new();
        for _ in 0..extents {
            if version > 0 {
                reader.number(width(0))?;
            }
            let from = base.checked_add(reader.number(width(12))?)?;
            let length = reader.number(width(8)).filter(|length| *length > 0)?;
            let start = match method {
                0 => from,
                1 => own.start.checked_add(from)?,
                _ => return None,
            };
            let end = start.checked_add(length).filter(|end| *end <= bytes.len())?;
            parts.push(start..end);
            if found.len() + parts.len() > MOST_ITEMS {
                return None;
            }
        }
        found.push(Item { id, parts });
    }
    Some(found)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    /// A number of so many bytes; one of none is 0.
    fn number(&mut self, width: usize) -> Option<usize> {
        let number = match width {
            0 => 0,
            2 => be16(self.bytes, self.at)?.into(),
            4 => usize::try_from(be32(self.bytes, self.at)?).ok()?,
            8 => usize::try_from(be64(self.bytes, self.at)?).ok()?,
            _ => return None,
        };
        self.at += width;
        Some(number)
    }
}

fn version(bytes: &[u8], inside: &Range<usize>) -> Option<u8> {
    bytes.get(inside.start).copied()
}

/// The boxes in a range, up to the first that does not fit.
fn boxes(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = Boxed<'_>> {
    let mut at = range.start;
    let limit = range.end.min(bytes.len());
    std::iter::from_fn(move || {
        // Zeros are no box, but what was taken out.
        let kind = slice(bytes, at + 4, 4).filter(|kind| **kind != [0; 4])?;
        let (header, length) = match be32(bytes, at)? {
            0 => (8, limit.checked_sub(at)?),
            1 => (16, usize::try_from(be64(bytes, at + 8)?).ok()?),
            length => (8, usize::try_from(length).ok()?),
        };
        let end = at.checked_add(length).filter(|end| length >= header && *end <= limit)?;
        let found = Boxed { kind, range: at..end, inside: at + header..end };
        at = end;
        Some(found)
    })
}
