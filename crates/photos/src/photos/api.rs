//! Photos for programs and for the scripts of our own pages.

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use common::{
    Error, OrNotFound, Result,
    csrf::{CsrfChecked, CsrfJson},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Cursor, PAGE_MOST, PhotoId, Status,
    batch::Batch,
    change::{self, Deed, Outcome},
    page_size, store,
    tile::Look,
};
use crate::{
    app::App,
    galleries::{self, GalleryId},
    identity::{CurrentUser, MaybeUser, Photographer},
    jobs,
    media::{Grant, Signer},
    originals,
    policy::{Access, Viewer, access},
};

pub use super::body::{ListBody, PhotoBody};

/// Which photos are asked for.
#[derive(Deserialize, IntoParams)]
pub struct Wanted {
    /// Those of a gallery that one may edit, in its order.
    gallery_id: Option<GalleryId>,
    status: Option<Status>,
    /// These, comma-separated, at most 200, in no order.
    ids: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// 50 by default, 200 at most.
    limit: Option<u32>,
}

/// A failed photo that is processed again.
#[derive(Serialize, ToSchema)]
#[schema(as = RetriedPhoto)]
pub struct Retried {
    /// The photo.
    pub id: PhotoId,
    /// Pending.
    pub status: Status,
}

/// A photo.
///
/// Else: 404
#[utoipa::path(get, path = "/api/photos/{photo}", security(()), responses((status = 200, body = PhotoBody)))]
pub async fn get(app: Data<App>, id: Path<PhotoId>, user: MaybeUser) -> Result<HttpResponse> {
    let user = user.0;
    let subject =
        store::find_subject(&app.db, *id, user.as_ref().map(|user| user.account)).await?.or_not_found()?;
    let viewer = user.as_ref().map_or(Viewer::Nobody, Viewer::Person);
    let access = access(viewer, &subject);
    if access < Access::Marked {
        return Err(Error::NotFound);
    }
    let photo = store::find(&app.db, *id).await?.or_not_found()?;
    let renditions = store::list_renditions(&app.db, std::slice::from_ref(&photo)).await?;
    let grant = user.map_or(Grant::Public, |user| Grant::Person(user.account));
    let signer = Signer::new(&app.config.secrets, grant);
    let originals = originals::store::list_offers(&app.db, access, std::slice::from_ref(&photo)).await?;
    let look = Look { signer: &signer, marked: access == Access::Marked, originals, cover: None };
    Ok(HttpResponse::Ok().json(PhotoBody::of(&photo, &renditions, &look)))
}

/// Photographers: one's own photos, newest first, or those of a gallery in its order.
///
/// Else: 404 there is no such gallery
#[utoipa::path(
    get, path = "/api/photos",
    params(Wanted),
    responses((status = 200, body = ListBody<PhotoBody>))
)]
pub async fn list(app: Data<App>, wanted: Query<Wanted>, user: Photographer) -> Result<HttpResponse> {
    let owner = user.0.account;
    let limit = page_size(wanted.limit);
    let (photos, next) = if let Some(ids) = &wanted.ids {
        let ids: Vec<i32> =
            ids.split(',').take(PAGE_MOST.into()).filter_map(|id| id.trim().parse().ok()).collect();
        (store::list_by_id(&app.db, owner, &ids).await?, None)
    } else if let Some(gallery) = wanted.gallery_id {
        let (gallery, _) =
            galleries::find_for(&app.db, Viewer::Person(&user.0), gallery, Access::Edit).await?;
        let scope = store::Scope { status: wanted.status, ..store::Scope::EVERYTHING };
        let after = wanted.after.as_deref().map(str::parse::<Cursor>).transpose();
        let after = after.map_err(|fault| Error::BadRequest(fault.to_owned()))?;
        let order = after.as_ref().map_or(gallery.order, Cursor::order);
        let found = store::list_gallery(&app.db, gallery.id, scope, order, after.as_ref(), limit).await?;
        let next = found.items.last().filter(|_| found.more).map(|last| Cursor::at(last, order).to_string());
        (found.items, next)
    } else {
        let filter = match wanted.status {
            Some(Status::Pending) => store::Filter::Pending,
            Some(Status::Failed) => store::Filter::Failed,
            Some(Status::Ready) => store::Filter::Ready,
            None => store::Filter::All,
        };
        let after = wanted.after.as_deref().map(|after| {
            after
                .parse()
                .map(PhotoId)
                .map_err(|_| Error::BadRequest("`after` must be the `next` of the page before.".to_owned()))
        });
        let found = store::list_library(&app.db, owner, filter, after.transpose()?, limit).await?;
        let next = found.items.last().filter(|_| found.more).map(|last| last.id.to_string());
        (found.items, next)
    };
    let renditions = store::list_renditions(&app.db, &photos).await?;
    let signer = Signer::new(&app.config.secrets, Grant::Person(owner));
    let originals = originals::store::list_offers(&app.db, Access::Edit, &photos).await?;
    let look = Look { signer: &signer, marked: false, originals, cover: None };
    let items = photos.iter().map(|photo| PhotoBody::of(photo, &renditions, &look)).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next }))
}

