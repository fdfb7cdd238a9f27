//! A gallery as its owner and editors work on it: searched, ordered, divided, with deeds to its photos.

use common::{Result, view::Page};
use serde::{Deserialize, Serialize};

use super::{
    Gallery, GalleryId,
    sections::{self, Section},
    store as galleries,
};
use crate::{
    app::App,
    downloads::failures::{self, Failure},
    identity::CurrentUser,
    media::{Grant, Signer},
    originals,
    photos::{
        Order, PAGE, finding,
        search::{Search, Sort, Within, least_stars, words},
        store::{self, Filter},
        tile::{Look, Tile},
    },
    policy::Access,
    upload::UploadPanel,
};

/// Which photos, from which one on.
#[derive(Deserialize)]
pub struct Wanted {
    after: Option<String>,
    #[serde(default)]
    section: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    filter: Filter,
    #[serde(default)]
    stars: String,
    /// Present where the sections are to be changed.
    sections: Option<String>,
}

/// A gallery to be worked on.
#[derive(Serialize)]
pub struct WorkPage {
    gallery: Heading,
    tiles: Vec<Tile>,
    next: Option<String>,
    may_share: bool,
    upload: UploadPanel,
    sections: Vec<Section>,
    search: Asked,
    galleries: Vec<Choice>,
    order: Order,
    here: String,
    failures: Vec<Failure>,
}

/// What is searched, as the form shows it.
#[derive(Serialize)]
struct Asked {
    section: String,
    q: String,
    filter: Filter,
    stars: String,
    /// By words, stars or state.
    is_narrowed: bool,
    sections_open: bool,
}

/// A gallery that photos may go to.
#[derive(Serialize)]
struct Choice {
    id: GalleryId,
    name: String,
}

#[derive(Serialize)]
struct Heading {
    id: GalleryId,
    name: String,
    description: String,
    is_public: bool,
    marks_public: bool,
    owner_name: String,
    count: i64,
    count_text: String,
    date_text: String,
}

impl Page for WorkPage {
    const TEMPLATE: &'static str = "gallery/show.html";

    fn title(&self) -> String {
        self.gallery.name.clone()
    }
}

/// The page.
pub async fn page(
    app: &App,
    user: &CurrentUser,
    gallery: Gallery,
    access: Access,
    wanted: Wanted,
) -> Result<WorkPage> {
    let after = wanted.after.as_deref();
    let search = wanted.search(gallery.id, finding::sort_of(gallery.order, after));
    let found = finding::list(&app.db, &search, after, PAGE).await?;
    let renditions = store::list_renditions(&app.db, &found.photos).await?;
    let signer = Signer::new(&app.config.secrets, Grant::Person(user.account));
    let originals = originals::store::list_offers(&app.db, access, &found.photos).await?;
    let look = Look { signer: &signer, marked: false, originals, cover: gallery.cover };
    let mut tiles = Tile::all(&found.photos, &renditions, &look);
    for tile in &mut tiles {
        tile.offer("/photos");
    }
    Ok(WorkPage {
        tiles,
        next: found.next.map(|next| wanted.address(gallery.id, Some(&next))),
        may_share: access >= Access::Own,
        upload: UploadPanel::new(&app.settings.current().upload, Some(gallery.id)),
        sections: sections::store::list(&app.db, gallery.id).await?,
        galleries: elsewhere(app, user, gallery.id).await?,
        order: gallery.order,
        here: wanted.address(gallery.id, None),
        search: wanted.into(),
        failures: failures::of_gallery(app, gallery.id).await?,
        gallery: Heading::of(gallery, user),
    })
}

/// The person's other galleries, to move or copy photos to.
async fn elsewhere(app: &App, user: &CurrentUser, here: GalleryId) -> Result<Vec<Choice>> {
    if !user.role.may_own_galleries() {
        return Ok(Vec::new());
    }
    let names = galleries::list_names(&app.db, user.account).await?;
    Ok(names.into_iter().filter(|(id, _)| *id != here).map(|(id, name)| Choice { id, name }).collect())
}

impl Wanted {
    fn is_narrowed(&self) -> bool {
        !self.q.trim().is_empty() || self.filter != Filter::All || least_stars(&self.stars) > 0.0
    }

    fn search(&self, gallery: GalleryId, sort: Sort) -> Search {
        Search {
            gallery: Some(gallery),
            within: Within::parse(&self.section),
            filter: self.filter,
            least_rating: least_stars(&self.stars),
            text: words(&self.q),
            sort,
            owner: None,
        }
    }

    /// The address of this page, or of the one that begins behind this place.
    fn address(&self, gallery: GalleryId, after: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let filter = if self.filter == Filter::All { "" } else { self.filter.as_str() };
        let pairs = [
            ("section", self.section.as_str()),
            ("q", self.q.trim()),
            ("filter", filter),
            ("stars", &self.stars),
        ];
        for (name, value) in pairs.into_iter().chain(after.map(|after| ("after", after))) {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { format!("/gallery/{gallery}") } else { format!("/gallery/{gallery}?{query}") }
    }
}

impl From<Wanted> for Asked {
    fn from(wanted: Wanted) -> Self {
        Self {
            is_narrowed: wanted.is_narrowed(),
            section: Within::parse(&wanted.section).text(),
            q: wanted.q,
            filter: wanted.filter,
            stars: wanted.stars,
            sections_open: wanted.sections.is_some(),
        }
    }
}

impl Heading {
    fn of(gallery: Gallery, user: &CurrentUser) -> Self {
        Self {
            id: gallery.id,
            count: gallery.photo_count,
            count_text: gallery.count_text(),
            date_text: gallery.date_text(),
            description: gallery.description.unwrap_or_default(),
            is_public: gallery.is_public,
            marks_public: gallery.marks_public,
            owner_name: if gallery.owner == Some(user.account) { String::new() } else { gallery.owner_name },
            name: gallery.name,
        }
    }
}
