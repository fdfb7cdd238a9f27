//! `POST /api/login`: signing in from a program, with JSON in and out.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use common::{Error, Result, csrf::OwnJson, identity::User};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Credentials, REFUSED, sign_in};
use crate::App;

/// Who signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
struct SignedInBody {
    user: User,
}

/// Signs in with a name or an address. The answer sets the cookies of the session, of this host and of the known
/// device.
///
/// Else: 401 wrong, unknown, disabled or locked: one answer, held to one time; 403 sent by a page of another site;
/// 422 longer than 1024 bytes; 429
#[utoipa::path(
    post, path = "/api/login",
    security(()),
    request_body = Credentials,
    responses((status = 200, body = SignedInBody))
)]
pub async fn post(app: Data<App>, request: HttpRequest, body: OwnJson<Credentials>) -> Result<HttpResponse> {
    let Some(signed_in) = sign_in(&app, &request, body.0).await? else {
        return Err(Error::Unauthorized(REFUSED.to_owned()));
    };
    Ok(HttpResponse::Ok()
        .cookie(signed_in.cookie)
        .cookie(signed_in.device)
        .json(SignedInBody { user: signed_in.user }))
}
