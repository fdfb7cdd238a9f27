//! `/trash`: what was deleted, with a way back, and a way to be rid of it at once.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use common::{
    Result,
    csrf::{CsrfChecked, CsrfForm},
    flash::{self, Undo},
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{
    api::require_own,
    delete_gallery, purge_gallery, purge_photos, restore_gallery,
    store::{self, DeletedGallery, DeletedPhoto},
};
use crate::{
    app::App,
    galleries::{GalleryId, day_text, find_for},
    identity::{CurrentUser, Photographer},
    media::{Grant, Signer},
    photos::{
        Listing, PAGE, PhotoId, Placeholder, Rendition, picture::Picture, store as photos, tile::Pictures,
    },
    policy::{Access, Viewer},
};

/// Where the list of photos begins.
#[derive(Deserialize)]
pub struct From {
    after: Option<PhotoId>,
}

/// Selected photos, and what is to become of them.
#[derive(Deserialize)]
pub struct SelectionForm {
    #[serde(default)]
    photo_ids: Vec<i32>,
    /// `restore` or `purge`.
    #[serde(default)]
    deed: String,
}

#[derive(Serialize)]
struct TrashPage {
    galleries: Vec<Row>,
    photos: Vec<Row>,
    next: Option<String>,
    days: u32,
}

#[derive(Serialize)]
struct Row {
    id: i32,
    name: String,
    note: String,
    picture: Option<Picture>,
}

impl Page for TrashPage {
    const TEMPLATE: &'static str = "trash.html";

    fn title(&self) -> String {
        "Trash".to_owned()
    }
}

/// The page.
pub async fn get(app: Data<App>, from: Query<From>, user: Photographer, view: View) -> Result<HttpResponse> {
    let owner = user.0.account;
    let galleries = store::list_galleries(&app.db, owner).await?;
    let found = store::list_photos(&app.db, owner, from.after, PAGE + 1).await?;
    let found = Listing::of(found, PAGE);
    let shown: Vec<PhotoId> = galleries
        .iter()
        .filter_map(|gallery| gallery.cover)
        .chain(found.items.iter().map(|photo| photo.id))
        .collect();
    let renditions = photos::list_renditions_of(&app.db, &shown).await?;
    let signer = Signer::new(&app.config.secrets, Grant::Person(owner));
    let days = app.settings.current().trash_days;
    view.ok(&TrashPage {
        next: found.items.last().filter(|_| found.more).map(|last| format!("/trash?after={}", last.id)),
        galleries: galleries
            .into_iter()
            .map(|gallery| gallery_row(gallery, &renditions, &signer, days))
            .collect(),
        photos: found.items.into_iter().map(|photo| photo_row(photo, &renditions, &signer, days)).collect(),
        days,
    })
}

/// `POST /gallery/{id}/delete`: into the trash.
pub async fn delete(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    session: Session,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    delete_gallery(&app.db, gallery.id).await?;
    let days = app.settings.current().trash_days;
    let undo = Undo {
        path: format!("/trash/galleries/{}/restore", gallery.id),
        value: String::new(),
        return_to: String::new(),
    };
    let text = format!("“{}” is in the trash. You can bring it back within {days} days.", gallery.name);
    flash::undoable(&session, text, Some(undo))?;
    Ok(see_other("/gallery"))
}

/// `POST /trash/galleries/{id}/restore`.
pub async fn restore(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    session: Session,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    require_own(&app, &user, *id).await?;
    restore_gallery(&app.db, *id).await?;
    flash::success(&session, "The gallery is back, with its photos. Its links work again.")?;
    Ok(see_other(&format!("/gallery/{id}")))
}

/// `POST /trash/galleries/{id}/purge`.
pub async fn purge(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    session: Session,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    require_own(&app, &user, *id).await?;
    purge_gallery(&app.db, *id).await?;
    flash::success(&session, "The gallery is gone for good.")?;
    Ok(see_other("/trash"))
}

/// `POST /trash/photos`: brings the selected photos back, or removes them for good.
pub async fn photos(
    app: Data<App>,
    user: Photographer,
    session: Session,
    form: CsrfForm<SelectionForm>,
) -> Result<HttpResponse> {
    let SelectionForm { photo_ids, deed } = form.0;
    let owner = user.0.account;
    if photo_ids.is_empty() {
        flash::warning(&session, "Choose some photos first.")?;
    } else if deed == "purge" {
        let ids: Vec<PhotoId> = photo_ids.into_iter().map(PhotoId).collect();
        let gone = purge_photos(&app.db, owner, &ids).await?;
        flash::success(&session, format!("Gone for good: {gone}."))?;
    } else {
        let back = store::update_photos_restored(&app.db, owner, &photo_ids).await?;
        flash::success(&session, format!("Back among your photos: {back}."))?;
    }
    Ok(see_other("/trash"))
}

fn gallery_row(gallery: DeletedGallery, renditions: &[Rendition], signer: &Signer<'_>, days: u32) -> Row {
    let photos = if gallery.photo_count == 1 {
        "1 photo".to_owned()
    } else {
        format!("{} photos", gallery.photo_count)
    };
    Row {
        id: gallery.id.0,
        name: gallery.name,
        note: format!("{photos}, {}", kept_until(gallery.deleted_at, days)),
        picture: gallery.cover.and_then(|photo| small(photo, renditions, signer)),
    }
}

fn photo_row(photo: DeletedPhoto, renditions: &[Rendition], signer: &Signer<'_>, days: u32) -> Row {
    Row {
        id: photo.id.0,
        note: kept_until(photo.deleted_at, days),
        picture: small(photo.id, renditions, signer),
        name: photo.filename,
    }
}

fn small(photo: PhotoId, renditions: &[Rendition], signer: &Signer<'_>) -> Option<Picture> {
    let thumbnail = Pictures::of(photo, renditions, signer, false).thumbnail?;
    Some(Picture::of(&thumbnail, None, Placeholder::default()))
}

fn kept_until(deleted_at: chrono::DateTime<chrono::Utc>, days: u32) -> String {
    let end = deleted_at + chrono::Days::new(days.into());
    format!("kept until {}", day_text(end.naive_utc()))
}
