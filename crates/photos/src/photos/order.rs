//! The order of a gallery's photos, and a place in it from which a list goes on.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike, NaiveDateTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Photo, PhotoId};

/// By what a gallery's photos are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// When they were taken, or uploaded where that is not known.
    #[default]
    TakenAt,
    /// Their file names, numbers by their value.
    Name,
    /// As somebody arranged them; those that nobody arranged come last.
    Manual,
}

impl Order {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TakenAt => "taken_at",
            Self::Name => "name",
            Self::Manual => "manual",
        }
    }
}

impl From<String> for Order {
    fn from(stored: String) -> Self {
        match stored.as_str() {
            "name" => Self::Name,
            "manual" => Self::Manual,
            _ => Self::TakenAt,
        }
    }
}

/// The sort keys of a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// When it was taken, or uploaded.
    pub sorted_at: NaiveDateTime,
    /// Its file name as the database sorts it.
    pub name: String,
    /// Its place by hand; the largest number where it has none.
    pub position: i32,
}

/// A place in a gallery's order. It names its order, so that a list that was begun ends in the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The photo before.
    pub id: PhotoId,
    /// Its key in the order.
    pub key: Key,
}

/// What a photo is sorted by, before its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// [`Order::TakenAt`].
    TakenAt(NaiveDateTime),
    /// [`Order::Name`].
    Name(String),
    /// [`Order::Manual`].
    Manual(i32),
}

impl Cursor {
    /// The place of this photo.
    pub fn at(photo: &Photo, order: Order) -> Self {
        let key = match order {
            Order::TakenAt => Key::TakenAt(photo.keys.sorted_at),
            Order::Name => Key::Name(photo.keys.name.clone()),
            Order::Manual => Key::Manual(photo.keys.position),
        };
        Self { id: photo.id, key }
    }

    /// The order it is a place in.
    pub fn order(&self) -> Order {
        match self.key {
            Key::TakenAt(_) => Order::TakenAt,
            Key::Name(_) => Order::Name,
            Key::Manual(_) => Order::Manual,
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Key::TakenAt(time) => write!(formatter, "{}.{}", time.and_utc().timestamp_micros(), self.id),
            Key::Name(name) => write!(formatter, "n{}.{}", URL_SAFE_NO_PAD.encode(name), self.id),
            Key::Manual(position) => write!(formatter, "p{position}.{}", self.id),
        }
    }
}

impl FromStr for Cursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const UNKNOWN: &str = "this is no place in a list; leave `after` out to begin at the start";
        let (key, id) = text.split_once('.').ok_or(UNKNOWN)?;
        let key = if let Some(name) = key.strip_prefix('n') {
            let name = URL_SAFE_NO_PAD.decode(name).map_err(|_| UNKNOWN)?;
            let name = String::from_utf8(name).ok().filter(|name| !name.contains('\0'));
            Key::Name(name.ok_or(UNKNOWN)?)
        } else if let Some(position) = key.strip_prefix('p') {
            Key::Manual(position.parse().map_err(|_| UNKNOWN)?)
        } else {
            let time = key.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(UNKNOWN)?;
            // What PostgreSQL can hold.
            if !(-4000..10_000).contains(&time.year()) {
                return Err(UNKNOWN);
            }
            Key::TakenAt(time.naive_utc())
        };
        Ok(Self { id: PhotoId(id.parse().map_err(|_| UNKNOWN)?), key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_the_way_through_an_address() {
        let time = DateTime::from_timestamp_micros(1_700_000_000_123_456).expect("a time").naive_utc();
        for key in [Key::TakenAt(time), Key::Name("ünï 007.jpg".to_owned()), Key::Manual(i32::MAX)] {
            let cursor = Cursor { id: PhotoId(7), key };
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in ["", "7", "x.7", "n*.7", "nAA.7", "p.7", "p1.x", "99999999999999999999.7"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
