//! Share links for programs.

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use chrono::{DateTime, Utc};
use common::{
    Error, Result,
    csrf::{CsrfChecked, CsrfJson},
    error::FieldErrors,
};
use serde::{Deserialize, Serialize};

use super::{
    Change, ShareLink, ShareLinkId, State, Wanted, change, create, end_of, password, revoke_for, store,
    wanted::{check_count, check_days},
};
use crate::{
    app::App,
    customers::CustomerId,
    galleries::{GalleryId, SectionId, find_for},
    identity::{CurrentUser, Photographer},
    photos::{Listing, api::ListBody, page_size},
    policy::{Access, LinkLevel, Viewer},
};

/// Where the history goes on and how long a page is.
#[derive(Deserialize)]
pub struct Page {
    after: Option<ShareLinkId>,
    limit: Option<u32>,
}

/// What is to change; absent fields stay, null takes a limit away.
#[derive(Deserialize)]
#[expect(clippy::option_option, reason = "null takes a limit away, absence leaves it")]
pub struct Changed {
    access_level: Option<LinkLevel>,
    #[serde(default, deserialize_with = "given")]
    expires_in_days: Option<Option<u16>>,
    #[serde(default, deserialize_with = "given")]
    max_views: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    max_downloads: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    password: Option<Option<String>>,
    tells_sender: Option<bool>,
}

/// A field that was sent, be it null.
fn given<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

#[derive(Serialize)]
struct LinkBody {
    id: ShareLinkId,
    gallery_id: Option<GalleryId>,
    gallery_name: String,
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    access_level: LinkLevel,
    state: State,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    views: i32,
    max_views: Option<i32>,
    downloads: i32,
    max_downloads: Option<i32>,
    has_password: bool,
    message: Option<String>,
    section_ids: Option<Vec<SectionId>>,
    customer_id: Option<CustomerId>,
    recipient_email: Option<String>,
    tells_sender: bool,
    first_opened_at: Option<DateTime<Utc>>,
    last_opened_at: Option<DateTime<Utc>>,
}

/// `GET /api/shares`: the history of all links of one's own galleries, the newest first.
pub async fn history(app: Data<App>, page: Query<Page>, user: Photographer) -> Result<HttpResponse> {
    let limit = page_size(page.limit);
    let found = store::list_history(&app.db, user.0.account, "", page.after, limit + 1).await?;
    let found = Listing::of(found, limit);
    let next = found.items.last().filter(|_| found.more).map(|last| last.id.to_string());
    let items = found.items.into_iter().map(|link| LinkBody::of(&app, link)).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next }))
}

/// `GET /api/galleries/{id}/shares`.
pub async fn list(app: Data<App>, id: Path<GalleryId>, user: CurrentUser) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let links = store::list(&app.db, gallery.id).await?;
    let items = links.into_iter().map(|link| LinkBody::of(&app, link)).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next: None }))
}

/// `POST /api/galleries/{id}/shares`.
pub async fn create_link(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    body: CsrfJson<Wanted>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let new = body.0.parse().map_err(Error::Invalid)?;
    let (link, path) = create(&app, &gallery, &user, &new).await?;
    let token = path.rsplit('/').next().map(str::to_owned);
    Ok(HttpResponse::Created().json(LinkBody { token, ..LinkBody::of(&app, link) }))
}

/// `PATCH /api/shares/{id}`: extends a link, or changes what it allows.
pub async fn update(
    app: Data<App>,
    id: Path<ShareLinkId>,
    user: CurrentUser,
    body: CsrfJson<Changed>,
) -> Result<HttpResponse> {
    let Changed { access_level, expires_in_days, max_views, max_downloads, password, tells_sender } = body.0;
    let mut errors = FieldErrors::new();
    check_days(&mut errors, expires_in_days.flatten());
    check_count(&mut errors, "max_views", max_views.flatten());
    check_count(&mut errors, "max_downloads", max_downloads.flatten());
    let password = password.map(|password| password::checked(&mut errors, &password.unwrap_or_default()));
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let password_hash = match password {
        Some(Some(password)) => Some(Some(app.link_passwords.hash(password).await?)),
        Some(None) => Some(None),
        None => None,
    };
    let expires_at = expires_in_days.map(end_of);
    let wanted =
        Change { level: access_level, expires_at, max_views, max_downloads, password_hash, tells_sender };
    let link = change(&app, &user, *id, &wanted).await?;
    Ok(HttpResponse::Ok().json(LinkBody::of(&app, link)))
}

/// `DELETE /api/shares/{id}`: ends the link.
pub async fn revoke(
    app: Data<App>,
    id: Path<ShareLinkId>,
    user: CurrentUser,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    revoke_for(&app, &user, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl LinkBody {
    fn of(app: &App, link: ShareLink) -> Self {
        let state = link.state();
        Self {
            url: link.url(app).filter(|_| state == State::Active),
            token: None,
            id: link.id,
            gallery_id: link.gallery,
            gallery_name: link.gallery_name,
            access_level: link.level,
            state,
            created_at: link.created_at.and_utc(),
            expires_at: link.expires_at.map(|end| end.and_utc()),
            views: link.views,
            max_views: link.max_views,
            downloads: link.downloads,
            max_downloads: link.max_downloads,
            has_password: link.password_hash.is_some(),
            message: link.message,
            section_ids: link.sections,
            customer_id: link.customer,
            recipient_email: link.recipient_email,
            tells_sender: link.tells_sender,
            first_opened_at: link.first_opened_at.map(|time| time.and_utc()),
            last_opened_at: link.last_opened_at.map(|time| time.and_utc()),
        }
    }
}
