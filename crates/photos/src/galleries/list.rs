//! `/gallery`: one's own galleries, those shared with one's account, and public ones; the form for a new one.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Query},
};
use common::{
    Result,
    csrf::CsrfForm,
    error::FieldErrors,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{
    Card, Details, Gallery, GalleryId,
    store::{self, Kind},
};
use crate::{
    app::App,
    identity::{CurrentUser, MaybeUser, Photographer},
    media::{Grant, Signer},
    photos::{
        Listing, Placeholder,
        picture::{Image, Picture},
    },
    policy::{Access, Viewer, access},
};

/// As many galleries of others of each kind as the page shows.
const MOST: u16 = 200;
/// As many own ones as a page shows.
const PAGE: u16 = 60;
/// Fewer than these are found by looking.
const FEW: usize = 12;

/// Which of the own galleries are asked for.
#[derive(Deserialize, Default)]
pub struct Part {
    #[serde(default)]
    q: String,
    after: Option<GalleryId>,
}

/// What was typed.
#[derive(Deserialize, Serialize, Default)]
pub struct CreateForm {
    name: String,
}

#[derive(Serialize)]
struct ListPage {
    own: Vec<Card>,
    shared: Vec<Card>,
    public: Vec<Card>,
    may_create: bool,
    q: String,
    has_search: bool,
    next: Option<String>,
    form: CreateForm,
    errors: FieldErrors,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "gallery/list.html";

    fn title(&self) -> String {
        "Galleries".to_owned()
    }
}

/// The page.
pub async fn get(app: Data<App>, part: Query<Part>, user: MaybeUser, view: View) -> Result<HttpResponse> {
    let page = page(&app, user.0.as_ref(), &part, CreateForm::default(), FieldErrors::new()).await?;
    view.ok(&page)
}

/// Makes a gallery and goes there.
pub async fn post(
    app: Data<App>,
    user: Photographer,
    view: View,
    form: CsrfForm<CreateForm>,
) -> Result<HttpResponse> {
    match Details::parse(&form.0.name, "", false) {
        Ok(details) => {
            let id = store::create(&app.db, user.0.account, &details).await?;
            Ok(see_other(&format!("/gallery/{id}")))
        }
        Err(errors) => {
            let page = page(&app, Some(&user.0), &Part::default(), form.0, errors).await?;
            view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

async fn page(
    app: &Data<App>,
    user: Option<&CurrentUser>,
    part: &Part,
    form: CreateForm,
    errors: FieldErrors,
) -> Result<ListPage> {
    let account = user.map(|user| user.account);
    let viewer = user.map_or(Viewer::Nobody, Viewer::Person);
    let q = part.q.trim().replace('\0', "");
    let (mut own, mut shared, mut public, mut next) = (Vec::new(), Vec::new(), Vec::new(), None);
    if let Some(account) = account {
        let found = store::list_named(&app.db, account, &q, part.after, PAGE + 1).await?;
        let found = Listing::of(found, PAGE);
        next = found.items.last().filter(|_| found.more).map(|last| address(&q, last.id));
        own = cards(app, found.items, viewer).await?;
    }
    // What others show stands below all of one's own, and is not searched.
    let is_whole = q.is_empty() && part.after.is_none();
    if is_whole && account.is_some() {
        shared = cards(app, store::list(&app.db, Kind::Shared, account, None, MOST).await?, viewer).await?;
    }
    if is_whole {
        public = cards(app, store::list(&app.db, Kind::Public, account, None, MOST).await?, viewer).await?;
    }
    let may_create = user.is_some_and(|user| user.role.may_own_galleries());
    let has_search = !is_whole || own.len() >= FEW;
    Ok(ListPage { own, shared, public, may_create, q, has_search, next, form, errors })
}

fn address(q: &str, after: GalleryId) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if !q.is_empty() {
        query.append_pair("q", q);
    }
    query.append_pair("after", &after.to_string());
    format!("/gallery?{}", query.finish())
}

/// The cards of galleries that this viewer, nobody or a person, may see.
pub async fn cards(app: &App, galleries: Vec<Gallery>, viewer: Viewer<'_>) -> Result<Vec<Card>> {
    let marked = |gallery: &Gallery| access(viewer, &gallery.subject()) <= Access::Marked;
    let wanted = galleries.iter().map(|gallery| (gallery.id, marked(gallery)));
    let covers = store::list_covers(&app.db, wanted).await?;
    let grant = if let Viewer::Person(user) = viewer { Grant::Person(user.account) } else { Grant::Public };
    let signer = Signer::new(&app.config.secrets, grant);
    let picture = |cover: &store::Cover| {
        let encodings = cover.encodings.iter().filter_map(|name| Some((name.parse().ok()?, cover.version)));
        let kind = (imaging::Kind::Thumbnail2x, cover.marked);
        let image = Image::of(cover.photo, kind, encodings, (cover.width, cover.height), &signer);
        Picture::of(&image, None, Placeholder::from_stored(cover.thumbhash.clone(), cover.dominant_colour))
    };
    let card = |gallery: Gallery| Card {
        cover: covers.iter().find(|cover| cover.gallery == gallery.id).map(picture),
        href: format!("/gallery/{}", gallery.id),
        count_text: gallery.count_text(),
        date_text: gallery.date_text(),
        badge: gallery.is_public.then_some("Public"),
        id: gallery.id,
        is_public: gallery.is_public,
        name: gallery.name,
    };
    Ok(galleries.into_iter().map(card).collect())
}
