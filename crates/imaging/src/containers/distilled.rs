//! A small and sound copy of an EXIF block, for a reader that is not ours.
//!
//! That reader follows every pointer of every directory and makes a list of every text: 64 kilobytes that point at
//! themselves became a gigabyte in it. The copy has three directories, no more entries than cameras write, and
//! nothing long.

use super::tiff::{Directory, EXIF_DIRECTORY as EXIF, Entry, GPS_DIRECTORY as GPS, Tiff};

/// Of one directory.
const MOST_ENTRIES: usize = 500;

/// In bytes, of one value; of a longer one the beginning is kept. Captions are the longest that are of use.
const LONGEST_VALUE: usize = 16 * 1024;

/// In bytes, of all values.
const LONGEST: usize = 1024 * 1024;

/// The types that EXIF knows (its version 3.0, section 4.6.2).
const KINDS: std::ops::RangeInclusive<u16> = 1..=12;

/// The copy; `None` when there is no directory. Its pointers are plain numbers: some cameras give them the type
/// that TIFF has for this (13), which EXIF readers do not follow.
pub(crate) fn distilled(exif: &[u8]) -> Option<Vec<u8>> {
    let tiff = Tiff::open(exif)?;
    let main = tiff.first_directory()?;
    let little = tiff.is_little();
    let bytes = if little { b"II*\0\0\0\0\0" } else { b"MM\0*\0\0\0\0" }.to_vec();
    let mut copy = Copy { bytes, little, room: LONGEST };
    let mut pointers = Vec::new();
    for tag in [EXIF, GPS] {
        let place = main.number(tag).and_then(|at| usize::try_from(at).ok());
        if let Some(inner) = place.and_then(|at| tiff.directory(at)) {
            let at = copy.add(&inner, &[]);
            pointers.push((tag, at));
        }
    }
    let first = copy.add(&main, &pointers);
    let first = copy.long(first);
    copy.bytes[4..8].copy_from_slice(&first);
    Some(copy.bytes)
}

struct Copy {
    bytes: Vec<u8>,
    little: bool,
    /// For values, in bytes.
    room: usize,
}

impl Copy {
    /// Adds a directory with its values, and pointers to others that were added before; says where it begins.
    fn add(&mut self, directory: &Directory<'_>, pointers: &[(u16, usize)]) -> usize {
        let (mut count, mut table) = (0, Vec::new());
        let known = |entry: &Entry<'_>| KINDS.contains(&entry.kind) && ![EXIF, GPS].contains(&entry.tag);
        for Entry { tag, kind, count: number, value, .. } in
            directory.entries().filter(known).take(MOST_ENTRIES)
        {
            let width = value.len() / number;
            let number = number.min(LONGEST_VALUE.min(self.room) / width);
            let value = &value[..number * width];
            let field = match value.len() {
                0 => continue,
                length @ 1..=4 => [value, &[0; 4][length..]].concat(),
                length => {
                    self.room -= length;
                    self.bytes.extend_from_slice(value);
                    self.long(self.bytes.len() - length).to_vec()
                }
            };
            count += 1;
            table.extend(self.entry(tag, kind, number));
            table.extend(field);
        }
        for (tag, at) in pointers {
            count += 1;
            table.extend(self.entry(*tag, 4, 1));
            table.extend(self.long(*at));
        }
        let start = self.bytes.len();
        self.bytes.extend(self.short(count));
        self.bytes.extend(table);
        // There is no next directory.
        self.bytes.extend([0; 4]);
        start
    }

    /// All of an entry but its value.
    fn entry(&self, tag: u16, kind: u16, count: usize) -> Vec<u8> {
        [&self.short(tag)[..], &self.short(kind), &self.long(count)].concat()
    }

    fn short(&self, number: u16) -> [u8; 2] {
        if self.little { number.to_le_bytes() } else { number.to_be_bytes() }
    }

    /// A place or a count, which the limits above keep small.
    fn long(&self, number: usize) -> [u8; 4] {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        if self.little { number.to_le_bytes() } else { number.to_be_bytes() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A little-endian TIFF of one directory with these entries: tag, type, count, value.
    fn block(entries: &[(u16, u16, u32, u32)]) -> Vec<u8> {
        let mut bytes = b"II*\0\x08\0\0\0".to_vec();
        bytes.extend(u16::try_from(entries.len()).expect("few").to_le_bytes());
        for (tag, kind, count, value) in entries {
            bytes.extend([&tag.to_le_bytes()[..], &kind.to_le_bytes()].concat());
            bytes.extend([&count.to_le_bytes()[..], &value.to_le_bytes()].concat());
        }
        bytes.extend([0; 4]);
        bytes
    }

    fn number(block: &[u8], tag: u16) -> Option<u32> {
        Tiff::open(block)?.first_directory()?.number(tag)
    }

    #[test]
    fn values_and_pointers_of_any_type_are_kept() {
        let inner_at = 8 + 2 + 2 * 12 + 4;
        let mut whole = block(&[(274, 3, 1, 6), (EXIF, 13, 1, inner_at)]);
        whole.extend(&block(&[(34_855, 3, 1, 400)])[8..]);
        let copy = distilled(&whole).expect("a copy");
        assert_eq!(number(&copy, 274), Some(6));
        let tiff = Tiff::open(&copy).expect("a TIFF");
        let main = tiff.first_directory().expect("a directory");
        let pointer = main.entries().find(|entry| entry.tag == EXIF).expect("the pointer");
        assert_eq!(pointer.kind, 4);
        let inner = tiff.directory(main.number(EXIF).expect("a place") as usize).expect("a directory");
        assert_eq!(inner.number(34_855), Some(400));
    }

    #[test]
    fn many_pointers_become_one() {
        let entries: Vec<_> = (0..5_000).map(|index| (EXIF, 4, 1, 10 + 12 * index)).collect();
        let copy = distilled(&block(&entries)).expect("a copy");
        assert!(copy.len() < 32 * MOST_ENTRIES, "{}", copy.len());
    }

    #[test]
    fn long_values_are_cut_and_all_of_them_are_not_much() {
        let long = 40 + 12 * 500;
        let mut whole = block(&(0..500).map(|tag| (tag, 2, 20_000, long)).collect::<Vec<_>>());
        whole.resize(whole.len() + 40_000, b'x');
        let copy = distilled(&whole).expect("a copy");
        assert!(copy.len() <= LONGEST + 32 * MOST_ENTRIES, "{}", copy.len());
        let first = Tiff::open(&copy).and_then(Tiff::first_directory).expect("a directory");
        assert_eq!(first.entries().next().map(|entry| entry.count), Some(LONGEST_VALUE));
    }

    #[test]
    fn every_cut_of_a_block_ends_well() {
        let whole = block(&[(271, 2, 4, 0x00_63_62_61), (EXIF, 4, 1, 8), (GPS, 4, 1, 12)]);
        for end in 0..whole.len() {
            distilled(&whole[..end]);
        }
    }
}
