//! The media of a backup go into an empty storage, each compared with its sum on the way.

use std::{io, path::Path};

use anyhow::{Context, ensure};
use futures_util::{StreamExt, stream};

use super::{
    AT_ONCE, DUMPS,
    copying::{Copied, copy, sum_of},
    place,
    sums::Sums,
};
use crate::storage::Storage;

/// What became of the files.
#[derive(Debug, Default)]
pub(super) struct Restored {
    pub files: u64,
    pub before: u64,
    pub wrong: u64,
}

/// Copies them into the storage; the folder that it is, if it is one, has nothing else in it. What an earlier run copied stays. Tells a line
/// about each file that is not in the backup as it was; those are left out.
pub(super) async fn restore(
    (place, name): (&Path, &str),
    storage: &Storage,
    folder: Option<&Path>,
    mut tell: impl FnMut(String),
) -> anyhow::Result<Restored> {
    let sums = Sums::read(place, name)?;
    for dump in DUMPS {
        let path = format!("{name}/{dump}");
        let is_good = place::sum_of(&place.join(&path))? == sums.0.get(&path).copied();
        ensure!(is_good, "{path} is damaged or missing: take another backup");
    }
    if let Some(folder) = folder {
        refuse_strangers(&sums, folder)?;
    }
    let copies = place::media(place, false)?;
    let work = stream::iter(sums.media()).map(async |(key, sum)| {
        if sum_of(storage, key).await? == Some(sum) {
            return Ok((key, None));
        }
        anyhow::Ok((key, Some(copy(&copies, storage, key, |_, found| *found == sum).await?)))
    });
    let mut work = std::pin::pin!(work.buffer_unordered(AT_ONCE));
    let mut restored = Restored::default();
    while let Some(done) = work.next().await {
        let (key, copied) = done?;
        restored.files += 1;
        let fault = match copied {
            None => {
                restored.before += 1;
                continue;
            }
            Some(Copied::Whole(_)) => continue,
            Some(Copied::Altered) => format!("damaged: {}", Sums::path_of(key)),
            Some(Copied::Missing) => format!("missing: {}", Sums::path_of(key)),
            Some(Copied::Unreadable(error)) => format!("unreadable: {} ({error})", Sums::path_of(key)),
        };
        restored.wrong += 1;
        tell(fault);
    }
    Ok(restored)
}

/// A storage with files of another site, or of this one at another time, stays as it is.
fn refuse_strangers(sums: &Sums, folder: &Path) -> anyhow::Result<()> {
    let found = match place::walk(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found.with_context(|| format!("{} can't be read", folder.display()))?,
    };
    let is_ours = |file: &str| {
        // What a run that was cut off left half-written has a number behind its name.
        let whole = file.rsplit_once('#').map_or(file, |(name, _)| name);
        file == ".photos" || sums.0.contains_key(&Sums::path_of(whole))
    };
    let stranger = found.iter().find(|file| !is_ours(file));
    ensure!(
        stranger.is_none(),
        "the storage {} is not empty: there is {}. Restore into an empty one.",
        folder.display(),
        stranger.map_or("", String::as_str)
    );
    Ok(())
}
