//! What is in a gallery: gathering photos into one, taking them out, choosing the cover. For the forms of the pages.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use common::{Error, Result, csrf::CsrfForm, flash, web::see_other};
use serde::Deserialize;

use super::{Details, GalleryId, find_for, store};
use crate::{
    app::App,
    identity::{CurrentUser, Photographer},
    photos::PhotoId,
    policy::{Access, Viewer},
};

/// Selected photos and the gallery they go to.
#[derive(Deserialize)]
pub struct GatherForm {
    #[serde(default)]
    photo_ids: Vec<i32>,
    /// An id, or `new`.
    #[serde(default)]
    gallery_id: String,
    /// The name of the new gallery.
    #[serde(default)]
    name: String,
}

/// Selected photos.
#[derive(Deserialize)]
pub struct SelectionForm {
    #[serde(default)]
    photo_ids: Vec<i32>,
}

/// One photo.
#[derive(Deserialize)]
pub struct CoverForm {
    photo_id: PhotoId,
}

/// `POST /photos/gather`: puts the selected photos into a gallery, a new one if wished, and goes there.
pub async fn gather(
    app: Data<App>,
    user: Photographer,
    session: Session,
    form: CsrfForm<GatherForm>,
) -> Result<HttpResponse> {
    let form = form.0;
    if form.photo_ids.is_empty() {
        flash::warning(&session, "Choose some photos first.")?;
        return Ok(see_other("/photos"));
    }
    let gallery = if form.gallery_id == "new" || form.gallery_id.is_empty() {
        let name = if form.name.trim().is_empty() { "New gallery" } else { &form.name };
        let Ok(details) = Details::parse(name, "", false) else {
            flash::warning(&session, "Please keep the gallery's name to 256 characters.")?;
            return Ok(see_other("/photos"));
        };
        store::create(&app.db, user.0.account, &details).await?
    } else {
        let id = form.gallery_id.parse().map(GalleryId).map_err(|_| Error::NotFound)?;
        find_for(&app.db, Viewer::Person(&user.0), id, Access::Own).await?.0.id
    };
    let elsewhere = store::count_elsewhere(&app.db, gallery, &form.photo_ids).await?;
    let moved = store::update_members(&app.db, gallery, &form.photo_ids).await?;
    told(&session, moved, form.photo_ids.len(), "is now in this gallery", "are now in this gallery")?;
    if elsewhere > 0 {
        flash::warning(
            &session,
            format!("A photo is in one gallery at a time: {elsewhere} left the one before."),
        )?;
    }
    Ok(see_other(&format!("/gallery/{gallery}")))
}

/// `POST /gallery/{id}/remove`: takes the selected photos out; they stay in the library.
pub async fn remove(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    session: Session,
    form: CsrfForm<SelectionForm>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Edit).await?;
    let removed = store::delete_members(&app.db, gallery.id, &form.0.photo_ids).await?;
    told(
        &session,
        removed,
        form.0.photo_ids.len(),
        "was taken out and stays among your photos",
        "were taken out and stay among your photos",
    )?;
    Ok(see_other(&format!("/gallery/{}", gallery.id)))
}

/// `POST /gallery/{id}/cover`.
pub async fn cover(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    session: Session,
    form: CsrfForm<CoverForm>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Edit).await?;
    if store::update_cover(&app.db, gallery.id, form.0.photo_id).await? {
        flash::success(&session, "The cover is chosen.")?;
    } else {
        flash::warning(&session, "That photo is no longer in this gallery.")?;
    }
    Ok(see_other(&format!("/gallery/{}", gallery.id)))
}

fn told(session: &Session, done: u64, asked: usize, one: &str, many: &str) -> Result<()> {
    let text = if done == 1 { format!("1 photo {one}.") } else { format!("{done} photos {many}.") };
    if usize::try_from(done).is_ok_and(|done| done == asked) {
        flash::success(session, text)
    } else {
        flash::warning(session, format!("{text} The others are locked or not yours."))
    }
}
