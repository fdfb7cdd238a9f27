//! What processes that were killed left half-written.
//!
//! A file is written under its name with `#` and a number behind it, and gets its name when it is whole. Files of the
//! earlier system may be called so for good: only names that we give are looked at.

use std::{
    ffi::OsStr,
    fs, io,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use actix_web::web;
use common::Result;

use super::{Home, Storage};

impl Storage {
    /// Removes what processes that were killed left half-written, if nothing was added for this long.
    pub async fn remove_unfinished(&self, age: Duration) -> Result<()> {
        match &self.home {
            Home::Folder(_, folder) => {
                let folder = Arc::clone(folder);
                let removed = web::block(move || remove(&folder, age)).await.map_err(anyhow::Error::from)?;
                Ok(removed.map_err(anyhow::Error::from)?)
            }
            Home::Bucket(bucket) => Ok(bucket.remove_unfinished(age, is_ours).await?),
            #[cfg(test)]
            Home::Elsewhere => Ok(()),
        }
    }
}

impl Storage {
    /// Whether a key is one that we give.
    pub fn is_given(key: &str) -> bool {
        is_ours(key)
    }
}

fn remove(folder: &Path, age: Duration) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        // A volume has folders of its own, which are nobody's business.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove(&entry.path(), age)?;
        } else if is_unfinished(&entry.path()) {
            match entry.metadata().and_then(|facts| facts.modified()) {
                Ok(changed) if SystemTime::now().duration_since(changed).unwrap_or_default() < age => {}
                // Whoever was writing it has finished meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
                Ok(_) => fs::remove_file(entry.path())?,
            }
        }
    }
    Ok(())
}

/// Whether a file has the name of an original (`<timestamp>-…`) or a rendition (`renditions/<photo>/…`) that is being written.
fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let Some((name, number)) = name.rsplit_once('#') else { return false };
    is_number(number) && is_ours(&path.with_file_name(name).to_string_lossy())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a key is one that we give.
fn is_ours(key: &str) -> bool {
    let path = Path::new(key);
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let is_time =
        |text: &str| text.len() == 15 && text.split('T').all(is_number) && text.as_bytes()[8] == b'T';
    let is_original = name.split_once('-').is_some_and(|(time, _)| is_time(time));
    let is_rendition =
        path.ancestors().nth(2).and_then(Path::file_name).is_some_and(|folder| folder == "renditions");
    is_original || is_rendition
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_write_can_be_unfinished() {
        for ours in [
            "7/20261122T101112-00ff.jpg#1",
            "7/20261122T101112-adopted3.jpg#12",
            "7/renditions/3/4-1-preview.jpg#2",
        ] {
            assert!(is_unfinished(Path::new(ours)), "{ours}");
        }
        for not in [
            "7/wedding#12",
            "7/IMG_1.jpg#1",
            "7/1612345678-a1b2.jpg#1",
            "7/20261122T101112-00ff.jpg",
            "7/20261122T101112-00ff.jpg#a",
            "7/20261122T101112-00ff.jpg#",
            "7/2026112TT101112-00ff.jpg#1",
        ] {
            assert!(!is_unfinished(Path::new(not)), "{not}");
        }
    }
}
