//! A photo: one picture of a photographer, with an original, renditions and what the camera wrote about it.

pub mod api;
pub mod batch;
pub mod body;
pub mod change;
pub mod copy;
pub mod deeds;
pub mod events;
pub mod finding;
mod known;
pub mod library;
pub mod order;
pub mod picture;
pub mod search;
pub mod show;
pub mod store;
pub mod tile;
pub mod undo;

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::NaiveDateTime;
pub use order::{Cursor, Order};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    galleries::{GalleryId, SectionId},
    identity::AccountId,
    upload::FileId,
};

/// The id of a photo.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema, sqlx::Type,
)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct PhotoId(pub i32);

impl fmt::Display for PhotoId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// How far the processing of a photo is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PhotoStatus)]
pub enum Status {
    /// Stored; its renditions are being made.
    Pending,
    /// All renditions are there.
    Ready,
    /// No renditions can be made; the original is kept for its owner.
    Failed,
}

impl Status {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

impl From<String> for Status {
    fn from(stored: String) -> Self {
        match stored.as_str() {
            "ready" => Self::Ready,
            "failed" => Self::Failed,
            _ => Self::Pending,
        }
    }
}

/// A photo as lists and pages need it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug)]
pub struct Photo {
    /// The photo.
    pub id: PhotoId,
    /// Whose it is.
    pub owner: Option<AccountId>,
    /// The gallery it is in.
    pub gallery: Option<GalleryId>,
    /// The name as given at upload, unaltered.
    pub filename: String,
    /// A title, where somebody gave one.
    pub title: Option<String>,
    /// A description, where somebody gave one.
    pub description: Option<String>,
    /// 0 to 5.
    pub rating: f64,
    /// How far its processing is.
    pub status: Status,
    /// The word for why it failed.
    pub failure: Option<String>,
    /// The sentence for why it failed.
    pub failure_detail: Option<String>,
    /// Whether a part of the picture was missing in the file.
    pub damaged: bool,
    /// Pixels as displayed, once known.
    pub width: Option<i32>,
    /// Pixels as displayed, once known.
    pub height: Option<i32>,
    /// What stands in its picture's place.
    pub placeholder: Placeholder,
    /// What the camera wrote.
    pub camera: Camera,
    /// What people wrote into the file.
    pub words: Words,
    /// Views counted so far.
    pub views: i32,
    /// Downloads counted so far.
    pub download_count: i32,
    /// Out of sight for all but its owner and editors.
    pub archived: bool,
    /// Can't be changed or deleted.
    pub locked: bool,
    /// When it was uploaded, UTC.
    pub uploaded_at: NaiveDateTime,
    /// The part of its gallery that it is in.
    pub section: Option<SectionId>,
    /// Where it stands in its gallery.
    pub keys: order::Keys,
    /// Its original.
    pub file: Option<FileId>,
    /// Whether that was replaced and its pictures, until new ones are made, are those of the version before.
    pub is_replaced: bool,
}

impl Photo {
    /// How far it is for those who work on it.
    pub fn progress(&self) -> Status {
        if self.is_replaced { Status::Pending } else { self.status }
    }

    /// Whether its file was lost: nothing but another upload helps.
    pub fn is_lost(&self) -> bool {
        self.status == Status::Failed && self.file.is_none()
    }

    /// Another number for another original.
    pub fn original_version(&self) -> i64 {
        self.file.map_or(0, |file| file.0)
    }
}

/// What the camera wrote about a photo.
#[derive(Clone, Debug, Default)]
pub struct Camera {
    /// The maker.
    pub make: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// The lens.
    pub lens: Option<String>,
    /// ISO speed.
    pub iso: Option<i32>,
    /// Exposure time in seconds.
    pub exposure_seconds: Option<f64>,
    /// The f-number.
    pub aperture: Option<f64>,
    /// Focal length in millimetres.
    pub focal_length_mm: Option<f64>,
    /// Camera local time, with the fraction of a second where the camera wrote one: it puts a burst in order.
    pub taken_at: Option<NaiveDateTime>,
    /// The offset of that time from UTC, such as `+02:00`, where recorded.
    pub taken_at_offset: Option<String>,
}

/// What people wrote into the file of a photo; title and description stand with the photo, because people change them.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Whose the rights are.
    pub copyright: Option<String>,
    /// Who is to be named beside it.
    pub credit: Option<String>,
    /// Who made it.
    pub creator: Option<String>,
    /// Keywords, in the file's order.
    pub keywords: Vec<String>,
    /// The label of the photographer's program, such as the name of a colour.
    pub label: Option<String>,
}

/// When a photo was taken by its camera's clock.
pub fn taken_at(facts: &imaging::Metadata) -> Option<NaiveDateTime> {
    let seconds = facts.taken_at.as_deref()?;
    let fraction = facts.taken_at_fraction.as_deref().unwrap_or("0");
    format!("{seconds}.{fraction}").parse().ok()
}

/// What stands in a picture's place until it has loaded; a photo that is not ready has none.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Placeholder {
    /// The picture as a blur: a thumbhash in Base64.
    pub thumbhash: Option<String>,
    /// Its commonest colour: `#rrggbb`.
    pub dominant_colour: Option<String>,
}

impl Placeholder {
    /// What the columns of a photo say.
    pub fn from_stored(thumbhash: Option<Vec<u8>>, dominant_colour: Option<i32>) -> Self {
        Self {
            thumbhash: thumbhash.map(|bytes| STANDARD.encode(bytes)),
            dominant_colour: dominant_colour.map(|colour| format!("#{colour:06x}")),
        }
    }
}

/// A picture made from a photo.
#[derive(Clone, Debug)]
pub struct Rendition {
    /// Of which photo.
    pub photo: PhotoId,
    /// Which size.
    pub kind: imaging::Kind,
    /// Whether it carries the mark.
    pub marked: bool,
    /// How it is written.
    pub encoding: imaging::Encoding,
    /// Pixels.
    pub width: i32,
    /// Pixels.
    pub height: i32,
    /// Another number for another making of it.
    pub version: i64,
}

/// So many items as were asked for, within what a page may have.
pub fn page_size(wanted: Option<u32>) -> u16 {
    wanted.map_or(PAGE, |wanted| u16::try_from(wanted).unwrap_or(PAGE_MOST).clamp(1, PAGE_MOST))
}

/// One page of a list: as many as asked for, and whether there are more.
pub struct Listing<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Whether another page follows.
    pub more: bool,
}

impl<T> Listing<T> {
    /// Takes what a query for `limit + 1` rows found.
    pub fn of(mut items: Vec<T>, limit: u16) -> Self {
        let limit = usize::from(limit);
        let more = items.len() > limit;
        items.truncate(limit);
        Self { items, more }
    }
}

/// The sizes of a page of photos: by default and at most.
pub const PAGE: u16 = 50;
/// The most items a page of a list may have.
pub const PAGE_MOST: u16 = 200;
