//! Searching among photos: by words, stars, state and place, in the order that is wished.

use std::str::FromStr;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Cursor, Order, Photo, PhotoId, order::Key, store::Filter};
use crate::{
    galleries::{GalleryId, SectionId},
    identity::AccountId,
};

/// By what found photos are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PhotoSort)]
pub enum Sort {
    /// The last uploaded first.
    #[default]
    Newest,
    /// The first uploaded first.
    Oldest,
    /// The first taken first.
    TakenAt,
    /// The last taken first.
    TakenLast,
    /// By file name.
    Name,
    /// As somebody arranged them.
    Manual,
}

impl Sort {
    /// The word that the database is told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Oldest => "oldest",
            Self::TakenAt => "taken_at",
            Self::TakenLast => "taken_last",
            Self::Name => "name",
            Self::Manual => "manual",
        }
    }

    /// The order of a gallery that is the same.
    pub fn of_gallery(self) -> Option<Order> {
        match self {
            Self::TakenAt => Some(Order::TakenAt),
            Self::Name => Some(Order::Name),
            Self::Manual => Some(Order::Manual),
            Self::Newest | Self::Oldest | Self::TakenLast => None,
        }
    }
}

impl From<Order> for Sort {
    fn from(order: Order) -> Self {
        match order {
            Order::TakenAt => Self::TakenAt,
            Order::Name => Self::Name,
            Order::Manual => Self::Manual,
        }
    }
}

/// In which part of its gallery a photo is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Within {
    /// Anywhere.
    #[default]
    Anywhere,
    /// In this section.
    Section(SectionId),
    /// In no section.
    NoSection,
}

impl Within {
    /// Reads `12`, `none` or nothing; anything else is anywhere.
    pub fn parse(text: &str) -> Self {
        match text {
            "none" => Self::NoSection,
            id => id.parse().map_or(Self::Anywhere, |id| Self::Section(SectionId(id))),
        }
    }

    /// What [`Within::parse`] reads.
    pub fn text(self) -> String {
        match self {
            Self::Anywhere => String::new(),
            Self::Section(section) => section.0.to_string(),
            Self::NoSection => "none".to_owned(),
        }
    }
}

/// Which photos are looked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Whose they are.
    pub owner: Option<AccountId>,
    /// In which gallery.
    pub gallery: Option<GalleryId>,
    /// In which part of it.
    pub within: Within,
    /// In which state.
    pub filter: Filter,
    /// 0 to 5.
    pub least_rating: f64,
    /// Somewhere in file name, title, description or keywords, in whatever case.
    pub text: String,
    /// In which order.
    pub sort: Sort,
}

/// A place in what was found.
#[derive(Clone, Debug)]
pub struct Place {
    /// The photo before.
    pub id: PhotoId,
    /// Its place by hand, or its id.
    pub position: i32,
    /// Its file name as the database sorts it.
    pub name: String,
    /// When it was taken.
    pub time: NaiveDateTime,
}

impl Place {
    /// The place of this photo as an address carries it.
    pub fn text(photo: &Photo, sort: Sort) -> String {
        let order = match sort {
            Sort::Newest | Sort::Oldest => return photo.id.to_string(),
            Sort::TakenAt | Sort::TakenLast => Order::TakenAt,
            Sort::Name => Order::Name,
            Sort::Manual => Order::Manual,
        };
        Cursor::at(photo, order).to_string()
    }

    /// The same place in an order of a gallery.
    pub fn cursor(self, order: Order) -> Cursor {
        let key = match order {
            Order::TakenAt => Key::TakenAt(self.time),
            Order::Name => Key::Name(self.name),
            Order::Manual => Key::Manual(self.position),
        };
        Cursor { id: self.id, key }
    }

    /// Reads what [`Place::text`] wrote for the same order.
    pub fn parse(text: &str, sort: Sort) -> Result<Self, &'static str> {
        const UNKNOWN: &str = "this is no place in a list; leave `after` out to begin at the start";
        let mut place =
            Self { id: PhotoId(0), position: 0, name: String::new(), time: NaiveDateTime::default() };
        if let Ok(id) = text.parse::<i32>() {
            place.id = PhotoId(id);
            place.position = match sort {
                Sort::Newest => id.checked_neg().ok_or(UNKNOWN)?,
                Sort::Oldest => id,
                _ => return Err(UNKNOWN),
            };
            return Ok(place);
        }
        let cursor = Cursor::from_str(text)?;
        place.id = cursor.id;
        match (cursor.key, sort) {
            (Key::TakenAt(time), Sort::TakenAt | Sort::TakenLast) => place.time = time,
            (Key::Name(name), Sort::Name) => place.name = name,
            (Key::Manual(position), Sort::Manual) => place.position = position,
            _ => return Err(UNKNOWN),
        }
        Ok(place)
    }
}

/// What was typed to be searched.
pub fn words(typed: &str) -> String {
    typed.trim().replace('\0', "")
}

/// Reads how many stars a photo must have; anything else is none.
pub fn least_stars(text: &str) -> f64 {
    text.parse::<u8>().ok().filter(|stars| *stars <= 5).map_or(0.0, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_of_one_order_is_none_of_another() {
        assert_eq!(Place::parse("7", Sort::Newest).map(|place| (place.id.0, place.position)), Ok((7, -7)));
        assert_eq!(Place::parse("7", Sort::Oldest).map(|place| place.position), Ok(7));
        for (text, sort) in
            [("7", Sort::Name), ("p3.7", Sort::TakenAt), ("x", Sort::Newest), ("1.7", Sort::Name)]
        {
            assert!(Place::parse(text, sort).is_err(), "{text} for {sort:?}");
        }
        assert!(Place::parse("1.7", Sort::TakenLast).is_ok());
    }

    #[test]
    fn a_part_of_a_gallery_survives_the_way_through_an_address() {
        for within in [Within::Anywhere, Within::NoSection, Within::Section(SectionId(12))] {
            assert_eq!(Within::parse(&within.text()), within);
        }
        assert_eq!(Within::parse("dinner"), Within::Anywhere);
    }
}
