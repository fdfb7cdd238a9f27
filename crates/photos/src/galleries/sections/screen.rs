//! The sections of a gallery and the order of its photos, for the forms of its page.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use common::{Error, OrNotFound, Result, csrf::CsrfForm, flash, return_to, web::see_other};
use serde::Deserialize;

use super::{MOST, Step, Target, api::checked, arrange, store};
use crate::{
    app::App,
    galleries::{self, Change, Gallery, GalleryId, SectionId, find_for},
    identity::CurrentUser,
    photos::{Order, PhotoId},
    policy::{Access, Viewer},
};

/// The name of a new section.
#[derive(Deserialize)]
pub struct NewForm {
    #[serde(default)]
    name: String,
}

/// What is to become of a section.
#[derive(Deserialize)]
pub struct SectionForm {
    /// `rename`, `earlier`, `later`, `delete`.
    #[serde(default)]
    deed: String,
    #[serde(default)]
    name: String,
}

/// Ticked photos, and where they go.
#[derive(Deserialize)]
pub struct ArrangeForm {
    #[serde(default)]
    photo_ids: Vec<PhotoId>,
    step: Step,
    /// The section among whose photos they step.
    section: Option<SectionId>,
    #[serde(default)]
    return_to: String,
}

/// By what the photos are ordered.
#[derive(Deserialize)]
pub struct OrderForm {
    order: Order,
    #[serde(default)]
    return_to: String,
}

/// `POST /gallery/{id}/sections`: makes one.
pub async fn create(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    session: Session,
    form: CsrfForm<NewForm>,
) -> Result<HttpResponse> {
    let gallery = editable(&app, &user, *id).await?;
    match checked(&form.0.name) {
        Ok(name) => match store::create(&app.db, gallery.id, &name).await? {
            Some(_) => flash::success(
                &session,
                format!("“{name}” is there. Select photos and choose “Section” to fill it."),
            )?,
            None => flash::warning(&session, format!("A gallery has at most {MOST} sections."))?,
        },
        Err(error) => flash::warning(&session, said(error)?)?,
    }
    Ok(to_sections(gallery.id))
}

/// `POST /gallery/{id}/sections/{section}`: renames, moves or deletes one.
pub async fn change(
    app: Data<App>,
    path: Path<(GalleryId, SectionId)>,
    user: CurrentUser,
    session: Session,
    form: CsrfForm<SectionForm>,
) -> Result<HttpResponse> {
    let (id, section) = path.into_inner();
    let gallery = editable(&app, &user, id).await?;
    match form.0.deed.as_str() {
        "earlier" | "later" => step_section(&app, gallery.id, section, form.0.deed == "later").await?,
        "delete" => {
            store::delete(&app.db, gallery.id, section).await?.then_some(()).or_not_found()?;
            flash::success(&session, "The section is gone. Its photos are still in the gallery.")?;
        }
        _ => match checked(&form.0.name) {
            Ok(name) => {
                store::update_name(&app.db, gallery.id, section, &name)
                    .await?
                    .then_some(())
                    .or_not_found()?;
                flash::success(&session, format!("The section is called “{name}” now."))?;
            }
            Err(error) => flash::warning(&session, said(error)?)?,
        },
    }
    Ok(to_sections(gallery.id))
}

/// `POST /gallery/{id}/arrange`: a step for the ticked photos.
pub async fn step(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    session: Session,
    form: CsrfForm<ArrangeForm>,
) -> Result<HttpResponse> {
    let gallery = editable(&app, &user, *id).await?;
    let form = form.0;
    if form.photo_ids.is_empty() {
        flash::warning(&session, "Choose some photos first.")?;
    } else {
        arrange(&app.db, gallery.id, &form.photo_ids, Target::Step(form.step), form.section).await?;
        flash::success(&session, "Moved. The gallery is ordered by hand.")?;
    }
    Ok(see_other(&way_back(&app, &form.return_to, gallery.id)))
}

/// `POST /gallery/{id}/order`.
pub async fn order(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    form: CsrfForm<OrderForm>,
) -> Result<HttpResponse> {
    let gallery = editable(&app, &user, *id).await?;
    let change = Change { order: Some(form.0.order), ..Change::default() };
    galleries::store::update_details(&app.db, gallery.id, &change).await?;
    Ok(see_other(&way_back(&app, &form.0.return_to, gallery.id)))
}

async fn editable(app: &App, user: &CurrentUser, id: GalleryId) -> Result<Gallery> {
    Ok(find_for(&app.db, Viewer::Person(user), id, Access::Edit).await?.0)
}

/// One place up or down among the sections.
async fn step_section(app: &App, gallery: GalleryId, section: SectionId, later: bool) -> Result<()> {
    let mut ids: Vec<i64> =
        store::list(&app.db, gallery).await?.into_iter().map(|section| section.id.0).collect();
    let from = ids.iter().position(|id| *id == section.0).or_not_found()?;
    let to = if later { (from + 1).min(ids.len() - 1) } else { from.saturating_sub(1) };
    ids.swap(from, to);
    Ok(store::update_order_of_sections(&app.db, gallery, &ids).await?)
}

/// What is wrong with a name, in words.
fn said(error: Error) -> Result<String> {
    match error {
        Error::Invalid(errors) => {
            Ok(format!("The name of a section: {}", errors.into_values().next().unwrap_or_default()))
        }
        other => Err(other),
    }
}

fn to_sections(gallery: GalleryId) -> HttpResponse {
    see_other(&format!("/gallery/{gallery}?sections=open#sections"))
}

fn way_back(app: &App, wish: &str, gallery: GalleryId) -> String {
    return_to::local(&app.config.public_url, wish).unwrap_or_else(|| format!("/gallery/{gallery}"))
}
