//! `POST /api/upload` for scripts and programs, `POST /photos` for the plain form.

use actix_multipart::{Field, Multipart};
use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, web::Data};
use common::{Error, OrNotFound, Result, csrf, flash, web::see_other};
use futures_util::StreamExt;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Refused,
    receive::{self, Received},
    refusal::{NothingStored, nothing_stored},
    store,
};
use crate::{
    app::App,
    galleries::{GalleryId, find_for},
    identity::{AccountId, CurrentUser},
    jobs,
    photos::{PhotoId, Status},
    policy::{Access, Viewer},
    quotas,
    timings::{Stopwatch, TIMINGS},
};

/// A request with more refused files than this is ended.
const MOST_REFUSED: usize = 1_000;

/// What became of an upload.
#[derive(Serialize, Default, ToSchema)]
#[schema(as = UploadOutcome)]
pub struct Outcome {
    photos: Vec<Accepted>,
    refused: Vec<Refused>,
    #[serde(skip)]
    gallery: Option<GalleryId>,
}

/// A file that was stored, as a photo.
#[derive(Serialize, ToSchema)]
#[schema(as = StoredPhoto)]
struct Accepted {
    id: PhotoId,
    filename: String,
    status: Status,
    /// A photo that had this content before; both are kept, on one stored file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    duplicate_of: Option<PhotoId>,
    /// The name of the gallery that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    duplicate_in: Option<String>,
}

/// What is sent. The text comes before the files.
#[derive(ToSchema)]
#[expect(dead_code, reason = "taken part by part; this is its shape for the description")]
struct UploadBody {
    /// The gallery they go into; without one, one's own library.
    #[schema(nullable = false)]
    gallery_id: Option<GalleryId>,
    /// The files, at most 50.
    #[schema(value_type = Vec<String>, format = Binary)]
    photos: Vec<Vec<u8>>,
}

/// Where the files of a request go: into a gallery (and then they are its owner's) or into one's own library.
struct Place {
    owner: AccountId,
    gallery: Option<GalleryId>,
    /// Whether the owner is who sends them.
    is_own: bool,
}

/// Takes files, into a gallery or into one's own library. What 201 names as stored survives anything that happens to
/// the services.
///
/// Else: 404 there is no such gallery
#[utoipa::path(
    post, path = "/api/upload",
    request_body(content = UploadBody, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = Outcome),
        (status = 422, description = "no file was taken", body = NothingStored, content_type = "application/problem+json"),
        (status = 507, description = "nothing could be stored", body = NothingStored, content_type = "application/problem+json")
    )
)]
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    user: CurrentUser,
    body: Multipart,
) -> Result<HttpResponse> {
    let outcome = take(&app, &request, &user, body).await?;
    if !outcome.photos.is_empty() || outcome.refused.is_empty() {
        return Ok(HttpResponse::Created().json(outcome));
    }
    Ok(nothing_stored(outcome.refused))
}

/// `POST /photos`: the same for a form without a script; goes back to where the photos are.
pub async fn post_form(
    app: Data<App>,
    request: HttpRequest,
    user: CurrentUser,
    session: Session,
    body: Multipart,
) -> Result<HttpResponse> {
    let outcome = take(&app, &request, &user, body).await?;
    if !outcome.photos.is_empty() {
        flash::success(
            &session,
            format!("Stored: {}. The pictures appear in a moment.", outcome.photos.len()),
        )?;
    }
    for photo in outcome.photos.iter().take(20) {
        if photo.duplicate_of.is_some() {
            flash::success(&session, format!("{}: {}", photo.filename, photo.twin_words()))?;
        }
    }
    for refused in outcome.refused.iter().take(20) {
        flash::warning(&session, format!("{}: {}", refused.filename, refused.detail))?;
    }
    Ok(see_other(
        &outcome.gallery.map_or_else(|| "/photos".to_owned(), |gallery| format!("/gallery/{gallery}")),
    ))
}

async fn take(app: &App, request: &HttpRequest, user: &CurrentUser, mut body: Multipart) -> Result<Outcome> {
    let mut checked = csrf::is_exempt(request) || csrf::has_header(request);
    if checked {
        csrf::verify_header(request)?;
    }
    let mut outcome = Outcome::default();
    let mut place = None;
    while let Some(field) = body.next().await {
        let mut field =
            field.map_err(|error| Error::BadRequest(format!("The upload can't be understood: {error}")))?;
        match field.name().unwrap_or_default() {
            "csrf_token" if !checked => {
                csrf::verify(request, Some(&small_text(&mut field).await?))?;
                checked = true;
            }
            // Nothing is read, let alone stored, before the token is checked.
            _ if !checked => csrf::verify(request, None)?,
            "gallery_id" => {
                let text = small_text(&mut field).await?;
                place = Some(place_for(app, user, &text).await?);
            }
            "photos" => {
                if place.is_none() {
                    place = Some(place_for(app, user, "").await?);
                }
                let place = place.as_ref().or_not_found()?;
                outcome.gallery = place.gallery;
                take_file(app, place, &mut field, &mut outcome).await?;
            }
            _ => {}
        }
    }
    if !checked {
        csrf::verify(request, None)?;
    }
    if outcome.photos.is_empty() && outcome.refused.is_empty() {
        return Err(Error::invalid("photos", "Choose at least one photo."));
    }
    Ok(outcome)
}

