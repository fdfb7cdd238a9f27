//! The other storage, as an operator names it: a folder, or a file with its settings.

use std::{fs, io::Read, path::Path};

use anyhow::Context;
use common::config::Settings;

use crate::storage::place::Place;

/// A folder's path; or a file (`-`: the standard input) with lines such as `STORAGE_S3_BUCKET=photos`, which are those that
/// `.env` has when the site uses that storage.
pub(super) fn place(text: &str) -> anyhow::Result<Place> {
    let path = Path::new(text);
    if text != "-" && !path.is_file() {
        let folder = std::path::absolute(path).with_context(|| format!("{text} is no path"))?;
        return Ok(Place::Folder(folder));
    }
    let lines = if text == "-" {
        let mut lines = String::new();
        std::io::stdin().read_to_string(&mut lines).map(|_| lines)
    } else {
        fs::read_to_string(path)
    };
    let lines = lines.with_context(|| format!("the settings in {text} can't be read"))?;
    let mut settings = Settings::from_pairs(pairs(&lines));
    let place = Place::from_settings(&mut settings);
    settings.finish(place).with_context(|| format!("in {text}"))
}

fn pairs(lines: &str) -> Vec<(String, String)> {
    let lines = lines.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

/// Whether both are one.
pub(super) fn is_same(one: &Place, other: &Place) -> bool {
    match (one, other) {
        (Place::Folder(one), Place::Folder(other)) => {
            one == other
                || fs::canonicalize(one).ok().is_some_and(|one| fs::canonicalize(other).ok() == Some(one))
        }
        _ => one.to_string() == other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_the_other_storage_are_lines_as_in_the_environment() {
        let lines = "# The new one\nSTORAGE_DIR=\n STORAGE_S3_BUCKET = photos \n\nSTORAGE_S3_PREFIX=a=b\n";
        let found = pairs(lines);
        assert_eq!(found[1], ("STORAGE_S3_BUCKET".to_owned(), "photos".to_owned()));
        assert_eq!(found[2].1, "a=b");
        let folder = place("/nowhere/at/all").expect("a folder that may be made");
        assert_eq!(folder.to_string(), "STORAGE_DIR /nowhere/at/all");
        assert!(is_same(&folder, &Place::Folder("/nowhere/at/all".into())));
    }
}
