//! Forms of a page that carry a small file: read whole, their token first.

use actix_multipart::Multipart;
use actix_web::{HttpRequest, web::Bytes};
use common::{Error, Result, csrf};
use futures_util::StreamExt;

/// Hands over each field but the token, by its name, in the order in which they come. Nothing else is read before the
/// token is checked. A field of more than `most` bytes ends it with what `too_large` says.
pub async fn read(
    request: &HttpRequest,
    mut body: Multipart,
    most: usize,
    too_large: impl Fn() -> Error,
    mut take: impl FnMut(&str, Bytes),
) -> Result<()> {
    let unreadable = || Error::BadRequest("The form can't be understood.".to_owned());
    let mut checked = false;
    while let Some(field) = body.next().await {
        let is_token = field.as_ref().is_ok_and(|field| field.name() == Some("csrf_token"));
        if !checked && !is_token {
            csrf::verify(request, None)?;
        }
        let mut field = field.map_err(|_| unreadable())?;
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes(most).await.map_err(|_| too_large())?.map_err(|_| unreadable())?;
        if is_token {
            csrf::verify(request, Some(&String::from_utf8_lossy(&bytes)))?;
            checked = true;
        } else {
            take(&name, bytes);
        }
    }
    if checked { Ok(()) } else { csrf::verify(request, None) }
}
