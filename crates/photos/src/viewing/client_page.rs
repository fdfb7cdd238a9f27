//! A gallery as those see it who only look: through a share link, in public, or as a guest with an account.

use common::{Error, Result, view::Page};
use serde::{Deserialize, Serialize};

use super::{
    cover::{SocialCard, cover},
    facts,
    heading::Heading,
    words,
};
use crate::{
    app::App,
    downloads::panel::Panel,
    galleries::{
        Gallery, SectionId,
        appearance::{self, Appearance, Layout},
        walk::{self, Place, Stop, Stretch},
    },
    media::{Grant, Signer},
    originals,
    photos::{
        Photo, PhotoId,
        picture::Picture,
        store as photos,
        tile::{Look, Tile},
    },
    policy::Access,
};

/// What is shown to whom.
pub struct Showing<'a> {
    /// The gallery.
    pub gallery: &'a Gallery,
    /// Its sections that are shown; all of it without.
    pub sections: Option<&'a [SectionId]>,
    /// By what right; none for a robot, who sees no picture.
    pub grant: Option<Grant>,
    /// How much the viewer may do.
    pub access: Access,
    /// The address of the page, such as `/gallery/7`.
    pub address: String,
    /// Whether it was opened with a share link.
    pub is_link: bool,
    /// What the viewer may take away.
    pub downloads: Option<Panel>,
}

/// From where on.
#[derive(Deserialize)]
pub struct From {
    after: Option<String>,
    section: Option<SectionId>,
    photo: Option<PhotoId>,
}

/// The page; with a form where something can be selected.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that the template asks for")]
pub struct ClientPage<const FORM: bool> {
    gallery: Heading,
    address: String,
    is_link: bool,
    layout: Layout,
    marked: bool,
    cover: Option<Picture>,
    tabs: Vec<Tab>,
    parts: Vec<Part>,
    total: Option<i64>,
    next: Option<String>,
    is_start: bool,
    robot: bool,
    downloads: Option<Panel>,
    may_select: bool,
    takes_all: bool,
    size_text: String,
    left_text: String,
    card: Option<SocialCard>,
    /// For its owner, who only tries the link: the way back.
    tried_from: Option<String>,
}

#[derive(Serialize)]
struct Tab {
    section: SectionId,
    name: String,
}

#[derive(Serialize)]
struct Part {
    /// 0 for the photos in no section.
    id: i64,
    name: String,
    tiles: Vec<ClientTile>,
}

#[derive(Serialize)]
struct ClientTile {
    #[serde(flatten)]
    tile: Tile,
    href: String,
    facts: String,
}

impl<const FORM: bool> Page for ClientPage<FORM> {
    const TEMPLATE: &'static str = "view/show.html";
    const HAS_FORM: bool = FORM;

    fn title(&self) -> String {
        self.gallery.name.clone()
    }
}

impl<const FORM: bool> ClientPage<FORM> {
    /// For the owner, who came from this address to see what others see.
    #[must_use]
    pub fn tried_from(mut self, address: String) -> Self {
        self.tried_from = Some(address);
        self
    }
}

impl From {
    /// Whether the page begins where the gallery does.
    pub fn is_beginning(&self) -> bool {
        self.after.is_none() && self.section.is_none() && self.photo.is_none()
    }

    /// The place that the address names.
    async fn place(&self, app: &App, gallery: &Gallery) -> Result<Option<Place>> {
        if let Some(id) = self.photo {
            let photo = photos::find(&app.db, id).await?.filter(|photo| photo.gallery == Some(gallery.id));
            return Ok(photo.map(|photo| Place::before(&photo, gallery)));
        }
        if let Some(section) = self.section {
            return Ok(Some(Place::top(section)));
        }
        let place = self.after.as_deref().map(str::parse::<Place>).transpose();
        place.map_err(|fault| Error::BadRequest(fault.to_owned()))
    }
}

impl Showing<'_> {
    /// Whether the pictures carry the mark.
    pub fn is_marked(&self) -> bool {
        self.access <= Access::Marked
    }
}

