//! How a batch of events becomes sums, once it is known which visitors are new on their day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::Scope;
use crate::{galleries::GalleryId, identity::AccountId, photos::PhotoId, shares::ShareLinkId};

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Looked at a gallery.
    View,
    /// Looked at one photo of it, large.
    PhotoView(PhotoId),
    /// Downloaded photos of it.
    Download(Vec<PhotoId>),
}

/// Something that is to be counted.
#[derive(Clone, Debug)]
pub struct Counted {
    /// When.
    pub at: DateTime<Utc>,
    /// The visitor's hash.
    pub visitor: String,
    /// Whether the visitor has an account.
    pub has_account: bool,
    /// The gallery.
    pub gallery: GalleryId,
    /// Whose that is.
    pub owner: Option<AccountId>,
    /// The link through which they came.
    pub link: Option<ShareLinkId>,
    /// What they did.
    pub deed: Deed,
}

/// That a visitor was somewhere on a day: the day, the stored word and number of what was looked at, the hash.
pub type Mark = (NaiveDate, &'static str, i32, String);

/// Views and downloads of one photo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhotoCounts {
    /// Looked at, once a visitor and day.
    pub views: i32,
    /// Downloaded.
    pub downloads: i32,
}

/// Views, visitors and downloads of one subject on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayCounts {
    /// Counted visits.
    pub views: i32,
    /// New visitors of the day.
    pub visitors: i32,
    /// Photos downloaded.
    pub downloads: i32,
}

/// What a batch adds. Maps in the order of their keys, so that two writers lock rows in the same order.
#[derive(Debug, Default)]
pub struct Tally {
    /// By stored word, number and day.
    pub days: BTreeMap<(&'static str, i32, NaiveDate), DayCounts>,
    /// By photo.
    pub photos: BTreeMap<PhotoId, PhotoCounts>,
    /// By link and photo.
    pub link_photos: BTreeMap<(i32, PhotoId), PhotoCounts>,
    /// Which of the batch are told as something that happened, by their place in it.
    pub told: Vec<usize>,
}

impl Counted {
    fn day(&self) -> NaiveDate {
        self.at.date_naive()
    }

    fn scopes(&self) -> impl Iterator<Item = Scope> + use<> {
        let known = [
            Some(Scope::Site),
            self.owner.map(Scope::Owner),
            Some(Scope::Gallery(self.gallery)),
            self.link.map(Scope::Link),
        ];
        known.into_iter().flatten()
    }

    /// The word under which it is stored.
    pub fn visitor_kind(&self) -> &'static str {
        match (self.link, self.has_account) {
            (Some(_), _) => "link",
            (None, true) => "account",
            (None, false) => "public",
        }
    }
}

/// The marks that decide who is new. Only looking makes a visitor: what is downloaded was looked at before.
pub fn marks(batch: &[Counted]) -> BTreeSet<Mark> {
    let mut marks = BTreeSet::new();
    for event in batch {
        let mark = |(word, number)| (event.day(), word, number, event.visitor.clone());
        match &event.deed {
            Deed::View => marks.extend(event.scopes().map(Scope::stored).map(mark)),
            Deed::PhotoView(photo) => {
                marks.insert(mark(("photo", photo.0)));
            }
            Deed::Download(_) => {}
        }
    }
    marks
}

/// The sums, given those marks that were not there before. Each new mark counts for one event.
pub fn tally(batch: &[Counted], mut new: BTreeSet<Mark>) -> Tally {
    let mut tally = Tally::default();
    for (place, event) in batch.iter().enumerate() {
        let mut is_new = |(word, number)| new.remove(&(event.day(), word, number, event.visitor.clone()));
        match &event.deed {
            Deed::View => {
                let fresh: Vec<(Scope, bool)> =
                    event.scopes().map(|scope| (scope, is_new(scope.stored()))).collect();
                // A link counts its visits by itself, exactly. Elsewhere it is one view a visitor and day.
                let counts = event.link.is_some() || fresh.contains(&(Scope::Gallery(event.gallery), true));
                for (scope, fresh) in fresh {
                    let day = tally.day(scope, event);
                    day.views += i32::from(counts);
                    day.visitors += i32::from(fresh);
                }
                if counts {
                    tally.told.push(place);
                }
            }
            Deed::PhotoView(photo) => {
                if is_new(("photo", photo.0)) {
                    tally.add_photo(event, *photo, PhotoCounts { views: 1, downloads: 0 });
                }
            }
            Deed::Download(photos) => {
                let count = i32::try_from(photos.len()).unwrap_or(i32::MAX);
                for scope in event.scopes() {
                    tally.day(scope, event).downloads += count;
                }
                for photo in photos {
                    tally.add_photo(event, *photo, PhotoCounts { views: 0, downloads: 1 });
                }
                tally.told.push(place);
            }
        }
    }
    tally.days.retain(|_, counts| *counts != DayCounts::default());
    tally
}

