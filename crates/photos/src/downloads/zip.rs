//! The layout of a ZIP archive whose every byte is known before the first is sent (APPNOTE.TXT 6.3.10).
//!
//! Entries are stored, and their sizes and checksums come from ingest, so that length and any range of the archive follow
//! from the list alone. ZIP64 fields stand where 16 or 32 bits do not suffice, and nowhere else.

use std::ops::Range;

use chrono::{Datelike, NaiveDateTime, Timelike};

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END64: u32 = 0x0606_4b50;
const LOCATOR64: u32 = 0x0706_4b50;
const END: u32 = 0x0605_4b50;
/// Names are UTF-8 (general purpose bit 11).
const UTF8: u16 = 1 << 11;
/// What a reader must know: version 2.0, or 4.5 where there are ZIP64 fields.
const PLAIN: u16 = 20;
const WITH64: u16 = 45;
/// The upper byte of “version made by”: Unix, whose permissions stand in the external attributes.
const UNIX: u16 = 3 << 8;
/// An ordinary file that everybody may read.
const MODE: u32 = 0o100_644 << 16;
/// In the place of a number that stands in a ZIP64 field.
const ELSEWHERE32: u32 = u32::MAX;
const ELSEWHERE16: u16 = u16::MAX;
/// So much of the directory is made at once.
const DIRECTORY_BYTES: usize = 64 * 1024;

/// A file to be put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File<'a> {
    /// Its name in the archive, at most 65,535 bytes.
    pub name: &'a str,
    /// Bytes.
    pub size: u64,
    /// CRC-32 (IEEE) of its bytes.
    pub crc32: u32,
    /// See [`dos_time`].
    pub modified: u32,
}

/// The list of an archive, kept small: 32 bytes a file beside its name.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    names: String,
    entries: Vec<Entry>,
    directory_length: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    size: u64,
    /// Where its local header stands in the archive.
    offset: u64,
    crc32: u32,
    modified: u32,
    /// Where its name ends in `names`; it begins where that of the entry before ends.
    name_end: u32,
}

/// A part of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Bytes of the archive itself.
    Bytes(Vec<u8>),
    /// Bytes of a file: its index in the list, and which of them.
    Content(usize, Range<u64>),
}

impl Archive {
    /// An archive without files, with room for so many.
    pub fn with_capacity(files: usize) -> Self {
        Self {
            names: String::with_capacity(files * 16),
            entries: Vec::with_capacity(files),
            directory_length: 0,
        }
    }

    /// Adds a file at the end.
    pub fn add(&mut self, file: File<'_>) {
        let offset = self.directory_offset();
        self.names.push_str(file.name);
        let name_end = u32::try_from(self.names.len()).expect("the names of an archive stay below 4 GiB");
        let File { size, crc32, modified, .. } = file;
        self.entries.push(Entry { size, offset, crc32, modified, name_end });
        self.directory_length += self.central_length(self.entries.len() - 1);
    }

