//! `photos storage check --repair`: pictures are made again, originals fetched from another storage, orphans removed.

use super::{Expected, checking::Check, copy, store, sum, tally::Tally};
use crate::{jobs, renditions::rebuild};

const REBUILT: &str = "photos whose pictures are being made again";
const FETCHED: &str = "originals fetched from the other storage";
const LEAVING: &str = "of nobody's files: noted, and removed in a day if nobody names them by then";
const LEFT: &str = "originals that can't be mended here: upload them again, or fetch them with --from";

/// Mends what can be of the files that are missing or altered.
pub(super) async fn mend(check: &Check, broken: Vec<Expected>, tally: &mut Tally) -> anyhow::Result<()> {
    let (pictures, originals): (Vec<Expected>, Vec<Expected>) =
        broken.into_iter().partition(|file| file.picture_of.is_some());
    if !pictures.is_empty() {
        let keys: Vec<String> = pictures.into_iter().map(|file| file.key).collect();
        let mut transaction = check.db.begin().await?;
        let photos = store::update_outdated(&mut *transaction, &keys).await?;
        transaction.commit().await?;
        rebuild::begin(&check.db).await?;
        tally.add(REBUILT, photos);
        tally.wrong = tally.wrong.saturating_sub(keys.len() as u64);
    }
    for file in originals {
        if fetch(check, &file).await? {
            tally.count(FETCHED);
            tally.wrong = tally.wrong.saturating_sub(1);
        } else {
            tally.count(LEFT);
        }
    }
    Ok(())
}

/// Fetches an original from the other storage, if it is there as its row says; its photos are processed again.
async fn fetch(check: &Check, file: &Expected) -> anyhow::Result<bool> {
    let Some(other) = &check.other else { return Ok(false) };
    // Whatever has that name there now is not what the row says.
    let read = match copy(other, &check.storage, file).await? {
        Some(read) if file.is(&read) => read,
        _ => return Ok(false),
    };
    if sum(&check.storage, &file.key).await?.is_none_or(|found| found != read) {
        return Ok(false);
    }
    let mut transaction = check.db.begin().await?;
    let waiting = store::update_waiting(&mut transaction, &file.key).await?;
    jobs::add_renders(&mut transaction, &waiting).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Has files that are nobody's removed, by the rules for such files.
pub(super) async fn remove(check: &Check, keys: &[String], tally: &mut Tally) -> anyhow::Result<()> {
    if !keys.is_empty() {
        store::create_leaving(&check.db, keys).await?;
        tally.add(LEAVING, keys.len() as u64);
    }
    Ok(())
}
