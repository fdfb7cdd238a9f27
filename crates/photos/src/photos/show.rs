//! `/photos/{id}`: one photo with its details, for its owner and the editors of its gallery.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use common::{
    Error, OrNotFound, Result,
    csrf::{CsrfChecked, CsrfForm},
    error::FieldErrors,
    flash,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{
    Photo, PhotoId, Status, api, change,
    known::{Fact, facts},
    picture::Picture,
    store,
    tile::Pictures,
};
use crate::{
    app::App,
    galleries::{self, Gallery, GalleryId, SectionId, sections},
    identity::CurrentUser,
    media::{Grant, Signer},
    originals,
    policy::{Access, Viewer, access},
};

/// What was typed.
#[derive(Deserialize, Serialize)]
pub struct PhotoForm {
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    /// Stars, in halves.
    #[serde(default)]
    rating: String,
}

#[derive(Serialize)]
struct PhotoPage {
    photo: Heading,
    picture: Option<Picture>,
    facts: Vec<Fact>,
    form: PhotoForm,
    errors: FieldErrors,
    gallery: Option<Choice>,
    sections: Vec<Part>,
    galleries: Vec<Choice>,
    may_delete: bool,
    original_url: Option<String>,
    previous: Option<PhotoId>,
    next: Option<PhotoId>,
    here: String,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Heading {
    id: PhotoId,
    name: String,
    filename: String,
    status: Status,
    failure: Option<String>,
    archived: bool,
    locked: bool,
    damaged: bool,
    is_lost: bool,
    is_replaced: bool,
    is_cover: bool,
    counts_text: String,
}

#[derive(Serialize)]
struct Choice {
    id: GalleryId,
    name: String,
}

#[derive(Serialize)]
struct Part {
    id: SectionId,
    name: String,
    chosen: bool,
}

impl Page for PhotoPage {
    const TEMPLATE: &'static str = "photo.html";

