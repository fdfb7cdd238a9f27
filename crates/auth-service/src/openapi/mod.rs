//! The JSON API of the auth-service as it describes itself: `/api/openapi.json` and `/api/docs`. What an address does
//! stands beside its handler; here they are gathered, with what there is to say of them.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use common::{
    Result,
    openapi::{Description, Feature, Service},
    view::View,
};
use serde_json::json;
use utoipa::OpenApi;

use crate::{
    account, admin, events, forward_auth, health, login, logout, password_reset, registration, session_api,
    settings, verify,
};

/// The description.
pub static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| Description::of(&service()));

#[derive(OpenApi)]
#[openapi(paths(
    login::api::post,
    session_api::get,
    logout::api::post,
    registration::api::post,
    password_reset::api::forgot,
    password_reset::api::reset,
    account::api::get,
    health::get
))]
struct Accounts;

#[derive(OpenApi)]
#[openapi(paths(verify::get, forward_auth::get, events::stream::get))]
struct Sessions;

#[derive(OpenApi)]
#[openapi(paths(
    admin::api::list,
    admin::api::get,
    admin::api::change_role,
    settings::api::get,
    settings::api::update
))]
struct Administration;

/// `GET /api/openapi.json`.
pub async fn json() -> HttpResponse {
    DESCRIPTION.answer()
}

/// `GET /api/docs`.
pub async fn docs(view: View) -> Result<HttpResponse> {
    view.ok(DESCRIPTION.page())
}

fn service() -> Service {
    Service {
        title: "auth-service",
        callers: json!({
            "program": { "type": "http", "scheme": "bearer", "description": "A personal API token: `pat_…`." },
            "service": { "type": "http", "scheme": "bearer", "description": "The credential of a service." },
            "session": { "type": "http", "scheme": "bearer", "description": "The token of a session." },
            "browser": { "type": "apiKey", "in": "cookie", "name": "photos_session", "description": "A session, beside the cookie of this host." },
            "form_token": { "type": "apiKey", "in": "header", "name": "X-CSRF-Token", "description": "Of `GET /api/session`." },
        }),
        usual_callers: &["browser"],
        features: vec![
            Feature { title: "accounts", words: "", api: Accounts::openapi() },
            Feature { title: "sessions", words: include_str!("sessions.md"), api: Sessions::openapi() },
            Feature { title: "administration", words: "", api: Administration::openapi() },
        ],
    }
}
