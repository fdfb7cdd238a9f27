//! Share links: a client opens one without an account and sees one gallery, marked or clean.

pub mod api;
pub mod screen;
pub mod store;

use chrono::{Days, NaiveDateTime, Utc};
use common::{
    Error, OrNotFound, Result,
    error::FieldErrors,
    forms,
    secrets::{Secrets, random_token, sha256_hex},
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;

use crate::{
    galleries::{GalleryId, find_for},
    identity::{AccountId, CurrentUser},
    policy::{Access, LinkLevel, Viewer},
};

/// The purpose under which tokens are sealed.
const SEAL: &str = "share token";

/// For how many days a link may be open; without one it stays open.
pub const EXPIRIES: [u16; 6] = [1, 3, 7, 14, 30, 90];

/// The id of a share link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct ShareLinkId(pub i32);

/// A share link as its owner sees it.
#[derive(Clone, Debug)]
pub struct ShareLink {
    /// The link.
    pub id: ShareLinkId,
    /// What it opens.
    pub gallery: Option<GalleryId>,
    /// The token, readable for us alone, so that the link can be copied again.
    pub token_sealed: Option<Vec<u8>>,
    /// How the pictures look.
    pub level: LinkLevel,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// UTC; open for ever without it.
    pub expires_at: Option<NaiveDateTime>,
    /// Whether it was ended.
    pub revoked: bool,
    /// Counted visits.
    pub views: i32,
    /// The most visits there may be.
    pub max_views: Option<i32>,
    /// To whom it was sent.
    pub recipient_email: Option<String>,
}

/// Whether a link opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It does.
    Active,
    /// Its time is over.
    Expired,
    /// Its owner ended it.
    Revoked,
    /// It was opened as often as it may be.
    UsedUp,
}

impl ShareLink {
    /// Whether it opens at this moment.
    pub fn state(&self) -> State {
        if self.revoked {
            State::Revoked
        } else if self.expires_at.is_some_and(|end| end <= Utc::now().naive_utc()) {
            State::Expired
        } else if self.max_views.is_some_and(|most| self.views >= most) {
            State::UsedUp
        } else {
            State::Active
        }
    }

    /// The path that a client opens; `None` for a link whose token we can't read any more.
    pub fn path(&self, secrets: &Secrets) -> Option<String> {
        let token = secrets.open(SEAL, self.token_sealed.as_deref()?)?;
        Some(format!("/view/{token}"))
    }
}

/// What a new link is to be, checked.
#[derive(Debug)]
pub struct NewLink {
    level: LinkLevel,
    expires_in_days: Option<u16>,
    recipient_email: Option<String>,
}

impl NewLink {
    /// Checks what was asked for.
    pub fn parse(
        level: &str,
        expires_in_days: Option<u16>,
        recipient_email: &str,
    ) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        if !["preview", "full"].contains(&level) {
            errors.insert("access_level", "Choose marked previews or clean pictures.".to_owned());
        }
        if expires_in_days.is_some_and(|days| !EXPIRIES.contains(&days)) {
            errors.insert("expires_in_days", "Choose 1, 3, 7, 14, 30 or 90 days, or never.".to_owned());
        }
        let recipient_email = forms::email(&mut errors, "recipient_email", recipient_email);
        let level = LinkLevel::from_stored(Some(level));
        if errors.is_empty() { Ok(Self { level, expires_in_days, recipient_email }) } else { Err(errors) }
    }
}

/// Makes a link. The token is told once here; the database keeps its hash and a sealed copy.
pub async fn create(
    db: &PgPool,
    secrets: &Secrets,
    gallery: GalleryId,
    sender: AccountId,
    new: &NewLink,
) -> Result<(ShareLink, String)> {
    let token = random_token();
    let expires_at = match new.expires_in_days {
        Some(days) => Utc::now().naive_utc().checked_add_days(Days::new(days.into())),
        None => None,
    };
    let row = store::NewRow {
        gallery,
        sender,
        token_hash: sha256_hex(&token),
        token_sealed: secrets.seal(SEAL, &token),
        level: new.level,
        expires_at,
        recipient_email: new.recipient_email.clone(),
    };
    let id = store::create(db, &row).await?;
    let link = store::find(db, id).await?.ok_or(Error::NotFound)?;
    Ok((link, format!("/view/{token}")))
}

/// Ends a link of a gallery that this person owns.
pub async fn revoke_for(db: &PgPool, user: &CurrentUser, id: ShareLinkId) -> Result<GalleryId> {
    let link = store::find(db, id).await?.or_not_found()?;
    let (gallery, _) = find_for(db, Viewer::Person(user), link.gallery.or_not_found()?, Access::Own).await?;
    store::update_revoked(db, id).await?;
    Ok(gallery.id)
}
