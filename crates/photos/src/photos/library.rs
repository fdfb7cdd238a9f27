//! `GET /photos`: everything a photographer has uploaded, and the place to upload more.

use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use common::{
    Result,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{
    PAGE, PhotoId,
    store::{self, Filter},
    tile::{Look, Tile},
};
use crate::{
    app::App,
    galleries::{self, GalleryId},
    identity::CurrentUser,
    media::{Grant, Signer},
    originals,
    policy::Access,
    upload::UploadPanel,
};

/// Which part of the library is asked for.
#[derive(Deserialize)]
pub struct Part {
    after: Option<PhotoId>,
    #[serde(default)]
    filter: Filter,
}

#[derive(Serialize)]
struct LibraryPage {
    tiles: Vec<Tile>,
    next: Option<String>,
    counts: Counts,
    galleries: Vec<Choice>,
    upload: UploadPanel,
    filter: Filter,
}

#[derive(Serialize)]
struct Counts {
    all: i64,
    pending: i64,
    failed: i64,
    loose: i64,
}

#[derive(Serialize)]
struct Choice {
    id: GalleryId,
    name: String,
}

impl Page for LibraryPage {
    const TEMPLATE: &'static str = "library.html";

    fn title(&self) -> String {
        "Photos".to_owned()
    }
}

/// The page.
pub async fn get(app: Data<App>, part: Query<Part>, user: CurrentUser, view: View) -> Result<HttpResponse> {
    // A sign-in that names no way back may end here.
    if !user.role.may_own_galleries() {
        return Ok(see_other("/gallery"));
    }
    let owner = user.account;
    let photos = store::list_library(&app.db, owner, part.filter, part.after, PAGE).await?;
    let renditions = store::list_renditions(&app.db, &photos.items).await?;
    let counts = store::count_library(&app.db, owner).await?;
    let signer = Signer::new(&app.config.secrets, Grant::Person(owner));
    let originals = originals::store::list_offers(&app.db, Access::Own, &photos.items).await?;
    let look = Look { signer: &signer, marked: false, originals, cover: None };
    let filter = serde_json::to_value(part.filter).map_err(anyhow::Error::from)?;
    let next = photos
        .items
        .last()
        .filter(|_| photos.more)
        .map(|last| format!("/photos?filter={}&after={}", filter.as_str().unwrap_or("all"), last.id));
    let choices = galleries::store::list_names(&app.db, owner).await?;
    view.ok(&LibraryPage {
        tiles: Tile::all(&photos.items, &renditions, &look),
        next,
        counts: Counts {
            all: counts.all,
            pending: counts.pending,
            failed: counts.failed,
            loose: counts.loose,
        },
        galleries: choices.into_iter().map(|(id, name)| Choice { id, name }).collect(),
        upload: UploadPanel::new(&app.config.upload, None),
        filter: part.filter,
    })
}
