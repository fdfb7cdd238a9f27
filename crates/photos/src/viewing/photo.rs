//! `/view/{token}/photos/{id}` and `/gallery/{id}/photos/{id}`: one photo by itself, with the ways to its neighbours.

use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use common::{
    OrNotFound, Result,
    view::{Page, View},
};
use serde::Serialize;

use super::{
    Opening,
    client_page::{Showing, told},
    door::{DoorPage, LockedPage},
    heading::Heading,
    open, screen,
};
use crate::{
    app::App,
    galleries::{GalleryId, appearance, find_for},
    identity::MaybeUser,
    media::{Grant, Signer},
    photos::{PhotoId, Status, picture::Picture, store as photos, tile::Pictures},
    policy::{Access, Downloads, Viewer, access, downloads},
};

#[derive(Serialize)]
pub(super) struct PhotoPage {
    gallery: Heading,
    address: String,
    marked: bool,
    title: String,
    alt: String,
    description: String,
    facts: Vec<String>,
    picture: Option<Picture>,
    full_url: String,
    download_url: Option<String>,
    previous: Option<String>,
    next: Option<String>,
    number: i64,
    total: i64,
    back: String,
}

impl Page for PhotoPage {
    const TEMPLATE: &'static str = "view/photo.html";

    fn title(&self) -> String {
        format!("{} of {} · {}", self.number, self.total, self.gallery.name)
    }
}

/// The page behind a share link.
pub async fn get(
    app: Data<App>,
    address: Path<(String, PhotoId)>,
    request: HttpRequest,
    session: Session,
    view: View,
) -> Result<HttpResponse> {
    let (token, photo) = address.into_inner();
    match open(&app, &request, &session, &token).await? {
        Opening::Open(visit) => {
            let showing = screen::showing(&visit, &token);
            view.ok(&page(&app, &showing, Viewer::Link(&visit.power), photo).await?)
        }
        Opening::Closed(state, photographer) => screen::gone(&view, state, photographer),
        Opening::Locked(door) => view.ok(&LockedPage::of(&app, &door, &token).await?),
        Opening::Waiting(door) => view.ok(&DoorPage::of(&app, &door, &token).await?),
    }
}

/// The page of a gallery that one may see without a link.
pub async fn get_of_gallery(
    app: Data<App>,
    address: Path<(GalleryId, PhotoId)>,
    user: MaybeUser,
    view: View,
) -> Result<HttpResponse> {
    let (id, photo) = address.into_inner();
    let user = user.0;
    let viewer = user.as_ref().map_or(Viewer::Nobody, Viewer::Person);
    let (gallery, access) = find_for(&app.db, viewer, id, Access::Marked).await?;
    let showing = Showing {
        sections: None,
        grant: Some(user.as_ref().map_or(Grant::Public, |user| Grant::Person(user.account))),
        access,
        address: format!("/gallery/{id}"),
        is_link: false,
        downloads: None,
        gallery: &gallery,
    };
    view.ok(&page(&app, &showing, viewer, photo).await?)
}

pub(super) async fn page(
    app: &App,
    showing: &Showing<'_>,
    viewer: Viewer<'_>,
    id: PhotoId,
) -> Result<PhotoPage> {
    let gallery = showing.gallery;
    let grant = showing.grant.or_not_found()?;
    let account = if let Viewer::Person(user) = viewer { Some(user.account) } else { None };
    let subject = photos::find_subject(&app.db, id, account).await?.or_not_found()?;
    if access(viewer, &subject) < Access::Marked {
        return Err(common::Error::NotFound);
    }
    let photo = photos::find(&app.db, id).await?.or_not_found()?;
    if photo.gallery != Some(gallery.id) || photo.status != Status::Ready {
        return Err(common::Error::NotFound);
    }
    let sections: Option<Vec<i64>> =
        showing.sections.map(|sections| sections.iter().map(|section| section.0).collect());
    let spot = photos::find_spot(&app.db, gallery.id, id, sections.as_deref(), gallery.order).await?;
    let spot = spot.or_not_found()?;
    let renditions = photos::list_renditions(&app.db, std::slice::from_ref(&photo)).await?;
    let signer = Signer::new(&app.config.secrets, grant);
    let pictures = Pictures::of(id, &renditions, &signer, showing.is_marked());
    let preview = pictures.preview.or_not_found()?;
    let appearance = appearance::store::find(&app.db, gallery.id).await?.unwrap_or_default();
    let neighbour = |photo: PhotoId| format!("{}/photos/{photo}", showing.address);
    let title = photo.title.clone().unwrap_or_default();
    Ok(PhotoPage {
        gallery: Heading::of(app, gallery, showing.sections.is_none()).await?,
        back: format!("{}?photo={id}#photo-{id}", showing.address),
        address: showing.address.clone(),
        marked: showing.is_marked(),
        facts: told(&photo, appearance),
        previous: spot.before.map(neighbour),
        next: spot.behind.map(neighbour),
        number: spot.number,
        total: spot.total,
        full_url: preview.url.clone(),
        download_url: (downloads(viewer, &subject) > Downloads::Nothing).then(|| {
            let above = if showing.is_link { showing.address.as_str() } else { "" };
            format!("{above}/photos/{id}/download")
        }),
        alt: photo.description.clone().unwrap_or_else(|| photo.filename.clone()),
        description: photo.description.unwrap_or_default(),
        picture: pictures
            .thumbnail_2x
            .map(|smaller| Picture::of(&smaller, Some(&preview), photo.placeholder)),
        title,
    })
}
