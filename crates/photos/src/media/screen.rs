//! `GET /media/{photo}/{variant}`: the bytes of a picture, for whoever the policy lets see it at this moment.

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    http::{
        Method, StatusCode,
        header::{
            self, ContentDisposition, DispositionParam, DispositionType, ETag, EntityTag, Header,
            IfNoneMatch, Range,
        },
    },
    web::{Bytes, Data, Path, Query},
};
use common::{Error, OrNotFound, Result};
use futures_util::stream;
use imaging::Kind;
use serde::Deserialize;

use super::{Grant, Variant, is_valid, store};
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
    if is_look(&request, variant) && answer.status() == StatusCode::OK {
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
    let tag = EntityTag::new_strong(stored.tag);
    let mut response = HttpResponse::Ok();
    response
        .insert_header(ETag(tag.clone()))
        .insert_header((header::CACHE_CONTROL, caching(grant)))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        // Pictures don't shrink, and a compressed answer would lose its length and its ranges.
        .insert_header((header::CONTENT_ENCODING, "identity"));
    if is_known(request, &tag) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    response.content_type(stored.media_type);
    if matches!(variant, Variant::Original | Variant::CleanOriginal) {
        response.insert_header(attachment(&stored.filename));
    }
    let range = match requested_range(request, stored.size) {
        Ok(None) => 0..stored.size,
        Ok(Some(range)) => {
            let shown = format!("bytes {}-{}/{}", range.start, range.end - 1, stored.size);
            response.status(StatusCode::PARTIAL_CONTENT).insert_header((header::CONTENT_RANGE, shown));
            range
        }
        Err(()) => {
            let shown = format!("bytes */{}", stored.size);
            return Ok(response
                .status(StatusCode::RANGE_NOT_SATISFIABLE)
                .insert_header((header::CONTENT_RANGE, shown))
                .finish());
        }
    };
    let length = range.end - range.start;
    if request.method() == Method::HEAD || length == 0 {
        // The length is told, the bytes are not sent.
        return Ok(response.body(SizedStream::new(length, stream::empty::<Result<Bytes>>())));
    }
    let bytes = match stored.plan {
        Some(plan) => originals::stream::open(&app.storage, &stored.key, &plan, range).await?,
        None => app.storage.stream(&stored.key, range).await?.map(originals::stream::plain),
    };
    Ok(response.body(SizedStream::new(length, bytes.or_not_found()?)))
}

/// What only some may see stays in their own browser, for as long as the address lives.
fn caching(grant: Grant) -> &'static str {
    match grant {
        Grant::Public => "public, max-age=300",
        Grant::Person(_) | Grant::Link { .. } => "private, max-age=21600, immutable",
    }
}

fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

/// A single satisfiable range; several ranges or an unreadable header get the whole file, as RFC 9110 allows.
fn requested_range(request: &HttpRequest, size: u64) -> Result<Option<std::ops::Range<u64>>, ()> {
    // Without our own tag nobody can tell that `If-Range` still fits, so the whole file is the right answer to it.
    let conditional = request.headers().contains_key(header::IF_RANGE);
    if request.method() != Method::GET || conditional || !request.headers().contains_key(header::RANGE) {
        return Ok(None);
    }
    let Ok(Range::Bytes(ranges)) = Range::parse(request) else { return Ok(None) };
    let [range] = ranges.as_slice() else { return Ok(None) };
    range.to_satisfiable_range(size).map(|(first, last)| Some(first..last + 1)).ok_or(())
}

fn attachment(filename: &str) -> ContentDisposition {
    let ascii: String = filename
        .chars()
        .map(|c| if c.is_ascii_graphic() && !"\"\\/".contains(c) || c == ' ' { c } else { '_' })
        .collect();
    let extended = header::ExtendedValue {
        charset: header::Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: filename.as_bytes().to_vec(),
    };
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(ascii), DispositionParam::FilenameExt(extended)],
    }
}
