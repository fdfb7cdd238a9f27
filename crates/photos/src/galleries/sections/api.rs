//! Sections, and the order of photos by hand, for programs.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use common::{
    Error, OrNotFound, Result,
    csrf::{CsrfChecked, CsrfJson},
    error::FieldErrors,
    forms::required_text,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{MOST, Section, Target, arrange, store};
use crate::{
    app::App,
    galleries::{GalleryId, SectionId, find_for},
    identity::{CurrentUser, MaybeUser},
    photos::{PhotoId, api::ListBody},
    policy::{Access, Viewer},
};

/// A section to be made or renamed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SectionName)]
pub struct Named {
    /// 1 to 100 characters.
    name: String,
}

/// The sections in their new order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SectionOrder)]
pub struct Listed {
    section_ids: Vec<i64>,
}

/// Photos and where they go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PhotoOrder)]
pub struct Arranged {
    photo_ids: Vec<PhotoId>,
    /// The photo that comes next.
    #[serde(default)]
    before: Option<PhotoId>,
    /// The photo that they come behind; with neither they come last.
    #[serde(default)]
    after: Option<PhotoId>,
}

/// The sections of a gallery, from the top.
///
/// Else: 404
#[utoipa::path(
    get, path = "/api/galleries/{gallery}/sections",
    security(()),
    responses((status = 200, body = ListBody<Section>))
)]
pub async fn list(app: Data<App>, id: Path<GalleryId>, user: MaybeUser) -> Result<HttpResponse> {
    let viewer = user.0.as_ref().map_or(Viewer::Nobody, Viewer::Person);
    let (gallery, _) = find_for(&app.db, viewer, *id, Access::Marked).await?;
    let items = store::list(&app.db, gallery.id).await?;
    Ok(HttpResponse::Ok().json(ListBody { items, next: None }))
}

/// Makes a section, at the end.
///
/// Else: 404; 409 there are 100; 422
#[utoipa::path(
    post, path = "/api/galleries/{gallery}/sections",
    request_body = Named,
    responses((status = 201, body = Section))
)]
pub async fn create(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    body: CsrfJson<Named>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Edit).await?;
    let name = checked(&body.0.name)?;
    let section = store::create(&app.db, gallery.id, &name).await?;
    let section =
        section.ok_or_else(|| Error::Conflict(format!("A gallery has at most {MOST} sections.")))?;
    Ok(HttpResponse::Created().json(Section { id: section, name, photos: 0 }))
}

/// Puts the sections into this order.
///
/// Else: 404
#[utoipa::path(
    put, path = "/api/galleries/{gallery}/sections",
    request_body = Listed,
    responses((status = 204))
)]
pub async fn order(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    body: CsrfJson<Listed>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Edit).await?;
    store::update_order_of_sections(&app.db, gallery.id, &body.0.section_ids).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Gives a section another name.
///
/// Else: 404; 422
#[utoipa::path(
    put, path = "/api/galleries/{gallery}/sections/{section}",
    request_body = Named,
    responses((status = 204))
)]
pub async fn rename(
    app: Data<App>,
    path: Path<(GalleryId, SectionId)>,
    user: CurrentUser,
    body: CsrfJson<Named>,
) -> Result<HttpResponse> {
    let (id, section) = path.into_inner();
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), id, Access::Edit).await?;
    let name = checked(&body.0.name)?;
    store::update_name(&app.db, gallery.id, section, &name).await?.then_some(()).or_not_found()?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a section away; its photos stay in the gallery.
///
/// Else: 404
#[utoipa::path(delete, path = "/api/galleries/{gallery}/sections/{section}", responses((status = 204)))]
pub async fn delete(
    app: Data<App>,
    path: Path<(GalleryId, SectionId)>,
    user: CurrentUser,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let (id, section) = path.into_inner();
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), id, Access::Edit).await?;
    store::delete(&app.db, gallery.id, section).await?.then_some(()).or_not_found()?;
    Ok(HttpResponse::NoContent().finish())
}

/// Puts photos, in this order, before another one, or behind one, or at the end. From then on the gallery is
/// ordered by hand (`manual`).
///
/// Else: 404; 422
#[utoipa::path(
    put, path = "/api/galleries/{gallery}/order",
    request_body = Arranged,
    responses((status = 204))
)]
pub async fn place(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    body: CsrfJson<Arranged>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Edit).await?;
    let Arranged { photo_ids, before, after } = body.0;
    let target = match (before, after) {
        (Some(photo), _) => Target::Before(photo),
        (None, Some(photo)) => Target::After(photo),
        (None, None) => Target::End,
    };
    arrange(&app.db, gallery.id, &photo_ids, target, None).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A name that was checked.
pub fn checked(name: &str) -> Result<String> {
    let mut errors = FieldErrors::new();
    let name = required_text(&mut errors, "name", name, 100);
    if errors.is_empty() { Ok(name) } else { Err(Error::Invalid(errors)) }
}
