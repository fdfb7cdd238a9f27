//! `GET /api/account`: the profile, for a program with a token for it or for the person's own browser.

use actix_web::{HttpResponse, web::Data};
use common::{Error, Result};

use super::{Profile, store};
use crate::{App, identity::ProfileReader};

/// The profile.
#[utoipa::path(
    get, path = "/api/account",
    security(("program" = []), ("browser" = [])),
    responses((status = 200, body = Profile))
)]
pub async fn get(app: Data<App>, reader: ProfileReader) -> Result<HttpResponse> {
    let profile = store::find_profile(&app.db, reader.0).await?.ok_or(Error::SignInRequired)?;
    Ok(HttpResponse::Ok().json(profile))
}
