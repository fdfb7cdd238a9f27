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
use utoipa::{IntoParams, ToSchema};

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
#[derive(Deserialize, IntoParams)]
pub struct Page {
    /// The `next` of the page before.
    after: Option<ShareLinkId>,
    /// 50 by default, 200 at most.
    limit: Option<u32>,
}

/// What is to change; absent fields stay, null takes a limit away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ShareLinkChange)]
#[expect(clippy::option_option, reason = "null takes a limit away, absence leaves it")]
pub struct Changed {
    access_level: Option<LinkLevel>,
    #[serde(default, deserialize_with = "given")]
    /// 1, 3, 7, 14, 30 or 90, counted from now.
    #[schema(value_type = Option<u16>)]
    expires_in_days: Option<Option<u16>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>)]
    max_views: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>)]
    max_downloads: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    password: Option<Option<String>>,
    tells_sender: Option<bool>,
}

/// A field that was sent, be it null.
fn given<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

/// A share link.
#[derive(Serialize, ToSchema)]
#[schema(as = ShareLink)]
struct LinkBody {
    id: ShareLinkId,
    gallery_id: Option<GalleryId>,
    gallery_name: String,
    /// Null unless it is active.
    url: Option<String>,
    /// In the answer that made it alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token: Option<String>,
    /// Marked pictures or clean ones.
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
    /// The parts of the gallery that it shows; null for all of it.
    section_ids: Option<Vec<SectionId>>,
    customer_id: Option<CustomerId>,
    recipient_email: Option<String>,
    /// Whether its sender hears of the first visit.
    tells_sender: bool,
    first_opened_at: Option<DateTime<Utc>>,
    last_opened_at: Option<DateTime<Utc>>,
}

/// The links of all one's own galleries, newest first.
#[utoipa::path(get, path = "/api/shares", params(Page), responses((status = 200, body = ListBody<LinkBody>)))]
pub async fn history(app: Data<App>, page: Query<Page>, user: Photographer) -> Result<HttpResponse> {
    let limit = page_size(page.limit);
    let found = store::list_history(&app.db, user.0.account, "", page.after, limit + 1).await?;
    let found = Listing::of(found, limit);
    let next = found.items.last().filter(|_| found.more).map(|last| last.id.to_string());
    let items = found.items.into_iter().map(|link| LinkBody::of(&app, link)).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next }))
}

/// The links of a gallery, up to 500, in one page.
///
/// Else: 404
#[utoipa::path(
    get, path = "/api/galleries/{gallery}/shares",
    responses((status = 200, body = ListBody<LinkBody>))
)]
pub async fn list(app: Data<App>, id: Path<GalleryId>, user: CurrentUser) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let links = store::list(&app.db, gallery.id).await?;
    let items = links.into_iter().map(|link| LinkBody::of(&app, link)).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next: None }))
}

/// Makes a link, and sends it if asked to. This answer alone has its token.
///
/// Else: 404; 422
#[utoipa::path(
    post, path = "/api/galleries/{gallery}/shares",
    request_body = Wanted,
    responses((status = 201, body = LinkBody))
)]
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

/// Extends a link, or changes what it allows; absent fields stay, null takes a limit away. Another password, or
/// another level, ends every address that it gave out.
///
/// Else: 404; 409 it was closed; 422
#[utoipa::path(
    patch, path = "/api/shares/{link}",
    request_body = Changed,
    responses((status = 200, body = LinkBody))
)]
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

/// Ends a link at once.
///
/// Else: 404
#[utoipa::path(delete, path = "/api/shares/{link}", responses((status = 204)))]
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
