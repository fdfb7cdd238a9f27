//! Everything a photographer wants to know at a glance: how much there is, who looked, what happened lately.

pub mod activity;
pub mod api;
pub mod screen;
pub mod store;

use common::{Result, identity::Role};
use sqlx::PgPool;

use crate::{
    identity::{AccountId, CurrentUser},
    statistics::{Day, Figures, Range, Scope, every_day, store as statistics},
};

pub use activity::Activity;
pub use store::{Counts, RecentGallery};

/// As many parts of the storage as a chart can show; the rest is one more.
const PARTS: usize = 7;
/// As many things that happened lately as are told.
const ACTIVITIES: usize = 12;
/// As many galleries as are shown.
const GALLERIES: i64 = 6;

/// Whose figures: one's own, or an administrator's of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whose(Option<AccountId>);

impl Whose {
    /// What this person sees.
    pub fn of(user: &CurrentUser) -> Self {
        Self((user.role != Role::Admin).then_some(user.account))
    }

    /// Whether they are the figures of everybody.
    pub fn is_everybody(self) -> bool {
        self.0.is_none()
    }

    /// The account; none for everybody.
    pub fn account(self) -> Option<AccountId> {
        self.0
    }

    fn owner(self) -> Option<i32> {
        self.0.map(|account| account.0)
    }

    fn scope(self) -> Scope {
        self.0.map_or(Scope::Site, Scope::Owner)
    }
}

/// A part of the storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// A gallery, or for everybody a photographer.
    pub name: String,
    /// Size of the originals.
    pub bytes: i64,
}

/// What the page and `GET /api/stats` tell.
pub struct Overview {
    /// Photos, customers.
    pub counts: Counts,
    /// All views, visitors and downloads.
    pub total: Figures,
    /// Every day of the range.
    pub days: Vec<Day>,
    /// Bytes of originals.
    pub storage_bytes: i64,
    /// The largest parts first; the last is the rest.
    pub storage: Vec<Part>,
    /// The newest first.
    pub activity: Vec<Activity>,
    /// The newest first.
    pub galleries: Vec<RecentGallery>,
}

/// Gathers everything; the questions are asked at once.
pub async fn overview(db: &PgPool, whose: Whose, range: Range) -> Result<Overview> {
    let (counts, total, counted, parts, activity, galleries) = futures_util::try_join!(
        store::count(db, whose.owner()),
        statistics::find_total(db, whose.scope()),
        statistics::list_days(db, whose.scope(), range.first()),
        storage(db, whose),
        activity::list(db, whose, ACTIVITIES),
        store::list_recent_galleries(db, whose.owner(), GALLERIES),
    )?;
    Ok(Overview {
        counts,
        total,
        days: every_day(&counted, range),
        storage_bytes: parts.iter().map(|part| part.bytes).sum(),
        storage: largest(parts),
        activity,
        galleries,
    })
}

async fn storage(db: &PgPool, whose: Whose) -> sqlx::Result<Vec<Part>> {
    match whose.0 {
        Some(owner) => store::list_storage_by_gallery(db, owner).await,
        None => store::list_storage_by_owner(db).await,
    }
}

/// The largest parts by themselves, the others together.
fn largest(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    if parts.len() > PARTS + 1 {
        let bytes = parts.drain(PARTS..).map(|part| part.bytes).sum();
        parts.push(Part { name: "Everything else".to_owned(), bytes });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_parts_of_the_storage_are_one() {
        let parts: Vec<Part> = (1..=20).map(|bytes| Part { name: bytes.to_string(), bytes }).collect();
        let shown = largest(parts.clone());
        assert_eq!((shown.len(), shown[0].bytes, shown[7].bytes), (8, 20, (1..=13).sum()));
        assert_eq!(largest(parts[..8].to_vec()).len(), 8, "one part alone is not “everything else”");
    }
}
