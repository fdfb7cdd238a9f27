//! `GET /api/session`: who is signed in, and the token that this browser's changing requests need.

use actix_session::Session;
use actix_web::HttpResponse;
use common::{Result, csrf, identity::User};
use serde::Serialize;
use utoipa::ToSchema;

use crate::identity::Visitor;

/// Who is here.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionBody {
    authenticated: bool,
    user: Option<User>,
    /// For `X-CSRF-Token`.
    csrf_token: String,
}

/// Whether somebody is signed in, and the token for this browser's requests that change something.
#[utoipa::path(get, path = "/api/session", security(()), responses((status = 200, body = SessionBody)))]
pub async fn get(visitor: Visitor, state: Session) -> Result<HttpResponse> {
    let user = visitor.session.map(|session| session.user);
    Ok(HttpResponse::Ok().json(SessionBody {
        authenticated: user.is_some(),
        user,
        csrf_token: csrf::token(&state)?,
    }))
}
