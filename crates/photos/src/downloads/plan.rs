//! An archive of photos, planned: its list, its manifest, and a tag that changes whenever a byte of it would.

use std::ops::Range;

use aws_lc_rs::digest::{Context, SHA256};
use chrono::NaiveDateTime;
use common::secrets::hex;

use super::{
    Form,
    names::{Names, as_jpeg},
    zip::{Archive, File, Piece, dos_time},
};
use crate::photos::PhotoId;

/// The last entry of every archive.
pub const MANIFEST: &str = "manifest.txt";
/// So much of the manifest is written at once.
const MANIFEST_BYTES: usize = 64 * 1024;

/// A photo in a download: what of it is sent, with everything that is known before it is.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The photo.
    pub photo: PhotoId,
    /// What of it is sent.
    pub form: Form,
    /// Its name as given at upload.
    pub filename: String,
    /// When it was taken, or uploaded.
    pub taken_at: NaiveDateTime,
    /// Bytes.
    pub size: u64,
    /// CRC-32 of the bytes.
    pub crc32: u32,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
}

/// What the archive holds of one photo.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// The photo.
    pub photo: PhotoId,
    /// What of it.
    pub form: Form,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
}

/// An archive, known to its last byte before the first is sent. Kept small: less than 120 bytes a photo.
#[derive(Debug)]
pub struct Plan {
    archive: Archive,
    items: Vec<Item>,
    title: String,
    tag: String,
}

/// A part of an archive.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    /// These bytes.
    Bytes(Vec<u8>),
    /// This range of what is sent of the photo with this number.
    Photo(usize, Range<u64>),
}

/// A plan being made, a photo at a time, in the order of their ids.
pub struct Draft {
    archive: Archive,
    items: Vec<Item>,
    names: Names,
    digest: Context,
    latest: u32,
    /// Of the manifest below its title: checksum and length.
    lines: (crc32fast::Hasher, u64),
    /// What is written and read again for each photo.
    scratch: Vec<u8>,
}

impl Draft {
    /// With room for so many photos.
    pub fn with_capacity(photos: usize) -> Self {
        let mut names = Names::default();
        // Taken first, so that a photo of this name gets another one.
        names.next(MANIFEST);
        Self {
            archive: Archive::with_capacity(photos + 1),
            items: Vec::with_capacity(photos),
            names,
            digest: Context::new(&SHA256),
            latest: dos_time(NaiveDateTime::default()),
            lines: (crc32fast::Hasher::new(), 0),
            scratch: Vec::new(),
        }
    }

    /// How many photos there are so far.
    pub fn count(&self) -> usize {
        self.items.len()
    }

    /// Adds a photo.
    pub fn add(&mut self, entry: &Entry) {
        let name = self.names.next(&entry.name());
        let modified = dos_time(entry.taken_at);
        self.latest = self.latest.max(modified);
        let Entry { photo, form, size, crc32, sha256, .. } = *entry;
        let item = Item { photo, form, sha256 };
        self.archive.add(File { name: &name, size, crc32, modified });
        self.items.push(item);
        // Large archives are waited for: what follows is done once for each photo, with one call each.
        self.scratch.clear();
        for part in
            [&size.to_le_bytes()[..], &modified.to_le_bytes(), &sha256, &[form as u8], name.as_bytes(), &[0]]
        {
            self.scratch.extend(part);
        }
        self.digest.update(&self.scratch);
        self.scratch.clear();
        item.put_line(&mut self.scratch, &name);
        self.lines.0.update(&self.scratch);
        self.lines.1 += self.scratch.len() as u64;
    }

    /// The whole plan, with the manifest at its end. `remarks` say what is not in the archive.
    pub fn finish(mut self, name: &str, remarks: &[String]) -> Plan {
        let count = self.items.len();
        let photos = if count == 1 { "1 photo".to_owned() } else { format!("{count} photos") };
        let name: String =
            name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        let mut title =
            format!("# {name}: {photos}\n# SHA-256 of each; to check them: sha256sum -c {MANIFEST}\n");
        for remark in remarks {
            title.extend(["# ", remark, "\n"]);
        }
        self.digest.update(title.as_bytes());
        let tag = hex(self.digest.finish().as_ref());
        let Self { mut archive, items, latest, lines, .. } = self;
        let mut crc32 = crc32fast::Hasher::new();
        crc32.update(title.as_bytes());
        crc32.combine(&lines.0);
        let size = title.len() as u64 + lines.1;
        archive.add(File { name: MANIFEST, size, crc32: crc32.finalize(), modified: latest });
        Plan { archive, items, title, tag }
    }
}

impl Plan {
    /// Bytes of the whole archive.
    pub fn size(&self) -> u64 {
        self.archive.size()
    }

    /// Another one as soon as any byte of the archive would be another.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// What is in it.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Bytes of what is sent of the photo with this number.
    pub fn size_of(&self, index: usize) -> u64 {
        self.archive.file(index).size
    }

    /// What stands at this place of the archive, up to `end`; `None` at the end or behind it.
    pub fn part(&self, at: u64, end: u64) -> Option<Part> {
        Some(match self.archive.piece(at, end)? {
            Piece::Bytes(bytes) => Part::Bytes(bytes),
            Piece::Content(index, range) if index < self.items.len() => Part::Photo(index, range),
            Piece::Content(_, range) => {
                let mut bytes = self.manifest(range.start)?;
                bytes.truncate(usize::try_from(range.end - range.start).unwrap_or(usize::MAX));
                Part::Bytes(bytes)
            }
        })
    }

    /// Some of the manifest from this place on; `None` at its end.
    fn manifest(&self, at: u64) -> Option<Vec<u8>> {
        let mut offset = self.title.len() as u64;
        let mut bytes = Vec::new();
        let mut start = 0;
        if at < offset {
            bytes.reserve(MANIFEST_BYTES + 1024);
            bytes.extend(self.title.as_bytes());
            offset = 0;
        } else {
            while start < self.items.len() && offset + self.line_length(start) <= at {
                offset += self.line_length(start);
                start += 1;
            }
            if start == self.items.len() {
                return None;
            }
            bytes.reserve(MANIFEST_BYTES + 1024);
        }
        let mut index = start;
        while index < self.items.len() && bytes.len() < MANIFEST_BYTES {
            self.items[index].put_line(&mut bytes, self.archive.name(index));
            index += 1;
        }
        Some(bytes.split_off(usize::try_from(at - offset).unwrap_or(usize::MAX)))
    }

    fn line_length(&self, index: usize) -> u64 {
        let note = self.items[index].form.note().map_or(0, |note| note.len() + 5);
        (64 + 2 + self.archive.name(index).len() + 1 + note) as u64
    }
}

impl Item {
    /// Its line of the manifest as `sha256sum` writes it; what that does not know stands in a comment below.
    fn put_line(&self, bytes: &mut Vec<u8>, name: &str) {
        bytes.extend(hex(&self.sha256).as_bytes());
        bytes.extend(b"  ");
        bytes.extend(name.as_bytes());
        bytes.push(b'\n');
        if let Some(note) = self.form.note() {
            bytes.extend([b"# ^ ", note.as_bytes(), b"\n"].concat());
        }
    }
}

impl Entry {
    /// The name under which it is saved: that of the file, with another extension where it became a JPEG.
    pub fn name(&self) -> std::borrow::Cow<'_, str> {
        match self.form {
            Form::Stored | Form::Clean => std::borrow::Cow::Borrowed(&self.filename),
            Form::Web | Form::Instead => as_jpeg(&self.filename),
        }
    }
}

#[cfg(test)]
mod tests;