    /// How many files there are.
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// The name of a file in the list.
    pub fn name(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.entries[index - 1].name_end };
        &self.names[start as usize..self.entries[index].name_end as usize]
    }

    /// The file at this place of the list.
    pub fn file(&self, index: usize) -> File<'_> {
        let Entry { size, crc32, modified, .. } = self.entries[index];
        File { name: self.name(index), size, crc32, modified }
    }

    /// Bytes of the whole archive.
    pub fn size(&self) -> u64 {
        let end = if self.needs_end64() { 56 + 20 + 22 } else { 22 };
        self.directory_offset() + self.directory_length + end
    }

    /// What stands at this place of the archive, up to `end`; `None` at the end or behind it.
    pub fn piece(&self, at: u64, end: u64) -> Option<Piece> {
        let end = end.min(self.size());
        if at >= end {
            return None;
        }
        if at >= self.directory_offset() {
            return Some(self.directory_piece(at, end));
        }
        let index = self.entries.partition_point(|entry| entry.offset <= at) - 1;
        let entry = &self.entries[index];
        let content = entry.offset + self.local_length(index);
        if at < content {
            return Some(Piece::Bytes(cut(self.local(index), entry.offset, at..end)));
        }
        Some(Piece::Content(index, at - content..(end - content).min(entry.size)))
    }

    /// Where the directory begins: behind the last file.
    fn directory_offset(&self) -> u64 {
        let Some(last) = self.entries.last() else { return 0 };
        last.offset + self.local_length(self.entries.len() - 1) + last.size
    }

    fn needs_end64(&self) -> bool {
        self.entries.len() >= usize::from(ELSEWHERE16)
            || self.directory_length >= u64::from(ELSEWHERE32)
            || self.directory_offset() >= u64::from(ELSEWHERE32)
    }

    fn local_length(&self, index: usize) -> u64 {
        let extra = if is_large(self.entries[index].size) { 20 } else { 0 };
        30 + self.name(index).len() as u64 + extra
    }

    fn central_length(&self, index: usize) -> u64 {
        let fields = u64::from(central_fields(&self.entries[index]));
        46 + self.name(index).len() as u64 + if fields > 0 { 4 + fields } else { 0 }
    }

    fn local(&self, index: usize) -> Vec<u8> {
        let (entry, name) = (&self.entries[index], self.name(index));
        let large = is_large(entry.size);
        let mut bytes = Vec::with_capacity(50 + name.len());
        put32(&mut bytes, LOCAL);
        put16(&mut bytes, if large { WITH64 } else { PLAIN });
        self.put_shared(&mut bytes, index);
        put16(&mut bytes, if large { 20 } else { 0 });
        bytes.extend(name.as_bytes());
        if large {
            put16(&mut bytes, 1);
            put16(&mut bytes, 16);
            put64(&mut bytes, entry.size);
            put64(&mut bytes, entry.size);
        }
        bytes
    }

    fn put_central(&self, bytes: &mut Vec<u8>, index: usize) {
        let (entry, fields) = (&self.entries[index], central_fields(&self.entries[index]));
        let version = if fields > 0 { WITH64 } else { PLAIN };
        put32(bytes, CENTRAL);
        put16(bytes, UNIX | version);
        put16(bytes, version);
        self.put_shared(bytes, index);
        put16(bytes, if fields > 0 { 4 + fields } else { 0 });
        // No comment, the first disk, no internal attributes.
        bytes.extend([0; 6]);
        put32(bytes, MODE);
        put32(bytes, in32(entry.offset));
        bytes.extend(self.name(index).as_bytes());
        if fields > 0 {
            put16(bytes, 1);
            put16(bytes, fields);
        }
        if is_large(entry.size) {
            put64(bytes, entry.size);
            put64(bytes, entry.size);
        }
        if is_large(entry.offset) {
            put64(bytes, entry.offset);
        }
    }

    /// What local header and central entry have in common, up to the length of the name.
    fn put_shared(&self, bytes: &mut Vec<u8>, index: usize) {
        let entry = &self.entries[index];
        put16(bytes, UTF8);
        // Stored.
        put16(bytes, 0);
        put32(bytes, entry.modified);
        put32(bytes, entry.crc32);
        put32(bytes, in32(entry.size));
        put32(bytes, in32(entry.size));
        put16(bytes, in16(self.name(index).len() as u64));
    }

    fn directory_piece(&self, at: u64, end: u64) -> Piece {
        let mut offset = self.directory_offset();
        let mut index = 0;
        while index < self.count() && offset + self.central_length(index) <= at {
            offset += self.central_length(index);
            index += 1;
        }
        let mut bytes = Vec::with_capacity(DIRECTORY_BYTES + 512);
        while index < self.count() && bytes.len() < DIRECTORY_BYTES {
            self.put_central(&mut bytes, index);
            index += 1;
        }
        if index == self.count() {
            self.put_end(&mut bytes);
        }
        Piece::Bytes(cut(bytes, offset, at..end))
    }

    fn put_end(&self, bytes: &mut Vec<u8>) {
        let (count, start, length) =
            (self.entries.len() as u64, self.directory_offset(), self.directory_length);
        if self.needs_end64() {
            put32(bytes, END64);
            put64(bytes, 44);
            put16(bytes, UNIX | WITH64);
            put16(bytes, WITH64);
            put64(bytes, 0);
            for number in [count, count, length, start] {
                put64(bytes, number);
            }
            put32(bytes, LOCATOR64);
            put32(bytes, 0);
            put64(bytes, start + length);
            put32(bytes, 1);
        }
        put32(bytes, END);
        put32(bytes, 0);
        put16(bytes, in16(count));
        put16(bytes, in16(count));
        put32(bytes, in32(length));
        put32(bytes, in32(start));
        put16(bytes, 0);
    }
}

/// The bytes of ZIP64 fields in the entry of the directory.
fn central_fields(entry: &Entry) -> u16 {
    (if is_large(entry.size) { 16 } else { 0 }) + if is_large(entry.offset) { 8 } else { 0 }
}

/// The part of some bytes, which stand at `offset`, that is within a range.
fn cut(mut bytes: Vec<u8>, offset: u64, range: Range<u64>) -> Vec<u8> {
    let index = |place: u64| usize::try_from(place - offset).unwrap_or(usize::MAX);
    bytes.truncate(index(range.end));
    if range.start > offset { bytes.split_off(index(range.start)) } else { bytes }
}

/// A time as MS-DOS has it, in steps of two seconds from 1980 on: date in the upper half, time in the lower.
pub fn dos_time(time: NaiveDateTime) -> u32 {
    let year = u32::try_from(time.year().clamp(1980, 2107) - 1980).unwrap_or_default();
    let date = (year << 9) | (time.month() << 5) | time.day();
    (date << 16) | (time.hour() << 11) | (time.minute() << 5) | (time.second() / 2)
}

fn is_large(number: u64) -> bool {
    number >= u64::from(ELSEWHERE32)
}

fn in32(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(ELSEWHERE32)
}

fn in16(number: u64) -> u16 {
    u16::try_from(number).unwrap_or(ELSEWHERE16)
}

fn put16(bytes: &mut Vec<u8>, number: u16) {
    bytes.extend(number.to_le_bytes());
}

fn put32(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend(number.to_le_bytes());
}

fn put64(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend(number.to_le_bytes());
}

#[cfg(test)]
mod tests;
