//! Every address of photos. Who may do what is in the handlers' signatures (`CurrentUser`, `Photographer`) and in
//! `policy`; a handler that takes `MaybeUser` or nobody at all is for everybody.

mod api;

use actix_web::{
    middleware::from_fn,
    web::{self, ServiceConfig, get, head, post, put, resource, scope},
};
use common::assets;

use crate::{
    admin, app, branding, customers, dashboard, downloads, galleries, health, home, identity, media, openapi,
    permissions, photos, settings, shares, site, statistics, styleguide, trash, upload, viewing,
};

/// The routes. What is registered after `scope("")` would never be reached, so that scope comes last.
pub fn all(routes: &mut ServiceConfig) {
    routes
        // Nothing here looks at who is signed in.
        .route("/health", get().to(health::get))
        .route("/assets/{file}", get().to(assets::get))
        .route("/api/openapi.json", get().to(openapi::json))
        .route("/logos/{file}", get().to(branding::logo::get))
        .service(
            resource("/media/{photo}/{variant}")
                .route(get().to(media::screen::get))
                .route(head().to(media::screen::get)),
        )
        // For everything else the session is resolved first; without one the visitor is nobody.
        .service(
            scope("")
                .wrap(from_fn(identity::middleware::resolve))
                .configure(figures)
                .configure(administration)
                .configure(pages)
                .configure(api::all),
        )
        .default_service(web::to(app::unknown));
}

/// Who looked and what was downloaded, and links as their clients see them. Before the pages, whose QR codes would take
/// `/shares/{link}/stats` for one.
fn figures(routes: &mut ServiceConfig) {
    routes
        .route("/dashboard", get().to(dashboard::screen::get))
        .route("/gallery/{gallery}/stats", get().to(statistics::screen::gallery))
        .route("/shares/{link}/stats", get().to(statistics::screen::link))
        .route("/shares/{link}/preview", get().to(viewing::preview::get))
        .route("/shares/{link}/preview/photos/{photo}", get().to(viewing::preview::get_photo))
        .route("/api/stats", get().to(dashboard::api::get))
        .route("/api/galleries/{gallery}/stats", get().to(statistics::api::gallery))
        .route("/api/shares/{link}/stats", get().to(statistics::api::link));
}

/// For administrators.
fn administration(routes: &mut ServiceConfig) {
    routes
        .route("/admin", get().to(admin::overview::get))
        .route("/admin/galleries", get().to(admin::galleries::get))
        .service(
            resource("/admin/settings")
                .route(get().to(settings::screen::get))
                .route(post().to(settings::screen::post)),
        )
        .service(
            resource("/admin/failed")
                .route(get().to(admin::failed::get))
                .route(post().to(admin::failed::post)),
        )
        .service(
            resource("/admin/jobs").route(get().to(admin::work::get)).route(post().to(admin::work::post)),
        )
        .route("/admin/mails", get().to(admin::mails::get))
        .route("/admin/mails/{mail}/again", post().to(admin::mails::again))
        .route("/admin/storage", get().to(admin::storage::get))
        .route("/admin/storage/{user}/quota", post().to(admin::storage::post_quota))
        .route("/admin/settings/site", post().to(settings::screen::post_site))
        .service(
            resource("/api/admin/settings")
                .route(get().to(settings::api::get))
                .route(put().to(settings::api::update)),
        )
        .service(
            resource("/admin/galleries/{gallery}/owner")
                .route(get().to(admin::handover::screen::get))
                .route(post().to(admin::handover::screen::post_form)),
        )
        .route("/api/galleries/{gallery}/owner", post().to(admin::handover::screen::post));
}

fn pages(routes: &mut ServiceConfig) {
    routes
        .configure(site)
        .configure(visitors)
        .configure(gallery_pages)
        .configure(link_pages)
        .configure(library_pages)
        .configure(brand_pages)
        .configure(photo_pages);
}

fn site(routes: &mut ServiceConfig) {
    routes
        .route("/", get().to(home::get))
        .route("/features", get().to(site::features))
        .route("/pricing", get().to(site::pricing))
        .route("/about", get().to(site::about))
        .route("/styleguide", get().to(styleguide::get))
        .route("/auth/login", get().to(identity::sign_in::login))
        .route("/auth/register", get().to(identity::sign_in::register))
        .route("/auth/callback", get().to(identity::sign_in::callback))
        .service(
            resource("/auth/logout")
                .route(get().to(identity::sign_out::get))
                .route(post().to(identity::sign_out::post)),
        );
}

fn visitors(routes: &mut ServiceConfig) {
    routes
        .route("/view/{token}", get().to(viewing::screen::get))
        .route("/view/{token}/photos/{photo}/download", get().to(downloads::visitors::photo))
        .route("/view/{token}/download.zip", get().to(downloads::visitors::archive))
        .route("/view/{token}/selections", post().to(downloads::visitors::select))
        .route("/view/{token}/photos/{photo}", get().to(viewing::photo::get))
        .route("/view/{token}/unlock", post().to(viewing::door::post_unlock))
        .route("/view/{token}/visits", post().to(viewing::door::post_visit));
}

