//! What a client sees through a share link: a gallery on a phone, without an account.

pub mod api;
pub mod client_page;
mod cover;
pub mod door;
pub mod facts;
mod heading;
pub mod photo;
pub mod preview;
pub mod screen;
mod words;

use std::collections::BTreeMap;

use actix_session::Session;
use actix_web::{HttpMessage, HttpRequest};
use chrono::Utc;
use common::{
    Error, OrNotFound, Result,
    browser_session::{UNLOCKED, VISITS},
    secrets::sha256_hex,
    web::{AskedByHead, header},
};

use crate::{
    app::App,
    customers,
    galleries::{
        Gallery, GalleryId, store as galleries,
        walk::{self, Place},
    },
    media::Grant,
    photos::{Photo, Rendition, store as photos},
    policy::{Access, LinkPower, Viewer, access},
    shares::{self, ShareLink, ShareLinkId, State, store},
    statistics::Visitor,
};

/// A begun visit goes on for so long without being counted again.
const VISIT_SECONDS: i64 = 24 * 3600;

/// What opening a link came to.
pub enum Opening {
    /// The gallery, with the link's power.
    Open(Box<Visit>),
    /// It does not open (any more); with the photographer's name.
    Closed(State, String),
    /// It asks for its password first.
    Locked(Box<Door>),
    /// Its visits are numbered, so this one begins with a button and not with a look.
    Waiting(Box<Door>),
}

/// A link before it is opened.
pub struct Door {
    /// The link.
    pub link: ShareLink,
    /// What it opens.
    pub gallery: Gallery,
}

/// A visit through an open link.
pub struct Visit {
    /// The gallery.
    pub gallery: Gallery,
    /// What the link gives.
    pub power: LinkPower,
    /// The link.
    pub link: ShareLink,
    /// By what right media addresses are made; `None` for a robot, who sees no picture and counts for nobody.
    pub grant: Option<Grant>,
}

/// Opens a link: counts the visit once, however often the page is loaded. An unknown token is 404.
pub async fn open(app: &App, request: &HttpRequest, session: &Session, token: &str) -> Result<Opening> {
    let Door { link, gallery } = match knock(app, session, token).await? {
        Ok(door) => door,
        Err(closed) => return Ok(closed),
    };
    let begun = has_begun(session, link.id);
    if is_robot(request) {
        return visit(link, gallery, false);
    }
    if link.password_hash.is_some() && !is_unlocked(session, &link) {
        return Ok(Opening::Locked(Box::new(Door { link, gallery })));
    }
    if !begun && link.max_views.is_some() {
        return Ok(Opening::Waiting(Box::new(Door { link, gallery })));
    }
    if !begun && !begin(app, request, session, &link).await? {
        return Ok(Opening::Closed(State::UsedUp, gallery.owner_name));
    }
    visit(link, gallery, true)
}

/// Opens a link for a download. That counts as no visit, and programs may come too; whatever stands before the page stands
/// before its downloads.
pub async fn open_for_download(app: &App, session: &Session, token: &str) -> Result<Opening> {
    let Door { link, gallery } = match knock(app, session, token).await? {
        Ok(door) => door,
        Err(closed) => return Ok(closed),
    };
    if link.password_hash.is_some() && !is_unlocked(session, &link) {
        return Ok(Opening::Locked(Box::new(Door { link, gallery })));
    }
    if link.max_views.is_some() && !has_begun(session, link.id) {
        return Ok(Opening::Waiting(Box::new(Door { link, gallery })));
    }
    visit(link, gallery, true)
}

/// The link and its gallery, if there is something to open.
async fn knock(app: &App, session: &Session, token: &str) -> Result<Result<Door, Opening>> {
    if !shares::is_token(token) {
        return Err(Error::NotFound);
    }
    let link = store::find_by_token(&app.db, &sha256_hex(token)).await?.or_not_found()?;
    let id: GalleryId = link.gallery.or_not_found()?;
    let Some(gallery) = galleries::find(&app.db, id, None).await? else {
        let photographer = store::find_photographer(&app.db, link.id).await?.or_not_found()?;
        return Ok(Err(Opening::Closed(State::Revoked, photographer)));
    };
    match link.state() {
        State::Active => {}
        // Whoever is inside may stay; only a new visit would be one too many.
        State::UsedUp if has_begun(session, link.id) => {}
        closed => return Ok(Err(Opening::Closed(closed, gallery.owner_name))),
    }
    require_access(&link.power().or_not_found()?, &gallery)?;
    Ok(Ok(Door { link, gallery }))
}

fn visit(link: ShareLink, gallery: Gallery, is_person: bool) -> Result<Opening> {
    let power = link.power().or_not_found()?;
    let grant = is_person.then_some(Grant::Link { id: link.id, epoch: link.epoch });
    Ok(Opening::Open(Box::new(Visit { gallery, power, link, grant })))
}

/// What a client did at the door.
pub enum Deed {
    /// Went in, or may go in now.
    Done,
    /// Gave the wrong password.
    Wrong(Box<Door>),
    /// Came too late.
    Closed(State, String),
}

