//! `GET /api/account`: the profile, for a program with a token for it or for the person's own browser.

use actix_web::{HttpResponse, web::Data};
use common::{Error, Result};

use super::store;
use crate::{App, identity::ProfileReader};

/// Answers the profile.
pub async fn get(app: Data<App>, reader: ProfileReader) -> Result<HttpResponse> {
    let profile = store::find_profile(&app.db, reader.0).await?.ok_or(Error::SignInRequired)?;
    Ok(HttpResponse::Ok().json(profile))
}