fn gallery_pages(routes: &mut ServiceConfig) {
    routes
        .service(
            resource("/gallery")
                .route(get().to(galleries::list::get))
                .route(post().to(galleries::list::post)),
        )
        .route("/gallery/{gallery}", get().to(galleries::show::get))
        .service(
            resource("/gallery/{gallery}/edit")
                .route(get().to(galleries::edit::get))
                .route(post().to(galleries::edit::post)),
        )
        .service(
            resource("/gallery/{gallery}/people")
                .route(get().to(permissions::screen::get))
                .route(post().to(permissions::screen::post)),
        )
        .route("/gallery/{gallery}/appearance", post().to(galleries::appearance::screen::post))
        .route("/gallery/{gallery}/photos/{photo}", get().to(viewing::photo::get_of_gallery))
        .route("/gallery/{gallery}/people/revoke", post().to(permissions::screen::revoke))
        .route("/gallery/{gallery}/delete", post().to(trash::screen::delete))
        .route("/gallery/{gallery}/cover", post().to(galleries::contents::cover))
        .route("/gallery/{gallery}/sections", post().to(galleries::sections::screen::create))
        .route("/gallery/{gallery}/sections/{section}", post().to(galleries::sections::screen::change))
        .route("/gallery/{gallery}/arrange", post().to(galleries::sections::screen::step))
        .route("/gallery/{gallery}/order", post().to(galleries::sections::screen::order))
        .route("/gallery/{gallery}/customers", post().to(galleries::clients::add))
        .route("/gallery/{gallery}/customers/remove", post().to(galleries::clients::remove))
        .service(
            resource("/gallery/{gallery}/shares")
                .route(get().to(shares::screen::get))
                .route(post().to(shares::screen::post)),
        );
}

fn brand_pages(routes: &mut ServiceConfig) {
    routes
        .service(
            resource("/branding")
                .route(get().to(branding::screen::get))
                .route(post().to(branding::screen::post)),
        )
        .route("/branding/logo", post().to(branding::logo::post))
        .route("/branding/logo/remove", post().to(branding::logo::remove))
        .route("/branding/watermark", post().to(branding::watermark::post))
        .route("/branding/watermark/image", post().to(branding::watermark::post_image))
        .route("/branding/watermark/logo", post().to(branding::watermark::post_logo));
}

fn link_pages(routes: &mut ServiceConfig) {
    routes
        .route("/shares", get().to(shares::history::get))
        .route("/shares/{link}/{code}", get().to(shares::qr::get))
        .route("/shares/{link}/extend", post().to(shares::screen::extend))
        .route("/shares/{link}/revoke", post().to(shares::screen::revoke));
}

fn library_pages(routes: &mut ServiceConfig) {
    routes
        .service(
            resource("/photos")
                .route(get().to(photos::library::get))
                .route(post().to(upload::screen::post_form)),
        )
        .service(
            resource("/customers")
                .route(get().to(customers::list::get))
                .route(post().to(customers::list::post)),
        )
        .route("/customers/export.csv", get().to(customers::export::get))
        .service(
            resource("/customers/import")
                .route(get().to(customers::import::screen::get))
                .route(post().to(customers::import::screen::post)),
        )
        .service(
            resource("/customers/{customer}")
                .route(get().to(customers::show::get))
                .route(post().to(customers::show::post)),
        )
        .route("/customers/{customer}/delete", post().to(customers::show::remove))
        .route("/trash", get().to(trash::screen::get))
        .route("/trash/photos", post().to(trash::screen::photos))
        .route("/trash/galleries/{gallery}/restore", post().to(trash::screen::restore))
        .route("/trash/galleries/{gallery}/purge", post().to(trash::screen::purge));
}

fn photo_pages(routes: &mut ServiceConfig) {
    routes
        .service(
            resource("/photos/{photo}/replace")
                .route(get().to(upload::replace::get))
                .route(post().to(upload::replace::post_form)),
        )
        .route("/photos/deeds", post().to(photos::deeds::post))
        .route("/photos/undo", post().to(photos::undo::post))
        .route("/photos/{photo}/download", get().to(downloads::accounts::photo))
        .route("/photos/download.zip", get().to(downloads::accounts::library))
        .route("/photos/selections", post().to(downloads::accounts::select_library))
        .route("/gallery/{gallery}/download.zip", get().to(downloads::accounts::archive))
        .route("/gallery/{gallery}/selections", post().to(downloads::accounts::select))
        .route("/admin/users", get().to(admin::users::get))
        // A form of that page, or JSON.
        .route("/admin/user/{user}/role", post().to(admin::role::post))
        .route("/photos/{photo}/retry", post().to(photos::show::retry))
        // Last: it would take the words that stand in this place.
        .service(
            resource("/photos/{photo}")
                .route(get().to(photos::show::get))
                .route(post().to(photos::show::post)),
        );
}
