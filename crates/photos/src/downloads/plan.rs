//! An archive of photos, planned: its list, its manifest, and a tag that changes whenever a byte of it would.

use std::{ops::Range, thread};

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

/// A plan being made, a photo at a time, in whatever order they come.
#[derive(Default)]
pub struct Draft {
    photos: Vec<Noted>,
    names: String,
}

/// What a plan is made of, a photo. Small, for all of them are held at once.
struct Noted {
    item: Item,
    size: u64,
    crc32: u32,
    modified: u32,
    /// Where its name stands in the names.
    name: Range<u32>,
}

impl Draft {
    /// How many photos there are so far.
    pub fn count(&self) -> usize {
        self.photos.len()
    }

    /// Adds a photo.
    pub fn add(&mut self, entry: &Entry) {
        let end = |names: &str| u32::try_from(names.len()).expect("the names of an archive stay below 4 GiB");
        let start = end(&self.names);
        self.names.push_str(&entry.name());
        let Entry { photo, form, size, crc32, sha256, taken_at, .. } = *entry;
        self.photos.push(Noted {
            item: Item { photo, form, sha256 },
            size,
            crc32,
            modified: dos_time(taken_at),
            name: start..end(&self.names),
        });
    }

    /// The whole plan, in the order of the photos' ids, with the manifest at its end. `remarks` say what is not in the
    /// archive.
    pub fn finish(mut self, name: &str, remarks: &[String]) -> Plan {
        self.photos.sort_unstable_by_key(|noted| noted.item.photo);
        let count = self.photos.len();
        let title = title(name, count, remarks);
        let mut archive = Archive::with_capacity(count + 1);
        // The whole list is waited for: its two halves are made at the same time.
        let (mut digest, manifest) = thread::scope(|scope| {
            let digest = scope.spawn(|| self.digest());
            let manifest = self.add_to(&mut archive, &title);
            (digest.join().expect("a digest is made of whatever is there"), manifest)
        });
        archive.add(manifest);
        digest.update(title.as_bytes());
        digest.update(&manifest.crc32.to_le_bytes());
        digest.update(&archive.size().to_le_bytes());
        let tag = hex(digest.finish().as_ref());
        let mut items = Vec::with_capacity(count);
        items.extend(self.photos.iter().map(|noted| noted.item));
        drop(self);
        Plan { archive, items, title, tag }
    }

    /// Names and adds the photos, and says what the manifest behind them will be.
    fn add_to(&self, archive: &mut Archive, title: &str) -> File<'static> {
        let mut names = Names::with_capacity(self.photos.len() + 1);
        // Taken first, so that a photo of this name gets another one.
        names.next(MANIFEST);
        let (mut lines, mut length) = (crc32fast::Hasher::new(), 0);
        let mut latest = dos_time(NaiveDateTime::default());
        let mut line = Vec::new();
        for noted @ &Noted { size, crc32, modified, .. } in &self.photos {
            let name = names.next(self.given(noted));
            latest = latest.max(modified);
            archive.add(File { name: &name, size, crc32, modified });
            line.clear();
            noted.item.put_line(&mut line, &name);
            lines.update(&line);
            length += line.len() as u64;
        }
        let mut crc32 = crc32fast::Hasher::new();
        crc32.update(title.as_bytes());
        crc32.combine(&lines);
        let size = title.len() as u64 + length;
        File { name: MANIFEST, size, crc32: crc32.finalize(), modified: latest }
    }

    /// Of all that is known of the photos. The names in the archive follow from those that were given, and their order.
    fn digest(&self) -> Context {
        let mut digest = Context::new(&SHA256);
        let mut photo = Vec::new();
        for noted @ &Noted { item: Item { sha256, form, .. }, size, modified, .. } in &self.photos {
            let given = self.given(noted).as_bytes();
            // With one call a photo: there may be very many.
            photo.clear();
            for part in
                [&size.to_le_bytes()[..], &modified.to_le_bytes(), &sha256, &[form as u8], given, &[0]]
            {
                photo.extend(part);
            }
            digest.update(&photo);
        }
        digest
    }

    fn given(&self, noted: &Noted) -> &str {
        &self.names[noted.name.start as usize..noted.name.end as usize]
    }
}

/// What stands above the lines of the manifest.
fn title(name: &str, count: usize, remarks: &[String]) -> String {
    let photos = if count == 1 { "1 photo".to_owned() } else { format!("{count} photos") };
    let name: String = name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let mut title =
        format!("# {name}: {photos}\n# SHA-256 of each; to check them: sha256sum -c {MANIFEST}\n");
    for remark in remarks {
        title.extend(["# ", remark, "\n"]);
    }
    title
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
