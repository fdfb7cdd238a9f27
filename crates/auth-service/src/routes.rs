//! Every address of the auth-service.

use actix_web::{
    HttpResponse,
    dev::HttpServiceFactory,
    middleware::from_fn,
    web::{ServiceConfig, get, post, put, resource, route, scope},
};
use common::{Error, Result, assets, cookies, error_pages, headers, telemetry};

use crate::{
    account, admin, api_tokens, audit, events, forward_auth, health, home, identity, invitations, login,
    logout, mail_sent, mailbox, openapi, password_reset, providers, reauthentication, registration,
    session_api, settings, verification, verify,
};

/// The one question that every application asks for each of its own requests: it passes only the layers that its answer
/// needs, and none that asks the database.
pub fn verify_session() -> impl HttpServiceFactory + 'static {
    resource("/api/verify-session")
        .route(get().to(verify::get))
        .wrap(from_fn(common::web::head_as_get))
        .wrap(from_fn(error_pages::render))
        .wrap(telemetry::logger())
        .wrap(from_fn(verify::answer_at_once))
        .wrap(from_fn(verify::complete_headers))
        .wrap(from_fn(headers::add))
        .wrap(from_fn(cookies::canonicalise_request))
}

/// The table. What stands before the scope knows no visitor and leaves no cookie.
pub fn configure(config: &mut ServiceConfig, has_mailbox: bool) {
    config
        .route("/assets/{file}", get().to(assets::get))
        .route("/api/openapi.json", get().to(openapi::json))
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
                .route("/api/docs", get().to(openapi::docs))
                .route("/api/session", get().to(session_api::get))
                .route("/api/login", post().to(login::api::post))
                .route("/api/logout", post().to(logout::api::post))
                .configure(own_account)
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
                .configure(administration)
                .configure(|scope| development(scope, has_mailbox))
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
        .route("/api/users/{user}/role", post().to(admin::api::change_role))
        .service(
            resource("/api/settings")
                .route(get().to(settings::api::get))
                .route(put().to(settings::api::update)),
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

/// What a person looks after by themselves.
fn own_account(config: &mut ServiceConfig) {
    config
        .route("/account", get().to(account::overview::get))
        .route("/account", post().to(account::overview::post))
        .route("/account/email", get().to(account::email::screen::get))
        .route("/account/email", post().to(account::email::screen::post))
        .route("/account/email/cancel", post().to(account::email::screen::cancel))
        .route("/auth/change-email", get().to(account::email::confirmation::get))
        .route("/auth/change-email", post().to(account::email::confirmation::post))
        .route("/account/password", get().to(account::password::get))
        .route("/account/password", post().to(account::password::post))
        .route("/account/sessions", get().to(account::sessions::get))
        .route("/account/sessions/end-others", post().to(account::sessions::end_others))
        .route("/account/sessions/end-all", post().to(account::sessions::end_all))
        .route("/account/sessions/{session}/end", post().to(account::sessions::end))
        .route("/account/activity", get().to(account::activity::get))
        .route("/account/tokens", get().to(api_tokens::screen::get))
        .route("/account/tokens/new", get().to(api_tokens::new::get))
        .route("/account/tokens/new", post().to(api_tokens::new::post))
        .route("/account/tokens/{token}/revoke", post().to(api_tokens::screen::revoke))
        .route("/account/data", get().to(account::data::get))
        .route("/account/data", post().to(account::data::post))
        .route("/account/delete", get().to(account::deletion::get))
        .route("/account/delete", post().to(account::deletion::post))
        .route("/api/account", get().to(account::api::get));
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
