//! `POST /api/login`: signing in from a program, with JSON in and out.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use common::{Error, Result, csrf};
use serde_json::json;

use super::{Credentials, REFUSED, sign_in};
use crate::App;

/// A browser of another site can't send this: the type is checked, and the origin where a browser tells it.
pub async fn post(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse> {
    csrf::verify_origin(&request)?;
    csrf::expect_type(&request, "application/json")?;
    let typed: Credentials = serde_json::from_slice(&body)
        .map_err(|error| Error::BadRequest(format!("The request can't be understood: {error}")))?;
    let Some(signed_in) = sign_in(&app, &request, typed).await? else {
        return Err(Error::Unauthorized(REFUSED.to_owned()));
    };
    Ok(HttpResponse::Ok()
        .cookie(signed_in.cookie)
        .cookie(signed_in.device)
        .json(json!({ "user": signed_in.user })))
}
