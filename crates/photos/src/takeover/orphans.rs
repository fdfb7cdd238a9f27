//! Files below the folder of the uploads that no row names. They are told about and left alone.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

/// A file that nobody seems to need.
pub(super) struct Orphan {
    /// Its path below the folder.
    pub below: String,
    /// Bytes.
    pub size: u64,
}

/// What lies there for no photo.
#[derive(Default)]
pub(super) struct Left {
    /// Files, in the order of their paths.
    pub orphans: Vec<Orphan>,
    /// Folders into which we may not look, such as a volume's own.
    pub closed: Vec<String>,
}

/// Every file below the folder but those that are named. Hidden files and folders are not the earlier system's.
pub(super) fn list(uploads: &Path, named: &HashSet<String>) -> io::Result<Left> {
    let mut left = Left::default();
    let mut folders: Vec<(PathBuf, String)> = vec![(uploads.to_owned(), String::new())];
    while let Some((folder, below)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied && !below.is_empty() => {
                left.closed.push(below);
                continue;
            }
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let below = if below.is_empty() { name } else { format!("{below}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push((entry.path(), below));
            } else if kind.is_file() && !named.contains(&below) {
                match entry.metadata() {
                    Ok(facts) => left.orphans.push(Orphan { below, size: facts.len() }),
                    // It was removed a moment ago.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
    left.orphans.sort_by(|one, other| one.below.cmp(&other.below));
    Ok(left)
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    use super::*;

    #[test]
    fn names_that_are_no_text_are_told_too_and_hidden_ones_are_not() {
        let uploads = std::env::temp_dir().join(format!("orphans-{}", std::process::id()));
        let odd = uploads.join(OsStr::from_bytes(b"7\xFF"));
        fs::create_dir_all(&odd).expect("a folder");
        for path in [odd.join("a.jpg"), uploads.join(".photos"), uploads.join("b.jpg"), uploads.join("c.jpg")]
        {
            fs::write(path, "123").expect("a file");
        }
        let left = list(&uploads, &HashSet::from(["b.jpg".to_owned()])).expect("a list");
        fs::remove_dir_all(&uploads).expect("gone again");
        let told: Vec<_> = left.orphans.iter().map(|orphan| (orphan.below.as_str(), orphan.size)).collect();
        assert_eq!(told, [("7\u{FFFD}/a.jpg", 3), ("c.jpg", 3)]);
        assert!(left.closed.is_empty());
    }
}