/// Changes a photo; absent fields stay, an empty text takes it away.
///
/// Else: 404; 409 it is locked, and `locked: false` is not sent; 422
#[utoipa::path(
    patch, path = "/api/photos/{photo}",
    request_body = change::Wanted,
    responses((status = 200, body = PhotoBody))
)]
pub async fn update(
    app: Data<App>,
    id: Path<PhotoId>,
    user: CurrentUser,
    body: CsrfJson<change::Wanted>,
) -> Result<HttpResponse> {
    let wanted = body.0.parse().map_err(Error::Invalid)?;
    change::change(&app.db, &user, *id, &wanted).await?;
    get(app, id, MaybeUser(Some(user))).await
}

/// Puts a photo into the trash.
///
/// Else: 404; 409 it is locked
#[utoipa::path(delete, path = "/api/photos/{photo}", responses((status = 204)))]
pub async fn delete(
    app: Data<App>,
    id: Path<PhotoId>,
    user: CurrentUser,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let outcome = change::do_to_all(&app.db, &user, &[*id], Deed::Delete).await?;
    match outcome.skipped.first().map(|skipped| skipped.reason) {
        None => Ok(HttpResponse::NoContent().finish()),
        Some("locked") => Err(Error::Conflict("This photo is locked. Unlock it to delete it.".to_owned())),
        Some("not_allowed") => Err(Error::Forbidden("Only its owner may delete this photo.".to_owned())),
        Some(_) => Err(Error::NotFound),
    }
}

/// Does one thing to up to 1,000 photos. What can't be done to a photo leaves the others alone.
///
/// Else: 404 there is no such gallery; 422
#[utoipa::path(
    post, path = "/api/photos/batch",
    request_body = Batch,
    responses((status = 200, body = Outcome))
)]
pub async fn batch(app: Data<App>, user: CurrentUser, body: CsrfJson<Batch>) -> Result<HttpResponse> {
    let deed = body.0.deed()?;
    Ok(HttpResponse::Ok().json(change::do_to_all(&app.db, &user, &body.0.photo_ids, deed).await?))
}

/// Processes a failed photo again.
///
/// Else: 404; 409 it has not failed
#[utoipa::path(post, path = "/api/photos/{photo}/retry", responses((status = 202, body = Retried)))]
pub async fn retry(
    app: Data<App>,
    id: Path<PhotoId>,
    user: Photographer,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    process_again(&app, &user.0, *id).await?;
    Ok(HttpResponse::Accepted().json(Retried { id: *id, status: Status::Pending }))
}

/// Puts a failed photo back into the queue.
pub async fn process_again(app: &App, user: &CurrentUser, id: PhotoId) -> Result<()> {
    let subject = store::find_subject(&app.db, id, Some(user.account)).await?.or_not_found()?;
    match access(Viewer::Person(user), &subject) {
        Access::Nothing => return Err(Error::NotFound),
        found if found < Access::Edit => {
            return Err(Error::Forbidden("Only its owner may process a photo again.".to_owned()));
        }
        _ => {}
    }
    let mut transaction = app.db.begin().await?;
    if !store::update_to_pending(&mut *transaction, id).await? {
        return Err(Error::Conflict("Only a photo that failed can be processed again.".to_owned()));
    }
    jobs::add_render(&mut transaction, id).await?;
    Ok(transaction.commit().await?)
}
