//! `GET /photos`: everything a photographer has uploaded, searched and sorted, and the place to upload more.

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
    PAGE, finding,
    search::{Search, Sort, least_stars, words},
    store::{self, Filter},
    tile::{Look, Tile},
};
use crate::{
    app::App,
    galleries::{self, GalleryId},
    identity::{AccountId, CurrentUser},
    media::{Grant, Signer},
    originals,
    policy::Access,
    upload::UploadPanel,
};

/// Which part of the library is asked for.
#[derive(Deserialize)]
pub struct Part {
    after: Option<String>,
    #[serde(default)]
    filter: Filter,
    #[serde(default)]
    q: String,
    #[serde(default)]
    stars: String,
    #[serde(default)]
    gallery: String,
    #[serde(default)]
    sort: Sort,
}

#[derive(Serialize)]
struct LibraryPage {
    tiles: Vec<Tile>,
    next: Option<String>,
    counts: Counts,
    galleries: Vec<Choice>,
    upload: UploadPanel,
    filter: Filter,
    search: Asked,
    here: String,
}

/// What is searched, as the form shows it.
#[derive(Serialize)]
struct Asked {
    q: String,
    stars: String,
    gallery: String,
    sort: Sort,
    is_narrowed: bool,
}

#[derive(Serialize)]
struct Counts {
    all: i64,
    pending: i64,
    failed: i64,
    loose: i64,
    archived: i64,
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
    let found = finding::list(&app.db, &part.search(owner), part.after.as_deref(), PAGE).await?;
    let renditions = store::list_renditions(&app.db, &found.photos).await?;
    let counts = store::count_library(&app.db, owner).await?;
    let signer = Signer::new(&app.config.secrets, Grant::Person(owner));
    let originals = originals::store::list_offers(&app.db, Access::Own, &found.photos).await?;
    let look = Look { signer: &signer, marked: false, originals, cover: None };
    let choices = galleries::store::list_names(&app.db, owner).await?;
    view.ok(&LibraryPage {
        tiles: Tile::all(&found.photos, &renditions, &look),
        next: found.next.map(|next| part.address(Some(&next))),
        counts: Counts {
            all: counts.all,
            pending: counts.pending,
            failed: counts.failed,
            loose: counts.loose,
            archived: counts.archived,
        },
        galleries: choices.into_iter().map(|(id, name)| Choice { id, name }).collect(),
        upload: UploadPanel::new(&app.settings.current().upload, None),
        filter: part.filter,
        here: part.address(None),
        search: part.into_inner().into(),
    })
}

impl Part {
    fn search(&self, owner: AccountId) -> Search {
        Search {
            owner: Some(owner),
            gallery: self.gallery.parse().ok().map(GalleryId),
            filter: self.filter,
            least_rating: least_stars(&self.stars),
            text: words(&self.q),
            sort: self.sort,
            ..Search::default()
        }
    }

    fn is_narrowed(&self) -> bool {
        !self.q.trim().is_empty() || !self.gallery.is_empty() || least_stars(&self.stars) > 0.0
    }

    /// The address of this page, or of the one that begins behind this place.
    fn address(&self, after: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let filter = if self.filter == Filter::All { "" } else { self.filter.as_str() };
        let sort = if self.sort == Sort::Newest { "" } else { self.sort.as_str() };
        let pairs = [
            ("filter", filter),
            ("q", self.q.trim()),
            ("stars", &self.stars),
            ("gallery", &self.gallery),
            ("sort", sort),
        ];
        for (name, value) in pairs.into_iter().chain(after.map(|after| ("after", after))) {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { "/photos".to_owned() } else { format!("/photos?{query}") }
    }
}

impl From<Part> for Asked {
    fn from(part: Part) -> Self {
        Self {
            is_narrowed: part.is_narrowed(),
            q: part.q,
            stars: part.stars,
            gallery: part.gallery,
            sort: part.sort,
        }
    }
}
