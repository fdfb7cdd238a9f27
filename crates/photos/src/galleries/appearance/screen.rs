//! `POST /gallery/{id}/appearance`: how a gallery looks to clients, chosen on the page of its details.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use common::{Result, csrf::CsrfForm, flash, web::see_other};

use serde::Deserialize;

use super::{Appearance, Layout, store};
use crate::{
    app::App,
    galleries::{GalleryId, find_for},
    identity::CurrentUser,
    policy::{Access, Viewer},
};

/// What was chosen.
#[derive(Deserialize)]
pub struct AppearanceForm {
    #[serde(default)]
    layout: Layout,
    #[serde(default)]
    shows_camera: bool,
}

/// Saves it.
pub async fn post(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    session: Session,
    form: CsrfForm<AppearanceForm>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Edit).await?;
    let AppearanceForm { layout, shows_camera } = form.0;
    store::update(&app.db, gallery.id, Appearance { layout, shows_camera }).await?;
    flash::success(&session, "Your clients see the gallery like this from now on.")?;
    Ok(see_other(&format!("/gallery/{}/edit#appearance", gallery.id)))
}
