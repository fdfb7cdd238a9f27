//! `/gallery/{id}/edit`: what a gallery is called and who may see it.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use common::{
    Result,
    csrf::CsrfForm,
    error::FieldErrors,
    flash,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{
    Change, GalleryId,
    appearance::{self, Appearance},
    find_for, store,
};
use crate::{
    app::App,
    identity::CurrentUser,
    policy::{Access, Viewer},
};

/// What was typed.
#[derive(Deserialize, Serialize)]
pub struct EditForm {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    is_public: bool,
}

#[derive(Serialize)]
struct EditPage {
    gallery: Heading,
    form: EditForm,
    appearance: Appearance,
    errors: FieldErrors,
    may_delete: bool,
    trash_days: u32,
}

#[derive(Serialize)]
struct Heading {
    id: GalleryId,
    name: String,
}

impl Page for EditPage {
    const TEMPLATE: &'static str = "gallery/edit.html";

    fn title(&self) -> String {
        format!("Edit {}", self.gallery.name)
    }
}

/// The form.
pub async fn get(app: Data<App>, id: Path<GalleryId>, user: CurrentUser, view: View) -> Result<HttpResponse> {
    let (gallery, access) = find_for(&app.db, Viewer::Person(&user), *id, Access::Edit).await?;
    let form = EditForm {
        name: gallery.name.clone(),
        description: gallery.description.unwrap_or_default(),
        is_public: gallery.is_public,
    };
    let heading = Heading { id: gallery.id, name: gallery.name };
    view.ok(&EditPage {
        gallery: heading,
        form,
        appearance: appearance::store::find(&app.db, *id).await?.unwrap_or_default(),
        errors: FieldErrors::new(),
        may_delete: access >= Access::Own,
        trash_days: app.config.trash_days,
    })
}

/// Saves it.
pub async fn post(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    view: View,
    session: Session,
    form: CsrfForm<EditForm>,
) -> Result<HttpResponse> {
    let (gallery, access) = find_for(&app.db, Viewer::Person(&user), *id, Access::Edit).await?;
    // Who may see a gallery is for its owner alone to say.
    let is_public = (access >= Access::Own).then_some(form.0.is_public);
    match Change::parse(Some(&form.0.name), Some(&form.0.description), is_public) {
        Ok(change) => {
            store::update_details(&app.db, gallery.id, &change).await?;
            flash::success(&session, "The gallery is saved.")?;
            Ok(see_other(&format!("/gallery/{}", gallery.id)))
        }
        Err(errors) => {
            let heading = Heading { id: gallery.id, name: gallery.name };
            view.status(
                StatusCode::UNPROCESSABLE_ENTITY,
                &EditPage {
                    gallery: heading,
                    form: form.0,
                    appearance: appearance::store::find(&app.db, *id).await?.unwrap_or_default(),
                    errors,
                    may_delete: access >= Access::Own,
                    trash_days: app.config.trash_days,
                },
            )
        }
    }
}
