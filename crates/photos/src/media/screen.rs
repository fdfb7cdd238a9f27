//! `GET /media/{photo}/{variant}`: the bytes of a picture, for whoever the policy lets see it at this moment.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode},
    web::{Data, Path, Query},
};
use common::{Error, OrNotFound, Result};
use imaging::Kind;
use serde::Deserialize;

use super::{
    Grant, Variant,
    delivery::Delivery,
    is_valid,
    sending::{self, Sendable},
    store,
};
use crate::{
    app::App,
    galleries::GalleryId,
    identity::{AccountId, middleware::person},
    originals,
    photos::{self, PhotoId},
    policy::{Access, Viewer, access},
    shares,
    statistics::Visitor,
};

/// How long an address at the S3 server opens a picture: it is asked for at once.
const GOOD_FOR: Duration = Duration::from_mins(5);

/// The signed part of an address.
#[derive(Deserialize)]
pub struct Signature {
    g: String,
    e: i64,
    s: String,
}

/// The picture, or 404 for whatever reason it is not this viewer's to see.
pub async fn get(
    app: Data<App>,
    address: Path<(PhotoId, String)>,
    signature: Query<Signature>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (photo, variant) = address.into_inner();
    let variant: Variant = variant.parse().ok().or_not_found()?;
    let grant: Grant = signature.g.parse().ok().or_not_found()?;
    if !is_valid(&app.config.secrets, photo, variant, grant, signature.e, &signature.s) {
        return Err(Error::NotFound);
    }
    let seen = may_see(&app, &request, photo, variant, grant).await?.or_not_found()?;
    let stored = store::find(&app.db, photo, variant).await?.or_not_found()?;
    let answer = send(&app, &request, stored, variant, grant).await?;
    if is_look(&request, variant)
        && [StatusCode::OK, StatusCode::TEMPORARY_REDIRECT].contains(&answer.status())
    {
        count(&app, &request, photo, grant, &seen);
    }
    Ok(answer)
}

/// What is known of a picture that may be seen.
struct Seen {
    gallery: Option<GalleryId>,
    account: Option<AccountId>,
    /// Whether it is for somebody who works on it, and so is nobody's visit.
    at_work: bool,
}

async fn may_see(
    app: &App,
    request: &HttpRequest,
    photo: PhotoId,
    variant: Variant,
    grant: Grant,
) -> Result<Option<Seen>> {
    let user = if matches!(grant, Grant::Person(_)) { person(app, request).await? } else { None };
    let account = user.as_ref().map(|user| user.account);
    let Some(subject) = photos::store::find_subject(&app.db, photo, account).await? else { return Ok(None) };
    // What the address gives away does not depend on what was decided when it was made.
    if variant == Variant::Original && !originals::store::is_own(&app.db, photo).await? {
        return Ok(None);
    }
    let found = match grant {
        Grant::Public => access(Viewer::Nobody, &subject),
        Grant::Person(id) => user
            .filter(|user| user.account == id)
            .map_or(Access::Nothing, |user| access(Viewer::Person(&user), &subject)),
        Grant::Link { id, epoch } => {
            let power = shares::store::find_power(&app.db, id, epoch).await?;
            power.map_or(Access::Nothing, |power| access(Viewer::Link(&power), &subject))
        }
    };
    let seen = Seen { gallery: subject.gallery, account, at_work: found >= Access::Edit };
    Ok((found >= variant.needs()).then_some(seen))
}

/// Whether somebody looks at the photo large.
fn is_look(request: &HttpRequest, variant: Variant) -> bool {
    let large = matches!(variant, Variant::Rendition { kind: Kind::Preview, .. });
    large && request.method() == Method::GET
}

fn count(app: &App, request: &HttpRequest, photo: PhotoId, grant: Grant, seen: &Seen) {
    let (Some(gallery), false) = (seen.gallery, seen.at_work) else { return };
    let link = if let Grant::Link { id, .. } = grant { Some(id) } else { None };
    app.statistics.view_photo(Visitor::of(request, seen.account), gallery, link, photo);
}

async fn send(
    app: &App,
    request: &HttpRequest,
    stored: store::Stored,
    variant: Variant,
    grant: Grant,
) -> Result<HttpResponse> {
    let is_file = matches!(variant, Variant::Original | Variant::CleanOriginal);
    let sendable = Sendable {
        tag: stored.tag,
        size: stored.size,
        media_type: stored.media_type,
        caching: caching(grant),
        filename: is_file.then_some(stored.filename),
    };
    let asked = sendable.asked(request);
    // What is put together while it is sent has no place where another could find it.
    match (&app.config.delivery, &stored.plan) {
        (Delivery::Proxy(prefix), None) => {
            if let Some(path) = app.storage.below_folder(&stored.key) {
                return Ok(sendable.leave(asked, &format!("{prefix}{path}")));
            }
        }
        (Delivery::Presigned(_), None) if sendable.has_bytes_for(&asked) => {
            let address = app.storage.address(&stored.key, GOOD_FOR, &sendable.said()).await?;
            return Ok(sending::elsewhere(&address.or_not_found()?));
        }
        _ => {}
    }
    let open = async |range| {
        let opened = app.storage.open(&stored.key).await?.or_not_found()?;
        Ok(match stored.plan {
            Some(plan) => originals::stream::clean(opened, &plan, range),
            None => opened.stream(range),
        })
    };
    sendable.send(asked, open).await
}

/// What only some may see stays in their own browser, for as long as the address lives.
fn caching(grant: Grant) -> &'static str {
    match grant {
        Grant::Public => "public, max-age=300",
        Grant::Person(_) | Grant::Link { .. } => "private, max-age=21600, immutable",
    }
}
