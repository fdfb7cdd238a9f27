//! A photographer's name, logo and colour for programs.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use common::{
    Error, Result,
    csrf::{CsrfChecked, CsrfJson},
};
use imaging::{Emblem, EmblemFault};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Change, ShownLogo, logo, store, update as change};
use crate::{
    app::App,
    identity::{AccountId, Photographer},
};

/// What clients know a photographer by.
#[derive(Serialize, ToSchema)]
#[schema(as = Branding)]
struct BrandingBody {
    /// Null where none was given.
    name: Option<String>,
    /// What clients read: the name, or that of the account.
    shown_name: String,
    /// `teal`, `ink`, `forest`, `navy`, `plum`, `rose`, `brick` or `ochre`.
    accent: &'static str,
    /// Null where there is none.
    logo: Option<ShownLogo>,
}

/// What is to be different; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BrandingChange)]
pub struct Wanted {
    /// At most 60 characters; an empty text goes back to the account's name.
    name: Option<String>,
    accent: Option<String>,
}

/// Name, logo and colour.
#[utoipa::path(get, path = "/api/branding", responses((status = 200, body = BrandingBody)))]
pub async fn get(app: Data<App>, user: Photographer) -> Result<HttpResponse> {
    shown(&app, user.0.account).await
}

/// Changes name and colour; absent fields stay. Where the name is the mark, marked renditions are made again.
///
/// Else: 422
#[utoipa::path(
    put, path = "/api/branding",
    request_body = Wanted,
    responses((status = 200, body = BrandingBody))
)]
pub async fn update(app: Data<App>, user: Photographer, body: CsrfJson<Wanted>) -> Result<HttpResponse> {
    let Wanted { name, accent } = body.0;
    let wanted = Change::parse(name.as_deref(), accent.as_deref()).map_err(Error::Invalid)?;
    change(&app, user.0.account, &wanted).await?;
    shown(&app, user.0.account).await
}

/// Takes a logo: a PNG, JPEG, WebP, GIF, TIFF or BMP of at most 5 MB and 12 megapixels. Its bytes say what it is. It is
/// written anew as a PNG of at most 960 by 480 pixels.
///
/// Else: 422 `errors.logo` says what is wrong with it; 429
#[utoipa::path(
    put, path = "/api/branding/logo",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = BrandingBody))
)]
pub async fn update_logo(
    app: Data<App>,
    request: HttpRequest,
    user: Photographer,
    _checked: CsrfChecked,
    body: Payload,
) -> Result<HttpResponse> {
    let too_large = |_| Error::invalid("logo", EmblemFault::TooLarge.to_string());
    let body = body.to_bytes_limited(Emblem::MAX_BYTES).await.map_err(too_large)?;
    let body =
        body.map_err(|_| Error::BadRequest("The picture was cut off. Please send it again.".to_owned()))?;
    logo::keep(&app, &request, user.0.account, body).await?;
    shown(&app, user.0.account).await
}

/// Takes the logo away; clients read the name again.
#[utoipa::path(delete, path = "/api/branding/logo", responses((status = 204)))]
pub async fn delete_logo(app: Data<App>, user: Photographer, _checked: CsrfChecked) -> Result<HttpResponse> {
    store::delete_logo(&app.db, user.0.account).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn shown(app: &App, owner: AccountId) -> Result<HttpResponse> {
    let brand = store::find(&app.db, Some(owner)).await?;
    let logo =
        brand.logo.map(|logo| ShownLogo { url: app.web.link(&logo.path()), class: "", ..logo.shown() });
    let shown_name = store::find_shown_name(&app.db, owner).await?;
    Ok(HttpResponse::Ok().json(BrandingBody { name: brand.name, shown_name, accent: brand.accent, logo }))
}
