//! The page `/branding`: what it shows, whichever of its forms was sent.

use common::{Result, error::FieldErrors, view::Page};
use imaging::Place;
use serde::Serialize;

use super::{ACCENTS, Change, ShownLogo, store};
use crate::{
    app::App,
    branding::watermark::Typed,
    identity::{AccountId, CurrentUser},
    media::{Grant, Signer},
    photos::{Photo, PhotoId, picture::Picture, store as photos, store::Filter, tile::Pictures},
    renditions,
    statistics::chart::grouped,
    watermarks::{self, Shown, Watermark, usual_look},
};

/// So many of the newest photos may be chosen from to see the watermark on.
const SAMPLES: u16 = 8;
/// Pixels of the longer side from which a mark is seen as clients see it.
const LARGE: i32 = 800;

/// What the page is to show beside what is stored.
#[derive(Default)]
pub struct Asked {
    /// The fields of the name's form.
    pub brand: Option<Change>,
    /// The name as it was typed.
    pub name: Option<String>,
    /// A watermark that is not kept yet.
    pub draft: Typed,
    /// What is wrong with any of it.
    pub errors: FieldErrors,
}

/// The page.
#[derive(Serialize)]
pub struct BrandingPage {
    name: String,
    shown_name: String,
    account_name: String,
    accent: &'static str,
    accents: [&'static str; 8],
    logo: Option<ShownLogo>,
    form: Typed,
    is_draft: bool,
    has_image: bool,
    looks: Vec<Look>,
    places: Vec<Spot>,
    samples: Vec<Sample>,
    preview_url: String,
    renewal: Renewal,
    errors: FieldErrors,
}

/// Size and opacity with which a kind of mark begins.
#[derive(Serialize)]
struct Look {
    name: String,
    size: f64,
    opacity: f64,
}

/// A place in a picture.
#[derive(Serialize)]
struct Spot {
    name: &'static str,
    label: &'static str,
}

/// A photo on which the watermark can be seen.
#[derive(Serialize)]
struct Sample {
    id: PhotoId,
    alt: String,
    picture: Picture,
    chosen: bool,
}

/// How far the marked pictures are.
#[derive(Serialize)]
struct Renewal {
    pending: i64,
    done: i64,
    all: i64,
    text: String,
}

impl Page for BrandingPage {
    const TEMPLATE: &'static str = "branding.html";

    fn title(&self) -> String {
        "Branding".to_owned()
    }
}

/// What is stored, with what was typed in its place.
pub async fn page(app: &App, user: &CurrentUser, asked: Asked) -> Result<BrandingPage> {
    let owner = user.account;
    let brand = store::find(&app.db, Some(owner)).await?;
    let stored = watermarks::store::find(&app.db, owner).await?;
    let stored = match stored {
        Some(stored) => stored.watermark,
        None => watermarks::store::find_usual(&app.db).await?.watermark,
    };
    let is_draft = !asked.draft.is_empty();
    // Of a draft that can't be, what is stored is drawn, and the fault stands beside its field.
    let (shown, errors) = match stored.clone().changed(asked.draft.change()) {
        Ok(shown) => (shown, asked.errors),
        Err(faults) => (stored.clone(), asked.errors.into_iter().chain(faults).collect()),
    };
    let samples = samples(app, owner, asked.draft.photo_id).await?;
    let photo = samples.iter().find(|sample| sample.chosen).map(|sample| sample.id);
    let form = if errors.is_empty() { Typed::of(&shown, photo) } else { asked.draft.over(&shown, photo) };
    Ok(BrandingPage {
        name: asked.name.or(brand.name).unwrap_or_default(),
        shown_name: store::find_shown_name(&app.db, owner).await?,
        account_name: user.name.clone(),
        accent: asked.brand.and_then(|change| change.accent).unwrap_or(brand.accent),
        accents: ACCENTS,
        logo: brand.logo.map(|logo| logo.shown()),
        preview_url: format!("/api/watermark/preview?{}", Typed::of(&shown, photo).query()),
        is_draft: is_draft && shown != stored,
        has_image: stored.image.is_some(),
        form,
        looks: looks(),
        places: PLACES.map(|(place, label)| Spot { name: place.name(), label }).into(),
        samples,
        renewal: renewal(app, owner).await?,
        errors,
    })
}

async fn samples(app: &App, owner: AccountId, chosen: Option<PhotoId>) -> Result<Vec<Sample>> {
    let found = photos::list_library(&app.db, owner, Filter::Ready, None, SAMPLES).await?.items;
    let renditions = photos::list_renditions(&app.db, &found).await?;
    let signer = Signer::new(&app.config.secrets, Grant::Person(owner));
    let is_large = |photo: &&Photo| photo.width.max(photo.height) >= Some(LARGE);
    let first = found.iter().find(is_large).or(found.first());
    let chosen = found.iter().find(|photo| Some(photo.id) == chosen).or(first).map(|photo| photo.id);
    let samples = found.into_iter().filter_map(|photo| {
        let thumbnail = Pictures::of(photo.id, &renditions, &signer, false).thumbnail?;
        Some(Sample {
            id: photo.id,
            picture: Picture::of(&thumbnail, None, photo.placeholder),
            chosen: chosen == Some(photo.id),
            alt: photo.title.filter(|title| !title.is_empty()).unwrap_or(photo.filename),
        })
    });
    Ok(samples.collect())
}

async fn renewal(app: &App, owner: AccountId) -> Result<Renewal> {
    let pending = renditions::store::outdated::count_marked_otherwise(&app.db, owner).await?;
    let all = renditions::store::outdated::count_marked(&app.db, owner).await?;
    let done = (all - pending).max(0);
    Ok(Renewal { pending, done, all, text: format!("{} of {}", grouped(done), grouped(all)) })
}

/// What a kind of mark begins with, for the script that changes from one to another.
fn looks() -> Vec<Look> {
    let kinds = [(Shown::Name, Place::Tiled), (Shown::Name, Place::Center)];
    let images = [(Shown::Image, Place::Tiled), (Shown::Image, Place::Center)];
    let look = |(shown, place)| {
        let (size, opacity) = usual_look(shown, place);
        Look { name: Watermark::look(shown, place).to_owned(), size, opacity }
    };
    kinds.into_iter().chain(images).map(look).collect()
}

/// As they lie in a picture.
const PLACES: [(Place, &str); 9] = [
    (Place::TopLeft, "Top left"),
    (Place::Top, "Top"),
    (Place::TopRight, "Top right"),
    (Place::Left, "Left"),
    (Place::Center, "Middle"),
    (Place::Right, "Right"),
    (Place::BottomLeft, "Bottom left"),
    (Place::Bottom, "Bottom"),
    (Place::BottomRight, "Bottom right"),
];
