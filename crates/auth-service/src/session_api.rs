//! `GET /api/session`: who is signed in, and the token that this browser's changing requests need.

use actix_session::Session;
use actix_web::HttpResponse;
use common::{Result, csrf};
use serde_json::json;

use crate::identity::Visitor;

/// Answers 200, signed in or not.
pub async fn get(visitor: Visitor, state: Session) -> Result<HttpResponse> {
    let user = visitor.session.map(|session| session.user);
    Ok(HttpResponse::Ok().json(json!({
        "authenticated": user.is_some(),
        "user": user,
        "csrf_token": csrf::token(&state)?,
    })))
}
