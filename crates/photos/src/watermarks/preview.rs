//! What a watermark looks like before it is used: drawn over a scene of ours, or over a photo of the photographer's.

use std::{num::NonZeroU32, path::Path, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Bytes, Data, Query},
};
use common::{Error, OrNotFound, Result, client_address, csrf::CsrfJson, limits::Limit};
use imaging::{Emblem, Kind, Limits, Logo, Mark, Place, Recipe, Subject};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    Change, Watermark,
    store::{self, Stored},
};
use crate::{
    app::App,
    branding,
    identity::{CurrentUser, Photographer},
    media::{self, Variant},
    photos::{self, PhotoId},
    policy::{Access, Viewer, access},
    renditions::{
        deaths::Death,
        decoders::{Decoders, Outcome},
        process::Request,
    },
    storage::Readable,
};

/// Light and dark, drawn by ourselves.
static SCENE: Bytes = Bytes::from_static(include_bytes!("../../assets/scene.jpg"));

/// What a preview may take: much less than a photo, because its picture is a small one.
const CPU_SECONDS: u64 = 5;
const MEMORY_BYTES: u64 = 160 << 20;
/// Twelve megapixels of eight bytes, and the same twice more at half the depth.
const EMBLEM_MEMORY_BYTES: u64 = 256 << 20;
/// A preview that had to wait this long for others is not worth waiting for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Makes previews, one at a time, each in a process of its own.
pub struct Previews {
    decoders: Decoders,
    /// So many a minute for each address.
    pub limit: Limit,
}

/// Over which picture, and what is different from what is kept.
#[derive(Default, Deserialize, IntoParams)]
pub struct Wanted {
    /// A photo of one's own.
    photo_id: Option<PhotoId>,
    kind: Option<String>,
    text: Option<String>,
    position: Option<String>,
    size: Option<f64>,
    opacity: Option<f64>,
    angle: Option<f64>,
    margin: Option<f64>,
}

/// A watermark that is not kept yet, over which picture.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WatermarkDraft)]
pub struct Draft {
    /// A photo of one's own.
    photo_id: Option<PhotoId>,
    #[serde(flatten)]
    change: Change,
}

/// A JPEG that shows the watermark over a photo of one's own, or over a scene of ours; with fields of a watermark, as it
/// would be with these.
///
/// Else: 404 there is no such photo; 409 it can't be drawn; 422; 429
#[utoipa::path(
    get, path = "/api/watermark/preview",
    params(Wanted),
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>))
)]
pub async fn get(
    app: Data<App>,
    request: HttpRequest,
    user: Photographer,
    wanted: Query<Wanted>,
) -> Result<HttpResponse> {
    let Wanted { photo_id, kind, text, position, size, opacity, angle, margin } = wanted.into_inner();
    let change = Change { kind, text, position, size, opacity, angle, margin };
    sample(&app, &request, &user.0, photo_id, change).await
}

/// The same as it would be after a change; nothing is kept.
///
/// Else: 404 there is no such photo; 409 it can't be drawn; 422; 429
#[utoipa::path(
    post, path = "/api/watermark/preview",
    request_body = Draft,
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>))
)]
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    user: Photographer,
    draft: CsrfJson<Draft>,
) -> Result<HttpResponse> {
    let Draft { photo_id, change } = draft.0;
    sample(&app, &request, &user.0, photo_id, change).await
}

async fn sample(
    app: &App,
    request: &HttpRequest,
    user: &CurrentUser,
    photo: Option<PhotoId>,
    change: Change,
) -> Result<HttpResponse> {
    app.previews.limit.check(client_address::of(request))?;
    let stored = store::find(&app.db, user.account).await?;
    let (watermark, png) = match stored {
        Some(Stored { watermark, png, .. }) => (watermark, png),
        None => (store::find_usual(&app.db).await?.watermark, None),
    };
    let watermark: Watermark = watermark.changed(change).map_err(Error::Invalid)?;
    let picture = match photo {
        None => Readable::of(SCENE.clone()).map_err(anyhow::Error::from)?,
        Some(photo) => rendition(app, user, photo).await?,
    };
    let name = branding::store::find_shown_name(&app.db, user.account).await?;
    let jpeg = app.previews.draw(watermark.mark(&name, png), picture).await?;
    Ok(HttpResponse::Ok()
        .content_type("image/jpeg")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(jpeg))
}

