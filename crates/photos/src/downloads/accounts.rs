//! Downloads by accounts, and by everybody where a gallery is public: a photo, a gallery or parts of it, the own library.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query},
};
use common::{Error, OrNotFound, Result};

use super::{
    Scope, Size, answer,
    answer::{Go, Wanted},
    record::{Download, Visitor, record},
    selections,
    selections::Holder,
};
use crate::{
    app::App,
    galleries::{Gallery, GalleryId, find_for},
    identity::{CurrentUser, MaybeUser, Photographer},
    media::sending::Asked,
    photos::{self, PhotoId},
    policy::{Access, Downloads, Subject, Viewer, access, downloads},
};

/// What an archive out of the library is called.
const LIBRARY: &str = "Photos";

/// A photo under its own name, as the best that one may have or in the size that is asked for. Plain address:
/// `Range`, `If-None-Match` and `HEAD` work.
///
/// Else: 403 nothing to download here; 404; 503 it is being prepared
#[utoipa::path(
    get, path = "/photos/{photo}/download",
    params(Wanted),
    security(()),
    responses((status = 200, content_type = "application/octet-stream", body = String), (status = 206, description = "a part of it", content_type = "application/octet-stream", body = String))
)]
pub async fn photo(
    app: Data<App>,
    photo: Path<PhotoId>,
    wanted: Query<Wanted>,
    request: HttpRequest,
    user: MaybeUser,
) -> Result<HttpResponse> {
    let user = user.0;
    let account = user.as_ref().map(|user| user.account);
    let subject = photos::store::find_subject(&app.db, *photo, account).await?.or_not_found()?;
    let scope = scope(user.as_ref(), &subject, wanted.size, Some(vec![photo.0]))?;
    let visitor = visitor(user.as_ref(), &subject);
    let before = |asked, photos| before(&app, visitor, subject.gallery, asked, photos);
    answer::single(&app, &request, &scope, before).await
}

/// A gallery as ZIP, a section of it or a selection.
///
/// Else: 403 nothing to download here; 404; 503 a photo is being prepared
#[utoipa::path(
    get, path = "/gallery/{gallery}/download.zip",
    params(Wanted),
    security(()),
    responses((status = 200, content_type = "application/zip", body = String), (status = 206, description = "a part of it", content_type = "application/zip", body = String))
)]
pub async fn archive(
    app: Data<App>,
    id: Path<GalleryId>,
    wanted: Query<Wanted>,
    request: HttpRequest,
    user: MaybeUser,
) -> Result<HttpResponse> {
    let user = user.0;
    let gallery = find(&app, user.as_ref(), *id).await?;
    let subject = gallery.subject();
    let chosen = match &wanted.selection {
        Some(key) => Some(selections::find(&app.db, key, holder(user.as_ref()), Some(gallery.id)).await?),
        None => None,
    };
    let scope = of_gallery(user.as_ref(), &gallery, wanted.size, chosen)?;
    let (scope, name) = answer::of_section(&app, &gallery, scope, wanted.section).await?;
    let visitor = visitor(user.as_ref(), &subject);
    let before = |asked, photos| before(&app, visitor, Some(gallery.id), asked, photos);
    answer::archive(&app, &request, &scope, &name, before).await
}

/// Keeps a choice of a gallery's photos for 7 days, for whoever made it. The same as a form goes on to the download.
///
/// Else: 403 nothing to download here; 404; 422
#[utoipa::path(
    post, path = "/gallery/{gallery}/selections",
    request_body = selections::ChosenBody,
    security(()),
    responses((status = 201, body = selections::Body), (status = 303, description = "for a form of a page"))
)]
pub async fn select(
    app: Data<App>,
    id: Path<GalleryId>,
    user: MaybeUser,
    wanted: selections::Wanted,
) -> Result<HttpResponse> {
    let user = user.0;
    let gallery = find(&app, user.as_ref(), *id).await?;
    let chosen = wanted.chosen();
    let scope = of_gallery(user.as_ref(), &gallery, chosen.size, Some(chosen.photo_ids.clone()))?;
    let download = format!("/gallery/{}/download.zip", gallery.id);
    let archive = (gallery.name.as_str(), download.as_str());
    selections::create(&app.db, holder(user.as_ref()), scope, &wanted, archive).await
}

