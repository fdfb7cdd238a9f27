//! `photos storage move`: every file that rows name is copied to another storage while the site runs, and read there.
//!
//! Files are never changed under their keys, so one that was copied and read stays copied. What was done is noted file by
//! file: whoever is killed in between goes on from there.

use std::collections::HashSet;

use futures_util::{StreamExt, stream};
use sqlx::PgPool;

use super::{
    AT_ONCE, BATCH, Expected, copy,
    store::{self, Rows},
    sum,
    tally::Tally,
};
use crate::{jobs, storage::Storage};

const COPIED: &str = "copied, read there and found to be the same";
const THERE: &str = "were there already";
const GONE: &str = "were deleted meanwhile";
const MISSING: &str = "missing in the storage they come from";
const ALTERED: &str = "not what their row says";
const FAILED: &str = "could not be copied";
const TIDIED: &str = "copies removed of what was deleted since";

/// A move from one storage to another.
pub(super) struct Move {
    /// The database of photos.
    pub db: PgPool,
    /// Where the files are.
    pub from: Storage,
    /// Where they are to be.
    pub to: Storage,
    /// That place, as notes name it.
    pub place: String,
}

/// What became of a file.
enum Outcome {
    Copied,
    There,
    Gone,
    Missing,
    Altered,
    Failed(anyhow::Error),
}

impl Move {
    /// Does it, and tells a line about whatever an operator may want to look at.
    pub async fn run(&self) -> anyhow::Result<Tally> {
        let mut tally = Tally::of(&[COPIED, THERE]);
        for rows in [Rows::Originals, Rows::Pictures] {
            let mut after = String::new();
            loop {
                let batch = store::list_expected(&self.db, rows, &after, BATCH).await?;
                let Some(last) = batch.last() else { break };
                after.clone_from(&last.key);
                self.take(batch, &mut tally).await?;
            }
        }
        self.tidy(&mut tally).await?;
        Ok(tally)
    }

    async fn take(&self, batch: Vec<Expected>, tally: &mut Tally) -> anyhow::Result<()> {
        let keys: Vec<String> = batch.iter().map(|file| file.key.clone()).collect();
        let moved: HashSet<String> =
            store::list_moved(&self.db, &self.place, &keys).await?.into_iter().collect();
        store::create_begun(&self.db, &self.place, &keys).await?;
        let moved = &moved;
        let work = batch.into_iter().map(|file| async move {
            let outcome = self.one(&file, moved.contains(&file.key)).await.unwrap_or_else(Outcome::Failed);
            (file, outcome)
        });
        let mut done = stream::iter(work).buffer_unordered(AT_ONCE);
        while let Some((file, outcome)) = done.next().await {
            match outcome {
                Outcome::Copied => tally.count(COPIED),
                Outcome::There => tally.count(THERE),
                Outcome::Gone => tally.count(GONE),
                Outcome::Missing => tally.complain(MISSING, &file, "")?,
                Outcome::Altered => tally.complain(ALTERED, &file, "")?,
                Outcome::Failed(error) => tally.complain(FAILED, &file, &format!(": {error:#}"))?,
            }
        }
        Ok(())
    }

    async fn one(&self, file: &Expected, moved: bool) -> anyhow::Result<Outcome> {
        let there = self.to.size(&file.key).await?.is_some_and(|size| i64::try_from(size) == Ok(file.size));
        if there && moved {
            return Ok(Outcome::There);
        }
        // Written by somebody who was killed before it was read.
        if there && self.is_whole(file).await? {
            self.note(file).await?;
            return Ok(Outcome::There);
        }
        let Some(read) = copy(&self.from, &self.to, file).await? else {
            let named = store::is_named(&self.db, &file.key).await?;
            return Ok(if named { Outcome::Missing } else { Outcome::Gone });
        };
        if !file.is(&read) {
            return Ok(Outcome::Altered);
        }
        anyhow::ensure!(
            sum(&self.to, &file.key).await?.is_some_and(|found| found == read),
            "it is another file there than the one that was written"
        );
        self.note(file).await?;
        Ok(Outcome::Copied)
    }

    /// Whether a file that is there already is the one.
    async fn is_whole(&self, file: &Expected) -> anyhow::Result<bool> {
        let Some(found) = sum(&self.to, &file.key).await? else { return Ok(false) };
        if file.sha256.is_some() {
            return Ok(file.is(&found));
        }
        Ok(sum(&self.from, &file.key).await?.is_some_and(|source| source == found))
    }

    /// A photo that was looked for where its original was not yet has failed; it is processed again.
    async fn note(&self, file: &Expected) -> anyhow::Result<()> {
        let mut transaction = self.db.begin().await?;
        store::update_moved(&mut *transaction, &self.place, &file.key).await?;
        if file.picture_of.is_none() {
            let waiting = store::update_waiting(&mut transaction, &file.key).await?;
            jobs::add_renders(&mut transaction, &waiting).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Removes copies of what was deleted since. A key is never given twice.
    async fn tidy(&self, tally: &mut Tally) -> anyhow::Result<()> {
        loop {
            let in_vain = store::list_moved_in_vain(&self.db, &self.place).await?;
            if in_vain.is_empty() {
                return Ok(());
            }
            for key in in_vain {
                self.to.delete(&key).await?;
                store::delete_moved(&self.db, &self.place, &key).await?;
                tally.count(TIDIED);
            }
        }
    }
}
