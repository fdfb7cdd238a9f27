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
use utoipa::{IntoParams, ToSchema};

use super::{Change, Details, DownloadPolicy, Gallery, GalleryId, checked_day, find_for, store};
use crate::{
    app::App,
    identity::{CurrentUser, MaybeUser, Photographer},
    photos::{Listing, Order, PhotoId, api::ListBody, page_size},
    policy::{Access, Viewer},
};

/// Where a list begins and how long it is.
#[derive(Deserialize, IntoParams)]
pub struct Wanted {
    /// A part of the name, upper and lower case not counted.
    #[serde(default)]
    q: String,
    /// The `next` of the page before.
    after: Option<GalleryId>,
    /// 50 by default, 200 at most.
    limit: Option<u32>,
}

/// What is to be made or changed; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "null takes the day away, absence leaves it")]
pub struct GalleryChange {
    /// 1 to 256 characters.
    name: Option<String>,
    /// At most 5,000 characters.
    description: Option<String>,
    is_public: Option<bool>,
    /// Whether everybody sees it with the mark, and downloads nothing.
    marks_public: Option<bool>,
    /// A photo of the gallery.
    cover_photo_id: Option<PhotoId>,
    /// Null takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<NaiveDate>)]
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
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GalleryPhotos)]
pub struct Members {
    photo_ids: Vec<i32>,
}

/// How many photos were put in.
#[derive(Serialize, ToSchema)]
struct Added {
    added: u64,
}

/// A gallery.
#[derive(Serialize, ToSchema)]
#[schema(as = Gallery)]
struct GalleryBody {
    id: GalleryId,
    name: String,
    description: Option<String>,
    is_public: bool,
    /// Whether everybody sees it with the mark, and downloads nothing.
    marks_public: bool,
    /// The photo that stands for it, where one was chosen.
    cover_photo_id: Option<PhotoId>,
    /// The day of what it shows.
    event_date: Option<NaiveDate>,
    /// What those may download who may look.
    download_policy: DownloadPolicy,
    /// Whether what they download says where it was taken.
    gives_metadata: bool,
    order: Order,
    /// A name.
    owner: String,
    /// How many are in it.
    photos: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// One's own galleries, newest first.
#[utoipa::path(
    get, path = "/api/galleries",
    params(Wanted),
    responses((status = 200, body = ListBody<GalleryBody>))
)]
pub async fn list(app: Data<App>, wanted: Query<Wanted>, user: CurrentUser) -> Result<HttpResponse> {
    let limit = page_size(wanted.limit);
    let q = wanted.q.trim().replace('\0', "");
    let found = store::list_named(&app.db, user.account, &q, wanted.after, limit + 1).await?;
    let found = Listing::of(found, limit);
    let next = found.items.last().filter(|_| found.more).map(|last| last.id.to_string());
    let items = found.items.into_iter().map(GalleryBody::from).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next }))
}

/// Makes a gallery. It needs a name; it begins private, empty and ordered by when its photos were taken.
///
/// Else: 403 the caller is no photographer; 422
#[utoipa::path(
    post, path = "/api/galleries",
    request_body = GalleryChange,
    responses((status = 201, body = GalleryBody))
)]
pub async fn create(
    app: Data<App>,
    user: Photographer,
    body: CsrfJson<GalleryChange>,
) -> Result<HttpResponse> {
    let GalleryChange {
        name,
        description,
        is_public,
        marks_public,
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
    let change = Change {
        event_date: checked(event_date)?,
        marks_public,
        downloads: download_policy,
        gives_metadata,
        order,
        ..Change::default()
    };
    store::update_details(&mut *transaction, id, &change).await?;
    transaction.commit().await?;
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user.0), id, Access::Own).await?;
    Ok(HttpResponse::Created().json(GalleryBody::from(gallery)))
}

/// A gallery.
///
/// Else: 404
#[utoipa::path(
    get, path = "/api/galleries/{gallery}",
    security(()),
    responses((status = 200, body = GalleryBody))
)]
pub async fn get(app: Data<App>, id: Path<GalleryId>, user: MaybeUser) -> Result<HttpResponse> {
    let viewer = user.0.as_ref().map_or(Viewer::Nobody, Viewer::Person);
    let (gallery, _) = find_for(&app.db, viewer, *id, Access::Marked).await?;
    Ok(HttpResponse::Ok().json(GalleryBody::from(gallery)))
}

/// Changes a gallery; absent fields stay. Who may see it and take what from it is the owner's to say. The cover must
/// be in the gallery.
///
/// Else: 404; 422
#[utoipa::path(
    put, path = "/api/galleries/{gallery}",
    request_body = GalleryChange,
    responses((status = 200, body = GalleryBody))
)]
pub async fn update(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    body: CsrfJson<GalleryChange>,
) -> Result<HttpResponse> {
    let viewer = Viewer::Person(&user);
    // Who may see a gallery and take what from it is for its owner alone to say.
    let GalleryChange { is_public, marks_public, download_policy, gives_metadata, .. } = &body.0;
    let decides = [is_public, marks_public, gives_metadata].iter().any(|asked| asked.is_some());
    let decides = decides || download_policy.is_some();
    let needed = if decides { Access::Own } else { Access::Edit };
    let (gallery, _) = find_for(&app.db, viewer, *id, needed).await?;
    let GalleryChange {
        name,
        description,
        is_public,
        marks_public,
        cover_photo_id,
        event_date,
        download_policy,
        gives_metadata,
        order,
    } = body.0;
    let change = Change::parse(name.as_deref(), description.as_deref(), is_public).map_err(Error::Invalid)?;
    let change = Change {
        event_date: checked(event_date)?,
        downloads: download_policy,
        marks_public,
        gives_metadata,
        order,
        ..change
    };
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

/// Puts photos of the owner in, out of the gallery they were in. Others and locked ones stay where they are.
///
/// Else: 404
#[utoipa::path(
    post, path = "/api/galleries/{gallery}/photos",
    request_body = Members,
    responses((status = 200, body = Added))
)]
pub async fn add_photos(
    app: Data<App>,
    id: Path<GalleryId>,
    user: Photographer,
    body: CsrfJson<Members>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user.0), *id, Access::Own).await?;
    let moved = store::update_members(&app.db, gallery.id, &body.0.photo_ids).await?;
    Ok(HttpResponse::Ok().json(Added { added: moved }))
}

/// Takes a photo out; it stays in the library.
///
/// Else: 404
#[utoipa::path(delete, path = "/api/galleries/{gallery}/photos/{photo}", responses((status = 204)))]
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

#[expect(clippy::option_option, reason = "null takes the day away, absence leaves it")]
fn checked(day: Option<Option<NaiveDate>>) -> Result<Option<Option<NaiveDate>>> {
    day.map(|day| day.map(checked_day).transpose()).transpose()
}

impl From<Gallery> for GalleryBody {
    fn from(gallery: Gallery) -> Self {
        Self {
            id: gallery.id,
            name: gallery.name,
            description: gallery.description,
            is_public: gallery.is_public,
            marks_public: gallery.marks_public,
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