    fn title(&self) -> String {
        self.photo.name.clone()
    }
}

/// The page.
pub async fn get(app: Data<App>, id: Path<PhotoId>, user: CurrentUser, view: View) -> Result<HttpResponse> {
    let (photo, access) = find_to_edit(&app, &user, *id).await?;
    let form = PhotoForm {
        title: photo.title.clone().unwrap_or_default(),
        description: photo.description.clone().unwrap_or_default(),
        rating: photo.rating.to_string(),
    };
    view.ok(&page(&app, &user, &photo, access, form, FieldErrors::new()).await?)
}

/// Saves what was typed.
pub async fn post(
    app: Data<App>,
    id: Path<PhotoId>,
    user: CurrentUser,
    session: Session,
    view: View,
    form: CsrfForm<PhotoForm>,
) -> Result<HttpResponse> {
    let (photo, access) = find_to_edit(&app, &user, *id).await?;
    let form = form.0;
    let rating = (!form.rating.is_empty()).then(|| form.rating.parse().unwrap_or(-1.0));
    let wanted = change::Wanted::of_form(&form.title, &form.description, rating);
    let errors = match wanted.parse() {
        Err(errors) => errors,
        Ok(wanted) => match change::change(&app.db, &user, *id, &wanted).await {
            Ok(()) => {
                flash::success(&session, "Saved.")?;
                return Ok(see_other(&format!("/photos/{id}")));
            }
            Err(Error::Conflict(locked)) => FieldErrors::from([("form", locked)]),
            Err(error) => return Err(error),
        },
    };
    let page = page(&app, &user, &photo, access, form, errors).await?;
    view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// `POST /photos/{id}/retry`: processes a failed photo again.
pub async fn retry(
    app: Data<App>,
    id: Path<PhotoId>,
    user: CurrentUser,
    session: Session,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    match api::process_again(&app, &user, *id).await {
        Ok(()) => flash::success(&session, "Being tried again. The picture appears here if it works.")?,
        Err(Error::Conflict(said)) => flash::warning(&session, said)?,
        Err(error) => return Err(error),
    }
    Ok(see_other(&format!("/photos/{id}")))
}

async fn find_to_edit(app: &App, user: &CurrentUser, id: PhotoId) -> Result<(Photo, Access)> {
    let subject = store::find_subject(&app.db, id, Some(user.account)).await?.or_not_found()?;
    match access(Viewer::Person(user), &subject) {
        Access::Nothing => Err(Error::NotFound),
        found if found < Access::Edit => {
            Err(Error::Forbidden("Only its owner and editors see the details of this photo.".to_owned()))
        }
        found => Ok((store::find(&app.db, id).await?.or_not_found()?, found)),
    }
}

async fn page(
    app: &App,
    user: &CurrentUser,
    photo: &Photo,
    access: Access,
    form: PhotoForm,
    errors: FieldErrors,
) -> Result<PhotoPage> {
    let renditions = store::list_renditions(&app.db, std::slice::from_ref(photo)).await?;
    let signer = Signer::new(&app.config.secrets, Grant::Person(user.account));
    let pictures = Pictures::of(photo.id, &renditions, &signer, false);
    let small = pictures.thumbnail_2x.or(pictures.thumbnail);
    let picture =
        small.map(|small| Picture::of(&small, pictures.preview.as_ref(), photo.placeholder.clone()));
    let originals = originals::store::list_offers(&app.db, access, std::slice::from_ref(photo)).await?;
    let gallery = match photo.gallery {
        Some(gallery) => galleries::store::find(&app.db, gallery, Some(user.account)).await?,
        None => None,
    };
    let parts = match &gallery {
        Some(gallery) => sections::store::list(&app.db, gallery.id).await?,
        None => Vec::new(),
    };
    // Of what clients see; what is out of their sight stands nowhere.
    let spot = match &gallery {
        Some(gallery) => store::find_spot(&app.db, gallery.id, photo.id, None, gallery.order).await?,
        None => None,
    };
    let choices = if access >= Access::Own && user.role.may_own_galleries() {
        galleries::store::list_names(&app.db, user.account).await?
    } else {
        Vec::new()
    };
    let others = choices.into_iter().filter(|(id, _)| Some(*id) != photo.gallery);
    Ok(PhotoPage {
        photo: Heading::of(photo, gallery.as_ref()),
        picture,
        facts: facts(photo),
        form,
        errors,
        sections: parts
            .into_iter()
            .map(|part| Part { chosen: photo.section == Some(part.id), id: part.id, name: part.name })
            .collect(),
        galleries: others.map(|(id, name)| Choice { id, name }).collect(),
        gallery: gallery.map(|gallery| Choice { id: gallery.id, name: gallery.name }),
        may_delete: access >= Access::Own,
        previous: spot.as_ref().and_then(|spot| spot.before),
        next: spot.and_then(|spot| spot.behind),
        original_url: originals
            .variant(photo.id)
            .map(|variant| signer.address(photo.id, variant, photo.original_version())),
        here: format!("/photos/{}", photo.id),
    })
}

impl Heading {
    fn of(photo: &Photo, gallery: Option<&Gallery>) -> Self {
        let title = photo.title.clone().filter(|title| !title.is_empty());
        let count = |count: i32, one: &str, many: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {many}"),
        };
        Self {
            id: photo.id,
            name: title.unwrap_or_else(|| photo.filename.clone()),
            filename: photo.filename.clone(),
            status: photo.status,
            failure: photo.failure_detail.clone(),
            archived: photo.archived,
            locked: photo.locked,
            damaged: photo.damaged,
            is_lost: photo.is_lost(),
            is_replaced: photo.is_replaced,
            is_cover: gallery.is_some_and(|gallery| gallery.cover == Some(photo.id)),
            counts_text: format!(
                "{}, {}",
                count(photo.views, "view", "views"),
                count(photo.download_count, "download", "downloads")
            ),
        }
    }
}
