//! `GET /media/{photo}/{variant}`: the bytes of a picture, for whoever the policy lets see it at this moment.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query},
};
use common::{Error, OrNotFound, Result};
use serde::Deserialize;

use super::{Grant, Variant, is_valid, sending::Sendable, store};
use crate::{
    app::App,
    identity::middleware::person,
    originals,
    photos::{self, PhotoId},
    policy::{Subject, Viewer, access},
    shares,
};

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
    if !is_valid(&app.config.secrets, photo, variant, grant, signature.e, &signature.s)
        || !may_see(&app, &request, photo, variant, grant).await?
    {
        return Err(Error::NotFound);
    }
    let stored = store::find(&app.db, photo, variant).await?.or_not_found()?;
    send(&app, &request, stored, variant, grant).await
}

async fn may_see(
    app: &App,
    request: &HttpRequest,
    photo: PhotoId,
    variant: Variant,
    grant: Grant,
) -> Result<bool> {
    let user = if matches!(grant, Grant::Person(_)) { person(app, request).await? } else { None };
    let account = user.as_ref().map(|user| user.account);
    let Some(subject) = photos::store::find_subject(&app.db, photo, account).await? else { return Ok(false) };
    // What the address gives away does not depend on what was decided when it was made.
    if variant == Variant::Original && !originals::store::is_own(&app.db, photo).await? {
        return Ok(false);
    }
    let enough = |viewer: Viewer<'_>, subject: &Subject| access(viewer, subject) >= variant.needs();
    Ok(match grant {
        Grant::Public => enough(Viewer::Nobody, &subject),
        Grant::Person(id) => {
            user.is_some_and(|user| user.account == id && enough(Viewer::Person(&user), &subject))
        }
        Grant::Link { id, epoch } => {
            let power = shares::store::find_power(&app.db, id, epoch).await?;
            power.is_some_and(|power| enough(Viewer::Link(&power), &subject))
        }
    })
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