/// Opens a link with its password. It stays open for this browser until the password changes.
pub async fn unlock(app: &App, session: &Session, token: &str, password: &str) -> Result<Deed> {
    let door = match knock(app, session, token).await? {
        Ok(door) => door,
        Err(Opening::Closed(state, photographer)) => return Ok(Deed::Closed(state, photographer)),
        Err(_) => return Err(Error::NotFound),
    };
    if !shares::password::unlocks(app, &door.link, password).await? {
        return Ok(Deed::Wrong(Box::new(door)));
    }
    let mut unlocked = unlocked(session);
    unlocked.insert(door.link.id.0, lock_of(&door.link));
    session.insert(UNLOCKED, unlocked)?;
    Ok(Deed::Done)
}

/// Begins a visit that counts, where visits are numbered. One that has begun goes on.
pub async fn enter(app: &App, request: &HttpRequest, session: &Session, token: &str) -> Result<Deed> {
    let Door { link, gallery } = match knock(app, session, token).await? {
        Ok(door) => door,
        Err(Opening::Closed(state, photographer)) => return Ok(Deed::Closed(state, photographer)),
        Err(_) => return Err(Error::NotFound),
    };
    if link.password_hash.is_some() && !is_unlocked(session, &link) {
        return Err(Error::Forbidden("This link asks for its password first.".to_owned()));
    }
    if has_begun(session, link.id) || begin(app, request, session, &link).await? {
        return Ok(Deed::Done);
    }
    Ok(Deed::Closed(State::UsedUp, gallery.owner_name))
}

/// A page of the gallery's photos, as far as the link's power reaches, with their renditions and where the next page
/// begins.
pub async fn page(
    app: &App,
    visit: &Visit,
    from: Option<&Place>,
) -> Result<(Vec<Photo>, Vec<Rendition>, Option<Place>)> {
    require_access(&visit.power, &visit.gallery)?;
    let stops = walk::stops(&app.db, &visit.gallery, visit.power.sections.as_deref()).await?;
    let stretch = walk::stretch(&app.db, &visit.gallery, &stops, from).await?;
    let photos: Vec<Photo> = stretch.parts.into_iter().flat_map(|(_, photos)| photos).collect();
    let renditions = photos::list_renditions(&app.db, &photos).await?;
    Ok((photos, renditions, stretch.next))
}

/// Nothing is told or counted where the policy shows a link nothing.
fn require_access(power: &LinkPower, gallery: &Gallery) -> Result<()> {
    if access(Viewer::Link(power), &gallery.subject()) < Access::Marked {
        return Err(Error::NotFound);
    }
    Ok(())
}

/// Counts the visit, notes it with the customer, and tells the sender of the first one.
async fn begin(app: &App, request: &HttpRequest, session: &Session, link: &ShareLink) -> Result<bool> {
    let mut transaction = app.db.begin().await?;
    let Some(is_first) = store::update_visited(&mut transaction, link.id).await? else { return Ok(false) };
    if let Some(customer) = link.customer {
        customers::store::update_accessed(&mut *transaction, customer).await?;
    }
    if is_first {
        shares::letters::send_opened(app, &mut transaction, link).await?;
    }
    transaction.commit().await?;
    if let Some(gallery) = link.gallery {
        app.statistics.view(Visitor::of(request, None), gallery, Some(link.id));
    }
    let now = Utc::now().timestamp();
    let mut visits = visits(session);
    visits.retain(|_, begun| *begun + VISIT_SECONDS > now);
    visits.insert(link.id.0, now);
    session.insert(VISITS, visits)?;
    Ok(true)
}

fn has_begun(session: &Session, link: ShareLinkId) -> bool {
    visits(session).get(&link.0).is_some_and(|begun| begun + VISIT_SECONDS > Utc::now().timestamp())
}

fn is_unlocked(session: &Session, link: &ShareLink) -> bool {
    unlocked(session).get(&link.id.0).is_some_and(|lock| *lock == lock_of(link))
}

/// Which password was given: another one is another lock.
fn lock_of(link: &ShareLink) -> String {
    sha256_hex(link.password_hash.as_deref().unwrap_or_default())[..16].to_owned()
}

fn unlocked(session: &Session) -> BTreeMap<i32, String> {
    session.get(UNLOCKED).ok().flatten().unwrap_or_default()
}

fn visits(session: &Session) -> BTreeMap<i32, i64> {
    session.get(VISITS).ok().flatten().unwrap_or_default()
}

/// Programs that look at a link to preview it; they are told the title and are not counted.
pub fn is_robot(request: &HttpRequest) -> bool {
    // Whole marks of known programs: some phones have “bot” in their name.
    const SIGNS: [&str; 12] = [
        "bot/",
        "bot;",
        "bot-",
        "bot (",
        "crawler",
        "spider",
        "facebookexternalhit",
        "whatsapp/",
        "skypeuripreview",
        "curl/",
        "wget/",
        "python-requests",
    ];
    let agent =
        header(request, &actix_web::http::header::USER_AGENT).unwrap_or_default().to_ascii_lowercase();
    request.extensions().contains::<AskedByHead>()
        || agent.is_empty()
        || SIGNS.iter().any(|sign| agent.contains(sign))
}
