//! TIFF: directories are thinned out in place, and every byte that nothing kept points to becomes zero.

use std::collections::BTreeSet;

use super::{
    Unclean, photoshop,
    places::Places,
    plan::Clean,
    tags::{self, Directory},
    xmp,
};
use crate::containers::tiff::{self, Entry, Tiff};

const SUBFILE: u16 = 254;
const COMPRESSION: u16 = 259;
/// What decides about the pixels.
const DECISIVE: [u16; 16] =
    [SUBFILE, 256, 257, 258, COMPRESSION, 262, 273, 274, 277, 278, 279, 284, 322, 323, 324, 325];
/// Where the pixels stand, and how many bytes there are in each place: in strips or in tiles.
const PIXELS: [(u16, u16); 2] = [(273, 279), (324, 325)];
const OLD_JPEG: u32 = 6;
const MOST_PAGES: usize = 100;
const MOST_STRIPS: usize = 1 << 20;

struct Thinner<'a> {
    bytes: &'a [u8],
    tiff: Tiff<'a>,
    places: Places,
}

pub(super) fn plan(bytes: &[u8]) -> Result<Clean, Unclean> {
    let tiff = Tiff::open(bytes).ok_or(Unclean::Damaged)?;
    let pages = pages(tiff)?;
    let mut thinner = Thinner { bytes, tiff, places: Places::default() };
    thinner.places.keep(0..if tiff.is_big() { 16 } else { 8 });
    for (index, at) in pages.iter().enumerate() {
        let next = pages.get(index + 1).copied().unwrap_or(0);
        thinner.page(*at, next)?;
    }
    thinner.places.finish(bytes)
}

/// The pictures, without those that are smaller forms of others: they may show what was cut away.
fn pages(tiff: Tiff<'_>) -> Result<Vec<usize>, Unclean> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut at = tiff.first_at();
    while at != 0 {
        let directory = tiff.directory(at).ok_or(Unclean::Damaged)?;
        if !seen.insert(at) || seen.len() > MOST_PAGES || !is_sound(&directory) {
            return Err(Unclean::Damaged);
        }
        if found.is_empty() || directory.number(SUBFILE).unwrap_or(0) & 1 == 0 {
            found.push(at);
        }
        at = directory.next_at().ok_or(Unclean::Damaged)?;
    }
    if found.is_empty() { Err(Unclean::Damaged) } else { Ok(found) }
}

/// Whether the tags that decide about the pixels are among the entries that can be read, or not there at all.
fn is_sound(directory: &tiff::Directory<'_>) -> bool {
    let readable = |tag| directory.entries().find(|entry| entry.tag == tag).map(|entry| entry.at);
    DECISIVE.iter().all(|tag| directory.entry(*tag) == readable(*tag))
}

