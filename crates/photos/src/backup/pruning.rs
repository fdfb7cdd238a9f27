//! Old backups go, and with them the media that no backup names any more.

use std::{collections::HashSet, fs, path::Path};

use anyhow::Context;

use super::{
    MEDIA, place,
    sums::{self, Sums},
};

/// What went.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pruned {
    pub backups: u64,
    pub unfinished: u64,
    pub files: u64,
}

/// Keeps the newest `keep` backups, of which there is at least one. A backup that can't be read stops it before anything goes.
pub(super) fn prune(place: &Path, keep: usize) -> anyhow::Result<Pruned> {
    let _held = place::hold(place)?;
    let found = place::list(place)?;
    let whole: Vec<&String> = found.iter().filter(|(_, is_whole)| *is_whole).map(|(name, _)| name).collect();
    let mut pruned = Pruned::default();
    let Some(newest) = whole.last() else { return Ok(pruned) };
    let kept: HashSet<&String> = whole.iter().rev().take(keep.max(1)).copied().collect();
    let mut named = HashSet::new();
    for name in &kept {
        named.extend(Sums::read(place, name)?.media().map(|(key, _)| key.to_owned()));
    }
    for (name, is_whole) in &found {
        // An unfinished one that is newer may be at work.
        if kept.contains(name) || name > *newest {
            continue;
        }
        remove(&place.join(name)).with_context(|| format!("removing the backup {name}"))?;
        if *is_whole { pruned.backups += 1 } else { pruned.unfinished += 1 }
    }
    let media = place.join(MEDIA);
    for file in place::walk(&media)? {
        if file != ".photos" && !named.contains(&file) {
            fs::remove_file(media.join(&file)).with_context(|| format!("removing {file}"))?;
            pruned.files += 1;
        }
    }
    Ok(pruned)
}

/// From the moment that the sums are gone it is no backup any more.
fn remove(folder: &Path) -> std::io::Result<()> {
    match fs::remove_file(folder.join(sums::FILE)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::remove_dir_all(folder)
}
