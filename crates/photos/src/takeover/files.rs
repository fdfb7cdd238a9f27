//! One file of the earlier system: what it is, how large, and its checksums, read in parts.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use aws_lc_rs::digest;
use imaging::{Limits, Metadata, Probe, Refusal};

/// So much is looked at to know what a file is.
const HEAD_BYTES: u64 = 1 << 20;
/// What one file takes in memory while it is read.
const PART_BYTES: usize = 256 << 10;

/// A file that is there.
pub(super) struct Found {
    /// Its path below the folder of the uploads.
    pub below: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Of all bytes; of none in a dry run.
    pub sha256: Vec<u8>,
    /// Of all bytes; of none in a dry run.
    pub crc32: u32,
    /// What its bytes say it is, and what the camera wrote; or why it is no photo that can be shown.
    pub kind: Result<(Probe, Metadata), Refusal>,
}

/// The first of these paths at which a file lies. Links that an operator made, to another disk say, are followed.
pub(super) fn find(uploads: &Path, candidates: &[String]) -> io::Result<Option<String>> {
    for candidate in candidates {
        match fs::metadata(uploads.join(candidate)) {
            Ok(facts) if facts.is_file() => return Ok(Some(candidate.clone())),
            Ok(_) => {}
            Err(error) if is_absence(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Looks at a file; at all of it, or at its beginning alone.
pub(super) fn look(uploads: &Path, below: String, limits: &Limits, whole: bool) -> io::Result<Found> {
    let path = uploads.join(&below);
    let mut file = File::open(&path)?;
    let mut size = file.metadata()?.len();
    let mut head = Vec::new();
    (&mut file).take(HEAD_BYTES).read_to_end(&mut head)?;
    let kind = imaging::probe(&head, limits).map(|probe| (probe, imaging::read_metadata(&head)));
    let mut sha256 = digest::Context::new(&digest::SHA256);
    let mut crc32 = crc32fast::Hasher::new();
    if whole {
        sha256.update(&head);
        crc32.update(&head);
        size = head.len() as u64;
        let mut part = vec![0; PART_BYTES];
        loop {
            let read = match file.read(&mut part) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            sha256.update(&part[..read]);
            crc32.update(&part[..read]);
            size += read as u64;
        }
    }
    Ok(Found { below, path, size, sha256: sha256.finish().as_ref().to_vec(), crc32: crc32.finalize(), kind })
}

/// Whether an error says that nothing lies there. Everything else, a forbidden folder say, is no reason to call a photo lost.
fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
    )
}
