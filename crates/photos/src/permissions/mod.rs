//! Permissions: what a gallery's owner lets other accounts do with it, also ones that are yet to come.

pub mod api;
pub mod screen;
pub mod store;

use chrono::{DateTime, Utc};
use common::{Error, OrNotFound, Result, error::FieldErrors, forms, identity::UserId, mailer::Letter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    admin::accounts,
    app::App,
    galleries::Gallery,
    identity::{AccountId, CurrentUser},
    shares::absolute,
};

/// How much a permission allows; each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PermissionLevel)]
pub enum Level {
    /// Clean previews.
    View,
    /// Also originals, and copies into own galleries.
    Copy,
    /// Also uploads, and changes to photos and details.
    Edit,
}

impl Level {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Copy => "copy",
            Self::Edit => "edit",
        }
    }

    /// Reads a word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::View, Self::Copy, Self::Edit].into_iter().find(|level| level.as_str() == text)
    }

    /// What it allows, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::View => "look at it",
            Self::Copy => "look at it and take originals",
            Self::Edit => "add, change and take out photos",
        }
    }
}

/// Whom a permission is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grantee {
    /// An account that was here before.
    Account(AccountId),
    /// Whoever proves this address, in lower case.
    Address(String),
}

/// A permission as the gallery's owner sees it.
#[derive(Clone, Debug)]
pub struct Permission {
    /// The account; none while it is pending.
    pub user: Option<UserId>,
    /// The row of one that is pending.
    pub pending: Option<i64>,
    /// The account's name, or the address.
    pub name: String,
    /// How much it allows.
    pub level: Level,
    /// UTC.
    pub granted_at: Option<DateTime<Utc>>,
}

/// To somebody who was given a permission.
#[derive(Serialize)]
struct PermissionGranted {
    granter: String,
    gallery: String,
    allowed: &'static str,
    url: String,
}

impl Letter for PermissionGranted {
    const FOLDER: &'static str = "permission_granted";
}

/// Gives an account, by its name or address, a permission for a gallery, or changes the one it has; tells it by mail.
pub async fn grant(app: &App, gallery: &Gallery, owner: &CurrentUser, user: &str, level: &str) -> Result<()> {
    let mut errors = FieldErrors::new();
    let user = forms::required_text(&mut errors, "user", user, 255);
    let level = Level::parse(level);
    if level.is_none() {
        errors.insert("permission_level", "Choose view, copy or edit.".to_owned());
    }
    let (Some(level), true) = (level, errors.is_empty()) else { return Err(Error::Invalid(errors)) };
    let grantee = find_grantee(app, &user).await?;
    if grantee == Grantee::Account(owner.account)
        || matches!(&grantee, Grantee::Account(id) if gallery.owner == Some(*id))
    {
        return Err(Error::invalid("user", "The gallery is theirs already."));
    }
    let mut transaction = app.db.begin().await?;
    let to = match &grantee {
        Grantee::Account(account) => {
            store::create(&mut *transaction, gallery.id, *account, owner.account, level).await?;
            store::find_email(&mut *transaction, *account).await?.or_not_found()?
        }
        Grantee::Address(email) => {
            store::create_pending(&mut *transaction, gallery.id, email, owner.account, level).await?;
            email.clone()
        }
    };
    let letter = PermissionGranted {
        granter: owner.name.clone(),
        gallery: gallery.name.clone(),
        allowed: level.words(),
        url: absolute(app, &format!("/gallery/{}", gallery.id)),
    };
    let mail = app.web.letter(&letter, &to)?;
    app.outbox.create(&mut *transaction, PermissionGranted::FOLDER, &mail).await?;
    Ok(transaction.commit().await?)
}

/// A name must be somebody's; an address may become somebody's. Whether an address has an account is told to nobody.
async fn find_grantee(app: &App, user: &str) -> Result<Grantee> {
    if user.contains('@') {
        let mut errors = FieldErrors::new();
        let email = forms::email(&mut errors, "user", user);
        let email = email.ok_or(Error::Invalid(errors))?.to_lowercase();
        let known = store::find_by_email(&app.db, &email).await?;
        return Ok(known.map_or(Grantee::Address(email), Grantee::Account));
    }
    if let Some(account) = store::find_by_name(&app.db, user).await? {
        return Ok(Grantee::Account(account));
    }
    // Somebody who has an account but was never here.
    let found = accounts::list(&app.auth, &[("q", user)]).await?;
    let same = found.items.into_iter().find(|account| account.username.eq_ignore_ascii_case(user));
    same.map(|account| Grantee::Address(account.email.to_lowercase()))
        .ok_or_else(|| Error::invalid("user", "Nobody has this name. Try their e-mail address."))
}
