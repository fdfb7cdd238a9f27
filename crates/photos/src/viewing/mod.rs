//! What a client sees through a share link: a gallery on a phone, without an account.

pub mod api;
pub mod screen;

use std::collections::BTreeMap;

use actix_session::Session;
use actix_web::{HttpMessage, HttpRequest};
use chrono::Utc;
use common::{
    OrNotFound, Result,
    browser_session::VISITS,
    secrets::{is_token, sha256_hex},
    web::{AskedByHead, header},
};

use crate::{
    app::App,
    galleries::{Gallery, GalleryId, store as galleries},
    media::Grant,
    photos::{Cursor, PAGE, Photo, Rendition, store as photos},
    policy::{Access, LinkPower, Viewer, access},
    shares::{ShareLink, State, store},
};

/// A begun visit goes on for so long without being counted again.
const VISIT_SECONDS: i64 = 24 * 3600;

/// What opening a link came to.
pub enum Opening {
    /// The gallery, with the link's power.
    Open(Box<Visit>),
    /// It does not open (any more).
    Closed(State, String),
}

/// A visit through an open link.
pub struct Visit {
    /// The gallery.
    pub gallery: Gallery,
    /// What the link gives.
    pub power: LinkPower,
    /// By what right media addresses are made; `None` for a robot, who sees no picture and counts for nobody.
    pub grant: Option<Grant>,
}

/// Opens a link: counts the visit once, however often the page is loaded. An unknown token is 404.
pub async fn open(app: &App, request: &HttpRequest, session: &Session, token: &str) -> Result<Opening> {
    if !is_token(token) {
        return Err(common::Error::NotFound);
    }
    let link = store::find_by_token(&app.db, &sha256_hex(token)).await?.or_not_found()?;
    let id: GalleryId = link.gallery.or_not_found()?;
    let Some(gallery) = galleries::find(&app.db, id, None).await? else {
        let photographer = store::find_photographer(&app.db, link.id).await?.or_not_found()?;
        return Ok(Opening::Closed(State::Revoked, photographer));
    };
    let begun =
        visits(session).get(&link.id.0).is_some_and(|begun| begun + VISIT_SECONDS > Utc::now().timestamp());
    match link.state() {
        State::Active => {}
        // Whoever is inside may stay; only a new visit would be one too many.
        State::UsedUp if begun => {}
        closed => return Ok(Opening::Closed(closed, gallery.owner_name)),
    }
    let power = LinkPower { gallery: id, level: link.level };
    require_access(power, &gallery)?;
    if is_robot(request) {
        return Ok(Opening::Open(Box::new(Visit { gallery, power, grant: None })));
    }
    if !begun && !begin(app, session, &link).await? {
        return Ok(Opening::Closed(State::UsedUp, gallery.owner_name));
    }
    let epoch = store::find_epoch(&app.db, link.id).await?.or_not_found()?;
    Ok(Opening::Open(Box::new(Visit { gallery, power, grant: Some(Grant::Link { id: link.id, epoch }) })))
}

/// A page of the gallery's photos, as far as the link's power reaches, with their renditions and where the next page
/// begins.
pub async fn page(
    app: &App,
    visit: &Visit,
    after: Option<&Cursor>,
) -> Result<(Vec<Photo>, Vec<Rendition>, Option<Cursor>)> {
    require_access(visit.power, &visit.gallery)?;
    let order = after.map_or(visit.gallery.order, Cursor::order);
    let photos =
        photos::list_gallery(&app.db, visit.gallery.id, photos::Scope::SHOWN, order, after, PAGE).await?;
    let renditions = photos::list_renditions(&app.db, &photos.items).await?;
    let next = photos.items.last().filter(|_| photos.more).map(|last| Cursor::at(last, order));
    Ok((photos.items, renditions, next))
}

/// Nothing is told or counted where the policy shows a link nothing.
fn require_access(power: LinkPower, gallery: &Gallery) -> Result<()> {
    if access(Viewer::Link(&power), &gallery.subject()) < Access::Marked {
        return Err(common::Error::NotFound);
    }
    Ok(())
}

async fn begin(app: &App, session: &Session, link: &ShareLink) -> Result<bool> {
    if store::update_visited(&app.db, link.id).await?.is_none() {
        return Ok(false);
    }
    let now = Utc::now().timestamp();
    let mut visits = visits(session);
    visits.retain(|_, begun| *begun + VISIT_SECONDS > now);
    visits.insert(link.id.0, now);
    session.insert(VISITS, visits)?;
    Ok(true)
}

fn visits(session: &Session) -> BTreeMap<i32, i64> {
    session.get(VISITS).ok().flatten().unwrap_or_default()
}

/// Programs that look at a link to preview it; they are told the title and are not counted.
fn is_robot(request: &HttpRequest) -> bool {
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
