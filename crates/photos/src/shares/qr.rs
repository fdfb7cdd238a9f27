//! `GET /shares/{id}/qr.svg` and `.png`: a link to be printed on a card and opened with a phone's camera.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, ContentDisposition},
    web::{Data, Path},
};
use common::{Error, OrNotFound, Result};
use qrcodegen::{QrCode, QrCodeEcc};

use super::{ShareLinkId, State, find_own};
use crate::{app::App, identity::CurrentUser};

/// Light squares around the code, as ISO/IEC 18004 wants them.
const QUIET: i32 = 4;
/// Pixels of a square in the PNG: large enough for print.
const SQUARE: u32 = 16;

/// The code as a drawing or a picture.
pub async fn get(
    app: Data<App>,
    path: Path<(ShareLinkId, String)>,
    user: CurrentUser,
) -> Result<HttpResponse> {
    let (id, form) = path.into_inner();
    let (link, _) = find_own(&app, &user, id).await?;
    if link.state() != State::Active {
        return Err(Error::Gone("This link no longer opens, so it has no code.".to_owned()));
    }
    let url = link.url(&app).or_not_found()?;
    let code = QrCode::encode_text(&url, QrCodeEcc::Medium).map_err(anyhow::Error::from)?;
    let (media_type, bytes) = match form.as_str() {
        "qr.svg" => ("image/svg+xml", drawing(&code).into_bytes()),
        "qr.png" => ("image/png", picture(&code)?),
        _ => return Err(Error::NotFound),
    };
    let name = format!("link-{id}.{}", form.trim_start_matches("qr."));
    Ok(HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((CONTENT_DISPOSITION, ContentDisposition::attachment(name)))
        .body(bytes))
}

fn drawing(code: &QrCode) -> String {
    use std::fmt::Write;
    let size = code.size() + 2 * QUIET;
    let mut path = String::new();
    for (x, y) in dark(code) {
        write!(path, "M{x},{y}h1v1h-1z").expect("a text grows");
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><path d=\"{path}\"/></svg>"
    )
}

fn picture(code: &QrCode) -> Result<Vec<u8>> {
    let edge = u32::try_from(code.size() + 2 * QUIET).unwrap_or(0) * SQUARE;
    let mut picture = image::GrayImage::from_pixel(edge, edge, image::Luma([255]));
    for (x, y) in dark(code) {
        let corner = |place: i32| u32::try_from(place).unwrap_or(0) * SQUARE;
        for (right, down) in (0..SQUARE).flat_map(|right| (0..SQUARE).map(move |down| (right, down))) {
            picture.put_pixel(corner(x) + right, corner(y) + down, image::Luma([0]));
        }
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).map_err(anyhow::Error::from)?;
    Ok(bytes.into_inner())
}

/// The dark squares, with the quiet zone counted in.
fn dark(code: &QrCode) -> impl Iterator<Item = (i32, i32)> {
    (0..code.size())
        .flat_map(|y| (0..code.size()).map(move |x| (x, y)))
        .filter(|(x, y)| code.get_module(*x, *y))
        .map(|(x, y)| (x + QUIET, y + QUIET))
}