/// The page from a place on.
pub async fn client_page<const FORM: bool>(
    app: &App,
    showing: &Showing<'_>,
    from: &From,
) -> Result<ClientPage<FORM>> {
    let (gallery, marked) = (showing.gallery, showing.is_marked());
    let appearance = appearance::store::find(&app.db, gallery.id).await?.unwrap_or_default();
    let from = from.place(app, gallery).await?;
    let downloads = showing.downloads;
    let mut page = ClientPage {
        gallery: Heading::of(app, gallery, showing.sections.is_none()).await?,
        address: showing.address.clone(),
        is_link: showing.is_link,
        layout: appearance.layout,
        marked,
        cover: None,
        tabs: Vec::new(),
        parts: Vec::new(),
        total: (from.is_none() && showing.sections.is_none()).then_some(gallery.photo_count),
        next: None,
        is_start: from.is_none(),
        robot: showing.grant.is_none(),
        may_select: downloads.is_some(),
        takes_all: downloads.is_some_and(|downloads| {
            let enough = |most: i32| showing.sections.is_some() || i64::from(most) >= gallery.photo_count;
            downloads.most_photos.is_none_or(enough)
        }),
        size_text: downloads.map_or_else(String::new, |downloads| words::size(downloads.bytes)),
        left_text: downloads
            .and_then(|downloads| downloads.photos_left)
            .map_or_else(String::new, words::left),
        downloads,
        card: None,
        tried_from: None,
    };
    if gallery.is_public {
        page.card = Some(SocialCard::of(app, gallery).await?);
    }
    let Some(grant) = showing.grant else { return Ok(page) };
    let stops = walk::stops(&app.db, gallery, showing.sections).await?;
    let stretch = walk::stretch(&app.db, gallery, &stops, from.as_ref()).await?;
    page.next = stretch.next.as_ref().map(|next| format!("{}?after={next}", showing.address));
    page.parts = parts(app, showing, grant, appearance, stretch).await?;
    let tab = |stop: Stop| Some(Tab { section: stop.section?, name: stop.name });
    page.tabs = stops.into_iter().filter_map(tab).collect();
    if from.is_none() {
        page.cover = cover(app, gallery, showing.sections, grant, marked).await?.map(|(picture, _)| picture);
    }
    Ok(page)
}

/// The parts of a page with their tiles.
async fn parts(
    app: &App,
    showing: &Showing<'_>,
    grant: Grant,
    appearance: Appearance,
    stretch: Stretch,
) -> Result<Vec<Part>> {
    let signer = Signer::new(&app.config.secrets, grant);
    let mut parts = Vec::new();
    for (stop, photos_of_part) in stretch.parts {
        let renditions = photos::list_renditions(&app.db, &photos_of_part).await?;
        let originals = originals::store::list_offers(&app.db, showing.access, &photos_of_part).await?;
        let look =
            Look { signer: &signer, marked: showing.is_marked(), originals, cover: showing.gallery.cover };
        let tiles = photos_of_part.iter().map(|photo| ClientTile {
            tile: offered(Tile::of(photo, &renditions, &look), showing),
            href: format!("{}/photos/{}", showing.address, photo.id),
            facts: told(photo, appearance).join("|"),
        });
        let id = stop.section.map_or(0, |section| section.0);
        parts.push(Part { id, name: stop.name, tiles: tiles.collect() });
    }
    Ok(parts)
}

/// The tile with the address of its download, where there is one.
fn offered(mut tile: Tile, showing: &Showing<'_>) -> Tile {
    if showing.downloads.is_some() {
        tile.offer(&if showing.is_link {
            format!("{}/photos", showing.address)
        } else {
            "/photos".to_owned()
        });
    }
    tile
}

/// What of a photo's facts its photographer lets others see.
pub(super) fn told(photo: &Photo, appearance: Appearance) -> Vec<String> {
    if appearance.shows_camera { facts::lines(&photo.camera) } else { Vec::new() }
}
