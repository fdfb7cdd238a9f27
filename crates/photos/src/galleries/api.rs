//! Galleries for programs.

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use chrono::{DateTime, NaiveDate, Utc};
use common::{
    Error, Result,
    csrf::{CsrfChecked, CsrfJson},
};
use serde::{Deserialize, Serialize};

use super::{Change, Details, DownloadPolicy, Gallery, GalleryId, find_for, store};
use crate::{
    app::App,
    identity::{CurrentUser, MaybeUser, Photographer},
    photos::{Listing, Order, PhotoId, api::ListBody, page_size},
    policy::{Access, Viewer},
};

/// Where a list begins and how long it is.
#[derive(Deserialize)]
pub struct Wanted {
    after: Option<GalleryId>,
    limit: Option<u32>,
}

/// What is to be made or changed; absent fields stay.
#[derive(Deserialize)]
#[expect(clippy::option_option, reason = "null takes the day away, absence leaves it")]
pub struct GalleryChange {
    name: Option<String>,
    description: Option<String>,
    is_public: Option<bool>,
    cover_photo_id: Option<PhotoId>,
    /// Null takes it away.
    #[serde(default, deserialize_with = "given")]
    event_date: Option<Option<NaiveDate>>,
    download_policy: Option<DownloadPolicy>,
    gives_metadata: Option<bool>,
    order: Option<Order>,
}

/// A field that was sent, be it null.
fn given<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

/// Photos to put in.
#[derive(Deserialize)]
pub struct Members {
    photo_ids: Vec<i32>,
}

#[derive(Serialize)]
struct GalleryBody {
    id: GalleryId,
    name: String,
    description: Option<String>,
    is_public: bool,
    cover_photo_id: Option<PhotoId>,
    event_date: Option<NaiveDate>,
    download_policy: DownloadPolicy,
    gives_metadata: bool,
    order: Order,
    owner: String,
    photos: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// `GET /api/galleries`: one's own galleries, newest first.
pub async fn list(app: Data<App>, wanted: Query<Wanted>, user: CurrentUser) -> Result<HttpResponse> {
    let limit = page_size(wanted.limit);
    let found = store::list(&app.db, store::Kind::Own, Some(user.account), wanted.after, limit + 1).await?;
    let found = Listing::of(found, limit);
    let next = found.items.last().filter(|_| found.more).map(|last| last.id.to_string());
    let items = found.items.into_iter().map(GalleryBody::from).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next }))
}

/// `POST /api/galleries`.
pub async fn create(
    app: Data<App>,
    user: Photographer,
    body: CsrfJson<GalleryChange>,
) -> Result<HttpResponse> {
    let GalleryChange {
        name,
        description,
        is_public,
        event_date,
        download_policy,
        gives_metadata,
        order,
        ..
    } = body.0;
    let details = Details::parse(
        &name.unwrap_or_default(),
        &description.unwrap_or_default(),
        is_public.unwrap_or_default(),
    )
    .map_err(Error::Invalid)?;
    let mut transaction = app.db.begin().await?;
    let id = store::create(&mut *transaction, user.0.account, &details).await?;
    let change =
        Change { event_date, downloads: download_policy, gives_metadata, order, ..Change::default() };
    store::update_details(&mut *transaction, id, &change).await?;
    transaction.commit().await?;
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user.0), id, Access::Own).await?;
    Ok(HttpResponse::Created().json(GalleryBody::from(gallery)))
}

/// `GET /api/galleries/{id}`.
pub async fn get(app: Data<App>, id: Path<GalleryId>, user: MaybeUser) -> Result<HttpResponse> {
    let viewer = user.0.as_ref().map_or(Viewer::Nobody, Viewer::Person);
    let (gallery, _) = find_for(&app.db, viewer, *id, Access::Clean).await?;
    Ok(HttpResponse::Ok().json(GalleryBody::from(gallery)))
}

/// `PUT /api/galleries/{id}`.
pub async fn update(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    body: CsrfJson<GalleryChange>,
) -> Result<HttpResponse> {
    let viewer = Viewer::Person(&user);
    // Who may see a gallery and take what from it is for its owner alone to say.
    let decides =
        body.0.is_public.is_some() || body.0.download_policy.is_some() || body.0.gives_metadata.is_some();
    let needed = if decides { Access::Own } else { Access::Edit };
    let (gallery, _) = find_for(&app.db, viewer, *id, needed).await?;
    let GalleryChange {
        name,
        description,
        is_public,
        cover_photo_id,
        event_date,
        download_policy,
        gives_metadata,
        order,
    } = body.0;
    let change = Change::parse(name.as_deref(), description.as_deref(), is_public).map_err(Error::Invalid)?;
    let change = Change { event_date, downloads: download_policy, gives_metadata, order, ..change };
    let mut transaction = app.db.begin().await?;
    store::update_details(&mut *transaction, gallery.id, &change).await?;
    if let Some(photo) = cover_photo_id
        && !store::update_cover(&mut *transaction, gallery.id, photo).await?
    {
        return Err(Error::invalid("cover_photo_id", "This photo is not in the gallery."));
    }
    transaction.commit().await?;
    let (gallery, _) = find_for(&app.db, viewer, gallery.id, Access::Edit).await?;
    Ok(HttpResponse::Ok().json(GalleryBody::from(gallery)))
}

/// `POST /api/galleries/{id}/photos`: the owner's photos go into the gallery, out of the one they were in.
pub async fn add_photos(
    app: Data<App>,
    id: Path<GalleryId>,
    user: Photographer,
    body: CsrfJson<Members>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user.0), *id, Access::Own).await?;
    let moved = store::update_members(&app.db, gallery.id, &body.0.photo_ids).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({ "added": moved })))
}

/// `DELETE /api/galleries/{id}/photos/{photo_id}`: the photo stays in the library.
pub async fn remove_photo(
    app: Data<App>,
    path: Path<(GalleryId, PhotoId)>,
    user: CurrentUser,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let (id, photo) = path.into_inner();
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), id, Access::Edit).await?;
    match store::delete_members(&app.db, gallery.id, &[photo.0]).await? {
        0 => Err(Error::NotFound),
        _ => Ok(HttpResponse::NoContent().finish()),
    }
}

impl From<Gallery> for GalleryBody {
    fn from(gallery: Gallery) -> Self {
        Self {
            id: gallery.id,
            name: gallery.name,
            description: gallery.description,
            is_public: gallery.is_public,
            cover_photo_id: gallery.cover,
            event_date: gallery.event_date,
            download_policy: gallery.downloads,
            gives_metadata: gallery.gives_metadata,
            order: gallery.order,
            owner: gallery.owner_name,
            photos: gallery.photo_count,
            created_at: gallery.created_at.and_utc(),
            updated_at: gallery.updated_at.and_utc(),
        }
    }
}