/// The clean preview of a photo of one's own.
async fn rendition(app: &App, user: &CurrentUser, photo: PhotoId) -> Result<Readable> {
    let subject = photos::store::find_subject(&app.db, photo, Some(user.account)).await?.or_not_found()?;
    if access(Viewer::Person(user), &subject) < Access::Own {
        return Err(Error::NotFound);
    }
    let clean = Variant::Rendition { kind: Kind::Preview, marked: false, encoding: imaging::Encoding::Jpeg };
    let stored = media::store::find(&app.db, photo, clean).await?.or_not_found()?;
    app.storage.readable(&stored.key).await?.or_not_found()
}

impl Previews {
    /// Made by processes of this program.
    pub fn new(program: &Path, per_minute: NonZeroU32) -> Self {
        Self { decoders: Decoders::new(program, 1), limit: Limit::per_minute(per_minute) }
    }

    /// The picture with the mark over it.
    async fn draw(&self, mark: Mark, picture: Readable) -> Result<Vec<u8>> {
        let rendered = match self.outcome(mark, picture).await? {
            Outcome::Rendered(rendered) => rendered,
            Outcome::Failed(failure) | Outcome::Died(Death::OfPhoto(failure)) => {
                return Err(Error::Conflict(failure.detail));
            }
            Outcome::Died(Death::FromOutside(_)) => return Err(busy()),
        };
        let mut pictures = rendered.renditions.into_iter();
        let marked = pictures.find(|picture| picture.marked && picture.kind == Kind::Preview);
        Ok(marked.or_not_found()?.file)
    }

    /// Decodes a stranger's PNG in a process that may die of it. That it can't be drawn is found out later.
    pub async fn try_out(&self, png: &Bytes) -> Result<()> {
        let mark = Mark {
            subject: Subject::Logo(Logo::stored(png.to_vec())),
            place: Place::Center,
            size: 0.2,
            ..Mark::default()
        };
        let scene = Readable::of(SCENE.clone()).map_err(anyhow::Error::from)?;
        match self.outcome(mark, scene).await? {
            Outcome::Rendered(_) | Outcome::Failed(_) => Ok(()),
            Outcome::Died(Death::OfPhoto(_)) => Err(Error::invalid(
                "image",
                "This PNG breaks the program that reads it. Please export it again.",
            )),
            Outcome::Died(Death::FromOutside(_)) => Err(busy()),
        }
    }

    /// A logo for pages, read from a stranger's file in a process that may die of it.
    pub async fn emblem(&self, file: Bytes) -> Result<Emblem> {
        let refused = |detail: String| Error::invalid("logo", detail);
        let slot = tokio::time::timeout(PATIENCE, self.decoders.slot()).await.map_err(|_| busy())?;
        let file = Readable::of(file).map_err(anyhow::Error::from)?;
        let (recipe, size) = (Recipe::default(), file.size);
        let request = Request { recipe, size, cpu_seconds: CPU_SECONDS, memory: EMBLEM_MEMORY_BYTES };
        match slot.emblem(&request, file, PATIENCE).await? {
            Outcome::Rendered(emblem) => Ok(emblem),
            Outcome::Failed(failure) => Err(refused(failure.detail)),
            Outcome::Died(Death::OfPhoto(_)) => Err(refused(
                "This picture breaks the program that reads it. Please export it again.".to_owned(),
            )),
            Outcome::Died(Death::FromOutside(_)) => Err(busy()),
        }
    }

    async fn outcome(&self, mark: Mark, picture: Readable) -> Result<Outcome> {
        let slot = tokio::time::timeout(PATIENCE, self.decoders.slot()).await.map_err(|_| busy())?;
        let limits = Limits { max_megapixels: 20, ..Limits::default() };
        let recipe = Recipe { mark, marked: vec![Kind::Preview], limits, ..Recipe::default() };
        let size = picture.size;
        let request = Request { recipe, size, cpu_seconds: CPU_SECONDS, memory: MEMORY_BYTES };
        Ok(slot.render_apart(&request, picture, PATIENCE).await?)
    }
}

fn busy() -> Error {
    Error::Unavailable { detail: "Previews are busy for a moment.".to_owned(), retry_after: 5 }
}
