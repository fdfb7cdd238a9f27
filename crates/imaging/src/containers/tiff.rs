//! The directories of a TIFF, which are also the form of EXIF blocks and of most RAW files (TIFF 6.0, section 2).

use super::bytes::{available, be16, be32, be64, le16, le32, le64, slice};
use super::photoshop;
use crate::size::Size;

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const ORIENTATION: u16 = 274;
const XMP: u16 = 700;
const IPTC: u16 = 33_723;
const PHOTOSHOP: u16 = 34_377;
pub(crate) const EXIF_DIRECTORY: u16 = 34_665;
pub(crate) const GPS_DIRECTORY: u16 = 34_853;

/// Whether the bytes begin as a TIFF does, classic or of the large kind.
pub(crate) fn announced(bytes: &[u8]) -> bool {
    Tiff::open(bytes).is_some()
}

/// A TIFF whose directories can be read.
#[derive(Clone, Copy)]
pub(crate) struct Tiff<'a> {
    bytes: &'a [u8],
    pub(super) little: bool,
    pub(super) big: bool,
    pub(super) first: usize,
}

/// A directory: where its entries are.
pub(crate) struct Directory<'a> {
    tiff: Tiff<'a>,
    pub(super) entries_at: usize,
    pub(super) count: usize,
}

/// An entry whose type is known and whose whole value is there.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) tag: u16,
    /// The type of its values.
    pub(crate) kind: u16,
    /// How many values there are.
    pub(crate) count: usize,
    /// The values as they are stored.
    pub(crate) value: &'a [u8],
    /// Where the entry itself stands.
    pub(crate) at: usize,
    /// Where the values stand.
    pub(crate) value_at: usize,
}

/// What an entry says of its value: the type, how many there are, and where they stand.
struct Value {
    kind: u16,
    count: usize,
    at: usize,
}

impl<'a> Tiff<'a> {
    /// Reads the header.
    pub(crate) fn open(bytes: &'a [u8]) -> Option<Self> {
        Self::with_number(bytes, |number| number == 42)
    }

    /// Reads the header of a RAW file: some makers have a number of their own there.
    pub(crate) fn open_raw(bytes: &'a [u8]) -> Option<Self> {
        Self::with_number(bytes, |number| matches!(number, 42 | 0x55 | 0x4F52 | 0x5352))
    }

    fn with_number(bytes: &'a [u8], is_classic: fn(u16) -> bool) -> Option<Self> {
        let little = match bytes.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let mut tiff = Self { bytes, little, big: false, first: 0 };
        match tiff.u16(2)? {
            number if is_classic(number) => tiff.first = usize::try_from(tiff.u32(4)?).ok()?,
            43 => {
                tiff.big = true;
                tiff.first = usize::try_from(tiff.u64(8)?).ok()?;
            }
            _ => return None,
        }
        Some(tiff)
    }

    /// The first directory, which describes the main picture of an ordinary TIFF.
    pub(crate) fn first_directory(self) -> Option<Directory<'a>> {
        self.directory(self.first)
    }

    /// The directory at a place in the file; of one that is cut, the entries that are there.
    pub(crate) fn directory(self, at: usize) -> Option<Directory<'a>> {
        let (count, entries_at) = if self.big {
            (usize::try_from(self.u64(at)?).ok()?, at.checked_add(8)?)
        } else {
            (usize::from(self.u16(at)?), at.checked_add(2)?)
        };
        Some(Directory { tiff: self, entries_at, count })
    }

    /// The directories one after the other, at most `most` of them.
    pub(crate) fn directories(self, most: usize) -> impl Iterator<Item = Directory<'a>> {
        let next = move |directory: &Directory<'a>| self.directory(directory.next_at().filter(|at| *at > 0)?);
        std::iter::successors(self.first_directory(), next).take(most)
    }

    /// The bytes that one entry of a directory takes.
    pub(crate) fn entry_length(self) -> usize {
        if self.big { 20 } else { 12 }
    }

    /// Whether the low byte of a number comes first.
    pub(crate) fn is_little(self) -> bool {
        self.little
    }

    /// Whether it is of the large kind.
    pub(crate) fn is_big(self) -> bool {
        self.big
    }

    /// Where the first directory stands.
    pub(crate) fn first_at(self) -> usize {
        self.first
    }

    /// What the entry at a place says of its value.
    fn value(self, entry: usize) -> Option<Value> {
        let kind = self.u16(entry.checked_add(2)?)?;
        let (count, field, room) = if self.big {
            (usize::try_from(self.u64(entry + 4)?).ok()?, entry + 12, 8)
        } else {
            (usize::try_from(self.u32(entry + 4)?).ok()?, entry + 8, 4)
        };
        let fits = count.checked_mul(width_of(kind)).is_some_and(|length| length <= room);
        let at = match (fits, self.big) {
            (true, _) => field,
            (false, true) => usize::try_from(self.u64(field)?).ok()?,
            (false, false) => usize::try_from(self.u32(field)?).ok()?,
        };
        Some(Value { kind, count, at })
    }

    fn u16(self, at: usize) -> Option<u16> {
        if self.little { le16(self.bytes, at) } else { be16(self.bytes, at) }
    }

    fn u32(self, at: usize) -> Option<u32> {
        if self.little { le32(self.bytes, at) } else { be32(self.bytes, at) }
    }

    fn u64(self, at: usize) -> Option<u64> {
        if self.little { le64(self.bytes, at) } else { be64(self.bytes, at) }
    }
}

