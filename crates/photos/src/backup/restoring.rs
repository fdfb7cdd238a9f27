//! The media of a backup go into an empty storage, each compared with its sum on the way.

use std::path::Path;

use anyhow::ensure;
use futures_util::{StreamExt, TryStreamExt, stream};

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

/// Copies them into the storage, which has nothing else in it. What an earlier run copied stays. Tells a line
/// about each file that is not in the backup as it was; those are left out.
pub(super) async fn restore(
    (place, name): (&Path, &str),
    storage: &Storage,
    mut tell: impl FnMut(String),
) -> anyhow::Result<Restored> {
    let sums = Sums::read(place, name)?;
    for dump in DUMPS {
        let path = format!("{name}/{dump}");
        let is_good = place::sum_of(&place.join(&path))? == sums.0.get(&path).copied();
        ensure!(is_good, "{path} is damaged or missing: take another backup");
    }
    refuse_strangers(&sums, storage).await?;
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
        let (key, outcome) = done?;
        restored.files += 1;
        let fault = match outcome {
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
async fn refuse_strangers(sums: &Sums, storage: &Storage) -> anyhow::Result<()> {
    let mut found = storage.list();
    while let Some((key, _)) = found.try_next().await? {
        let is_ours = sums.0.contains_key(&Sums::path_of(&key));
        ensure!(is_ours, "the storage is not empty: there is {key}. Restore into an empty one.");
    }
    Ok(())
}