async fn take_file(app: &App, place: &Place, field: &mut Field, outcome: &mut Outcome) -> Result<()> {
    let filename =
        field.content_disposition().and_then(|disposition| disposition.get_filename()).unwrap_or_default();
    let filename = filename.replace('\0', "");
    let limit = app.settings.current().upload.max_files;
    if outcome.refused.len() > MOST_REFUSED {
        return Err(Error::TooLarge(format!("Please send at most {limit} files at once.")));
    }
    if outcome.photos.len() + outcome.refused.len() >= limit {
        let detail =
            format!("At most {limit} files can be sent at once. Please send this one with the next ones.");
        outcome.refused.push(Refused { filename, reason: "too_many_files", detail });
        return Ok(());
    }
    match receive::receive(app, place.owner, filename, field).await? {
        Ok(received) => match accept(app, place, received).await? {
            Ok(accepted) => outcome.photos.push(accepted),
            Err(refused) => outcome.refused.push(refused),
        },
        Err(refused) => outcome.refused.push(refused),
    }
    Ok(())
}

impl Accepted {
    fn twin_words(&self) -> String {
        let place = self.duplicate_in.as_ref().map(|name| format!(", in “{name}”")).unwrap_or_default();
        format!("You have this photo already{place}. Both are kept; delete the one that you don't need.")
    }
}

/// Photo, file and job in one transaction; what is answered after it survives anything.
async fn accept(app: &App, place: &Place, received: Received) -> Result<Result<Accepted, Refused>> {
    let mut watch = Stopwatch::start();
    let mut transaction = app.db.begin().await?;
    store::lock_content(&mut transaction, place.owner, &received.sha256).await?;
    if let Some((id, status)) =
        store::find_recent(&mut transaction, place.owner, place.gallery, &received.sha256).await?
    {
        transaction.rollback().await?;
        forget(app, &received.key).await?;
        return Ok(Ok(Accepted {
            id,
            filename: received.filename,
            status,
            duplicate_of: None,
            duplicate_in: None,
        }));
    }
    let same = store::find_same(&mut transaction, place.owner, &received.sha256).await?;
    let (file, key) = match &same {
        Some(same) => (same.file, &same.storage_key),
        None => (store::create_file(&mut transaction, place.owner, &received).await?, &received.key),
    };
    // A copy on a file that is there needs no room.
    if same.is_none()
        && let Some(room) = quotas::find_exceeded(app, &mut transaction, place.owner).await?
    {
        transaction.rollback().await?;
        forget(app, &received.key).await?;
        return Ok(Err(room.refusal(received.filename, received.size, place.is_own)));
    }
    let id =
        store::create_photo(&mut transaction, place.owner, place.gallery, (file, key), &received).await?;
    jobs::add_render(&mut transaction, id).await?;
    if same.is_none() {
        store::delete_pending(&mut *transaction, &received.key).await?;
    }
    transaction.commit().await?;
    tracing::debug!(target: TIMINGS, database = watch.lap());
    if same.is_some() {
        forget(app, &received.key).await?;
    }
    let (duplicate_of, duplicate_in) =
        same.map_or((None, None), |same| (Some(same.photo), same.gallery_name));
    Ok(Ok(Accepted { id, filename: received.filename, status: Status::Pending, duplicate_of, duplicate_in }))
}

/// Removes what was stored and became nobody's.
pub(super) async fn forget(app: &App, key: &str) -> Result<()> {
    app.storage.delete(key).await?;
    Ok(store::delete_pending(&app.db, key).await?)
}

async fn place_for(app: &App, user: &CurrentUser, gallery: &str) -> Result<Place> {
    if gallery.is_empty() {
        if user.role.may_own_galleries() {
            return Ok(Place { owner: user.account, gallery: None, is_own: true });
        }
        return Err(Error::Forbidden("Only photographers upload photos of their own.".to_owned()));
    }
    let id = gallery.parse().map(GalleryId).ok().or_not_found()?;
    let (gallery, _) = find_for(&app.db, Viewer::Person(user), id, Access::Edit).await?;
    let owner = gallery.owner.or_not_found()?;
    Ok(Place { owner, gallery: Some(gallery.id), is_own: owner == user.account })
}

pub(super) async fn small_text(field: &mut Field) -> Result<String> {
    const MOST_BYTES: usize = 1024;
    let unreadable = || Error::BadRequest("A field of the upload can't be understood.".to_owned());
    let bytes = field.bytes(MOST_BYTES).await.map_err(|_| unreadable())?.map_err(|_| unreadable())?;
    String::from_utf8(bytes.to_vec()).map_err(|_| unreadable())
}
