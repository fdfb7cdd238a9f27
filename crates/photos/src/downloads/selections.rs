//! Photos that somebody chose to download together: a row for some days, so that the download is a plain link.

use std::time::Duration;

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload};
use common::{
    Error, OrNotFound, Result,
    csrf::{self, CsrfForm, CsrfJson},
    secrets::{is_token, random_token},
    web::see_other,
};
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use utoipa::ToSchema;

use super::{Scope, Size, plan, store};
use crate::{galleries::GalleryId, identity::AccountId, shares::ShareLinkId};

/// A selection is kept for so many days: a download that was begun can go on for as long.
const DAYS: i32 = 7;
/// More than anybody selects by hand; a whole gallery needs no selection.
const MOST: usize = 10_000;

/// Who made a selection; nobody else can use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Whoever has this share link.
    Link(ShareLinkId),
    /// This account.
    Account(AccountId),
    /// Anybody, at a public gallery.
    Nobody,
}

/// What was chosen.
#[derive(Clone, Debug, Deserialize)]
pub struct Chosen {
    /// The photos.
    #[serde(default)]
    pub photo_ids: Vec<i32>,
    /// In which size they are wanted.
    #[serde(default)]
    pub size: Option<Size>,
}

/// The same with how it came: a form goes on to the download, a script gets its address.
pub enum Wanted {
    /// By a form.
    Form(Chosen),
    /// By a script or a program.
    Json(Chosen),
}

/// What a program sends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Choice)]
pub struct ChosenBody {
    /// At most 10,000.
    photo_ids: Vec<i32>,
    /// In which size they are wanted; without, the best that may be had.
    size: Option<Size>,
}

/// A selection, ready to be downloaded.
#[derive(Serialize, ToSchema)]
#[schema(as = Selection)]
pub struct Body {
    key: String,
    url: String,
    count: usize,
    bytes: u64,
}

impl Holder {
    /// The link, if it was one.
    pub fn link(self) -> Option<ShareLinkId> {
        if let Self::Link(link) = self { Some(link) } else { None }
    }

    /// The account, if it was one.
    pub fn account(self) -> Option<AccountId> {
        if let Self::Account(account) = self { Some(account) } else { None }
    }
}

impl Wanted {
    /// What was chosen.
    pub fn chosen(&self) -> &Chosen {
        match self {
            Self::Form(chosen) | Self::Json(chosen) => chosen,
        }
    }
}

impl FromRequest for Wanted {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if csrf::expect_type(request, "application/json").is_ok() {
            let body = CsrfJson::from_request(request, payload);
            return Box::pin(async move {
                let CsrfJson(ChosenBody { photo_ids, size }) = body.await?;
                Ok(Self::Json(Chosen { photo_ids, size }))
            });
        }
        let form = CsrfForm::from_request(request, payload);
        Box::pin(async move { form.await.map(|form| Self::Form(form.0)) })
    }
}

/// Keeps a selection out of a scope and answers with the way to its download: an archive of this name, at this path with
/// the key.
pub async fn create(
    db: &PgPool,
    holder: Holder,
    scope: Scope,
    wanted: &Wanted,
    (name, download): (&str, &str),
) -> Result<HttpResponse> {
    let chosen = wanted.chosen();
    let mut photos = chosen.photo_ids.clone();
    photos.sort_unstable();
    photos.dedup();
    if photos.is_empty() {
        return Err(Error::invalid("photo_ids", "Please choose at least one photo."));
    }
    if photos.len() > MOST {
        return Err(Error::invalid(
            "photo_ids",
            "Please choose at most 10,000 photos, or download the whole gallery.",
        ));
    }
    let gallery = scope.gallery;
    let scope = scope.among(photos.clone());
    if usize::try_from(store::count_scope(db, &scope).await?) != Ok(photos.len()) {
        let sentence = "Some of these photos are not here any more. Please reload the page and choose again.";
        return Err(Error::invalid("photo_ids", sentence));
    }
    let planned = plan(db, &scope, name).await?;
    let key = random_token();
    store::create_selection(db, &key, holder, gallery, &photos).await?;
    let size = match chosen.size {
        Some(Size::Web) => "&size=web",
        Some(Size::Original) | None => "",
    };
    let url = format!("{download}?selection={key}{size}");
    if let Wanted::Form(_) = wanted {
        return Ok(see_other(&url));
    }
    let body = Body { key, url, count: planned.items().len(), bytes: planned.size() };
    Ok(HttpResponse::Created().json(body))
}

/// The photos of a selection; 404 for everybody but its holder, and when it is gone.
pub async fn find(db: &PgPool, key: &str, holder: Holder, gallery: Option<GalleryId>) -> Result<Vec<i32>> {
    if !is_token(key) {
        return Err(Error::NotFound);
    }
    store::find_selection(db, key, holder, gallery).await?.or_not_found()
}

/// Removes old selections, every hour for as long as we run.
pub async fn purge_for_ever(db: PgPool) {
    loop {
        if let Err(error) = store::delete_old_selections(&db, DAYS).await {
            tracing::warn!(%error, "old selections could not be removed");
        }
        tokio::time::sleep(Duration::from_hours(1)).await;
    }
}
