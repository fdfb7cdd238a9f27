//! The JSON API of photos as it describes itself: `/api/openapi.json` and `/api/docs`. What an address does stands beside
//! its handler; here they are gathered, feature by feature, with what there is to say before them.

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
    admin, branding, customers, dashboard, downloads, galleries, health, identity, permissions, photos,
    settings, shares, statistics, trash, upload, viewing, watermarks,
};

/// The description.
pub static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| Description::of(&service()));

#[derive(OpenApi)]
#[openapi(paths(
    health::get,
    identity::sign_in::me,
    identity::sign_in::session,
    identity::sign_out::post,
    admin::role::post
))]
struct Identity;

#[derive(OpenApi)]
#[openapi(paths(
    upload::screen::post,
    photos::api::list,
    photos::api::get,
    photos::api::update,
    photos::api::delete,
    photos::api::batch,
    photos::undo::post_json,
    photos::api::retry,
    upload::replace::post,
    trash::api::restore_photo,
    photos::events::get
))]
struct Photos;

#[derive(OpenApi)]
#[openapi(paths(
    galleries::api::list,
    galleries::api::create,
    galleries::api::get,
    galleries::api::update,
    trash::api::delete,
    trash::api::restore,
    galleries::api::add_photos,
    galleries::api::remove_photo,
    galleries::sections::api::list,
    galleries::sections::api::create,
    galleries::sections::api::order,
    galleries::sections::api::rename,
    galleries::sections::api::delete,
    galleries::sections::api::place,
    admin::handover::screen::post
))]
struct Galleries;

#[derive(OpenApi)]
#[openapi(paths(trash::api::get, trash::api::purge, trash::api::purge_photo))]
struct Trash;

#[derive(OpenApi)]
#[openapi(paths(
    permissions::api::list,
    permissions::api::post,
    permissions::api::delete,
    permissions::api::delete_pending
))]
struct Permissions;

#[derive(OpenApi)]
#[openapi(paths(
    customers::api::list,
    customers::api::post,
    customers::api::get,
    customers::api::patch,
    customers::api::remove,
    customers::import::api::post,
    customers::api::of_gallery,
    customers::api::assign,
    customers::api::unassign
))]
struct Customers;

#[derive(OpenApi)]
#[openapi(paths(
    shares::api::history,
    shares::api::list,
    shares::api::create_link,
    shares::api::update,
    shares::api::revoke,
    viewing::api::get
))]
struct Shares;

#[derive(OpenApi)]
#[openapi(paths(
    downloads::accounts::photo,
    downloads::accounts::archive,
    downloads::accounts::select,
    downloads::accounts::library,
    downloads::accounts::select_library,
    downloads::visitors::photo,
    downloads::visitors::archive,
    downloads::visitors::select
))]
struct Downloads;

#[derive(OpenApi)]
#[openapi(paths(dashboard::api::get, statistics::api::gallery, statistics::api::link))]
struct Figures;

#[derive(OpenApi)]
#[openapi(paths(settings::api::get, settings::api::update))]
struct Settings;

#[derive(OpenApi)]
#[openapi(paths(
    branding::api::get,
    branding::api::update,
    branding::api::update_logo,
    branding::api::delete_logo
))]
struct Branding;

#[derive(OpenApi)]
#[openapi(paths(
    watermarks::api::get,
    watermarks::api::update,
    watermarks::api::update_image,
    watermarks::api::delete,
    watermarks::preview::get,
    watermarks::preview::post
))]
struct Watermark;

/// `GET /api/openapi.json`.
pub async fn json() -> HttpResponse {
    DESCRIPTION.answer()
}

/// `GET /api/docs`.
pub async fn docs(view: View) -> Result<HttpResponse> {
    view.ok(DESCRIPTION.page())
}

fn service() -> Service {
    let feature = |title, words, api| Feature { title, words, api };
    Service {
        title: "photos",
        callers: json!({
            "program": { "type": "http", "scheme": "bearer", "description": "A personal API token: `pat_…`." },
            "browser": { "type": "apiKey", "in": "cookie", "name": "photos_session", "description": "A session." },
            "form_token": { "type": "apiKey", "in": "header", "name": "X-CSRF-Token", "description": "Of `GET /auth/session`." },
        }),
        usual_callers: &["program", "browser"],
        features: vec![
            feature("who I am", "", Identity::openapi()),
            feature("photos", include_str!("photos.md"), Photos::openapi()),
            feature("galleries", include_str!("galleries.md"), Galleries::openapi()),
            feature("the trash", include_str!("trash.md"), Trash::openapi()),
            feature("permissions", include_str!("permissions.md"), Permissions::openapi()),
            feature("customers", include_str!("customers.md"), Customers::openapi()),
            feature("share links", include_str!("shares.md"), Shares::openapi()),
            feature("downloads", include_str!("downloads.md"), Downloads::openapi()),
            feature("figures", include_str!("figures.md"), Figures::openapi()),
            feature("branding", include_str!("branding.md"), Branding::openapi()),
            feature("the watermark", include_str!("watermark.md"), Watermark::openapi()),
            feature("settings", "", Settings::openapi()),
        ],
    }
}
