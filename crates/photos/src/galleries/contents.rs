//! Which photo stands for a gallery, for the forms of the pages.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use common::{Result, csrf::CsrfForm, flash, return_to, web::see_other};
use serde::Deserialize;

use super::{GalleryId, find_for, store};
use crate::{
    app::App,
    identity::CurrentUser,
    photos::PhotoId,
    policy::{Access, Viewer},
};

/// One photo; of several that were ticked, the first.
#[derive(Deserialize)]
pub struct CoverForm {
    #[serde(default)]
    photo_ids: Vec<PhotoId>,
    photo_id: Option<PhotoId>,
    #[serde(default)]
    return_to: String,
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
    let photo = form.0.photo_id.or_else(|| form.0.photo_ids.first().copied());
    match photo {
        None => flash::warning(&session, "Choose a photo first.")?,
        Some(photo) if store::update_cover(&app.db, gallery.id, photo).await? => {
            flash::success(&session, "The cover is chosen.")?;
        }
        Some(_) => flash::warning(&session, "That photo is no longer in this gallery.")?,
    }
    let back = return_to::local(&app.config.public_url, &form.0.return_to);
    Ok(see_other(&back.unwrap_or_else(|| format!("/gallery/{}", gallery.id))))
}
