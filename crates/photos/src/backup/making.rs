//! The media of a backup: every file that its dump names is copied unless a backup before it has it, and then the sums are
//! written, which make it a backup.

use std::{
    collections::{BTreeMap, HashMap},
    io::BufRead,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use common::secrets::Digest;
use futures_util::{StreamExt, stream};
use sqlx::PgPool;

use super::{
    AT_ONCE, DUMPS, Named,
    copying::{Copied, copy, sum_of},
    listing, place, store,
    sums::Sums,
};
use crate::storage::Storage;

/// Files stay held for hours from each time that this is done.
const HOLD_AGAIN: Duration = Duration::from_mins(5);

/// What became of the files, in figures.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub files: u64,
    pub bytes: u64,
    pub copied: u64,
    pub copied_bytes: u64,
    pub missing: u64,
    pub altered: u64,
    pub unreadable: u64,
}

impl Tally {
    /// Files of which the backup has no good copy.
    pub fn wrong(&self) -> u64 {
        self.missing + self.altered + self.unreadable
    }
}

/// A backup that is being made.
pub(super) struct Making<'a> {
    pub place: &'a Path,
    pub name: &'a str,
    pub db: &'a PgPool,
    pub storage: &'a Storage,
}

enum Kept {
    Before(Digest),
    Now(Digest),
    /// Other bytes than the row says, and no better ones.
    Altered(Option<Digest>),
    Missing,
    Unreadable(String),
}

impl Making<'_> {
    /// Finishes the backup whose dumps lie in its folder; `dumped` is what `pg_restore` lists of that of photos. Tells a line
    /// about each file that is not as its row says.
    pub async fn finish(&self, dumped: impl BufRead, mut tell: impl FnMut(String)) -> anyhow::Result<Tally> {
        let _held = place::hold(self.place)?;
        self.hold_on().await?;
        let named = listing::read(dumped)?;
        let copies = place::media(self.place, true)?;
        let before = self.before()?;
        let mut sums = BTreeMap::new();
        let mut tally = Tally::default();
        let mut held_at = Instant::now();
        let work = stream::iter(&named).map(async |named| (named, self.keep(&copies, &before, named).await));
        let mut work = std::pin::pin!(work.buffer_unordered(AT_ONCE));
        while let Some((named, kept)) = work.next().await {
            if let Some(sum) = count(&mut tally, named, kept?, &mut tell) {
                sums.insert(Sums::path_of(&named.key), sum);
            }
            if held_at.elapsed() > HOLD_AGAIN {
                self.hold_on().await?;
                held_at = Instant::now();
            }
        }
        ensure!(
            tally.wrong() * 2 <= tally.files,
            "more than half of the files are not there: is this the storage of this database, and is it mounted? \
             Nothing was finished."
        );
        self.hold_on().await?;
        for dump in DUMPS {
            let path = format!("{}/{dump}", self.name);
            let sum =
                place::sum_of(&self.place.join(&path))?.with_context(|| format!("{path} is missing"))?;
            sums.insert(path, sum);
        }
        Sums(sums).write(self.place, self.name)?;
        store::delete_hold(self.db, self.name).await?;
        Ok(tally)
    }

    /// Had the files not been held all the time since the dump, some could be gone by now.
    async fn hold_on(&self) -> anyhow::Result<()> {
        let held = store::update_hold(self.db, self.name).await?;
        ensure!(
            held,
            "files were not held for {}: begin anew with `photos backup hold` and the dumps",
            self.name
        );
        Ok(())
    }

    /// The sums of what the newest backup has.
    fn before(&self) -> anyhow::Result<HashMap<String, Digest>> {
        let Some((newest, _)) = place::list(self.place)?.into_iter().rfind(|(_, is_whole)| *is_whole) else {
            return Ok(HashMap::new());
        };
        let sums = Sums::read(self.place, &newest)?;
        Ok(sums.media().map(|(key, sum)| (key.to_owned(), sum)).collect())
    }

    async fn keep(
        &self,
        copies: &Storage,
        before: &HashMap<String, Digest>,
        named: &Named,
    ) -> anyhow::Result<Kept> {
        let key = named.key.as_str();
        let fits =
            |bytes: u64, sum: &Digest| bytes == named.bytes && named.sha256.is_none_or(|known| known == *sum);
        let there = copies.size(key).await?;
        if there == Some(named.bytes) {
            let sum = match before.get(key) {
                Some(sum) => Some(*sum),
                // Of a run that was cut off.
                None => sum_of(copies, key).await?,
            };
            if let Some(sum) = sum.filter(|sum| fits(named.bytes, sum)) {
                return Ok(Kept::Before(sum));
            }
        }
        // Altered bytes are better than none, but not than those that are there.
        let outcome =
            copy(self.storage, copies, key, |bytes, sum| there.is_none() || fits(bytes, sum)).await?;
        Ok(match outcome {
            Copied::Whole(sum) => {
                let is_good = fits(copies.size(key).await?.unwrap_or_default(), &sum);
                if is_good { Kept::Now(sum) } else { Kept::Altered(Some(sum)) }
            }
            Copied::Altered => Kept::Altered(None),
            Copied::Missing => Kept::Missing,
            Copied::Unreadable(error) => {
                ensure!(self.storage.is_ready().await, "the storage does not answer any more: {error}");
                Kept::Unreadable(error)
            }
        })
    }
}

/// Counts a file; returns its sum if the backup has it.
fn count(tally: &mut Tally, named: &Named, kept: Kept, tell: &mut impl FnMut(String)) -> Option<Digest> {
    let key = &named.key;
    tally.files += 1;
    tally.bytes += named.bytes;
    match kept {
        Kept::Before(sum) => Some(sum),
        Kept::Now(sum) => {
            tally.copied += 1;
            tally.copied_bytes += named.bytes;
            Some(sum)
        }
        Kept::Altered(sum) => {
            tally.altered += 1;
            tell(format!("altered: {key}"));
            sum
        }
        Kept::Missing => {
            tally.missing += 1;
            tell(format!("missing: {key}"));
            None
        }
        Kept::Unreadable(error) => {
            tally.unreadable += 1;
            tell(format!("unreadable: {key} ({error})"));
            None
        }
    }
}
