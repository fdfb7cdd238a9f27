//! The directories of a TIFF, which are also the form of EXIF blocks and of most RAW files (TIFF 6.0, section 2).

use super::bytes::{available, be16, be32, be64, le16, le32, le64};
use crate::size::Size;

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const ORIENTATION: u16 = 274;
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
    little: bool,
    big: bool,
    first: usize,
}

/// A directory: where its entries are.
pub(crate) struct Directory<'a> {
    tiff: Tiff<'a>,
    entries_at: usize,
    count: usize,
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
        std::iter::successors(self.first_directory(), Directory::next).take(most)
    }

    fn entry_length(self) -> usize {
        if self.big { 20 } else { 12 }
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

    /// The bytes of a tag, whatever its type, as far as they are there.
    pub(crate) fn bytes(&self, tag: u16) -> Option<&'a [u8]> {
        let value = self.find(tag)?;
        Some(available(self.tiff.bytes, value.at, value.count.saturating_mul(width_of(value.kind))))
    }

    /// Where the value of a tag lies and how many bytes it has.
    pub(crate) fn place(&self, tag: u16) -> Option<(usize, usize)> {
        let value = self.find(tag)?;
        Some((value.at, value.count.saturating_mul(width_of(value.kind))))
    }

    /// The size that the directory gives.
    pub(crate) fn size(&self) -> Option<Size> {
        self.number(WIDTH).zip(self.number(HEIGHT)).map(|(width, height)| Size::new(width, height))
    }

    /// The orientation, 1 to 8; 1 when there is none or it has no meaning.
    pub(crate) fn orientation(&self) -> u8 {
        self.stated_orientation().unwrap_or(1)
    }

    /// The orientation, 1 to 8, when there is one.
    pub(crate) fn stated_orientation(&self) -> Option<u8> {
        let value = self.number(ORIENTATION)?;
        u8::try_from(value).ok().filter(|value| (1..=8).contains(value))
    }

    /// The directory that follows this one.
    fn next(&self) -> Option<Self> {
        let end = self.entries_at.checked_add(self.count.checked_mul(self.tiff.entry_length())?)?;
        let at = if self.tiff.big { self.tiff.u64(end)? } else { self.tiff.u32(end)?.into() };
        self.tiff.directory(usize::try_from(at).ok().filter(|at| *at > 0)?)
    }

    /// Where the entry of a tag stands.
    fn entry(&self, tag: u16) -> Option<usize> {
        (0..self.count)
            .map_while(|index| self.entries_at.checked_add(index.checked_mul(self.tiff.entry_length())?))
            .take_while(|at| *at < self.tiff.bytes.len())
            .find(|at| self.tiff.u16(*at) == Some(tag))
    }

    fn find(&self, tag: u16) -> Option<Value> {
        let tiff = self.tiff;
        let entry = self.entry(tag)?;
        let kind = tiff.u16(entry + 2)?;
        let (count, field, room) = if tiff.big {
            (usize::try_from(tiff.u64(entry + 4)?).ok()?, entry + 12, 8)
        } else {
            (usize::try_from(tiff.u32(entry + 4)?).ok()?, entry + 8, 4)
        };
        let fits = count.checked_mul(width_of(kind)).is_some_and(|length| length <= room);
        let at = match (fits, tiff.big) {
            (true, _) => field,
            (false, true) => usize::try_from(tiff.u64(field)?).ok()?,
            (false, false) => usize::try_from(tiff.u32(field)?).ok()?,
        };
        Some(Value { kind, count, at })
    }
}

/// The bytes that one value of a type takes.
fn width_of(kind: u16) -> usize {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        _ => 1,
    }
}

/// A copy of an EXIF block in which pointers to directories are plain numbers. Some cameras give them the
/// type that TIFF has for this (13), which EXIF readers do not follow.
pub(crate) fn with_plain_pointers(exif: &[u8]) -> Vec<u8> {
    let mut copy = exif.to_vec();
    let Some(directory) = Tiff::open(exif).and_then(Tiff::first_directory) else { return copy };
    for at in [EXIF_DIRECTORY, GPS_DIRECTORY].into_iter().filter_map(|tag| directory.entry(tag)) {
        if directory.tiff.u16(at + 2) == Some(13) {
            let kind = if directory.tiff.little { [4, 0] } else { [0, 4] };
            copy[at + 2..at + 4].copy_from_slice(&kind);
        }
    }
    copy
}

/// One EXIF block of blocks that a file keeps apart: the main one, and others that become the directories to which
/// it points. Blocks in another byte order are left out.
pub(crate) fn joined(main: &[u8], others: &[(u16, &[u8])]) -> Option<Vec<u8>> {
    let directory = Tiff::open(main).filter(|tiff| tiff.little && !tiff.big)?.first_directory()?;
    let mut whole = main.to_vec();
    let own = directory.count.checked_mul(12)?;
    let mut entries = main.get(directory.entries_at..directory.entries_at.checked_add(own)?)?.to_vec();
    for (tag, block) in others {
        let Some(found) = Tiff::open(block).filter(|tiff| tiff.little && !tiff.big) else { continue };
        let base = u32::try_from(whole.len()).ok()?;
        let mut moved = block.to_vec();
        let inner = found.first_directory()?;
        for entry in (0..inner.count).map_while(|index| inner.entries_at.checked_add(index * 12)) {
            let (Some(kind), Some(count), Some(at)) =
                (le16(block, entry + 2), le32(block, entry + 4), le32(block, entry + 8))
            else {
                break;
            };
            if u64::from(count) * width_of(kind) as u64 > 4 {
                moved[entry + 8..entry + 12].copy_from_slice(&at.wrapping_add(base).to_le_bytes());
            }
        }
        whole.extend(moved);
        let first = base.checked_add(u32::try_from(found.first).ok()?)?;
        entries.extend([&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0], &first.to_le_bytes()].concat());
    }
    let at = u32::try_from(whole.len()).ok()?;
    whole[4..8].copy_from_slice(&at.to_le_bytes());
    whole.extend(u16::try_from(entries.len() / 12).ok()?.to_le_bytes());
    whole.extend(entries);
    whole.extend([0; 4]);
    Some(whole)
}

/// The orientation in an EXIF block.
pub(crate) fn orientation(exif: &[u8]) -> u8 {
    Tiff::open(exif).and_then(Tiff::first_directory).map_or(1, |directory| directory.orientation())
}
