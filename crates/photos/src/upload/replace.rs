//! A new version of a photo: `/photos/{id}/replace` and `POST /api/photos/{id}/replace`. The photo stays where it is,
//! with its title, rating and counts; its pictures are made anew.

use actix_multipart::{Field, Multipart};
use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use common::{
    Error, OrNotFound, Result, csrf,
    error::FieldErrors,
    flash,
    view::{Page, View},
    web::see_other,
};
use futures_util::StreamExt;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Refused, UploadPanel,
    receive::{self, Received},
    refusal::{NothingStored, nothing_stored},
    screen::{forget, small_text},
    store,
};
use crate::{
    app::App,
    galleries::GalleryId,
    identity::{AccountId, CurrentUser},
    jobs,
    media::{Grant, Signer},
    photos::{PhotoId, Placeholder, Status, api::Retried, picture::Picture, store as photos, tile::Pictures},
    policy::{Access, Viewer, access},
    quotas,
};

#[derive(Serialize)]
struct ReplacePage {
    id: PhotoId,
    name: String,
    picture: Option<Picture>,
    back: String,
    upload: UploadPanel,
    errors: FieldErrors,
}

/// The new version of a photo.
#[derive(ToSchema)]
#[expect(dead_code, reason = "taken part by part")]
struct NewVersion {
    #[schema(value_type = String, format = Binary)]
    photos: Vec<u8>,
}

impl Page for ReplacePage {
    const TEMPLATE: &'static str = "photos/replace.html";

    fn title(&self) -> String {
        format!("Replace {}", self.name)
    }
}

/// A photo that this person may replace.
struct Target {
    owner: AccountId,
    gallery: Option<GalleryId>,
    /// Whether the owner is who sends the new version.
    is_own: bool,
}

/// The page with the form.
pub async fn get(app: Data<App>, id: Path<PhotoId>, user: CurrentUser, view: View) -> Result<HttpResponse> {
    let target = find_target(&app, &user, *id).await?;
    view.ok(&page(&app, &user, *id, &target, FieldErrors::new()).await?)
}

/// The form.
pub async fn post_form(
    app: Data<App>,
    id: Path<PhotoId>,
    user: CurrentUser,
    request: HttpRequest,
    session: Session,
    view: View,
    body: Multipart,
) -> Result<HttpResponse> {
    let target = find_target(&app, &user, *id).await?;
    match take(&app, &request, *id, &target, body).await? {
        Ok(()) => {
            flash::success(
                &session,
                "The new version is stored. Until its pictures are made, the ones before are shown.",
            )?;
            Ok(see_other(&target.back()))
        }
        Err(refused) => {
            let errors = FieldErrors::from([("photos", refused.detail)]);
            let page = page(&app, &user, *id, &target, errors).await?;
            view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// Puts a new version in the place of a photo: id, title, rating, gallery, section, file name and counts stay. The version
/// of before is removed; its pictures are shown until those of the new one are made.
///
/// Else: 404; 409 it is locked
#[utoipa::path(
    post, path = "/api/photos/{photo}/replace",
    request_body(content = NewVersion, content_type = "multipart/form-data"),
    responses(
        (status = 202, body = Retried),
        (status = 422, description = "the file was not taken", body = NothingStored, content_type = "application/problem+json"),
        (status = 507, description = "it could not be stored", body = NothingStored, content_type = "application/problem+json")
    )
)]
pub async fn post(
    app: Data<App>,
    id: Path<PhotoId>,
    user: CurrentUser,
    request: HttpRequest,
    body: Multipart,
) -> Result<HttpResponse> {
    let target = find_target(&app, &user, *id).await?;
    match take(&app, &request, *id, &target, body).await? {
        Ok(()) => Ok(HttpResponse::Accepted().json(Retried { id: *id, status: Status::Pending })),
        Err(refused) => Ok(nothing_stored(vec![refused])),
    }
}

async fn find_target(app: &App, user: &CurrentUser, id: PhotoId) -> Result<Target> {
    let known = photos::list_known(&app.db, &[id.0], Some(user.account)).await?;
    let known = known.into_iter().next().or_not_found()?;
    match access(Viewer::Person(user), &known.subject) {
        Access::Nothing => return Err(Error::NotFound),
        found if found < Access::Edit => {
            return Err(Error::Forbidden("Only its owner and editors may replace this photo.".to_owned()));
        }
        _ => {}
    }
    if known.locked {
        return Err(Error::Conflict("This photo is locked. Unlock it to replace it.".to_owned()));
    }
    let owner = known.subject.owner.or_not_found()?;
    Ok(Target { owner, gallery: known.subject.gallery, is_own: owner == user.account })
}

/// Reads the request: the token first, then one file.
async fn take(
    app: &App,
    request: &HttpRequest,
    photo: PhotoId,
    target: &Target,
    mut body: Multipart,
) -> Result<Result<(), Refused>> {
    let mut checked = csrf::is_exempt(request) || csrf::has_header(request);
    if checked {
        csrf::verify_header(request)?;
    }
    let mut outcome = None;
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
            "photos" if outcome.is_none() => {
                outcome = Some(take_file(app, photo, target, &mut field).await?);
            }
            "photos" => {
                return Err(Error::invalid("photos", "Send one file: the new version of this photo."));
            }
            _ => {}
        }
    }
    if !checked {
        csrf::verify(request, None)?;
    }
    outcome.ok_or_else(|| Error::invalid("photos", "Choose the new version of this photo."))
}

