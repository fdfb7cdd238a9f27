//! EXIF blocks, written anew with the tags that stay: what no directory names is gone with the rest.

use std::collections::BTreeMap;

use super::tags::{self, Directory};
use crate::containers::tiff::{self, Entry, Tiff};

/// Of values outside the directories, so that the block fits every container.
const MOST: usize = 60_000;
const LONG: u16 = 4;

/// The block that stays of an EXIF block; `None` if nothing does.
pub(super) fn rebuilt(block: &[u8]) -> Option<Vec<u8>> {
    let tiff = Tiff::open(block).filter(|tiff| !tiff.is_big())?;
    let main = tiff.first_directory()?;
    let exposure = pointed(tiff, &main, tags::EXIF_DIRECTORY);
    let rules = exposure.as_ref().and_then(|found| pointed(tiff, found, tags::INTEROPERABILITY_DIRECTORY));
    let mut room = MOST;
    let main = kept(&main, Directory::Main, &mut room);
    let exposure = exposure.map(|found| kept(&found, Directory::Exposure, &mut room)).unwrap_or_default();
    let rules = rules.map(|found| kept(&found, Directory::Interoperability, &mut room)).unwrap_or_default();
    if main.is_empty() && exposure.is_empty() && rules.is_empty() {
        return None;
    }
    Some(Writer::new(tiff.is_little()).written(&main, &exposure, &rules))
}

fn pointed<'a>(tiff: Tiff<'a>, from: &tiff::Directory<'a>, tag: u16) -> Option<tiff::Directory<'a>> {
    tiff.directory(usize::try_from(from.number(tag)?).ok()?)
}

/// By tag; of a tag that comes twice the first counts, as for readers, also where that one can't be read.
fn kept<'a>(directory: &tiff::Directory<'a>, kind: Directory, room: &mut usize) -> BTreeMap<u16, Entry<'a>> {
    let mut readable = BTreeMap::new();
    for entry in directory.entries().filter(|entry| kind.keeps(entry.tag)) {
        let is_first = || Some(entry).filter(|entry| directory.entry(entry.tag) == Some(entry.at));
        readable.entry(entry.tag).or_insert_with(is_first);
    }
    let mut found: BTreeMap<_, _> =
        readable.into_iter().filter_map(|(tag, entry)| Some((tag, entry?))).collect();
    found.retain(|_, entry| {
        let length = if entry.value.len() > 4 { entry.value.len() + 1 } else { 0 };
        let fits = length <= *room;
        if fits {
            *room -= length;
        }
        fits
    });
    found
}

struct Writer {
    out: Vec<u8>,
    little: bool,
}

impl Writer {
    fn new(little: bool) -> Self {
        let start: &[u8] = if little { b"II*\0\x08\0\0\0" } else { b"MM\0*\0\0\0\x08" };
        Self { out: start.to_vec(), little }
    }

    fn written(
        mut self,
        main: &BTreeMap<u16, Entry<'_>>,
        exposure: &BTreeMap<u16, Entry<'_>>,
        rules: &BTreeMap<u16, Entry<'_>>,
    ) -> Vec<u8> {
        let has_exposure = !exposure.is_empty() || !rules.is_empty();
        let pointer = self.directory(main, has_exposure.then_some(tags::EXIF_DIRECTORY));
        if let Some(pointer) = pointer {
            self.point(pointer);
            let deeper = (!rules.is_empty()).then_some(tags::INTEROPERABILITY_DIRECTORY);
            if let Some(pointer) = self.directory(exposure, deeper) {
                self.point(pointer);
                self.directory(rules, None);
            }
        }
        self.out
    }

    /// Writes a directory and the values behind it; where the pointer's value has to go.
    fn directory(&mut self, entries: &BTreeMap<u16, Entry<'_>>, pointer: Option<u16>) -> Option<usize> {
        let count = entries.len() + usize::from(pointer.is_some());
        let mut values_at = self.out.len() + 2 + count * 12 + 4;
        let mut values = Vec::new();
        let mut place = None;
        self.u16(u16::try_from(count).unwrap_or(u16::MAX));
        let before = pointer.unwrap_or(0);
        for entry in entries.range(..before).map(|(_, entry)| entry) {
            self.entry(entry, &mut values, &mut values_at);
        }
        if let Some(tag) = pointer {
            self.u16(tag);
            self.u16(LONG);
            self.u32(1);
            place = Some(self.out.len());
            self.u32(0);
        }
        for entry in entries.range(before..).map(|(_, entry)| entry) {
            self.entry(entry, &mut values, &mut values_at);
        }
        self.u32(0);
        self.out.extend(values);
        place
    }

    fn entry(&mut self, entry: &Entry<'_>, values: &mut Vec<u8>, values_at: &mut usize) {
        self.u16(entry.tag);
        self.u16(entry.kind);
        self.u32(entry.count);
        if entry.value.len() <= 4 {
            let mut inline = [0; 4];
            inline[..entry.value.len()].copy_from_slice(entry.value);
            self.out.extend(inline);
        } else {
            self.u32(*values_at);
            values.extend(entry.value);
            // Values begin at even places.
            values.resize(values.len() + entry.value.len() % 2, 0);
            *values_at += entry.value.len() + entry.value.len() % 2;
        }
    }

    fn point(&mut self, pointer: usize) {
        let here = self.number(self.out.len());
        self.out[pointer..pointer + 4].copy_from_slice(&here);
    }

    fn u16(&mut self, value: u16) {
        self.out.extend(if self.little { value.to_le_bytes() } else { value.to_be_bytes() });
    }

    fn u32(&mut self, value: usize) {
        self.out.extend(self.number(value));
    }

    fn number(&self, value: usize) -> [u8; 4] {
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        if self.little { value.to_le_bytes() } else { value.to_be_bytes() }
    }
}