impl Tally {
    fn day(&mut self, scope: Scope, event: &Counted) -> &mut DayCounts {
        let (word, number) = scope.stored();
        self.days.entry((word, number, event.day())).or_default()
    }

    fn add_photo(&mut self, event: &Counted, photo: PhotoId, more: PhotoCounts) {
        let of_link = event.link.map(|link| self.link_photos.entry((link.0, photo)).or_default());
        for counts in of_link.into_iter().chain([self.photos.entry(photo).or_default()]) {
            counts.views += more.views;
            counts.downloads += more.downloads;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(visitor: &str, link: Option<i32>, deed: Deed) -> Counted {
        Counted {
            at: "2026-06-01T10:00:00Z".parse().expect("a time"),
            visitor: visitor.to_owned(),
            has_account: false,
            gallery: GalleryId(7),
            owner: Some(AccountId(1)),
            link: link.map(ShareLinkId),
            deed,
        }
    }

    fn counts(tally: &Tally, word: &'static str, number: i32) -> (i32, i32, i32) {
        let day = "2026-06-01".parse().expect("a day");
        let counts = tally.days.get(&(word, number, day)).copied().unwrap_or_default();
        (counts.views, counts.visitors, counts.downloads)
    }

    #[test]
    fn visits_of_a_link_all_count_and_its_visitors_once() {
        let batch =
            [event("a", Some(3), Deed::View), event("a", Some(3), Deed::View), event("b", None, Deed::View)];
        let tally = tally(&batch, marks(&batch));
        assert_eq!(counts(&tally, "link", 3), (2, 1, 0));
        assert_eq!(counts(&tally, "gallery", 7), (3, 2, 0));
        assert_eq!(counts(&tally, "owner", 1), (3, 2, 0));
        assert_eq!(counts(&tally, "site", 0), (3, 2, 0));
        assert_eq!(tally.told, [0, 1, 2]);
    }

    #[test]
    fn a_page_that_is_loaded_again_is_one_view_of_the_day() {
        let batch = [event("a", None, Deed::View), event("a", None, Deed::View)];
        let first = tally(&batch, marks(&batch));
        assert_eq!(counts(&first, "gallery", 7), (1, 1, 0));
        let later = tally(&batch, BTreeSet::new());
        assert!(later.days.is_empty() && later.told.is_empty(), "whoever was there today is not new");
    }

    #[test]
    fn photos_are_counted_for_the_photo_and_for_the_link() {
        let photos = vec![PhotoId(4), PhotoId(5)];
        let batch = [
            event("a", Some(3), Deed::PhotoView(PhotoId(4))),
            event("a", Some(3), Deed::PhotoView(PhotoId(4))),
            event("a", Some(3), Deed::Download(photos.clone())),
            event("a", None, Deed::Download(photos)),
        ];
        let tally = tally(&batch, marks(&batch));
        assert_eq!(tally.photos[&PhotoId(4)], PhotoCounts { views: 1, downloads: 2 });
        assert_eq!(tally.link_photos[&(3, PhotoId(4))], PhotoCounts { views: 1, downloads: 1 });
        assert_eq!(counts(&tally, "gallery", 7), (0, 0, 4));
        assert_eq!(counts(&tally, "link", 3), (0, 0, 2));
        assert_eq!(tally.told, [2, 3], "looking at a photo is nothing that the list tells");
    }
}
