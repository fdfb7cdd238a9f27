//! Share links: a client opens one without an account and sees a gallery, or parts of it, as the link's own policy says.

pub mod adopt;
pub mod api;
pub mod history;
pub mod letters;
pub mod password;
pub mod qr;
pub mod row;
pub mod screen;
pub mod store;
pub mod wanted;
pub mod words;

use chrono::{Days, NaiveDateTime, Utc};
use common::{
    Error, OrNotFound, Result,
    secrets::{Secrets, random_token, sha256_hex},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
pub use wanted::{NewLink, Policy, Wanted};

use crate::{
    app::App,
    customers::{self, CustomerId},
    galleries::{Gallery, GalleryId, SectionId, find_for},
    identity::{AccountId, CurrentUser},
    policy::{Access, LinkLevel, Viewer},
};

/// The purpose under which tokens are sealed.
const SEAL: &str = "share token";

/// Whether a text can be the token of a link: ours have 43 characters, those of the earlier system other lengths. Anything
/// else never reaches the database.
pub fn is_token(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// For how many days a link may be open; without one it stays open.
pub const EXPIRIES: [u16; 6] = [1, 3, 7, 14, 30, 90];

/// The id of a share link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct ShareLinkId(pub i32);

impl std::fmt::Display for ShareLinkId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A share link as its owner sees it.
#[derive(Clone, Debug)]
pub struct ShareLink {
    /// The link.
    pub id: ShareLinkId,
    /// What it opens.
    pub gallery: Option<GalleryId>,
    /// The name of what it opens.
    pub gallery_name: String,
    /// Who made it.
    pub sender: Option<AccountId>,
    /// For whom it was made.
    pub customer: Option<CustomerId>,
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
    /// Photos downloaded through it.
    pub downloads: i32,
    /// The most photos that may be downloaded.
    pub max_downloads: Option<i32>,
    /// argon2id of its password, where it asks for one.
    pub password_hash: Option<String>,
    /// What its sender wrote to the recipient.
    pub message: Option<String>,
    /// Whether its sender hears of the first visit.
    pub tells_sender: bool,
    /// The parts of the gallery that it shows; all of it without.
    pub sections: Option<Vec<SectionId>>,
    /// To whom it was sent.
    pub recipient_email: Option<String>,
    /// UTC.
    pub first_opened_at: Option<NaiveDateTime>,
    /// UTC.
    pub last_opened_at: Option<NaiveDateTime>,
    /// What became of the mail that carried it: `waiting`, `sent`, `failed`; nothing where there was none.
    pub mail_state: Option<String>,
    /// Grows whenever it loses or changes its power.
    pub epoch: i32,
}

/// Whether a link opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LinkState)]
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

    /// The address that a client opens.
    pub fn url(&self, app: &App) -> Option<String> {
        self.path(&app.config.secrets).map(|path| absolute(app, &path))
    }

    /// What it gives while it is open.
    pub fn power(&self) -> Option<crate::policy::LinkPower> {
        let gallery = self.gallery?;
        Some(crate::policy::LinkPower { gallery, level: self.level, sections: self.sections.clone() })
    }
}

/// The address of a path on this site.
pub fn absolute(app: &App, path: &str) -> String {
    app.config.public_url.join(path).map_or_else(|_| path.to_owned(), String::from)
}

/// What is to change about a link, checked; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// How the pictures look.
    pub level: Option<LinkLevel>,
    /// UTC; `Some(None)` opens it for ever.
    pub expires_at: Option<Option<NaiveDateTime>>,
    /// `Some(None)` takes the limit away.
    pub max_views: Option<Option<i32>>,
    /// `Some(None)` takes the limit away.
    pub max_downloads: Option<Option<i32>>,
    /// argon2id; `Some(None)` asks for none.
    pub password_hash: Option<Option<String>>,
    /// Whether its sender hears of the first visit.
    pub tells_sender: Option<bool>,
}

/// So many days from now.
pub fn end_of(days: Option<u16>) -> Option<NaiveDateTime> {
    days.and_then(|days| Utc::now().naive_utc().checked_add_days(Days::new(days.into())))
}

/// Makes a link, and mails it where that is wished. The token is told once here; the database keeps its hash and a sealed
/// copy. The recipient becomes a customer of the gallery's owner.
pub async fn create(
    app: &App,
    gallery: &Gallery,
    sender: &CurrentUser,
    new: &NewLink,
) -> Result<(ShareLink, String)> {
    let token = random_token();
    let customer = match (&new.recipient_email, gallery.owner) {
        (Some(email), Some(owner)) => Some(customers::find_or_create(&app.db, owner, email).await?),
        _ => None,
    };
    let password_hash = match &new.password {
        Some(password) => Some(app.link_passwords.hash(password.clone()).await?),
        None => None,
    };
    let row = store::NewRow {
        gallery: gallery.id,
        sender: sender.account,
        token_hash: sha256_hex(&token),
        token_sealed: app.config.secrets.seal(SEAL, &token),
        expires_at: end_of(new.expires_in_days),
        customer,
        recipient_email: new.recipient_email.as_deref(),
        password_hash,
        policy: &new.policy,
    };
    let mut transaction = app.db.begin().await?;
    let id = store::create(&mut transaction, &row).await?;
    if let Some(customer) = customer {
        customers::store::create_assignments(&mut *transaction, gallery.id, &[customer.0]).await?;
    }
    let link = store::find(&mut *transaction, id).await?.or_not_found()?;
    if let Some(to) = new.recipient_email.as_deref().filter(|_| new.send) {
        letters::send_shared(app, &mut transaction, gallery, &link, to).await?;
    }
    transaction.commit().await?;
    Ok((link, format!("/view/{token}")))
}

/// Whether these secrets open a sealed token, so that its link can be copied again.
pub fn can_open(secrets: &Secrets, sealed: &[u8]) -> bool {
    secrets.open(SEAL, sealed).is_some()
}

/// A link of a gallery that this person owns.
pub async fn find_own(app: &App, user: &CurrentUser, id: ShareLinkId) -> Result<(ShareLink, Gallery)> {
    let link = store::find(&app.db, id).await?.or_not_found()?;
    let gallery = link.gallery.or_not_found()?;
    let (gallery, _) = find_for(&app.db, Viewer::Person(user), gallery, Access::Own).await?;
    Ok((link, gallery))
}

/// Ends a link of a gallery that this person owns.
pub async fn revoke_for(app: &App, user: &CurrentUser, id: ShareLinkId) -> Result<GalleryId> {
    let (link, gallery) = find_own(app, user, id).await?;
    store::update_revoked(&app.db, link.id).await?;
    Ok(gallery.id)
}

/// Changes a link of a gallery that this person owns. One that was closed stays closed.
pub async fn change(app: &App, user: &CurrentUser, id: ShareLinkId, change: &Change) -> Result<ShareLink> {
    let (link, _) = find_own(app, user, id).await?;
    if link.revoked {
        return Err(Error::Conflict("This link was closed. Make a new one.".to_owned()));
    }
    let mut transaction = app.db.begin().await?;
    store::update(&mut transaction, id, change).await?;
    transaction.commit().await?;
    store::find(&app.db, id).await?.or_not_found()
}
