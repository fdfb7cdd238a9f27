//! Who looked and what was downloaded: counted in the background, told by day, without saying who it was.

pub mod api;
pub mod chart;
pub mod recorder;
pub mod screen;
pub mod store;
pub mod tally;

use std::{collections::BTreeMap, time::Duration};

use actix_web::HttpRequest;
use chrono::{Days, NaiveDate, Utc};
use common::{Error, Result, client_address, live::Live, web::header};
pub use recorder::Recorder;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use utoipa::{IntoParams, ToSchema};

use self::store::TopPhoto;
use crate::{galleries::GalleryId, identity::AccountId, settings::SiteSettings, shares::ShareLinkId};

/// Who looked or downloaded, as far as it is kept for a moment: only its hash is ever written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// Tells visitors of one day apart.
    mark: String,
    has_account: bool,
}

impl Visitor {
    /// Whoever sent this request: the account, else the network address with what the browser calls itself.
    pub fn of(request: &HttpRequest, account: Option<AccountId>) -> Self {
        let mark = account.map_or_else(
            || {
                let network = client_address::limit_key(client_address::of(request));
                let agent = header(request, &actix_web::http::header::USER_AGENT).unwrap_or_default();
                format!("{network} {}", agent.chars().take(300).collect::<String>())
            },
            |account| format!("account {}", account.0),
        );
        Self { mark, has_account: account.is_some() }
    }
}

/// What figures are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything here.
    Site,
    /// All galleries that belong, or belonged, to an account.
    Owner(AccountId),
    /// One gallery.
    Gallery(GalleryId),
    /// One share link.
    Link(ShareLinkId),
}

impl Scope {
    /// The stored word and number.
    fn stored(self) -> (&'static str, i32) {
        match self {
            Self::Site => ("site", 0),
            Self::Owner(account) => ("owner", account.0),
            Self::Gallery(gallery) => ("gallery", gallery.0),
            Self::Link(link) => ("link", link.0),
        }
    }
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Figures {
    /// Visits that were counted.
    pub views: i64,
    /// Visitors, each once a day.
    pub visitors: i64,
    /// Photos that were downloaded.
    pub downloads: i64,
}

/// What was counted on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// A day of UTC; in a row of weeks the first of seven.
    pub date: NaiveDate,
    /// What was counted.
    pub figures: Figures,
}

/// For how many days back figures are told, today included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range(u16);

impl Range {
    /// The ranges that there are.
    pub const ALL: [Self; 4] = [Self(7), Self(30), Self(90), Self(365)];

    /// How many days.
    pub fn days(self) -> u16 {
        self.0
    }

    /// The first day.
    pub fn first(self) -> NaiveDate {
        Utc::now().date_naive() - Days::new(u64::from(self.0) - 1)
    }

    /// “30 days”, “Year”.
    pub fn label(self) -> String {
        if self.0 == 365 { "Year".to_owned() } else { format!("{} days", self.0) }
    }
}

impl Default for Range {
    fn default() -> Self {
        Self(30)
    }
}

/// The query of everything that tells figures.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// 7, 30, 90 or 365, today included; 30 by default.
    days: Option<u16>,
    /// `csv` for the days as a table.
    #[param(inline)]
    format: Option<Format>,
}

/// How figures are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A document.
    Json,
    /// A table for a spreadsheet.
    Csv,
}

impl Asked {
    /// Whether a table for a spreadsheet is wanted.
    pub fn as_csv(self) -> bool {
        self.format == Some(Format::Csv)
    }

    /// The range; 30 days where none is named.
    pub fn range(self) -> Result<Range> {
        let Some(days) = self.days else { return Ok(Range::default()) };
        let found = Range::ALL.into_iter().find(|range| range.0 == days);
        found.ok_or_else(|| Error::invalid("days", "Choose 7, 30, 90 or 365 days."))
    }
}

/// Every day of a range, also those on which nothing was counted.
pub fn every_day(counted: &[Day], range: Range) -> Vec<Day> {
    let counted: BTreeMap<NaiveDate, Figures> = counted.iter().map(|day| (day.date, day.figures)).collect();
    let days = range.first().iter_days().take(range.0.into());
    days.map(|date| Day { date, figures: counted.get(&date).copied().unwrap_or_default() }).collect()
}

/// The sum of some days.
pub fn total(days: &[Day]) -> Figures {
    days.iter().fold(Figures::default(), |sum, day| Figures {
        views: sum.views + day.figures.views,
        visitors: sum.visitors + day.figures.visitors,
        downloads: sum.downloads + day.figures.downloads,
    })
}

/// What is told of a gallery or a link.
pub struct Statistics {
    /// Every day of the range.
    pub days: Vec<Day>,
    /// Everything that was ever counted.
    pub total: Figures,
    /// The photos that were looked at and downloaded most, since they were counted.
    pub top: Vec<TopPhoto>,
}

/// As many photos as are named.
const TOP: i64 = 12;

/// The statistics of a gallery.
pub async fn of_gallery(db: &PgPool, gallery: GalleryId, range: Range) -> Result<Statistics> {
    let top = store::list_top_of_gallery(db, gallery, TOP).await?;
    of(db, Scope::Gallery(gallery), range, top).await
}

/// The statistics of a share link.
pub async fn of_link(db: &PgPool, link: ShareLinkId, range: Range) -> Result<Statistics> {
    let top = store::list_top_of_link(db, link, TOP).await?;
    of(db, Scope::Link(link), range, top).await
}

async fn of(db: &PgPool, scope: Scope, range: Range, top: Vec<TopPhoto>) -> Result<Statistics> {
    let counted = store::list_days(db, scope, range.first()).await?;
    let total = store::find_total(db, scope).await?;
    Ok(Statistics { days: every_day(&counted, range), total, top })
}

/// Forgets what tells visitors apart once their day is over, and what happened too long ago to be listed: every hour for
/// as long as we run.
pub async fn keep_for_ever(db: PgPool, settings: Live<SiteSettings>) {
    loop {
        let days = i32::try_from(settings.current().event_days).unwrap_or(i32::MAX);
        if let Err(error) = store::writing::purge(&db, days).await {
            tracing::warn!(%error, "old statistics could not be deleted");
        }
        tokio::time::sleep(Duration::from_hours(1)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_without_a_view_are_there_and_the_last_is_today() {
        let today = Utc::now().date_naive();
        let seen = Day { date: today, figures: Figures { views: 3, visitors: 2, downloads: 1 } };
        let long_ago = Day { date: today - Days::new(40), ..seen };
        let days = every_day(&[long_ago, seen], Range::ALL[0]);
        assert_eq!((days.len(), days[6], days[5].figures), (7, seen, Figures::default()));
        assert_eq!(total(&days), seen.figures, "what is before the range is not in it");
    }

    #[test]
    fn other_ranges_are_refused() {
        let asked = |days| Asked { days, format: None }.range();
        assert_eq!(asked(None).ok(), Some(Range(30)));
        assert_eq!(asked(Some(365)).ok(), Some(Range(365)));
        assert!(asked(Some(0)).is_err() && asked(Some(31)).is_err());
    }
}
