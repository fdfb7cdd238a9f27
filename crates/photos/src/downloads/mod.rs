//! Downloads: one photo, a selection, a section or a gallery, by accounts and through share links.
//!
//! What is sent of a photo is planned in one place ([`store::list_entries`]), for archives and single photos alike: the
//! original as it is stored, its clean form, or the picture of 2048 pixels. Which of these, the policy says.
//!
//! Who looks gets what they see in the grid. Owner and editors also get the originals of photos that are not processed
//! (yet) or failed; archived ones are in no archive unless they were selected.

pub mod accounts;
pub mod answer;
pub mod failures;
pub mod limits;
pub mod measuring;
pub mod names;
pub mod panel;
pub mod plan;
pub mod record;
pub mod selections;
pub mod store;
pub mod stream;
pub mod visitors;
pub mod zip;

use common::{Error, Result};
use serde::Deserialize;
use sqlx::PgPool;
use utoipa::ToSchema;

use crate::{
    galleries::{GalleryId, SectionId},
    identity::AccountId,
    photos::PhotoId,
    policy::Downloads,
};
use plan::{Draft, Entry, Plan};

/// What of a photo is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Form {
    /// The original as it was uploaded.
    Stored = 0,
    /// The original without place, serial numbers and owner name.
    Clean = 1,
    /// The picture of 2048 pixels, because the original can't be made clean.
    Instead = 2,
    /// The picture of 2048 pixels, as was wished.
    Web = 3,
}

impl Form {
    /// What a manifest says of it.
    pub fn note(self) -> Option<&'static str> {
        (self == Self::Instead).then_some(
            "the picture of 2048 px, because place and serial numbers can't be taken out of this original",
        )
    }

    /// From its number.
    pub fn from_stored(number: i32) -> Self {
        match number {
            0 => Self::Stored,
            1 => Self::Clean,
            2 => Self::Instead,
            _ => Self::Web,
        }
    }
}

/// Which size was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DownloadSize)]
pub enum Size {
    /// Originals.
    Original,
    /// Pictures of 2048 pixels.
    Web,
}

/// Which photos, and of each what.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Scope {
    /// Photos of this gallery.
    pub gallery: Option<GalleryId>,
    /// Photos of this account.
    pub library: Option<AccountId>,
    /// Of these parts of the gallery.
    pub sections: Option<Vec<SectionId>>,
    /// These photos.
    pub photos: Option<Vec<i32>>,
    /// Also those that are not processed (yet) or failed.
    pub with_unready: bool,
    /// Also those that are out of sight.
    pub with_archived: bool,
    /// Originals, and not pictures of 2048 pixels.
    pub originals: bool,
    /// Originals as they are stored, where they are the photo owner's; others clean.
    pub as_stored: bool,
}

impl Scope {
    /// What somebody gets who may download so much and asks for this size; without a size the best that they may have.
    pub fn of(downloads: Downloads, size: Option<Size>) -> Result<Self> {
        let originals = match (downloads, size) {
            (Downloads::Nothing, _) => {
                return Err(Error::Forbidden("Nothing can be downloaded here.".to_owned()));
            }
            (Downloads::Web, Some(Size::Original)) => {
                let sentence = "Originals can't be downloaded here, pictures of 2048 pixels can.";
                return Err(Error::Forbidden(sentence.to_owned()));
            }
            (Downloads::Web, _) | (_, Some(Size::Web)) => false,
            (Downloads::Clean | Downloads::Stored, _) => true,
        };
        let as_stored = downloads == Downloads::Stored;
        Ok(Self {
            gallery: None,
            library: None,
            sections: None,
            photos: None,
            with_unready: false,
            with_archived: false,
            originals,
            as_stored,
        })
    }

    /// Nothing but these photos, as far as they are in it.
    #[must_use]
    pub fn among(self, photos: Vec<i32>) -> Self {
        Self { photos: Some(photos), ..self }
    }

    /// For whoever sees everything: an archive leaves out what is archived unless it was chosen photo by photo.
    #[must_use]
    pub fn of_editor(self) -> Self {
        let with_archived = self.photos.is_some();
        Self { with_unready: true, with_archived, ..self }
    }
}

/// Plans an archive. 503 as long as something that belongs in it is being prepared, 404 where nothing is in it.
pub async fn plan(db: &PgPool, scope: &Scope, name: &str) -> Result<Plan> {
    let (draft, all) =
        futures_util::try_join!(draft(db, scope), async { Ok(store::count_scope(db, scope).await?) })?;
    let planned = i64::try_from(draft.count()).unwrap_or(i64::MAX);
    let mut remarks = Vec::new();
    let gone =
        scope.photos.as_ref().map_or(0, |photos| i64::try_from(photos.len()).unwrap_or_default() - all);
    if gone > 0 {
        remarks.push(format!("Not included: {} not here any more.", counted(gone)));
    }
    if all > planned {
        require_prepared(db, scope).await?;
        remarks.push(format!("Not included: {} without a picture yet.", counted(all - planned)));
    }
    if planned == 0 {
        return Err(Error::NotFound);
    }
    Ok(draft.finish(name, &remarks))
}

/// Plans the download of one photo.
pub async fn plan_one(db: &PgPool, scope: &Scope) -> Result<Entry> {
    let mut transaction = db.begin().await?;
    let mut found = None;
    store::list_entries(&mut transaction, scope, |entry| found = Some(entry)).await?;
    transaction.commit().await?;
    if found.is_none() {
        require_prepared(db, scope).await?;
    }
    found.ok_or(Error::NotFound)
}

async fn draft(db: &PgPool, scope: &Scope) -> Result<Draft> {
    let mut transaction = db.begin().await?;
    let mut draft = Draft::default();
    store::list_entries(&mut transaction, scope, |entry| draft.add(&entry)).await?;
    transaction.commit().await?;
    Ok(draft)
}

/// What will be there in a while is waited for, and not left out.
async fn require_prepared(db: &PgPool, scope: &Scope) -> Result<()> {
    let count = store::count_unprepared(db, scope).await?;
    if count == 0 {
        return Ok(());
    }
    let photos = counted(count);
    let detail = format!("{photos} being prepared for the download. Please try again in a minute.");
    Err(Error::Unavailable { detail, retry_after: 60 })
}

/// “1 photo is”, “2 photos are”.
fn counted(count: i64) -> String {
    if count == 1 { "1 photo is".to_owned() } else { format!("{count} photos are") }
}

/// The ids of photos as SQL takes them.
pub(crate) fn ids(photos: &[PhotoId]) -> Vec<i32> {
    photos.iter().map(|photo| photo.0).collect()
}
