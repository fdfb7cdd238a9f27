//! What HEIC and AVIF say before their pixels: size, turns, colours and where the EXIF block is (ISO/IEC 23008-12).

use super::boxes::{Boxed, boxes, has_brand, inside};
use super::bytes::{be16, be32, be64, slice};
use crate::format::Format;
use crate::size::Size;

/// What colours are meant, in the numbers of ITU-T H.273.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signal {
    pub(crate) primaries: u16,
    pub(crate) transfer: u16,
    pub(crate) full_range: bool,
}

/// What stands before the pixels of the main picture.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Head<'a> {
    /// As stored, before any turn.
    pub(crate) size: Option<Size>,
    /// What the boxes that turn and mirror come to, as an EXIF orientation. The one in the EXIF block tells how
    /// the camera was held, and is not to be applied again.
    orientation: u8,
    /// The part that is shown, where only a part is.
    pub(crate) cropped: Option<Size>,
    pub(crate) exif: Option<&'a [u8]>,
    pub(crate) xmp: Option<&'a [u8]>,
    pub(crate) profile: Option<&'a [u8]>,
    pub(crate) signal: Option<Signal>,
    /// More than eight bits a sample.
    pub(crate) deep: bool,
    /// Put together of pictures that are decoded one after the other.
    pub(crate) tiled: bool,
    /// One channel alone.
    pub(crate) gray: bool,
    /// Whether the boxes are all there and describe no picture.
    pub(crate) empty: bool,
}

impl Head<'_> {
    /// The size before any turn that is still to be done.
    pub(crate) fn shown(&self) -> Option<Size> {
        self.cropped.map(|part| part.oriented(self.orientation)).or(self.size)
    }

    /// The turn that is still to be done: where a part is cut out, the library does it all.
    pub(crate) fn orientation(&self) -> u8 {
        if self.cropped.is_some() { 1 } else { self.orientation }
    }
}

/// The format that the brands, or else the codec, announce.
pub(crate) fn format(bytes: &[u8]) -> Option<Format> {
    if has_brand(bytes, &[b"avif", b"avis"]) {
        return Some(Format::Avif);
    }
    if has_brand(bytes, &[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"]) {
        return Some(Format::Heic);
    }
    if !has_brand(bytes, &[b"mif1", b"msf1"]) {
        return None;
    }
    let codecs = inside(bytes, *b"meta").and_then(|meta| inside(meta.get(4..)?, *b"iprp"));
    let is_av1 = codecs
        .and_then(|properties| inside(properties, *b"ipco"))
        .is_some_and(|properties| inside(properties, *b"av1C").is_some());
    Some(if is_av1 { Format::Avif } else { Format::Heic })
}

/// Reads the boxes of the main picture.
pub(crate) fn read(bytes: &[u8]) -> Head<'_> {
    let mut head = Head { orientation: 1, ..Head::default() };
    let Some(meta) = boxes(bytes).find(|found| found.kind == b"meta") else { return head };
    let Some(inner) = meta.body.get(4..) else { return head };
    let main =
        inside(inner, *b"pitm").and_then(|body| number(body, 4, if version(body) == 0 { 2 } else { 4 }));
    if let Some((main, properties)) = main.zip(inside(inner, *b"iprp")) {
        describe(&mut head, main, properties);
    }
    head.empty = meta.whole && head.size.is_none();
    head.exif = item(inner, b"Exif").and_then(|item| content(bytes, inner, item)).and_then(after_prefix);
    head.xmp = item(inner, b"mime").and_then(|item| content(bytes, inner, item));
    head.tiled = item(inner, b"grid").is_some_and(|item| Some(item) == main);
    head
}

fn describe<'a>(head: &mut Head<'a>, main: u64, properties: &'a [u8]) {
    let Some(all) = inside(properties, *b"ipco") else { return };
    let all: Vec<Boxed<'_>> = boxes(all).collect();
    let mut turn = Turn::default();
    let used =
        boxes(properties).filter(|found| found.kind == b"ipma").flat_map(|found| used_by(found.body, main));
    for property in used.filter_map(|index| all.get(index.checked_sub(1)?)) {
        let body = property.body;
        match property.kind {
            b"ispe" => {
                head.size = be32(body, 4).zip(be32(body, 8)).map(|(width, height)| Size::new(width, height));
            }
            b"irot" => turn.rotate(4 - (body.first().copied().unwrap_or(0) & 3)),
            b"imir" => turn.mirror(body.first().is_some_and(|axis| axis & 1 == 1)),
            b"clap" => head.cropped = clean_aperture(body),
            b"pixi" => {
                head.gray = body.get(4) == Some(&1);
                head.deep = body.get(5..).is_some_and(|bits| bits.iter().any(|bits| *bits > 8));
            }
            b"colr" => colours(head, body),
            _ => {}
        }
    }
    head.orientation = turn.orientation();
}

fn colours<'a>(head: &mut Head<'a>, body: &'a [u8]) {
    match body.get(..4) {
        Some(b"prof" | b"rICC") => head.profile = body.get(4..),
        Some(b"nclx") => {
            let numbers = be16(body, 4).zip(be16(body, 6)).zip(body.get(10));
            head.signal = numbers.map(|((primaries, transfer), range)| Signal {
                primaries,
                transfer,
                full_range: range & 0x80 != 0,
            });
        }
        _ => {}
    }
}

