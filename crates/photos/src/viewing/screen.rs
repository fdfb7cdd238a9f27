//! `GET /view/{token}`: the client's page.

use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query},
};
use common::{
    Result,
    view::{Page, View},
};
use serde::Serialize;

use super::{
    Opening, Visit,
    door::{DoorPage, LockedPage},
    open, page,
};
use crate::{
    app::App,
    downloads::panel::Panel,
    galleries::{Gallery, show::From},
    media::{Grant, Signer},
    originals::Offers,
    photos::{
        Cursor,
        picture::Picture,
        tile::{Look, Pictures, Tile},
    },
    policy::{LinkLevel, Viewer, downloads},
    shares::State,
};

#[derive(Serialize)]
struct ClientPage {
    gallery: Heading,
    access_level: LinkLevel,
    marked: bool,
    cover: Option<Picture>,
    tiles: Vec<Tile>,
    next: Option<String>,
    robot: bool,
    downloads: Option<Panel>,
    download_url: String,
}

#[derive(Serialize)]
pub(super) struct Heading {
    pub(super) name: String,
    description: String,
    photographer: String,
    date_text: String,
    count: i64,
    count_text: String,
}

#[derive(Serialize)]
struct GonePage {
    title: &'static str,
    reason: State,
    photographer: String,
    message: String,
}

impl Page for ClientPage {
    const TEMPLATE: &'static str = "view/show.html";

    fn title(&self) -> String {
        self.gallery.name.clone()
    }
}

impl Page for GonePage {
    const TEMPLATE: &'static str = "view/gone.html";

    fn title(&self) -> String {
        self.title.to_owned()
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    token: Path<String>,
    from: Query<From>,
    request: HttpRequest,
    session: Session,
    view: View,
) -> Result<HttpResponse> {
    let after = from.cursor()?;
    match open(&app, &request, &session, &token).await? {
        Opening::Open(visit) => view.ok(&client_page(&app, &token, &visit, after).await?),
        Opening::Closed(state, photographer) => gone(&view, state, photographer),
        Opening::Locked(door) => view.ok(&LockedPage::of(&door, &token)),
        Opening::Waiting(door) => view.ok(&DoorPage::of(&door, &token)),
    }
}

/// The friendly page about a link that does not open (any more).
pub(crate) fn gone(view: &View, state: State, photographer: String) -> Result<HttpResponse> {
    view.status(StatusCode::GONE, &gone_page(state, photographer))
}

async fn client_page(app: &App, token: &str, visit: &Visit, after: Option<Cursor>) -> Result<ClientPage> {
    let level = visit.power.level;
    let marked = level == LinkLevel::Preview;
    let mut page_of_client = ClientPage {
        gallery: Heading::of(&visit.gallery),
        access_level: level,
        marked,
        cover: None,
        tiles: Vec::new(),
        next: None,
        robot: visit.grant.is_none(),
        downloads: None,
        download_url: format!("/view/{token}/download.zip"),
    };
    let Some(grant) = visit.grant else { return Ok(page_of_client) };
    let (photos, renditions, next) = page(app, visit, after.as_ref()).await?;
    let signer = Signer::new(&app.config.secrets, grant);
    let look = Look { signer: &signer, marked, originals: Offers::default(), cover: visit.gallery.cover };
    page_of_client.tiles = Tile::all(&photos, &renditions, &look);
    let allowed = downloads(Viewer::Link(&visit.power), &visit.gallery.subject());
    page_of_client.downloads =
        Panel::of(app, allowed, visit.gallery.id, visit.power.sections.as_deref(), Some(&visit.link)).await?;
    if page_of_client.downloads.is_some() {
        page_of_client.tiles.iter_mut().for_each(|tile| tile.offer(&format!("/view/{token}/photos")));
    }
    page_of_client.next = next.map(|next| format!("/view/{token}?after={next}"));
    if after.is_none() {
        page_of_client.cover = cover(app, visit, grant, marked).await?;
    }
    Ok(page_of_client)
}

async fn cover(app: &App, visit: &Visit, grant: Grant, marked: bool) -> Result<Option<Picture>> {
    let covers = crate::galleries::store::list_covers(&app.db, std::slice::from_ref(&visit.gallery)).await?;
    let Some(photo) = covers.first().map(|cover| cover.photo) else { return Ok(None) };
    let Some(photo) = crate::photos::store::find(&app.db, photo).await? else { return Ok(None) };
    let renditions = crate::photos::store::list_renditions(&app.db, std::slice::from_ref(&photo)).await?;
    let signer = Signer::new(&app.config.secrets, grant);
    let preview = Pictures::of(photo.id, &renditions, &signer, marked).preview;
    Ok(preview.map(|preview| Picture::of(&preview, None, photo.placeholder)))
}

fn gone_page(reason: State, photographer: String) -> GonePage {
    let (title, what) = match reason {
        State::Expired => ("This link has expired", "The time for which it was open is over."),
        State::UsedUp => ("This link is used up", "It was opened as often as it may be."),
        State::Revoked | State::Active => ("This link was closed", "It no longer opens the gallery."),
    };
    let message = format!("{what} Please ask {photographer} for a new one.");
    GonePage { title, reason, photographer, message }
}

impl Heading {
    pub(super) fn of(gallery: &Gallery) -> Self {
        Self {
            name: gallery.name.clone(),
            description: gallery.description.clone().unwrap_or_default(),
            photographer: gallery.owner_name.clone(),
            date_text: gallery.date_text(),
            count: gallery.photo_count,
            count_text: gallery.count_text(),
        }
    }
}
