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
    PAGE_MOST, PhotoId, Status,
    batch::{Batch, Outcome},
    change::{self, Deed},
    finding::{self, Found},
    page_size,
    search::{Search, Sort, Within, words},
    store::{self, Filter},
    tile::Look,
};
use crate::{
    app::App,
    galleries::{self, GalleryId},
    identity::{AccountId, CurrentUser, MaybeUser},
    jobs,
    media::{Grant, Signer},
    originals,
    policy::{Access, Viewer, access},
};

pub use super::body::{ListBody, PhotoBody};

/// Which photos are asked for.
#[derive(Deserialize, IntoParams)]
pub struct Wanted {
    /// Those of a gallery that one may edit.
    gallery_id: Option<GalleryId>,
    /// With `gallery_id`: the id of a section, or `none`.
    section: Option<String>,
    /// A part of file name, title, description or a keyword.
    #[param(max_length = 200)]
    q: Option<String>,
    #[param(inline)]
    filter: Option<Filter>,
    /// The same as `filter` with this word.
    status: Option<Status>,
    /// At least so many, 0 to 5.
    #[param(maximum = 5)]
    stars: Option<u8>,
    /// `newest` by default, and for a gallery its own order.
    #[param(inline)]
    sort: Option<Sort>,
    /// These, comma-separated, at most 200, in no order; nothing else is looked at.
    ids: Option<String>,
    /// The `next` of the page before, in the same order.
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

/// One's own photos, for photographers, or those of a gallery: searched, narrowed and ordered as on the page.
///
/// Else: 400 a value is none of these; 403 not a photographer; 404 there is no such gallery
#[utoipa::path(
    get, path = "/api/photos",
    params(Wanted),
    responses((status = 200, body = ListBody<PhotoBody>))
)]
pub async fn list(app: Data<App>, wanted: Query<Wanted>, user: CurrentUser) -> Result<HttpResponse> {
    let found = if let Some(ids) = &wanted.ids {
        let ids = ids.split(',').take(PAGE_MOST.into()).filter_map(|id| id.trim().parse().ok());
        let ids: Vec<i32> = ids.collect();
        Found { photos: store::list_by_id(&app.db, require_owner(&user)?, &ids).await?, next: None }
    } else {
        let search = wanted.search(&app, &user).await?;
        finding::list(&app.db, &search, wanted.after.as_deref(), page_size(wanted.limit)).await?
    };
    let Found { photos, next } = found;
    let renditions = store::list_renditions(&app.db, &photos).await?;
    let signer = Signer::new(&app.config.secrets, Grant::Person(user.account));
    let originals = originals::store::list_offers(&app.db, Access::Edit, &photos).await?;
    let look = Look { signer: &signer, marked: false, originals, cover: None };
    let items = photos.iter().map(|photo| PhotoBody::of(photo, &renditions, &look)).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next }))
}

impl Wanted {
    async fn search(&self, app: &App, user: &CurrentUser) -> Result<Search> {
        let unknown = |what: &str| Error::BadRequest(format!("`{what}` is none that there is."));
        if self.stars.is_some_and(|stars| stars > 5) {
            return Err(unknown("stars"));
        }
        let within = self.section.as_deref().unwrap_or_default();
        let search = Search {
            within: Within::parse(within),
            filter: self.filter.or(self.status.map(Filter::from)).unwrap_or_default(),
            least_rating: f64::from(self.stars.unwrap_or_default()),
            text: words(self.q.as_deref().unwrap_or_default()),
            sort: self.sort.unwrap_or_default(),
            ..Search::default()
        };
        if search.within == Within::Anywhere && !within.is_empty() {
            return Err(unknown("section"));
        }
        let Some(gallery) = self.gallery_id else {
            return Ok(Search { owner: Some(require_owner(user)?), ..search });
        };
        let (gallery, _) = galleries::find_for(&app.db, Viewer::Person(user), gallery, Access::Edit).await?;
        let own = finding::sort_of(gallery.order, self.after.as_deref());
        Ok(Search { gallery: Some(gallery.id), sort: self.sort.unwrap_or(own), ..search })
    }
}

fn require_owner(user: &CurrentUser) -> Result<AccountId> {
    let refused = || Error::Forbidden("Only photographers have photos of their own.".to_owned());
    user.role.may_own_galleries().then_some(user.account).ok_or_else(refused)
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
    user: CurrentUser,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    process_again(&app, &user, *id).await?;
    Ok(HttpResponse::Accepted().json(Retried { id: *id, status: Status::Pending }))
}

/// Puts a failed photo back into the queue.
pub async fn process_again(app: &App, user: &CurrentUser, id: PhotoId) -> Result<()> {
    let subject = store::find_subject(&app.db, id, Some(user.account)).await?.or_not_found()?;
    match access(Viewer::Person(user), &subject) {
        Access::Nothing => return Err(Error::NotFound),
        found if found < Access::Edit => {
            return Err(Error::Forbidden("Only its owner and editors may process a photo again.".to_owned()));
        }
        _ => {}
    }
    let mut transaction = app.db.begin().await?;
    if !store::update_to_pending(&mut *transaction, id).await? {
        let lost = store::find(&mut *transaction, id).await?.is_some_and(|photo| photo.is_lost());
        let words = if lost {
            "The file of this photo is missing. Please upload it as a new version."
        } else {
            "Only a photo that failed can be processed again."
        };
        return Err(Error::Conflict(words.to_owned()));
    }
    jobs::add_render(&mut transaction, id).await?;
    Ok(transaction.commit().await?)
}