impl Thinner<'_> {
    fn page(&mut self, at: usize, next: usize) -> Result<(), Unclean> {
        let directory = self.tiff.directory(at).ok_or(Unclean::Damaged)?;
        if directory.number(COMPRESSION) == Some(OLD_JPEG) {
            return Err(Unclean::Scattered);
        }
        self.pixels(&directory)?;
        self.directory(&directory, at, next, Directory::Picture)
    }

    fn pixels(&mut self, directory: &tiff::Directory<'_>) -> Result<(), Unclean> {
        let mut any = false;
        for (places, lengths) in PIXELS {
            let places = directory.numbers(places, MOST_STRIPS);
            let lengths = directory.numbers(lengths, MOST_STRIPS);
            if places.len() != lengths.len() || places.len() == MOST_STRIPS {
                return Err(Unclean::Damaged);
            }
            for (place, length) in places.into_iter().zip(lengths) {
                let (place, length) = (size(place)?, size(length)?);
                // Of a file that is cut off, what is there.
                let end = place.saturating_add(length).min(self.bytes.len());
                if place < end {
                    any = true;
                    self.places.keep(place..end);
                }
            }
        }
        if any { Ok(()) } else { Err(Unclean::Damaged) }
    }

    /// Writes a directory anew in its place, and keeps what its values point to.
    fn directory(
        &mut self,
        directory: &tiff::Directory<'_>,
        at: usize,
        next: usize,
        kind: Directory,
    ) -> Result<(), Unclean> {
        let mut entries = Vec::new();
        let mut count = 0_usize;
        let length = self.tiff.entry_length();
        for entry in directory.entries() {
            let raw = self.bytes.get(entry.at..entry.at + length).ok_or(Unclean::Damaged)?;
            if let Some(values) = self.value(&entry, kind)? {
                count += 1;
                entries.extend_from_slice(&raw[..4]);
                entries.extend(self.number(values, if self.tiff.is_big() { 8 } else { 4 }));
                entries.extend_from_slice(&raw[if self.tiff.is_big() { 12 } else { 8 }..]);
            }
        }
        let new = if self.tiff.is_big() {
            [self.number(count, 8), entries, self.number(next, 8)].concat()
        } else {
            [self.number(count, 2), entries, self.number(next, 4)].concat()
        };
        self.places.put(at, new);
        Ok(())
    }

    /// How many values an entry has from now on; none if it goes.
    fn value(&mut self, entry: &Entry<'_>, kind: Directory) -> Result<Option<usize>, Unclean> {
        let range = entry.value_at..entry.value_at + entry.value.len();
        let is_inline = entry.value_at > entry.at && entry.value_at < entry.at + self.tiff.entry_length();
        if let Some(kind) = kind.pointed(entry.tag) {
            return Ok(self.pointed(entry, kind)?.then_some(entry.count));
        }
        let mut new = match entry.tag {
            tags::XMP if kind == Directory::Picture => {
                xmp::rebuilt(entry.value).map(String::into_bytes).unwrap_or_default()
            }
            tags::IPTC if kind == Directory::Picture => photoshop::records(entry.value),
            tag if kind.keeps(tag) => {
                if !is_inline {
                    self.places.keep(range);
                }
                return Ok(Some(entry.count));
            }
            _ => return Ok(None),
        };
        // Some writers count IPTC in numbers of four bytes.
        let width = entry.value.len() / entry.count;
        new.resize(new.len().next_multiple_of(width), 0);
        // What has become longer, or so short that it would move into the entry itself, is given up.
        if is_inline || new.len() <= 8 || new.len() > range.len() {
            return Ok(None);
        }
        let count = new.len() / width;
        self.places.put(range.start, new);
        Ok(Some(count))
    }

    /// A directory that another one points to; one that can't be read goes.
    fn pointed(&mut self, entry: &Entry<'_>, kind: Directory) -> Result<bool, Unclean> {
        let number = match (entry.kind, entry.value, self.tiff.is_little()) {
            (4 | 13, [a, b, c, d], true) => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
            (4 | 13, [a, b, c, d], false) => u64::from(u32::from_be_bytes([*a, *b, *c, *d])),
            (16 | 18, value, little) => {
                let Ok(value) = value.try_into() else { return Ok(false) };
                if little { u64::from_le_bytes(value) } else { u64::from_be_bytes(value) }
            }
            _ => return Ok(false),
        };
        let at = usize::try_from(number).map_err(|_| Unclean::Damaged)?;
        let Some(directory) = self.tiff.directory(at) else { return Ok(false) };
        self.directory(&directory, at, 0, kind)?;
        Ok(true)
    }

    fn number(&self, value: usize, width: usize) -> Vec<u8> {
        let value = value as u64;
        if self.tiff.is_little() {
            value.to_le_bytes()[..width].to_vec()
        } else {
            value.to_be_bytes()[8 - width..].to_vec()
        }
    }
}

fn size(value: u32) -> Result<usize, Unclean> {
    usize::try_from(value).map_err(|_| Unclean::Damaged)
}
