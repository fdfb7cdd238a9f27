//! `photos storage check`: whether every file that rows name is there and is what it was, and what lies there for nobody.

use futures_util::{StreamExt, stream};
use sqlx::PgPool;

use super::{
    AT_ONCE, BATCH, Expected, mending,
    store::{self, Rows},
    sum,
    tally::{Tally, say},
};
use crate::storage::Storage;

pub(super) const MISSING: &str = "missing";
pub(super) const ALTERED: &str = "altered";
const WELL: &str = "as they should be";
const UNREADABLE: &str = "can't be read";
const ORPHAN: &str = "nobody's";
const FOREIGN: &str = "nobody's, with a name that is not ours: left as they are";

/// A check of a storage.
pub(super) struct Check {
    /// The database of photos.
    pub db: PgPool,
    /// What is looked at.
    pub storage: Storage,
    /// Whether lengths are enough.
    pub quick: bool,
    /// Whether to mend what can be.
    pub repair: bool,
    /// A storage from which originals can be fetched.
    pub other: Option<Storage>,
}

/// How a file is.
#[derive(PartialEq, Eq)]
enum State {
    Well,
    Missing,
    Altered,
    Unreadable(String),
}

impl Check {
    /// Does it, and tells a line about whatever is not as it should be.
    pub async fn run(&self) -> anyhow::Result<Tally> {
        let mut tally = Tally::of(&[WELL, MISSING, ALTERED, ORPHAN]);
        for rows in [Rows::Originals, Rows::Pictures] {
            let mut after = String::new();
            loop {
                let batch = store::list_expected(&self.db, rows, &after, BATCH).await?;
                let Some(last) = batch.last() else { break };
                after.clone_from(&last.key);
                let broken = self.look(batch, &mut tally).await?;
                if self.repair {
                    mending::mend(self, broken, &mut tally).await?;
                }
            }
        }
        self.look_for_orphans(&mut tally).await?;
        Ok(tally)
    }

    /// The files of a batch that are missing or altered.
    async fn look(&self, batch: Vec<Expected>, tally: &mut Tally) -> anyhow::Result<Vec<Expected>> {
        let looks = batch.into_iter().map(|file| async move {
            let state = self.state(&file).await;
            (file, state)
        });
        let mut looks = stream::iter(looks).buffer_unordered(AT_ONCE);
        let mut broken = Vec::new();
        while let Some((file, state)) = looks.next().await {
            let words = match state {
                State::Well => {
                    tally.count(WELL);
                    continue;
                }
                State::Unreadable(error) => {
                    tally.complain(UNREADABLE, &file, &format!(": {error}"))?;
                    continue;
                }
                State::Missing => MISSING,
                State::Altered => ALTERED,
            };
            // It may have been deleted since the row was read.
            if store::is_named(&self.db, &file.key).await? {
                tally.complain(words, &file, "")?;
                broken.push(file);
            }
        }
        Ok(broken)
    }

    async fn state(&self, file: &Expected) -> State {
        let found = if self.quick || file.sha256.is_none() {
            let size = self.storage.size(&file.key).await;
            size.map(|size| size.map(|size| i64::try_from(size) == Ok(file.size)))
        } else {
            sum(&self.storage, &file.key).await.map(|found| found.map(|found| file.is(&found)))
        };
        match found {
            Ok(Some(true)) => State::Well,
            Ok(Some(false)) => State::Altered,
            Ok(None) => State::Missing,
            Err(error) => State::Unreadable(error.to_string()),
        }
    }

    /// A file is noted before it is written, and a row names it before the note goes: what was in the list and is known to
    /// neither afterwards is nobody's.
    async fn look_for_orphans(&self, tally: &mut Tally) -> anyhow::Result<()> {
        let mut listed = self.storage.list().chunks(1000);
        while let Some(some) = listed.next().await {
            let mut keys = Vec::new();
            for file in some {
                match file {
                    Ok((key, _)) => keys.push(key),
                    Err(error) => say(&format!("not looked into: {error:#}"))?,
                }
            }
            let unknown = store::list_unknown(&self.db, &keys).await?;
            let (ours, foreign): (Vec<String>, Vec<String>) =
                unknown.into_iter().partition(|key| Storage::is_given(key));
            for key in &ours {
                say(&format!("{ORPHAN}: {key}"))?;
            }
            tally.add(ORPHAN, ours.len() as u64);
            if !foreign.is_empty() {
                tally.add(FOREIGN, foreign.len() as u64);
            }
            if self.repair {
                mending::remove(self, &ours, tally).await?;
            } else {
                tally.wrong += ours.len() as u64;
            }
        }
        Ok(())
    }
}