impl<'a> Directory<'a> {
    /// Whether the directory has this tag.
    pub(crate) fn has(&self, tag: u16) -> bool {
        self.find(tag).is_some()
    }

    /// The whole numbers of a tag, at most `most` of them.
    pub(crate) fn numbers(&self, tag: u16, most: usize) -> Vec<u32> {
        let Some(value) = self.find(tag) else { return Vec::new() };
        let tiff = self.tiff;
        let place = |index: usize| value.at.checked_add(index * width_of(value.kind));
        (0..value.count.min(most))
            .map_while(|index| match value.kind {
                1 => tiff.bytes.get(place(index)?).copied().map(u32::from),
                3 => tiff.u16(place(index)?).map(u32::from),
                4 | 13 => tiff.u32(place(index)?),
                16 | 18 => u32::try_from(tiff.u64(place(index)?)?).ok(),
                _ => None,
            })
            .collect()
    }

    /// The first whole number of a tag.
    pub(crate) fn number(&self, tag: u16) -> Option<u32> {
        self.numbers(tag, 1).first().copied()
    }

    /// The first bytes of a text tag, at most 64.
    pub(crate) fn text(&self, tag: u16) -> &'a [u8] {
        match self.find(tag) {
            Some(value) if value.kind == 2 => available(self.tiff.bytes, value.at, value.count.min(64)),
            _ => &[],
        }
    }

    /// The bytes of a tag's value, whatever their type; of a value that is cut, what is there.
    pub(crate) fn bytes(&self, tag: u16) -> Option<&'a [u8]> {
        let (at, length) = self.place(tag)?;
        Some(available(self.tiff.bytes, at, length))
    }

    /// Where the value of a tag lies and how many bytes it has.
    pub(crate) fn place(&self, tag: u16) -> Option<(usize, usize)> {
        let value = self.find(tag)?;
        Some((value.at, value.count.checked_mul(width_of(value.kind))?))
    }

    /// The size that the directory gives.
    pub(crate) fn size(&self) -> Option<Size> {
        self.number(WIDTH).zip(self.number(HEIGHT)).map(|(width, height)| Size::new(width, height))
    }

    /// The orientation, 1 to 8, when there is one.
    pub(crate) fn stated_orientation(&self) -> Option<u8> {
        // One that says to be longer than the file is no number.
        let (at, length) = self.place(ORIENTATION)?;
        slice(self.tiff.bytes, at, length)?;
        let value = self.number(ORIENTATION)?;
        u8::try_from(value).ok().filter(|value| (1..=8).contains(value))
    }

    /// Every entry of a known type whose value is there, in the order of the file.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry<'a>> {
        let (tiff, length) = (self.tiff, self.tiff.entry_length());
        let start = self.entries_at;
        let places = (0..self.count).map_while(move |index| start.checked_add(index.checked_mul(length)?));
        places.take_while(move |at| *at < tiff.bytes.len()).filter_map(move |at| {
            let tag = tiff.u16(at)?;
            let Value { kind, count, at: value_at } = tiff.value(at)?;
            let length = count.checked_mul(width_of(kind))?;
            let value = slice(tiff.bytes, value_at, length)?;
            (matches!(kind, 1..=13 | 16..=18 | 129) && count > 0).then_some(Entry {
                tag,
                kind,
                count,
                value,
                at,
                value_at,
            })
        })
    }

    /// Where the next directory stands; 0 after the last one.
    pub(crate) fn next_at(&self) -> Option<usize> {
        let at = self.count.checked_mul(self.tiff.entry_length())?.checked_add(self.entries_at)?;
        if self.tiff.big {
            usize::try_from(self.tiff.u64(at)?).ok()
        } else {
            self.tiff.u32(at)?.try_into().ok()
        }
    }

    /// Where the entry of a tag stands.
    pub(crate) fn entry(&self, tag: u16) -> Option<usize> {
        (0..self.count)
            .map_while(|index| self.entries_at.checked_add(index.checked_mul(self.tiff.entry_length())?))
            .take_while(|at| *at < self.tiff.bytes.len())
            .find(|at| self.tiff.u16(*at) == Some(tag))
    }

    fn find(&self, tag: u16) -> Option<Value> {
        self.tiff.value(self.entry(tag)?)
    }
}

/// The bytes that one value of a type takes.
pub(super) fn width_of(kind: u16) -> usize {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        _ => 1,
    }
}

/// The orientation in an EXIF block.
pub(crate) fn orientation(exif: &[u8]) -> u8 {
    Tiff::open(exif).and_then(Tiff::first_directory).and_then(|first| first.stated_orientation()).unwrap_or(1)
}

/// The XMP packet of a TIFF.
pub(crate) fn xmp(bytes: &[u8]) -> Option<&[u8]> {
    Tiff::open(bytes)?.first_directory()?.bytes(XMP)
}

/// The IPTC data of a TIFF, which stand in a tag of their own or among Photoshop's resources.
pub(crate) fn iptc(bytes: &[u8]) -> Option<&[u8]> {
    let directory = Tiff::open(bytes)?.first_directory()?;
    directory.bytes(IPTC).or_else(|| photoshop::iptc(directory.bytes(PHOTOSHOP)?))
}
