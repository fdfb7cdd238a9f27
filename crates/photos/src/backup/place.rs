//! The place in which backups lie: which are there, and that one command at a time changes it.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use aws_lc_rs::digest;
use common::secrets::Digest;

use super::{MEDIA, sums};
use crate::storage::Storage;

/// The place, held by this command alone until it is dropped.
pub(super) struct Held {
    _lock: File,
}

/// Holds the place; fails if another command works on it.
pub(super) fn hold(place: &Path) -> anyhow::Result<Held> {
    let path = place.join(".lock");
    let file = File::options().create(true).append(true).open(&path);
    let lock = file.with_context(|| format!("{} can't be opened", path.display()))?;
    match lock.try_lock() {
        Ok(()) => Ok(Held { _lock: lock }),
        Err(TryLockError::WouldBlock) => bail!("another command works on the backups in {}", place.display()),
        Err(TryLockError::Error(error)) => Err(error).context("locking the place of the backups"),
    }
}

/// The media of all backups, as a storage.
pub(super) fn media(place: &Path, is_new: bool) -> anyhow::Result<Storage> {
    Storage::local(&place.join(MEDIA), is_new).context("the media of the backups")
}

/// Whether a folder could be a backup's: `20261123T031500Z`.
pub(super) fn is_name(name: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    name.len() == 16
        && name.is_ascii()
        && digits(&name[..8])
        && digits(&name[9..15])
        && &name[8..9] == "T"
        && name.ends_with('Z')
}

/// The folders of backups, the oldest first, and whether each is whole.
pub(super) fn list(place: &Path) -> anyhow::Result<Vec<(String, bool)>> {
    let entries = fs::read_dir(place).with_context(|| format!("{} can't be read", place.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if let Some(name) = entry.file_name().to_str().filter(|name| is_name(name)) {
            found.push((name.to_owned(), entry.path().join(sums::FILE).is_file()));
        }
    }
    found.sort();
    Ok(found)
}

/// The backup that was asked for, or the newest.
pub(super) fn choose(place: &Path, name: Option<&str>) -> anyhow::Result<String> {
    let found = list(place)?;
    let whole = |asked: &String| name.is_none_or(|name| name == asked);
    let found = found.into_iter().rev().find(|(found, is_whole)| *is_whole && whole(found));
    let missing = || match name {
        Some(name) => format!("{name} is no whole backup in {}", place.display()),
        None => format!("there is no whole backup in {}", place.display()),
    };
    found.map(|(name, _)| name).with_context(missing)
}

/// Every file below a folder, by its path there.
pub(super) fn walk(folder: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    Ok(found)
}

/// SHA-256 of a file; `None` if it is not there.
pub(super) fn sum_of(path: &Path) -> io::Result<Option<Digest>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut summing = Summing(digest::Context::new(&digest::SHA256));
    io::copy(&mut file, &mut summing)?;
    Ok(Some(summing.finish()))
}

/// Adds up what is written to it.
pub(super) struct Summing(pub digest::Context);

impl Summing {
    /// The sum of all.
    pub fn finish(self) -> Digest {
        self.0.finish().as_ref().try_into().expect("SHA-256 makes 32 bytes")
    }
}

impl io::Write for Summing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_the_shape_of_a_time_is_a_backup() {
        assert!(is_name("20261123T031500Z"));
        for other in ["media", "20261123T031500", "20261123-031500Z", "2026112äT03150Z", "20261123T031500Zx"]
        {
            assert!(!is_name(other), "{other}");
        }
    }
}
