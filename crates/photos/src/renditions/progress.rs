//! How far long work on pictures is: of everybody, or of one photographer.

use common::Result;
use serde::Serialize;
use sqlx::PgPool;

use super::store::outdated;
use crate::{identity::AccountId, jobs::listing, statistics::chart::grouped};

/// Work that goes on by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// What is being done.
    pub label: &'static str,
    /// “1,240 of 3,400 photos”.
    pub text: String,
    /// Photos that are done.
    pub done: i64,
    /// All of them.
    pub all: i64,
}

/// What is being done at this moment; nothing where all is as it should be.
pub async fn list(db: &PgPool, owner: Option<AccountId>) -> Result<Vec<Progress>> {
    let made = outdated::count_made(db, owner).await?;
    let encodes = listing::count_encodes(db, owner).await?;
    let works = [
        Progress::of("New photos are made ready", made.pending, made.pending + made.all),
        Progress::of("Pictures are made again, with the present watermark", made.outdated, made.all),
        Progress::of("Pictures are written in smaller encodings", encodes, made.all),
    ];
    Ok(works.into_iter().flatten().collect())
}

impl Progress {
    fn of(label: &'static str, left: i64, all: i64) -> Option<Self> {
        let all = all.max(left);
        let done = all - left;
        let text = format!("{} of {} photos", grouped(done), grouped(all));
        (left > 0).then_some(Self { label, text, done, all })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_is_done_is_not_told_of_and_the_rest_in_numbers() {
        assert_eq!(Progress::of("x", 0, 5), None);
        let told = Progress::of("x", 1_000, 3_400).expect("something is left");
        assert_eq!((told.text.as_str(), told.done, told.all), ("2,400 of 3,400 photos", 2_400, 3_400));
        assert_eq!(Progress::of("x", 7, 5).expect("left").done, 0, "jobs of photos that are gone meanwhile");
    }
}
