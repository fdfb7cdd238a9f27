//! Files below the folder of the uploads that no row names. They are told about and left alone.

use std::{collections::HashSet, fs, io, path::Path};

/// A file that nobody seems to need.
pub(super) struct Orphan {
    /// Its path below the folder.
    pub below: String,
    /// Bytes.
    pub size: u64,
}

/// Every file below the folder but those that are named, in the order of their paths. Hidden files and folders are not
/// the earlier system's.
pub(super) fn list(uploads: &Path, named: &HashSet<String>) -> io::Result<Vec<Orphan>> {
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(uploads.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let below = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(below);
            } else if kind.is_file() && !named.contains(&below) {
                match entry.metadata() {
                    Ok(facts) => found.push(Orphan { below, size: facts.len() }),
                    // It was removed a moment ago.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
    found.sort_by(|one, other| one.below.cmp(&other.below));
    Ok(found)
}
