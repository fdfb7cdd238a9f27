//! Every address of the auth-service.

use actix_web::{
    HttpResponse,
    middleware::from_fn,
    web::{ServiceConfig, get, post, resource, route, scope},
};
use common::{Error, Result, assets};

use crate::{
    forward_auth, health, home, identity, login, logout, mailbox, reauthentication, session_api, verify,
};

/// The table. What stands before the scope knows no visitor and leaves no cookie.
pub fn configure(config: &mut ServiceConfig, has_mailbox: bool) {
    config
        .route("/assets/{file}", get().to(assets::get))
        .route("/api/health", get().to(health::get))
        .service(
            resource("/api/verify-session")
                .wrap(from_fn(verify::complete_headers))
                .route(get().to(verify::get)),
        )
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
