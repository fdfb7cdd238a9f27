//! Changing photos: their details, whether they are archived or locked, where they are, and deleting them. One or many,
//! from pages and programs alike.

use common::{Error, OrNotFound, Result, error::FieldErrors, forms::optional_text};
use serde::Deserialize;
use sqlx::{PgPool, PgTransaction};
use utoipa::ToSchema;

use super::{
    PAGE_MOST, PhotoId,
    batch::{Outcome, Skipped},
    store::{self, changes, undos},
    undo::{Aspect, UndoId},
};
use crate::{
    galleries::{self, GalleryId, SectionId},
    identity::CurrentUser,
    policy::{Access, Viewer, access},
    trash,
};

/// What is to change about a photo, checked; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// At most 256 characters; `Some(None)` takes it away.
    pub title: Option<Option<String>>,
    /// At most 5,000 characters; `Some(None)` takes it away.
    pub description: Option<Option<String>>,
    /// 0 to 5, in halves.
    pub rating: Option<f64>,
    /// Out of sight for all but owner and editors.
    pub archived: Option<bool>,
    /// Can't be changed or deleted.
    pub locked: Option<bool>,
}

/// What was sent to change a photo.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PhotoChange)]
pub struct Wanted {
    /// At most 256 characters.
    title: Option<String>,
    /// At most 5,000 characters.
    description: Option<String>,
    /// 0 to 5, in halves.
    rating: Option<f64>,
    /// Out of sight for all but owner and editors.
    archived: Option<bool>,
    /// Can't be changed or deleted.
    locked: Option<bool>,
}

impl Wanted {
    /// What a form sends, which always has these.
    pub fn of_form(title: &str, description: &str, rating: Option<f64>) -> Self {
        let (title, description) = (Some(title.to_owned()), Some(description.to_owned()));
        Self { title, description, rating, ..Self::default() }
    }

    /// Checks what was sent.
    pub fn parse(self) -> Result<Change, FieldErrors> {
        let mut errors = FieldErrors::new();
        let title = self.title.map(|text| optional_text(&mut errors, "title", &text, 256));
        let description =
            self.description.map(|text| optional_text(&mut errors, "description", &text, 5_000));
        if self.rating.is_some_and(|rating| !is_rating(rating)) {
            errors.insert("rating", "Choose 0 to 5 stars.".to_owned());
        }
        let Self { rating, archived, locked, .. } = self;
        if errors.is_empty() {
            Ok(Change { title, description, rating, archived, locked })
        } else {
            Err(errors)
        }
    }
}

fn is_rating(rating: f64) -> bool {
    (0.0..=5.0).contains(&rating) && (rating * 2.0).fract() == 0.0
}

/// What is to be done with a selection of photos.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Deed {
    /// Out of sight for all but owner and editors.
    Archive,
    /// In sight again.
    Unarchive,
    /// Neither to be changed nor deleted.
    Lock,
    /// To be changed again.
    Unlock,
    /// 0 to 5 stars.
    Rate {
        /// In halves.
        rating: f64,
    },
    /// Into a section of the gallery they are in, or out of every section.
    Arrange {
        /// The section.
        section_id: Option<SectionId>,
    },
    /// Into a gallery, out of the one they were in; out of every gallery without one.
    Move {
        /// The gallery.
        gallery_id: Option<GalleryId>,
    },
    /// A copy of each into a gallery; its file is stored once.
    Copy {
        /// The gallery.
        gallery_id: GalleryId,
    },
    /// Into the trash.
    Delete,
}

impl Deed {
    /// The access that the deed needs to each photo.
    fn needs(self) -> Access {
        match self {
            Self::Archive
            | Self::Unarchive
            | Self::Lock
            | Self::Unlock
            | Self::Rate { .. }
            | Self::Arrange { .. }
            | Self::Move { gallery_id: None } => Access::Edit,
            Self::Copy { .. } => Access::Copy,
            Self::Move { gallery_id: Some(_) } | Self::Delete => Access::Own,
        }
    }

    /// Which side of the photos it changes.
    fn changes(self) -> Aspect {
        match self {
            Self::Archive | Self::Unarchive | Self::Lock | Self::Unlock | Self::Rate { .. } => Aspect::Flags,
            Self::Arrange { .. } | Self::Move { .. } => Aspect::Place,
            Self::Copy { .. } => Aspect::Copies,
            Self::Delete => Aspect::Trash,
        }
    }

    /// The gallery that photos come into.
    fn target(self) -> Option<GalleryId> {
        match self {
            Self::Move { gallery_id } => gallery_id,
            Self::Copy { gallery_id } => Some(gallery_id),
            _ => None,
        }
    }

    /// Whether a lock does not keep it from being done.
    fn passes_locks(self) -> bool {
        matches!(self, Self::Lock | Self::Unlock | Self::Copy { .. })
    }
}

