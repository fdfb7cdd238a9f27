//! A clean original as a plan: which parts of the original stay, and what stands between them.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{SCRUB_VERSION, Unclean};

/// More pieces than any camera's file needs; a plan stays small whatever the file.
const MOST_PIECES: usize = 1000;
/// Of bytes that are not the original's.
const MOST_ADDED: usize = 256 * 1024;
const ZEROS: [u8; 4096] = [0; 4096];

/// The clean form of an original, which must be at hand to read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clean {
    /// The [`SCRUB_VERSION`] that made it.
    pub version: i32,
    /// Bytes.
    pub size: u64,
    pieces: Vec<Piece>,
    #[serde(with = "text")]
    added: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Piece {
    /// From here in the original, so many bytes.
    Copy(u64, u64),
    /// The next so many of the added bytes.
    Insert(u64),
    /// So many zeros.
    Zeros(u64),
}

/// What a range of a clean original consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'a> {
    /// This range of the original.
    Original(Range<u64>),
    /// These bytes.
    Added(&'a [u8]),
    /// So many zeros.
    Zeros(u64),
}

impl Clean {
    /// What a range of the clean original consists of, in its order; nothing beyond the end.
    pub fn parts(&self, range: Range<u64>) -> impl Iterator<Item = Part<'_>> {
        let (mut at, mut used) = (0, 0_usize);
        self.pieces.iter().filter_map(move |piece| {
            let length = piece.length();
            let begin = range.start.clamp(at, at + length) - at;
            let end = range.end.clamp(at, at + length) - at;
            at += length;
            let from = used;
            if let Piece::Insert(length) = piece {
                used += bytes(*length);
            }
            (begin < end).then(|| match piece {
                Piece::Copy(start, _) => Part::Original(start + begin..start + end),
                Piece::Insert(_) => Part::Added(&self.added[from + bytes(begin)..from + bytes(end)]),
                Piece::Zeros(_) => Part::Zeros(end - begin),
            })
        })
    }

    /// Goes through all bytes in order; false if the original is not the one that the plan is for.
    pub fn read<'a>(&'a self, original: &'a [u8], mut take: impl FnMut(&'a [u8])) -> bool {
        for part in self.parts(0..self.size) {
            match part {
                Part::Original(range) => match original.get(bytes(range.start)..bytes(range.end)) {
                    Some(part) => take(part),
                    None => return false,
                },
                Part::Added(added) => take(added),
                Part::Zeros(mut count) => {
                    while count > 0 {
                        let some = bytes(count).min(ZEROS.len());
                        take(&ZEROS[..some]);
                        count -= some as u64;
                    }
                }
            }
        }
        true
    }

    /// Whether the clean form is the original itself.
    pub fn is_unchanged(&self, original_size: u64) -> bool {
        self.pieces == [Piece::Copy(0, original_size)]
    }
}

impl Piece {
    fn length(&self) -> u64 {
        match self {
            Self::Copy(_, length) | Self::Insert(length) | Self::Zeros(length) => *length,
        }
    }
}

/// Lengths of parts of files that were in memory fit it.
fn bytes(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// A plan being written, from the beginning to the end of the clean file.
pub(super) struct Draft<'a> {
    pub(super) original: &'a [u8],
    pieces: Vec<Piece>,
    added: Vec<u8>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(original: &'a [u8]) -> Self {
        Self { original, pieces: Vec::new(), added: Vec::new() }
    }

    /// A part of the original, as far as it is there.
    pub(super) fn copy(&mut self, range: Range<usize>) {
        let (start, end) = (range.start.min(self.original.len()), range.end.min(self.original.len()));
        if start >= end {
            return;
        }
        let (start, length) = (start as u64, (end - start) as u64);
        match self.pieces.last_mut() {
            Some(Piece::Copy(from, before)) if *from + *before == start => *before += length,
            _ => self.pieces.push(Piece::Copy(start, length)),
        }
    }

    /// New bytes that take the place of what begins here in the original; the same bytes are copied.
    pub(super) fn put(&mut self, at: usize, new: &[u8]) {
        if at.checked_add(new.len()).and_then(|end| self.original.get(at..end)) == Some(new) {
            return self.copy(at..at + new.len());
        }
        self.added.extend_from_slice(new);
        match self.pieces.last_mut() {
            Some(Piece::Insert(length)) => *length += new.len() as u64,
            _ => self.pieces.push(Piece::Insert(new.len() as u64)),
        }
    }

    /// Zeros in the place of a part of the original.
    pub(super) fn erase(&mut self, range: Range<usize>) {
        let old = self.original.get(range.clone()).unwrap_or_default();
        if !old.is_empty() && old.iter().all(|byte| *byte == 0) {
            return self.copy(range);
        }
        if !range.is_empty() {
            self.pieces.push(Piece::Zeros(range.len() as u64));
        }
    }

    pub(super) fn finish(self) -> Result<Clean, Unclean> {
        if self.pieces.len() > MOST_PIECES || self.added.len() > MOST_ADDED {
            return Err(Unclean::Scattered);
        }
        let size = self.pieces.iter().map(Piece::length).sum();
        Ok(Clean { version: SCRUB_VERSION, size, pieces: self.pieces, added: self.added })
    }
}

/// Added bytes in JSON.
mod text {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Vec<u8>, Clean) {
        let original = b"head serial 4711 pixels \0\0\0\0 tail".to_vec();
        let mut draft = Draft::new(&original);
        draft.copy(0..5);
        draft.put(5, b"none");
        draft.copy(16..24);
        draft.erase(24..28);
        draft.erase(28..33);
        let clean = draft.finish().expect("small");
        (original, clean)
    }

    fn whole(original: &[u8], clean: &Clean) -> Vec<u8> {
        let mut all = Vec::new();
        assert!(clean.read(original, |part| all.extend_from_slice(part)));
        all
    }

    #[test]
    fn every_range_of_a_plan_is_that_range_of_the_whole() {
        let (original, clean) = sample();
        let all = whole(&original, &clean);
        assert_eq!(all, b"head none pixels \0\0\0\0\0\0\0\0\0");
        assert_eq!(clean.size, all.len() as u64);
        for start in 0..=clean.size + 2 {
            for end in start..=clean.size + 2 {
                let mut found = Vec::new();
                for part in clean.parts(start..end) {
                    match part {
                        Part::Original(range) => {
                            found.extend(&original[bytes(range.start)..bytes(range.end)]);
                        }
                        Part::Added(added) => found.extend(added),
                        Part::Zeros(count) => found.resize(found.len() + bytes(count), 0),
                    }
                }
                assert_eq!(found, &all[bytes(start).min(all.len())..bytes(end).min(all.len())]);
            }
        }
    }

    #[test]
    fn a_plan_survives_the_way_through_json_and_knows_its_original() {
        let (original, clean) = sample();
        let json = serde_json::to_string(&clean).expect("JSON");
        assert_eq!(serde_json::from_str::<Clean>(&json).expect("the same"), clean);
        assert!(!clean.read(&original[..20], |_| ()), "a shorter file is another one");
    }

    #[test]
    fn what_is_the_same_is_copied_in_one_piece() {
        let original = b"abc\0\0def";
        let mut draft = Draft::new(original);
        draft.copy(0..2);
        draft.put(2, b"c");
        draft.erase(3..5);
        draft.copy(5..99);
        let clean = draft.finish().expect("small");
        assert!(clean.is_unchanged(8) && !clean.is_unchanged(9), "{clean:?}");
    }
}
