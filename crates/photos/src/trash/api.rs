//! The trash for programs, and deleting as they do it.

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use chrono::{DateTime, Utc};
use common::{Error, OrNotFound, Result, csrf::CsrfChecked};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{delete_gallery, purge_gallery, purge_photos, restore_gallery, store};
use crate::{
    app::App,
    galleries::{GalleryId, find_for},
    identity::{AccountId, CurrentUser, Photographer},
    photos::{Listing, PhotoId, page_size},
    policy::{Access, Viewer, may_own},
};

/// Where the list of photos begins and how long it is.
#[derive(Deserialize, IntoParams)]
pub struct Wanted {
    /// The `next` of the page before.
    after: Option<PhotoId>,
    /// 50 by default, 200 at most.
    limit: Option<u32>,
}

/// What is in the trash.
#[derive(Serialize, ToSchema)]
#[schema(as = Trash)]
struct TrashBody {
    galleries: Vec<GalleryBody>,
    /// Photos that went there by themselves.
    items: Vec<PhotoBody>,
    next: Option<PhotoId>,
}

/// A gallery in the trash.
#[derive(Serialize, ToSchema)]
#[schema(as = DeletedGallery)]
struct GalleryBody {
    id: GalleryId,
    name: String,
    /// How many are in it.
    photos: i64,
    deleted_at: DateTime<Utc>,
}

/// A photo in the trash.
#[derive(Serialize, ToSchema)]
#[schema(as = DeletedPhoto)]
struct PhotoBody {
    id: PhotoId,
    filename: String,
    deleted_at: DateTime<Utc>,
}

/// One's own galleries in the trash, and a page of the photos that went there by themselves.
#[utoipa::path(get, path = "/api/trash", params(Wanted), responses((status = 200, body = TrashBody)))]
pub async fn get(app: Data<App>, wanted: Query<Wanted>, user: Photographer) -> Result<HttpResponse> {
    let limit = page_size(wanted.limit);
    let owner = user.0.account;
    let photos = store::list_photos(&app.db, owner, wanted.after, limit + 1).await?;
    let photos = Listing::of(photos, limit);
    let galleries = store::list_galleries(&app.db, owner).await?.into_iter().map(|gallery| GalleryBody {
        id: gallery.id,
        name: gallery.name,
        photos: gallery.photo_count,
        deleted_at: gallery.deleted_at,
    });
    let next = photos.items.last().filter(|_| photos.more).map(|last| last.id);
    let items = photos.items.into_iter().map(|photo| PhotoBody {
        id: photo.id,
        filename: photo.filename,
        deleted_at: photo.deleted_at,
    });
    Ok(HttpResponse::Ok().json(TrashBody { galleries: galleries.collect(), items: items.collect(), next }))
}

/// Puts a gallery into the trash with its photos.
///
/// Else: 404; 409 a photo in it is locked
#[utoipa::path(delete, path = "/api/galleries/{gallery}", responses((status = 204)))]
pub async fn delete(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    delete_gallery(&app.db, gallery.id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a gallery out of the trash.
///
/// Else: 404
#[utoipa::path(post, path = "/api/galleries/{gallery}/restore", responses((status = 204)))]
pub async fn restore(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    require_own(&app, &user, *id).await?;
    restore_gallery(&app.db, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Removes a gallery in the trash for good, with its photos and their files.
///
/// Else: 404
#[utoipa::path(delete, path = "/api/trash/galleries/{gallery}", responses((status = 204)))]
pub async fn purge(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    require_own(&app, &user, *id).await?;
    purge_gallery(&app.db, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Removes a photo in the trash for good, with its file.
///
/// Else: 404
#[utoipa::path(delete, path = "/api/trash/photos/{photo}", responses((status = 204)))]
pub async fn purge_photo(
    app: Data<App>,
    id: Path<PhotoId>,
    user: Photographer,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    match purge_photos(&app.db, user.0.account, &[*id]).await? {
        0 => Err(Error::NotFound),
        _ => Ok(HttpResponse::NoContent().finish()),
    }
}

/// Takes a photo out of the trash, back into its gallery if that is there.
///
/// Else: 404
#[utoipa::path(post, path = "/api/photos/{photo}/restore", responses((status = 204)))]
pub async fn restore_photo(
    app: Data<App>,
    id: Path<PhotoId>,
    user: Photographer,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    match store::update_photos_restored(&app.db, user.0.account, &[id.0]).await? {
        0 => Err(Error::NotFound),
        _ => Ok(HttpResponse::NoContent().finish()),
    }
}

/// 404 unless the gallery is in the trash and this person's to decide on.
pub async fn require_own(app: &App, user: &CurrentUser, gallery: GalleryId) -> Result<()> {
    let owner: Option<AccountId> = store::find_owner(&app.db, gallery).await?.or_not_found()?;
    if may_own(user, owner) { Ok(()) } else { Err(Error::NotFound) }
}
