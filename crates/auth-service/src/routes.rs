//! Every address of the auth-service.

use actix_web::{
    HttpResponse,
    middleware::from_fn,
    web::{ServiceConfig, get, post, resource, route, scope},
};
use common::{Error, Result, assets};

use crate::{
    health, home, identity, invitations, login, logout, mail_sent, password_reset, reauthentication,
    registration, session_api, verification, verify,
};

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
                .configure(new_accounts)
                .configure(forgotten_passwords)
                .route("/api/session", get().to(session_api::get))
                .route("/api/login", post().to(login::api::post))
                .route("/api/logout", post().to(logout::api::post))
                .default_service(route().to(nothing)),
        );
}

/// For people who have no account yet, or whose address nobody proved.
fn new_accounts(config: &mut ServiceConfig) {
    config
        .route("/register", get().to(registration::page::get))
        .route("/register", post().to(registration::page::post))
        .route("/register/finish", get().to(registration::finish::get))
        .route("/register/finish", post().to(registration::finish::post))
        .route("/api/register", post().to(registration::api::post))
        .route("/invitation", get().to(invitations::page::get))
        .route("/invitation", post().to(invitations::page::post))
        .route("/auth/verify-email", get().to(verification::page::get))
        .route("/auth/verify-email", post().to(verification::page::post))
        .route("/auth/verify-email/again", post().to(verification::page::again))
        .route("/mail-sent", get().to(mail_sent::get));
}

fn forgotten_passwords(config: &mut ServiceConfig) {
    config
        .route("/forgot-password", get().to(password_reset::forgot::get))
        .route("/forgot-password", post().to(password_reset::forgot::post))
        .route("/api/forgot-password", post().to(password_reset::api::forgot))
        .route("/auth/reset-password", get().to(password_reset::reset::get))
        .route("/auth/reset-password", post().to(password_reset::reset::post))
        .route("/api/reset-password", post().to(password_reset::api::reset));
}

async fn nothing() -> Result<HttpResponse> {
    Err(Error::NotFound)
}
