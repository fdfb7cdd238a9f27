//! A gallery: a photographer's choice of photos, for clients, for accounts or for everybody.

pub mod api;
pub mod appearance;
pub mod clients;
pub mod contents;
pub mod edit;
pub mod list;
pub mod sections;
pub mod show;
pub mod store;
pub mod walk;
pub mod work;

use std::fmt;

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use common::{
    Error, OrNotFound, Result,
    error::FieldErrors,
    forms::{optional_text, required_text},
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use utoipa::ToSchema;

use crate::{
    identity::AccountId,
    photos::{Order, PhotoId, picture::Picture},
    policy::{Access, Part, Subject, Viewer, access},
};

/// The id of a gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct GalleryId(pub i32);

/// The id of a section of a gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct SectionId(pub i64);

impl fmt::Display for GalleryId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A gallery.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Gallery {
    /// The gallery.
    pub id: GalleryId,
    /// Whose it is.
    pub owner: Option<AccountId>,
    /// Whether its owner's account is gone.
    pub owner_is_gone: bool,
    /// The name of its owner.
    pub owner_name: String,
    /// Its name.
    pub name: String,
    /// What it shows, where somebody wrote it down.
    pub description: Option<String>,
    /// Whether everybody may see it.
    pub is_public: bool,
    /// Whether everybody sees it with the mark.
    pub marks_public: bool,
    /// The photo chosen as its cover.
    pub cover: Option<PhotoId>,
    /// The day of the event.
    pub event_date: Option<NaiveDate>,
    /// What those may download who may look.
    pub downloads: DownloadPolicy,
    /// Whether visitors' originals keep place, serial numbers and owner name.
    pub gives_metadata: bool,
    /// By what its photos are ordered.
    pub order: Order,
    /// When it was made, UTC.
    pub created_at: NaiveDateTime,
    /// When it last changed, UTC.
    pub updated_at: NaiveDateTime,
    /// Photos in it that are shown, or will be when they are processed.
    pub photo_count: i64,
    /// What its owner granted to the person who asks.
    pub grant: Option<Access>,
}

impl Gallery {
    /// What the policy needs to know.
    pub fn subject(&self) -> Subject {
        let Self {
            id, owner, owner_is_gone, is_public, marks_public, grant, downloads, gives_metadata, ..
        } = *self;
        let gallery = Some(id);
        Subject {
            gallery,
            part: Part::Gallery,
            owner,
            gallery_owner: None,
            owner_is_gone,
            is_public,
            marks_public,
            is_archived: false,
            is_deleted: false,
            grant,
            downloads,
            gives_metadata,
        }
    }

    /// “1 photo”, “12 photos”.
    pub fn count_text(&self) -> String {
        match self.photo_count {
            1 => "1 photo".to_owned(),
            count => format!("{count} photos"),
        }
    }

    /// The day of the event, else the day it was made, as people read it.
    pub fn date_text(&self) -> String {
        self.event_date.map_or_else(
            || day_text(self.created_at),
            |day| day_text(day.and_time(chrono::NaiveTime::default())),
        )
    }
}

/// “22 November 2026”.
pub fn day_text(time: NaiveDateTime) -> String {
    time.format("%-d %B %Y").to_string()
}

/// What those may download who may look at a gallery: everybody at a public one, accounts with a `view` grant. Share
/// links carry their own level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DownloadPolicy {
    /// Nothing.
    #[default]
    None,
    /// Previews of 2048 pixels.
    Previews,
    /// Originals.
    Originals,
}

impl DownloadPolicy {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Previews => "previews",
            Self::Originals => "originals",
        }
    }
}

impl From<String> for DownloadPolicy {
    fn from(stored: String) -> Self {
        match stored.as_str() {
            "previews" => Self::Previews,
            "originals" => Self::Originals,
            _ => Self::None,
        }
    }
}

/// The gallery and what this viewer may do with it: 404 where they may not even see it, 403 where they may not do this.
pub async fn find_for(
    db: &PgPool,
    viewer: Viewer<'_>,
    id: GalleryId,
    needed: Access,
) -> Result<(Gallery, Access)> {
    let account = if let Viewer::Person(user) = viewer { Some(user.account) } else { None };
    let gallery = store::find(db, id, account).await?.or_not_found()?;
    match access(viewer, &gallery.subject()) {
        Access::Nothing => Err(Error::NotFound),
        found if found < needed => Err(Error::Forbidden("Only the gallery's owner may do this.".to_owned())),
        found => Ok((gallery, found)),
    }
}

/// What a gallery is called and who may see it, checked.
#[derive(Clone, Debug)]
pub struct Details {
    /// 1 to 256 characters.
    pub name: String,
    /// At most 5,000 characters.
    pub description: Option<String>,
    /// Whether everybody may see it.
    pub is_public: bool,
}

impl Details {
    /// Checks what was typed.
    pub fn parse(name: &str, description: &str, is_public: bool) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = checked_name(&mut errors, name);
        let description = checked_description(&mut errors, description);
        if errors.is_empty() { Ok(Self { name, description, is_public }) } else { Err(errors) }
    }
}

/// What is to change about a gallery, checked; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// 1 to 256 characters.
    pub name: Option<String>,
    /// At most 5,000 characters; `Some(None)` takes it away.
    pub description: Option<Option<String>>,
    /// Whether everybody may see it.
    pub is_public: Option<bool>,
    /// Whether everybody sees it with the mark.
    pub marks_public: Option<bool>,
    /// The day of the event; `Some(None)` takes it away.
    pub event_date: Option<Option<NaiveDate>>,
    /// What those may download who may look.
    pub downloads: Option<DownloadPolicy>,
    /// Whether visitors' originals keep place, serial numbers and owner name.
    pub gives_metadata: Option<bool>,
    /// By what its photos are ordered.
    pub order: Option<Order>,
}

impl Change {
    /// Checks what was typed.
    pub fn parse(
        name: Option<&str>,
        description: Option<&str>,
        is_public: Option<bool>,
    ) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = name.map(|name| checked_name(&mut errors, name));
        let description = description.map(|text| checked_description(&mut errors, text));
        if errors.is_empty() {
            Ok(Self { name, description, is_public, ..Self::default() })
        } else {
            Err(errors)
        }
    }
}

/// A day that the database can keep and every program can read.
pub fn checked_day(day: NaiveDate) -> Result<NaiveDate> {
    let is_plausible = (1..=9999).contains(&day.year());
    is_plausible
        .then_some(day)
        .ok_or_else(|| Error::invalid("event_date", "Give a day of the years 1 to 9999."))
}

fn checked_name(errors: &mut FieldErrors, name: &str) -> String {
    required_text(errors, "name", name, 256)
}

fn checked_description(errors: &mut FieldErrors, description: &str) -> Option<String> {
    optional_text(errors, "description", description, 5_000)
}

/// A gallery in a list.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    id: GalleryId,
    name: String,
    href: String,
    count_text: String,
    cover: Option<Picture>,
    is_public: bool,
    badge: Option<&'static str>,
    date_text: String,
}
