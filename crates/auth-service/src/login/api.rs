//! `POST /api/login`: signing in from a program, with JSON in and out.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use common::{Error, Result, csrf::OwnJson};
use serde_json::json;

use super::{Credentials, REFUSED, sign_in};
use crate::App;

/// A browser of another site can't send this: the type is checked, and the origin where a browser tells it.
pub async fn post(app: Data<App>, request: HttpRequest, body: OwnJson<Credentials>) -> Result<HttpResponse> {
    let Some(signed_in) = sign_in(&app, &request, body.0).await? else {
        return Err(Error::Unauthorized(REFUSED.to_owned()));
    };
    Ok(HttpResponse::Ok()
        .cookie(signed_in.cookie)
        .cookie(signed_in.device)
        .json(json!({ "user": signed_in.user })))
}