/// Width and height of the part that is shown, each a fraction.
fn clean_aperture(body: &[u8]) -> Option<Size> {
    let edge = |at| {
        let (whole, parts) = be32(body, at).zip(be32(body, at + 4))?;
        whole.checked_div(parts)
    };
    Some(Size::new(edge(0)?, edge(8)?))
}

/// Mirrored left to right or not, then turned clockwise by quarters.
#[derive(Default)]
struct Turn {
    mirrored: bool,
    quarters: u8,
}

impl Turn {
    fn rotate(&mut self, quarters: u8) {
        self.quarters = (self.quarters + quarters) % 4;
    }

    /// Left and right change places, or top and bottom do.
    fn mirror(&mut self, across: bool) {
        self.mirrored = !self.mirrored;
        self.quarters = (if across { 4 } else { 6 } - self.quarters) % 4;
    }

    fn orientation(&self) -> u8 {
        let all = if self.mirrored { [2, 7, 4, 5] } else { [1, 6, 3, 8] };
        all[usize::from(self.quarters % 4)]
    }
}

/// The properties that an item has, counted from 1.
fn used_by(body: &[u8], item: u64) -> Vec<usize> {
    let (id_length, wide) =
        (if version(body) == 0 { 2 } else { 4 }, body.get(3).is_some_and(|flags| flags & 1 == 1));
    let mut at = 8;
    while let Some((id, count)) = number(body, at, id_length).zip(body.get(at + id_length).copied()) {
        at += id_length + 1;
        let width = if wide { 2 } else { 1 };
        if id == item {
            let index = |place: usize| {
                let found = number(body, at + place * width, width)?;
                usize::try_from(found & if wide { 0x7FFF } else { 0x7F }).ok()
            };
            return (0..usize::from(count)).map_while(index).collect();
        }
        at += usize::from(count) * width;
    }
    Vec::new()
}

/// The first item of a type; of `mime` there is the XMP packet alone.
fn item(meta: &[u8], wanted: &[u8]) -> Option<u64> {
    let items = inside(meta, *b"iinf")?;
    let first = if version(items) == 0 { 6 } else { 8 };
    boxes(items.get(first..)?).filter(|found| found.kind == b"infe").find_map(|entry| {
        let id_length = if version(entry.body) < 3 { 2 } else { 4 };
        let kind = slice(entry.body, 4 + id_length + 2, 4)?;
        (kind == wanted).then(|| number(entry.body, 4, id_length)).flatten()
    })
}

/// The bytes of an item that lies in one piece, as nearly all do.
fn content<'a>(bytes: &'a [u8], meta: &'a [u8], item: u64) -> Option<&'a [u8]> {
    let body = inside(meta, *b"iloc")?;
    let version = version(body);
    let widths = be16(body, 4)?;
    let width = |shift: u16| usize::from((widths >> shift) & 15);
    let (offset, length, base) = (width(12), width(8), width(4));
    let index = if version == 0 { 0 } else { width(0) };
    let id_length = if version < 2 { 2 } else { 4 };
    let mut at = 6 + id_length;
    for _ in 0..number(body, 6, id_length)? {
        let id = number(body, at, id_length)?;
        at += id_length;
        let method = if version == 0 { 0 } else { be16(body, at)? & 15 };
        at += if version == 0 { 2 } else { 4 };
        let start = number(body, at, base)?;
        let extents = usize::from(be16(body, at + base)?);
        at += base + 2;
        if id == item {
            let from = number(body, at + index, offset)?.checked_add(start)?;
            let count = number(body, at + index + offset, length)?;
            let source = match method {
                0 => bytes,
                1 => inside(meta, *b"idat")?,
                _ => return None,
            };
            let found = slice(source, usize::try_from(from).ok()?, usize::try_from(count).ok()?);
            return found.filter(|_| extents == 1);
        }
        at = at.checked_add(extents.checked_mul(index + offset + length)?)?;
    }
    None
}

/// The item begins with how many bytes stand before the block.
fn after_prefix(item: &[u8]) -> Option<&[u8]> {
    let skipped = usize::try_from(be32(item, 0)?).ok()?;
    item.get(skipped.checked_add(4)?..).filter(|block| !block.is_empty())
}

fn version(body: &[u8]) -> u8 {
    body.first().copied().unwrap_or(0)
}

/// A number of 0, 1, 2, 4 or 8 bytes.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    match length {
        0 => Some(0),
        1 => bytes.get(at).copied().map(u64::from),
        2 => be16(bytes, at).map(u64::from),
        4 => be32(bytes, at).map(u64::from),
        8 => be64(bytes, at),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_and_mirrors_come_to_one_orientation() {
        let after = |steps: &[(&str, u8)]| {
            let mut turn = Turn::default();
            for (kind, value) in steps {
                if *kind == "irot" { turn.rotate(4 - value) } else { turn.mirror(*value == 1) }
            }
            turn.orientation()
        };
        // A quarter turn of the box is counter-clockwise; axis 1 exchanges left and right.
        assert_eq!([0, 1, 2, 3].map(|angle| after(&[("irot", angle)])), [1, 8, 3, 6]);
        assert_eq!([1, 0].map(|axis| after(&[("imir", axis)])), [2, 4]);
        assert_eq!(after(&[("irot", 1), ("imir", 0)]), 5);
        assert_eq!(after(&[("irot", 3), ("imir", 0)]), 7);
        assert_eq!(after(&[("imir", 1), ("imir", 1), ("irot", 3)]), 6);
    }
}
