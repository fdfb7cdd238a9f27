//! Where the file of a row may lie: the earlier system wrote paths in several ways, below the folder of the uploads or with it.

use std::path::Path;

use super::Row;

/// What the folder of the uploads is called in most paths.
const USUAL_NAME: &str = "uploads";

/// Paths below the folder where the original of a row may lie, the likeliest first. None of them leaves the folder.
pub(super) fn of_original(uploads: &Path, row: &Row) -> Vec<String> {
    let mut found = row.original_path.as_deref().map(|path| of(uploads, path)).unwrap_or_default();
    if let Some(owner) = row.owner {
        let written = row.original_path.as_deref().filter(|path| !path.trim().is_empty());
        let parts = parts(written.unwrap_or(&row.filename));
        if let Some(name) = parts.and_then(|parts| parts.last().copied().map(str::to_owned)) {
            found.push(format!("{}/{name}", owner.0));
        }
    }
    distinct(found)
}

/// The same for any path that the earlier system wrote.
pub(super) fn of(uploads: &Path, path: &str) -> Vec<String> {
    let Some(parts) = parts(path) else { return Vec::new() };
    let below = |parts: &[&str]| parts.join("/");
    let mut found = Vec::new();
    if let Ok(rest) = Path::new(path).strip_prefix(uploads) {
        found.extend(rest.to_str().map(str::to_owned));
    }
    let own_name = uploads.file_name().and_then(|name| name.to_str()).unwrap_or(USUAL_NAME);
    for (index, part) in parts.iter().enumerate() {
        if *part == own_name || *part == USUAL_NAME {
            found.push(below(&parts[index + 1..]));
        }
    }
    found.push(below(&parts));
    if let [.., folder, name] = parts[..]
        && folder.bytes().all(|byte| byte.is_ascii_digit())
    {
        found.push(format!("{folder}/{name}"));
    }
    distinct(found)
}

/// `None` for a path that would lead out of any folder.
fn parts(path: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    (!parts.contains(&"..") && !path.contains('\0')).then_some(parts)
}

fn distinct(paths: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(paths.len());
    for path in paths {
        if !path.is_empty() && !kept.contains(&path) {
            kept.push(path);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{identity::AccountId, photos::PhotoId};

    const FILE: &str = "7/1612345678-a1b2.jpg";

    fn first(path: &str) -> Option<String> {
        of(Path::new("/data/uploads"), path).into_iter().next()
    }

    #[test]
    fn every_way_of_writing_a_path_leads_to_the_same_file() {
        for path in [
            FILE,
            "./7/1612345678-a1b2.jpg",
            "uploads/7/1612345678-a1b2.jpg",
            "/uploads/7/1612345678-a1b2.jpg",
            "/data/uploads/7/1612345678-a1b2.jpg",
            "/srv/app/uploads/7/1612345678-a1b2.jpg",
            "https://photos.example.org/uploads/7/1612345678-a1b2.jpg",
        ] {
            assert_eq!(first(path).as_deref(), Some(FILE), "{path}");
        }
        let elsewhere = of(Path::new("/data/uploads"), "/srv/media/7/1612345678-a1b2.jpg");
        assert_eq!(elsewhere, ["srv/media/7/1612345678-a1b2.jpg", FILE]);
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for path in ["../secret", "uploads/../../secret", "7/../../a.jpg", "a\0b"] {
            assert!(of(Path::new("/data/uploads"), path).is_empty(), "{path}");
        }
        assert_eq!(of(Path::new("/data/uploads"), "/etc/passwd"), ["etc/passwd"]);
    }

    #[test]
    fn a_row_without_a_path_is_looked_for_by_its_name_among_its_owners_files() {
        let row = |original_path: Option<&str>, filename: &str| Row {
            photo: PhotoId(1),
            owner: Some(AccountId(7)),
            filename: filename.to_owned(),
            original_path: original_path.map(str::to_owned),
            thumbnail_path: None,
            preview_path: None,
            uploaded_at: None,
            is_adopted: false,
        };
        let uploads = Path::new("/data/uploads");
        assert_eq!(of_original(uploads, &row(None, "1612345678-a1b2.jpg")), [FILE]);
        assert_eq!(
            of_original(uploads, &row(Some("1612345678-a1b2.jpg"), "x")),
            ["1612345678-a1b2.jpg", FILE]
        );
        assert!(of_original(uploads, &row(None, "../../x")).is_empty());
        assert!(of_original(uploads, &row(None, "")).is_empty());
    }
}
