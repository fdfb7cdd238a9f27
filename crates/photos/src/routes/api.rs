//! The addresses that programs and scripts ask, by feature.

use actix_web::web::{PayloadConfig, ServiceConfig, delete, get, patch, post, put, resource};

use crate::{
    branding, customers, galleries, identity, openapi, permissions, photos, shares, trash, upload, viewing,
    watermarks,
};

/// All of them.
pub fn all(routes: &mut ServiceConfig) {
    routes
        .configure(photo_api)
        .configure(gallery_api)
        .configure(contents_api)
        .configure(customer_api)
        .configure(section_api)
        .configure(link_api)
        .configure(brand_api);
}

fn photo_api(routes: &mut ServiceConfig) {
    routes
        .route("/api/docs", get().to(openapi::docs))
        .route("/auth/me", get().to(identity::sign_in::me))
        .route("/auth/session", get().to(identity::sign_in::session))
        .route("/events", get().to(photos::events::get))
        .route("/api/view/{token}", get().to(viewing::api::get))
        .route("/api/upload", post().to(upload::screen::post))
        .route("/api/photos", get().to(photos::api::list))
        .route("/api/photos/batch", post().to(photos::api::batch))
        .route("/api/photos/undo", post().to(photos::undo::post_json))
        .service(
            resource("/api/photos/{photo}")
                .route(get().to(photos::api::get))
                .route(patch().to(photos::api::update))
                .route(delete().to(photos::api::delete)),
        )
        .route("/api/photos/{photo}/replace", post().to(upload::replace::post))
        .route("/api/photos/{photo}/retry", post().to(photos::api::retry));
}

fn gallery_api(routes: &mut ServiceConfig) {
    routes
        .service(
            resource("/api/galleries")
                .route(get().to(galleries::api::list))
                .route(post().to(galleries::api::create)),
        )
        .service(
            resource("/api/galleries/{gallery}")
                .route(get().to(galleries::api::get))
                .route(put().to(galleries::api::update))
                .route(delete().to(trash::api::delete)),
        )
        .route("/api/galleries/{gallery}/restore", post().to(trash::api::restore))
        .route("/api/photos/{photo}/restore", post().to(trash::api::restore_photo))
        .route("/api/trash", get().to(trash::api::get))
        .route("/api/trash/galleries/{gallery}", delete().to(trash::api::purge))
        .route("/api/trash/photos/{photo}", delete().to(trash::api::purge_photo));
}

fn contents_api(routes: &mut ServiceConfig) {
    routes
        .route("/api/galleries/{gallery}/photos", post().to(galleries::api::add_photos))
        .route("/api/galleries/{gallery}/photos/{photo}", delete().to(galleries::api::remove_photo))
        .service(
            resource("/api/galleries/{gallery}/permissions")
                .route(get().to(permissions::api::list))
                .route(post().to(permissions::api::post)),
        )
        .route("/api/galleries/{gallery}/permissions/{user}", delete().to(permissions::api::delete))
        .route(
            "/api/galleries/{gallery}/pending-permissions/{id}",
            delete().to(permissions::api::delete_pending),
        )
        .service(
            resource("/api/galleries/{gallery}/customers")
                .route(get().to(customers::api::of_gallery))
                .route(post().to(customers::api::assign)),
        )
        .route("/api/galleries/{gallery}/customers/{customer}", delete().to(customers::api::unassign));
}

fn customer_api(routes: &mut ServiceConfig) {
    routes
        .service(
            resource("/api/customers")
                .route(get().to(customers::api::list))
                .route(post().to(customers::api::post)),
        )
        .service(
            resource("/api/customers/import")
                .app_data(PayloadConfig::new(customers::import::MOST_BYTES))
                .route(post().to(customers::import::api::post)),
        )
        .service(
            resource("/api/customers/{customer}")
                .route(get().to(customers::api::get))
                .route(patch().to(customers::api::patch))
                .route(delete().to(customers::api::remove)),
        );
}

fn section_api(routes: &mut ServiceConfig) {
    routes
        .service(
            resource("/api/galleries/{gallery}/sections")
                .route(get().to(galleries::sections::api::list))
                .route(post().to(galleries::sections::api::create))
                .route(put().to(galleries::sections::api::order)),
        )
        .service(
            resource("/api/galleries/{gallery}/sections/{section}")
                .route(put().to(galleries::sections::api::rename))
                .route(delete().to(galleries::sections::api::delete)),
        )
        .route("/api/galleries/{gallery}/order", put().to(galleries::sections::api::place));
}

fn link_api(routes: &mut ServiceConfig) {
    routes
        .service(
            resource("/api/galleries/{gallery}/shares")
                .route(get().to(shares::api::list))
                .route(post().to(shares::api::create_link)),
        )
        .route("/api/shares", get().to(shares::api::history))
        .service(
            resource("/api/shares/{link}")
                .route(patch().to(shares::api::update))
                .route(delete().to(shares::api::revoke)),
        );
}

fn brand_api(routes: &mut ServiceConfig) {
    routes
        .service(
            resource("/api/branding")
                .route(get().to(branding::api::get))
                .route(put().to(branding::api::update)),
        )
        .service(
            resource("/api/branding/logo")
                .route(put().to(branding::api::update_logo))
                .route(delete().to(branding::api::delete_logo)),
        )
        .service(
            resource("/api/watermark")
                .route(get().to(watermarks::api::get))
                .route(put().to(watermarks::api::update))
                .route(delete().to(watermarks::api::delete)),
        )
        .route("/api/watermark/image", put().to(watermarks::api::update_image))
        .service(
            resource("/api/watermark/preview")
                .route(get().to(watermarks::preview::get))
                .route(post().to(watermarks::preview::post)),
        );
}
