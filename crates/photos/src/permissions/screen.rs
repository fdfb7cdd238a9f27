//! `/gallery/{id}/people`: which accounts may do what with a gallery.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use common::{
    Error, Result,
    csrf::CsrfForm,
    error::FieldErrors,
    flash,
    identity::UserId,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{Level, Permission, grant, store};
use crate::{
    app::App,
    galleries::{Gallery, GalleryId, find_for},
    identity::CurrentUser,
    policy::{Access, Viewer},
};

/// What was typed.
#[derive(Default, Deserialize, Serialize)]
pub struct GrantForm {
    #[serde(default)]
    user: String,
    #[serde(default)]
    permission_level: String,
}

/// Whose permission ends.
#[derive(Deserialize)]
pub struct RevokeForm {
    user_id: Option<UserId>,
    pending_id: Option<i64>,
}

#[derive(Serialize)]
struct PeoplePage {
    gallery: Heading,
    people: Vec<Row>,
    form: GrantForm,
    errors: FieldErrors,
}

#[derive(Serialize)]
struct Heading {
    id: GalleryId,
    name: String,
}

#[derive(Serialize)]
struct Row {
    user_id: Option<UserId>,
    pending_id: Option<i64>,
    name: String,
    allowed: &'static str,
}

impl Page for PeoplePage {
    const TEMPLATE: &'static str = "gallery/people.html";

    fn title(&self) -> String {
        format!("People with access to {}", self.gallery.name)
    }
}

/// The page.
pub async fn get(app: Data<App>, id: Path<GalleryId>, user: CurrentUser, view: View) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let form = GrantForm { permission_level: Level::View.as_str().to_owned(), ..GrantForm::default() };
    view.ok(&page(&app, gallery, form, FieldErrors::new()).await?)
}

/// Gives a permission.
pub async fn post(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    session: Session,
    view: View,
    form: CsrfForm<GrantForm>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let form = form.0;
    match grant(&app, &gallery, &user, &form.user, &form.permission_level).await {
        Ok(()) => {
            flash::success(&session, "Done. They hear of it by mail.")?;
            Ok(see_other(&format!("/gallery/{}/people", gallery.id)))
        }
        Err(Error::Invalid(errors)) => {
            let page = page(&app, gallery, form, errors).await?;
            view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error),
    }
}

/// `POST /gallery/{id}/people/revoke`.
pub async fn revoke(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    session: Session,
    form: CsrfForm<RevokeForm>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    if let Some(grantee) = form.0.user_id {
        store::delete(&app.db, gallery.id, grantee).await?;
    }
    if let Some(pending) = form.0.pending_id {
        store::delete_pending(&app.db, gallery.id, pending).await?;
    }
    flash::success(
        &session,
        "They may no longer see this gallery, unless it is public or they hold a link.",
    )?;
    Ok(see_other(&format!("/gallery/{}/people", gallery.id)))
}

async fn page(app: &App, gallery: Gallery, form: GrantForm, errors: FieldErrors) -> Result<PeoplePage> {
    let row = |permission: Permission| Row {
        user_id: permission.user,
        pending_id: permission.pending,
        name: permission.name,
        allowed: permission.level.words(),
    };
    let people = store::list(&app.db, gallery.id).await?.into_iter().map(row).collect();
    Ok(PeoplePage { gallery: Heading { id: gallery.id, name: gallery.name }, people, form, errors })
}
