//! Every address of the auth-service.

use actix_web::{
    HttpResponse,
    dev::HttpServiceFactory,
    middleware::from_fn,
    web::{ServiceConfig, get, post, resource, route, scope},
};
use common::{Error, Result, assets, cookies, error_pages, headers, telemetry};

use crate::{
    events, forward_auth, health, home, identity, login, logout, mailbox, providers, reauthentication,
    session_api, verify,
};

/// The one question that every application asks for each of its own requests: it passes only the layers that its answer
/// needs, and none that asks the database.
pub fn verify_session() -> impl HttpServiceFactory + 'static {
    resource("/api/verify-session")
        .route(get().to(verify::get))
        .wrap(from_fn(verify::complete_headers))
        .wrap(from_fn(common::web::head_as_get))
        .wrap(from_fn(error_pages::render))
        .wrap(from_fn(headers::add))
        .wrap(telemetry::logger())
        .wrap(from_fn(cookies::canonicalise_request))
}

/// The table. What stands before the scope knows no visitor and leaves no cookie.
pub fn configure(config: &mut ServiceConfig, has_mailbox: bool) {
    config
        .route("/assets/{file}", get().to(assets::get))
        .route("/api/health", get().to(health::get))
        .route("/api/events", get().to(events::stream::get))
        .service(
            resource("/api/forward-auth")
                .wrap(from_fn(verify::complete_headers))
                .route(get().to(forward_auth::get)),
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
                .configure(|scope| development(scope, has_mailbox))
                .default_service(route().to(nothing)),
        );
}

/// What nobody may meet on a real site.
fn development(config: &mut ServiceConfig, has_mailbox: bool) {
    if has_mailbox {
        config
            .route("/mailbox", get().to(mailbox::page::get_list))
            .route("/mailbox/{id}", get().to(mailbox::page::get_mail))
            .route("/mailbox/{id}/html", get().to(mailbox::page::get_html));
    }
}

async fn nothing() -> Result<HttpResponse> {
    Err(Error::NotFound)
}