async fn take_file(
    app: &App,
    photo: PhotoId,
    target: &Target,
    field: &mut Field,
) -> Result<Result<(), Refused>> {
    let filename =
        field.content_disposition().and_then(|disposition| disposition.get_filename()).unwrap_or_default();
    match receive::receive(app, target.owner, filename.replace('\0', ""), field).await? {
        Ok(received) => keep(app, photo, target, received).await,
        Err(refused) => Ok(Err(refused)),
    }
}

/// File, photo and job in one transaction; the file of before is freed in it, unless another photo is on it.
async fn keep(app: &App, photo: PhotoId, target: &Target, received: Received) -> Result<Result<(), Refused>> {
    let mut transaction = app.db.begin().await?;
    let file = store::create_file(&mut transaction, target.owner, &received).await?;
    if !store::update_replaced(&mut transaction, photo, file, &received).await? {
        transaction.rollback().await?;
        forget(app, &received.key).await?;
        return Err(Error::Conflict("This photo was locked or deleted meanwhile.".to_owned()));
    }
    // The room of the version of before is free by now.
    if let Some(room) = quotas::find_exceeded(app, &mut transaction, target.owner).await? {
        transaction.rollback().await?;
        forget(app, &received.key).await?;
        return Ok(Err(room.refusal(received.filename, received.size, target.is_own)));
    }
    jobs::add_render(&mut transaction, photo).await?;
    store::delete_pending(&mut *transaction, &received.key).await?;
    transaction.commit().await?;
    Ok(Ok(()))
}

async fn page(
    app: &App,
    user: &CurrentUser,
    id: PhotoId,
    target: &Target,
    errors: FieldErrors,
) -> Result<ReplacePage> {
    let photo = photos::find(&app.db, id).await?.or_not_found()?;
    let renditions = photos::list_renditions_of(&app.db, &[id]).await?;
    let signer = Signer::new(&app.config.secrets, Grant::Person(user.account));
    let shown = Pictures::of(id, &renditions, &signer, false).thumbnail_2x;
    Ok(ReplacePage {
        id,
        name: photo.title.filter(|title| !title.is_empty()).unwrap_or(photo.filename),
        picture: shown.map(|picture| Picture::of(&picture, None, Placeholder::default())),
        back: target.back(),
        upload: UploadPanel::new(&app.settings.current().upload, target.gallery),
        errors,
    })
}

impl Target {
    fn back(&self) -> String {
        self.gallery.map_or_else(|| "/photos".to_owned(), |gallery| format!("/gallery/{gallery}"))
    }
}