/// Photos of one's own library as ZIP, as a selection names them.
///
/// Else: 404; 503 a photo is being prepared
#[utoipa::path(
    get, path = "/photos/download.zip",
    params(Wanted),
    responses((status = 200, content_type = "application/zip", body = String), (status = 206, description = "a part of it", content_type = "application/zip", body = String))
)]
pub async fn library(
    app: Data<App>,
    wanted: Query<Wanted>,
    request: HttpRequest,
    user: Photographer,
) -> Result<HttpResponse> {
    let user = user.0;
    let key = wanted.selection.as_deref().or_not_found()?;
    let chosen = selections::find(&app.db, key, Holder::Account(user.account), None).await?;
    let scope = of_library(&user, wanted.size)?.among(chosen);
    let visitor = Visitor::Owner(user.account);
    let before = |asked, photos| before(&app, visitor, None, asked, photos);
    answer::archive(&app, &request, &scope, LIBRARY, before).await
}

/// Keeps a choice of photos of one's own library for 7 days.
///
/// Else: 422
#[utoipa::path(
    post, path = "/photos/selections",
    request_body = selections::ChosenBody,
    responses((status = 201, body = selections::Body), (status = 303, description = "for a form of a page"))
)]
pub async fn select_library(
    app: Data<App>,
    user: Photographer,
    wanted: selections::Wanted,
) -> Result<HttpResponse> {
    let scope = of_library(&user.0, wanted.chosen().size)?;
    let holder = Holder::Account(user.0.account);
    selections::create(&app.db, holder, scope, &wanted, (LIBRARY, "/photos/download.zip")).await
}

async fn find(app: &App, user: Option<&CurrentUser>, id: GalleryId) -> Result<Gallery> {
    Ok(find_for(&app.db, viewer(user), id, Access::Marked).await?.0)
}

fn of_gallery(
    user: Option<&CurrentUser>,
    gallery: &Gallery,
    size: Option<Size>,
    chosen: Option<Vec<i32>>,
) -> Result<Scope> {
    let scope = scope(user, &gallery.subject(), size, chosen)?;
    Ok(Scope { gallery: Some(gallery.id), ..scope })
}

fn of_library(user: &CurrentUser, size: Option<Size>) -> Result<Scope> {
    let scope = Scope { with_unready: true, with_archived: true, ..Scope::of(Downloads::Stored, size)? };
    Ok(Scope { library: Some(user.account), ..scope })
}

fn scope(
    user: Option<&CurrentUser>,
    subject: &Subject,
    size: Option<Size>,
    photos: Option<Vec<i32>>,
) -> Result<Scope> {
    let scope = Scope { photos, ..Scope::of(allowed(user, subject)?, size)? };
    Ok(if access(viewer(user), subject) >= Access::Edit { scope.of_editor() } else { scope })
}

fn allowed(user: Option<&CurrentUser>, subject: &Subject) -> Result<Downloads> {
    match downloads(viewer(user), subject) {
        Downloads::Nothing if access(viewer(user), subject) == Access::Nothing => Err(Error::NotFound),
        Downloads::Nothing => {
            Err(Error::Forbidden("Photos of this gallery can be looked at, but not downloaded.".to_owned()))
        }
        allowed => Ok(allowed),
    }
}

async fn before(
    app: &Data<App>,
    visitor: Visitor,
    gallery: Option<GalleryId>,
    asked: Asked,
    photos: Vec<i32>,
) -> Result<Go> {
    record(app, &asked, Download { visitor, gallery, photos });
    Ok(Go::On(None))
}

fn viewer(user: Option<&CurrentUser>) -> Viewer<'_> {
    user.map_or(Viewer::Nobody, Viewer::Person)
}

fn holder(user: Option<&CurrentUser>) -> Holder {
    user.map_or(Holder::Nobody, |user| Holder::Account(user.account))
}

fn visitor(user: Option<&CurrentUser>, subject: &Subject) -> Visitor {
    match user {
        None => Visitor::Nobody,
        Some(user) if access(Viewer::Person(user), subject) == Access::Own => Visitor::Owner(user.account),
        Some(user) => Visitor::Account(user.account),
    }
}
