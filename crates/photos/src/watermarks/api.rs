//! A photographer's watermark for programs: read, changed, given a PNG, taken away.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Bytes, Data, Payload},
};
use chrono::{DateTime, Utc};
use common::{
    Error, Result, client_address,
    csrf::{CsrfChecked, CsrfJson, expect_type},
};
use imaging::{Logo, LogoFault};
use serde::Serialize;
use sqlx::PgTransaction;
use utoipa::ToSchema;

use super::{
    Change, ImageSize, Shown, Watermark,
    store::{self, Stored},
};
use crate::{
    app::App,
    identity::{AccountId, Photographer},
    jobs, renditions,
};

/// A watermark.
#[derive(Serialize, ToSchema)]
#[schema(as = Watermark)]
struct WatermarkBody {
    kind: Shown,
    /// Up to 60 letters, Latin, Greek or Cyrillic; null where none was given.
    text: Option<String>,
    /// The PNG without its empty border; null where none was given.
    image: Option<ImageSize>,
    /// `tiled`, `top_left`, `top`, `top_right`, `left`, `center`, `right`, `bottom_left`, `bottom` or `bottom_right`.
    position: &'static str,
    /// 0.02 to 0.5: height of the letters or mean edge of the PNG, as a share of the picture's mean edge.
    size: f64,
    /// 0.2 to 1.
    opacity: f64,
    /// -90 to 90: by how many degrees tiled lines rise.
    angle: f64,
    /// 0 to 0.2: from the edges, as a share of the picture's mean edge.
    margin: f64,
    /// Null where nothing was chosen yet.
    updated_at: Option<DateTime<Utc>>,
    /// Photos whose renditions are not made with it yet.
    pending: i64,
    /// Photos that have marked renditions.
    photos: i64,
}

/// The watermark.
#[utoipa::path(get, path = "/api/watermark", responses((status = 200, body = WatermarkBody)))]
pub async fn get(app: Data<App>, user: Photographer) -> Result<HttpResponse> {
    shown(&app, user.0.account).await
}

/// Changes the watermark; absent fields stay.
///
/// Else: 422
#[utoipa::path(
    put, path = "/api/watermark",
    request_body = Change,
    responses((status = 200, body = WatermarkBody))
)]
pub async fn update(app: Data<App>, user: Photographer, body: CsrfJson<Change>) -> Result<HttpResponse> {
    let owner = user.0.account;
    let mut transaction = app.db.begin().await?;
    let before = held(&mut transaction, owner).await?;
    let watermark = before.clone().changed(body.0).map_err(Error::Invalid)?;
    if watermark != before {
        keep(transaction, owner, &watermark, None).await?;
    }
    shown(&app, owner).await
}

/// Takes a PNG, which is what the watermark shows from then on. At most 2 MB and 4 megapixels, 8 or 16 bit, grayscale
/// or in colour.
///
/// Else: 422 `errors.image` says what is wrong with it; 429
#[utoipa::path(
    put, path = "/api/watermark/image",
    request_body(content = Vec<u8>, content_type = "image/png"),
    responses((status = 200, body = WatermarkBody))
)]
pub async fn update_image(
    app: Data<App>,
    request: HttpRequest,
    user: Photographer,
    _checked: CsrfChecked,
    body: Payload,
) -> Result<HttpResponse> {
    expect_type(&request, "image/png")?;
    let body = body.to_bytes_limited(Logo::MAX_BYTES).await.map_err(|_| refused(LogoFault::TooLarge))?;
    let body =
        body.map_err(|_| Error::BadRequest("The PNG was cut off. Please send it again.".to_owned()))?;
    let (logo, size) = take_png(&app, &request, body).await?;
    let owner = user.0.account;
    let mut transaction = app.db.begin().await?;
    let watermark = held(&mut transaction, owner).await?.with_image(size);
    keep(transaction, owner, &watermark, Some(logo.png())).await?;
    shown(&app, owner).await
}

/// A PNG out of a stranger's bytes.
pub async fn take_png(app: &App, request: &HttpRequest, body: Bytes) -> Result<(Logo, ImageSize)> {
    app.previews.limit.check(client_address::of(request))?;
    Logo::probe(&body).map_err(refused)?;
    // A decoder in a process of its own has survived these bytes before this one reads them.
    app.previews.try_out(&body).await?;
    let read = web::block(move || Logo::read(&body)).await.map_err(anyhow::Error::from)?;
    let (logo, size) = read.map_err(refused)?;
    let edge = |length| i32::try_from(length).unwrap_or(i32::MAX);
    Ok((logo, ImageSize { width: edge(size.width), height: edge(size.height) }))
}

fn refused(fault: LogoFault) -> Error {
    Error::invalid("image", fault.to_string())
}

/// Goes back to what it is for those who chose none: the photographer's name, or a text of the site, tiled. A PNG is
/// forgotten.
#[utoipa::path(delete, path = "/api/watermark", responses((status = 204)))]
pub async fn delete(app: Data<App>, user: Photographer, _checked: CsrfChecked) -> Result<HttpResponse> {
    let owner = user.0.account;
    let mut transaction = app.db.begin().await?;
    store::lock(&mut transaction, owner).await?;
    if store::delete(&mut *transaction, owner).await? {
        jobs::add_roll_out(&mut *transaction, Duration::ZERO).await?;
    }
    transaction.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What is drawn now; nobody changes it until the transaction ends.
pub async fn held(transaction: &mut PgTransaction<'_>, owner: AccountId) -> Result<Watermark> {
    store::lock(transaction, owner).await?;
    let stored = store::find(&mut **transaction, owner).await?;
    match stored {
        Some(stored) => Ok(stored.watermark),
        None => Ok(store::find_usual(&mut **transaction).await?.watermark),
    }
}

/// Keeps it, with whatever else the transaction did. Renditions with it are made in the background; until then those with the one before are shown.
pub async fn keep(
    mut transaction: PgTransaction<'_>,
    owner: AccountId,
    watermark: &Watermark,
    png: Option<&[u8]>,
) -> Result<()> {
    store::update(&mut *transaction, owner, watermark, png).await?;
    jobs::add_roll_out(&mut *transaction, Duration::ZERO).await?;
    Ok(transaction.commit().await?)
}

async fn shown(app: &App, owner: AccountId) -> Result<HttpResponse> {
    let stored = store::find(&app.db, owner).await?;
    let pending = renditions::store::outdated::count_marked_otherwise(&app.db, owner).await?;
    let photos = renditions::store::outdated::count_marked(&app.db, owner).await?;
    let updated_at = stored.as_ref().map(|stored| stored.updated_at);
    let watermark = match stored {
        Some(Stored { watermark, .. }) => watermark,
        None => store::find_usual(&app.db).await?.watermark,
    };
    let Watermark { shown, text, image, position, size, opacity, angle, margin } = watermark;
    let position = position.name();
    let kind = shown;
    Ok(HttpResponse::Ok().json(WatermarkBody {
        kind,
        text,
        image,
        position,
        size,
        opacity,
        angle,
        margin,
        updated_at,
        pending,
        photos,
    }))
}