/// Changes one photo. A locked one can only be unlocked.
pub async fn change(db: &PgPool, user: &CurrentUser, photo: PhotoId, change: &Change) -> Result<()> {
    let mut transaction = db.begin().await?;
    let known = store::list_known(&mut *transaction, &[photo.0], Some(user.account)).await?;
    let known = known.into_iter().next().or_not_found()?;
    match access(Viewer::Person(user), &known.subject) {
        Access::Nothing => return Err(Error::NotFound),
        found if found < Access::Edit => {
            return Err(Error::Forbidden("Only its owner and editors may change this photo.".to_owned()));
        }
        _ => {}
    }
    if known.locked && change.locked != Some(false) {
        return Err(Error::Conflict("This photo is locked. Unlock it to change it.".to_owned()));
    }
    changes::update_details(&mut *transaction, photo, change).await?;
    Ok(transaction.commit().await?)
}

/// Does one thing to many photos: to those this person may do it to. The others are named with the reason.
pub async fn do_to_all(db: &PgPool, user: &CurrentUser, photos: &[PhotoId], deed: Deed) -> Result<Outcome> {
    if photos.len() > usize::from(PAGE_MOST) * 5 {
        return Err(Error::invalid("photo_ids", "Choose at most 1,000 photos at once."));
    }
    if let Deed::Rate { rating } = deed
        && !is_rating(rating)
    {
        return Err(Error::invalid("rating", "Choose 0 to 5 stars."));
    }
    let target = deed.target();
    if let Some(gallery) = target {
        galleries::find_for(db, Viewer::Person(user), gallery, Access::Own).await?;
    }
    let mut transaction = db.begin().await?;
    if let Some(gallery) = target {
        galleries::store::hold(&mut transaction, gallery).await?.then_some(()).or_not_found()?;
    }
    let mut outcome = Outcome::default();
    let allowed = sorted_out(&mut transaction, user, photos, deed, &mut outcome).await?;
    outcome.done = perform(&mut transaction, &allowed, deed, user, &mut outcome.undo).await?;
    let not_done = |photo: &&i32| !outcome.done.iter().any(|done| done.0 == **photo);
    if !matches!(deed, Deed::Copy { .. }) {
        let rest = allowed.iter().filter(not_done);
        let rest = rest.map(|id| Skipped { id: PhotoId(*id), reason: "not_in_gallery" });
        outcome.skipped.extend(rest.collect::<Vec<_>>());
    }
    transaction.commit().await?;
    Ok(outcome)
}

async fn sorted_out(
    transaction: &mut PgTransaction<'_>,
    user: &CurrentUser,
    photos: &[PhotoId],
    deed: Deed,
    outcome: &mut Outcome,
) -> Result<Vec<i32>> {
    let ids: Vec<i32> = photos.iter().map(|photo| photo.0).collect();
    let known = store::list_known(&mut **transaction, &ids, Some(user.account)).await?;
    let mut allowed = Vec::with_capacity(photos.len());
    for photo in photos {
        let reason = match known.iter().find(|known| known.id == *photo) {
            None => "not_found",
            // What is in the trash is brought back first.
            Some(known) if known.subject.is_deleted => "not_found",
            Some(known) => match access(Viewer::Person(user), &known.subject) {
                Access::Nothing => "not_found",
                found if found < deed.needs() => "not_allowed",
                _ if known.locked && !deed.passes_locks() => "locked",
                _ if allowed.contains(&photo.0) => continue,
                _ => {
                    allowed.push(photo.0);
                    continue;
                }
            },
        };
        outcome.skipped.push(Skipped { id: *photo, reason });
    }
    Ok(allowed)
}

/// Does it, and notes before, or of copies after, what takes it back.
async fn perform(
    transaction: &mut PgTransaction<'_>,
    photos: &[i32],
    deed: Deed,
    user: &CurrentUser,
    undo: &mut Option<UndoId>,
) -> Result<Vec<PhotoId>> {
    let before = match deed.changes() {
        Aspect::Copies => None,
        aspect => Some(undos::create(transaction, user.account, aspect, photos).await?),
    };
    let done = changed(transaction, photos, deed).await?;
    *undo = match before {
        Some(unused) if done.is_empty() => {
            undos::delete(&mut **transaction, unused).await?;
            None
        }
        None if !done.is_empty() => {
            let made: Vec<i32> = done.iter().map(|copy| copy.0).collect();
            Some(undos::create(transaction, user.account, Aspect::Copies, &made).await?)
        }
        before => before,
    };
    Ok(done)
}

async fn changed(transaction: &mut PgTransaction<'_>, photos: &[i32], deed: Deed) -> Result<Vec<PhotoId>> {
    let flags = |archived, locked, rating| (archived, locked, rating);
    let (archived, locked, rating) = match deed {
        Deed::Archive => flags(Some(true), None, None),
        Deed::Unarchive => flags(Some(false), None, None),
        Deed::Lock => flags(None, Some(true), None),
        Deed::Unlock => flags(None, Some(false), None),
        Deed::Rate { rating } => flags(None, None, Some(rating)),
        Deed::Arrange { section_id } => {
            return Ok(galleries::sections::store::update_members(transaction, photos, section_id).await?);
        }
        Deed::Move { gallery_id } => {
            return Ok(changes::update_gallery(transaction, photos, gallery_id).await?);
        }
        Deed::Copy { gallery_id } => {
            return super::copy::copy_all(transaction, photos, gallery_id).await;
        }
        Deed::Delete => return Ok(trash::store::update_photos_deleted(transaction, photos).await?),
    };
    Ok(changes::update_flags(transaction, photos, archived, locked, rating).await?)
}
