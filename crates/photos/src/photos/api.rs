//! Photos for programs and for the scripts of our own pages.

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use chrono::{DateTime, NaiveDateTime, Timelike, Utc};
use common::{
    Error, OrNotFound, Result,
    csrf::{CsrfChecked, CsrfJson},
};
use serde::{Deserialize, Serialize};

use super::{
    Camera, Cursor, PAGE_MOST, Photo, PhotoId, Placeholder, Rendition, Status, Words,
    change::{self, Deed},
    page_size, store,
    tile::Pictures,
};
use crate::{
    app::App,
    galleries::{self, GalleryId, SectionId},
    identity::{CurrentUser, MaybeUser, Photographer},
    jobs,
    media::{Grant, Signer},
    originals::{self, Offers, Withheld},
    policy::{Access, Viewer, access},
};

/// Which photos are asked for.
#[derive(Deserialize)]
pub struct Wanted {
    gallery_id: Option<GalleryId>,
    status: Option<Status>,
    /// Comma-separated ids, at most 200.
    ids: Option<String>,
    after: Option<String>,
    limit: Option<u32>,
}

/// A photo as the API shows it.
#[derive(Serialize)]
pub struct PhotoBody {
    id: PhotoId,
    filename: String,
    title: Option<String>,
    description: Option<String>,
    rating: f64,
    status: Status,
    failure: Option<FailureBody>,
    damaged: bool,
    width: Option<i32>,
    height: Option<i32>,
    #[serde(flatten)]
    placeholder: Placeholder,
    taken_at: Option<NaiveDateTime>,
    taken_at_offset: Option<String>,
    camera: CameraBody,
    copyright: Option<String>,
    credit: Option<String>,
    creator: Option<String>,
    keywords: Vec<String>,
    label: Option<String>,
    gallery_id: Option<GalleryId>,
    section_id: Option<SectionId>,
    views: i32,
    download_count: i32,
    archived: bool,
    locked: bool,
    uploaded_at: DateTime<Utc>,
    renditions: Pictures,
    original_url: Option<String>,
    original_withheld: Option<Withheld>,
}

#[derive(Serialize)]
struct FailureBody {
    reason: String,
    detail: Option<String>,
}

#[derive(Serialize)]
struct CameraBody {
    make: Option<String>,
    model: Option<String>,
    lens: Option<String>,
    iso: Option<i32>,
    exposure: Option<f64>,
    aperture: Option<f64>,
    focal_length: Option<f64>,
}

/// A page of a list.
#[derive(Serialize)]
pub struct ListBody<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// `GET /api/photos/{id}`.
pub async fn get(app: Data<App>, id: Path<PhotoId>, user: MaybeUser) -> Result<HttpResponse> {
    let user = user.0;
    let subject =
        store::find_subject(&app.db, *id, user.as_ref().map(|user| user.account)).await?.or_not_found()?;
    let viewer = user.as_ref().map_or(Viewer::Nobody, Viewer::Person);
    let access = access(viewer, &subject);
    if access < Access::Clean {
        return Err(Error::NotFound);
    }
    let photo = store::find(&app.db, *id).await?.or_not_found()?;
    let renditions = store::list_renditions(&app.db, std::slice::from_ref(&photo)).await?;
    let grant = user.map_or(Grant::Public, |user| Grant::Person(user.account));
    let signer = Signer::new(&app.config.secrets, grant);
    let originals = originals::store::list_offers(&app.db, access, std::slice::from_ref(&photo)).await?;
    Ok(HttpResponse::Ok().json(PhotoBody::of(&photo, &renditions, &signer, &originals)))
}

/// `GET /api/photos?gallery_id=&status=&ids=`: a photographer's own photos.
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
    let items = photos.iter().map(|photo| PhotoBody::of(photo, &renditions, &signer, &originals)).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next }))
}

/// Many photos and one deed.
#[derive(Deserialize)]
pub struct Batch {
    photo_ids: Vec<PhotoId>,
    #[serde(flatten)]
    deed: Deed,
}

/// `PATCH /api/photos/{id}`: absent fields stay.
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

/// `DELETE /api/photos/{id}`: into the trash.
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

/// `POST /api/photos/batch`: one deed to many photos.
pub async fn batch(app: Data<App>, user: CurrentUser, body: CsrfJson<Batch>) -> Result<HttpResponse> {
    let Batch { photo_ids, deed } = body.0;
    Ok(HttpResponse::Ok().json(change::do_to_all(&app.db, &user, &photo_ids, deed).await?))
}

/// `POST /api/photos/{id}/retry`: processes a failed photo again.
pub async fn retry(
    app: Data<App>,
    id: Path<PhotoId>,
    user: Photographer,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    process_again(&app, &user.0, *id).await?;
    Ok(HttpResponse::Accepted().json(serde_json::json!({ "id": *id, "status": Status::Pending })))
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

impl PhotoBody {
    /// The photo with signed addresses of its clean renditions, and of what is offered of its original.
    pub fn of(photo: &Photo, renditions: &[Rendition], signer: &Signer<'_>, originals: &Offers) -> Self {
        let Camera { make, model, lens, iso, exposure_seconds, aperture, focal_length_mm, .. } =
            photo.camera.clone();
        let Words { copyright, credit, creator, keywords, label } = photo.words.clone();
        let failure =
            photo.failure.clone().map(|reason| FailureBody { reason, detail: photo.failure_detail.clone() });
        Self {
            id: photo.id,
            filename: photo.filename.clone(),
            title: photo.title.clone(),
            description: photo.description.clone(),
            rating: photo.rating,
            status: photo.status,
            failure,
            damaged: photo.damaged,
            width: photo.width,
            height: photo.height,
            placeholder: photo.placeholder.clone(),
            taken_at: photo.camera.taken_at.and_then(|time| time.with_nanosecond(0)),
            taken_at_offset: photo.camera.taken_at_offset.clone(),
            camera: CameraBody {
                make,
                model,
                lens,
                iso,
                exposure: exposure_seconds,
                aperture,
                focal_length: focal_length_mm,
            },
            copyright,
            credit,
            creator,
            keywords,
            label,
            gallery_id: photo.gallery,
            section_id: photo.section,
            views: photo.views,
            download_count: photo.download_count,
            archived: photo.archived,
            locked: photo.locked,
            uploaded_at: photo.uploaded_at.and_utc(),
            renditions: Pictures::of(photo.id, renditions, signer, false),
            original_url: originals.variant(photo.id).map(|variant| signer.address(photo.id, variant)),
            original_withheld: originals.withheld(photo.id).cloned(),
        }
    }
}
