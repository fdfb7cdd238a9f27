//! A gallery as visitors go through it: section after section, a page at a time, from any place on.

pub mod store;

use std::{fmt, str::FromStr};

use common::Result;
use sqlx::PgPool;

use super::{Gallery, SectionId};
use crate::photos::{Cursor, PAGE, Photo, store as photos};

/// A part of a gallery: a section, or what is in none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The section; none for the photos that are in none.
    pub section: Option<SectionId>,
    /// What it is called; nothing where a gallery has but one part.
    pub name: String,
}

/// A place from which a page goes on: a part, and the photo before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    section: Option<SectionId>,
    cursor: Option<Cursor>,
}

/// A page of a gallery.
pub struct Stretch {
    /// The parts that it shows something of, each with its photos.
    pub parts: Vec<(Stop, Vec<Photo>)>,
    /// Where the next page begins.
    pub next: Option<Place>,
}

impl Place {
    /// The top of a section.
    pub fn top(section: SectionId) -> Self {
        Self { section: Some(section), cursor: None }
    }

    /// So that this photo comes first.
    pub fn before(photo: &Photo, gallery: &Gallery) -> Self {
        let mut cursor = Cursor::at(photo, gallery.order);
        cursor.id.0 -= 1;
        Self { section: photo.section, cursor: Some(cursor) }
    }
}

/// The parts of a gallery from the top, as far as they may be shown; `sections` names those that may.
pub async fn stops(db: &PgPool, gallery: &Gallery, sections: Option<&[SectionId]>) -> Result<Vec<Stop>> {
    let mut stops = store::list_shown(db, gallery.id).await?;
    if let Some(shown) = sections {
        stops.retain(|stop| stop.section.is_some_and(|section| shown.contains(&section)));
        return Ok(stops);
    }
    let rest = |name: &str| Stop { section: None, name: name.to_owned() };
    if stops.is_empty() {
        stops.push(rest(""));
    } else if store::has_loose(db, gallery.id).await? {
        stops.push(rest("More photos"));
    }
    Ok(stops)
}

/// The photos from a place on, through as many parts as a page reaches.
pub async fn stretch(
    db: &PgPool,
    gallery: &Gallery,
    stops: &[Stop],
    from: Option<&Place>,
) -> Result<Stretch> {
    let known = from.and_then(|place| {
        let at = stops.iter().position(|stop| stop.section == place.section)?;
        Some((at, place.cursor.clone()))
    });
    // A section that is gone by now begins the gallery anew.
    let (begin, mut cursor) = known.unwrap_or_default();
    let order = cursor.as_ref().map_or(gallery.order, Cursor::order);
    let (mut parts, mut left) = (Vec::new(), PAGE);
    for stop in stops.iter().skip(begin) {
        if left == 0 {
            return Ok(Stretch { parts, next: Some(Place { section: stop.section, cursor: None }) });
        }
        let listing =
            photos::list_part(db, gallery.id, stop.section, order, cursor.take().as_ref(), left).await?;
        left = left.saturating_sub(u16::try_from(listing.items.len()).unwrap_or(left));
        let last = listing.items.last().map(|photo| Cursor::at(photo, order));
        if !listing.items.is_empty() {
            parts.push((stop.clone(), listing.items));
        }
        if listing.more {
            return Ok(Stretch { parts, next: Some(Place { section: stop.section, cursor: last }) });
        }
    }
    Ok(Stretch { parts, next: None })
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(section) = self.section {
            write!(formatter, "s{}_", section.0)?;
        }
        self.cursor.as_ref().map_or(Ok(()), |cursor| cursor.fmt(formatter))
    }
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (section, cursor) = match text.strip_prefix('s').and_then(|rest| rest.split_once('_')) {
            None => (None, text),
            Some((section, cursor)) => {
                let section = section.parse().map_err(|_| "this is no place in a gallery")?;
                (Some(SectionId(section)), cursor)
            }
        };
        // Behind the last section may be the top of what is in none, which needs no more words.
        let cursor = if cursor.is_empty() { None } else { Some(cursor.parse()?) };
        Ok(Self { section, cursor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_the_way_through_an_address() {
        for text in ["s7_", "s7_1700000000123456.5", "1700000000123456.5", "s12_p4.9", "nYQ.3"] {
            let place: Place = text.parse().expect(text);
            assert_eq!(place.to_string(), text);
        }
        for text in ["s7", "sx_1.2", "x", "s7_x"] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
