//! Every address of the auth-service.

use actix_web::{
    HttpResponse,
    middleware::from_fn,
    web::{ServiceConfig, get, post, resource, route, scope},
};
use common::{Error, Result, assets};

use crate::{health, home, identity, login, logout, providers, reauthentication, session_api, verify};

/// The table. What stands before the scope knows no visitor and leaves no cookie.
pub fn configure(config: &mut ServiceConfig) {
    config
        .route("/assets/{file}", get().to(assets::get))
        .route("/api/health", get().to(health::get))
        .service(
            resource("/api/verify-session")
                .wrap(from_fn(verify::complete_headers))
                .route(get().to(verify::get)),
        )
        .service(
            // Nothing registered after this scope would ever be reached.
            scope("")
                .wrap(from_fn(identity::resolve))
                .route("/", get().to(home::get))
                .route("/login", get().to(login::page::get))
                .route("/login", post().to(login::page::post))
                .route("/logout", get().to(logout::page::get))
                .route("/logout", post().to(logout::page::post))
                .route("/reauthenticate", get().to(reauthentication::get))
                .route("/reauthenticate", post().to(reauthentication::post))
                .route("/api/session", get().to(session_api::get))
                .route("/api/login", post().to(login::api::post))
                .route("/api/logout", post().to(logout::api::post))
                .route("/auth/provider/{provider}", post().to(providers::begin::post))
                .route("/auth/provider/{provider}/callback", get().to(providers::callback::get))
                .route("/login/link", get().to(providers::link::get))
                .route("/login/link", post().to(providers::link::post))
                .route("/login/join", get().to(providers::join::get))
                .route("/login/join", post().to(providers::join::post))
                .route("/reauthenticate/{provider}", post().to(providers::reauthenticate::post))
                .route("/account/providers", get().to(providers::account::get))
                .route("/account/providers/unlink", post().to(providers::account::unlink))
                .route("/account/providers/{provider}", post().to(providers::account::link))
                .default_service(route().to(nothing)),
        );
}

async fn nothing() -> Result<HttpResponse> {
    Err(Error::NotFound)
}
