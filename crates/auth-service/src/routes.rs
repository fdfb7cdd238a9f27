//! Every address of the auth-service.

use actix_web::{
    HttpResponse,
    dev::HttpServiceFactory,
    middleware::from_fn,
    web::{ServiceConfig, get, post, resource, route, scope},
};
use common::{Error, Result, assets, cookies, error_pages, headers, telemetry};

use crate::{
    admin, audit, events, forward_auth, health, home, identity, invitations, login, logout, mail_sent,
    password_reset, reauthentication, registration, session_api, verification, verify,
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
pub fn configure(config: &mut ServiceConfig) {
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
                .configure(new_accounts)
                .configure(forgotten_passwords)
                .route("/api/session", get().to(session_api::get))
                .route("/api/login", post().to(login::api::post))
                .route("/api/logout", post().to(logout::api::post))
                .configure(administration)
                .default_service(route().to(nothing)),
        );
}

/// For administrators: reading needs `AdminUser`, changing `RecentAdmin`. The JSON is also for services with a scope.
fn administration(config: &mut ServiceConfig) {
    config
        .route("/admin/users", get().to(admin::list::get))
        .route("/admin/users", post().to(admin::create::post))
        .route("/admin/users/new", get().to(admin::create::get))
        .route("/admin/users/{user}", get().to(admin::show::get))
        .route("/admin/users/{user}/role", post().to(admin::show::change_role))
        .route("/admin/users/{user}/state", post().to(admin::show::change_state))
        .route("/admin/users/{user}/sessions", post().to(admin::show::end_sessions))
        .route("/admin/users/{user}/reset", post().to(admin::show::start_reset))
        .route("/admin/invitations", get().to(admin::invitations::get))
        .route("/admin/invitations", post().to(admin::invitations::post))
        .route("/admin/invitations/{invitation}/withdraw", post().to(admin::invitations::withdraw))
        .route("/admin/audit", get().to(audit::list::get))
        .route("/admin/audit/export", post().to(audit::export::post))
        .route("/api/users", get().to(admin::api::list))
        .route("/api/users/{user}", get().to(admin::api::get))
        .route("/api/users/{user}/role", post().to(admin::api::change_role));
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
