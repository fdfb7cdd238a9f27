//! A page of the photos that are looked for: read by an index where one leads there, else each is looked at.

use common::{Error, Result};
use sqlx::PgPool;

use super::{
    Cursor, Listing, Order, Photo, PhotoId,
    search::{Place, Search, Sort, Within},
    store::{self, Filter, Scope},
};

/// A page of what was found.
pub struct Found {
    /// The photos.
    pub photos: Vec<Photo>,
    /// The place from which the next page goes on.
    pub next: Option<String>,
}

/// The order in which a gallery is listed from this place on: a list that was begun ends in the order in which it began,
/// whatever its gallery's is by now.
pub fn sort_of(gallery: Order, after: Option<&str>) -> Sort {
    let begun = after.and_then(|after| after.parse::<Cursor>().ok());
    begun.map_or(gallery, |cursor| cursor.order()).into()
}

/// The photos that a search finds, from behind this place on; 400 where the place is none in this order.
pub async fn list(db: &PgPool, search: &Search, after: Option<&str>, limit: u16) -> Result<Found> {
    let after = after.map(|after| Place::parse(after, search.sort)).transpose();
    let after = after.map_err(|fault| Error::BadRequest(fault.to_owned()))?;
    let found = match (search.by_index(), search.owner, search.gallery) {
        (Some(Index::Library), Some(owner), _) => {
            let below = after.map(|place| PhotoId(place.id.0));
            store::list_library(db, owner, search.filter, below, limit).await?
        }
        (Some(Index::Gallery(order)), _, Some(gallery)) => {
            let sections =
                if let Within::Section(section) = search.within { Some(vec![section]) } else { None };
            let scope = Scope { sections, ..Scope::EVERYTHING };
            let after = after.map(|place| place.cursor(order));
            store::list_gallery(db, gallery, scope, order, after.as_ref(), limit).await?
        }
        _ => store::list_found(db, search, after.as_ref(), limit).await?,
    };
    let Listing { items: photos, more } = found;
    let next = photos.last().filter(|_| more).map(|last| Place::text(last, search.sort));
    Ok(Found { photos, next })
}

/// What leads to a page without looking at every photo.
enum Index {
    /// A library by id.
    Library,
    /// A gallery in one of its orders.
    Gallery(Order),
}

impl Search {
    fn by_index(&self) -> Option<Index> {
        if !self.text.is_empty() || self.least_rating > 0.0 || self.within == Within::NoSection {
            return None;
        }
        match (self.sort, self.owner, self.gallery) {
            (Sort::Newest, Some(_), None) => Some(Index::Library),
            (sort, None, Some(_)) if self.filter == Filter::All => sort.of_gallery().map(Index::Gallery),
            _ => None,
        }
    }
}
