//! Who gets what at which address. A route without a row fails.

use common::identity::Role;
use serde_json::{Value, json};
use test_support::{Client, reqwest::Method};

use crate::harness::{TestApp, jpeg};

const ROUTES: &str = concat!(include_str!("../../src/routes.rs"), include_str!("../../src/routes/api.rs"));

/// Visitors: nobody, a viewer, another photographer, the owner, an administrator. Things belong to the owner and are
/// private. Changing requests come without a token, as from another site: nobody's may pass, and who is not signed in
/// or may not know of a thing learns nothing more than that.
const TABLE: &[(&str, &str, [u16; 5])] = &[
    ("GET", "/health", [200; 5]),
    ("GET", "/assets/{file}", [404; 5]),
    ("GET", "/api/openapi.json", [200; 5]),
    ("GET", "/api/docs", [200; 5]),
    // Without a signature there is no picture for anybody; with one, tests/it/media.rs says who gets it.
    ("GET", "/media/{photo}/{variant}", [400; 5]),
    ("HEAD", "/media/{photo}/{variant}", [400; 5]),
    ("GET", "/", [200; 5]),
    ("GET", "/features", [200; 5]),
    ("GET", "/pricing", [200; 5]),
    ("GET", "/about", [200; 5]),
    // In development, as here.
    ("GET", "/styleguide", [200; 5]),
    ("GET", "/auth/login", [303; 5]),
    ("GET", "/auth/register", [303; 5]),
    ("GET", "/auth/callback", [401, 303, 303, 303, 303]),
    ("GET", "/auth/logout", [200; 5]),
    ("POST", "/auth/logout", [403; 5]),
    ("GET", "/auth/me", [401, 200, 200, 200, 200]),
    ("GET", "/auth/session", [200; 5]),
    ("GET", "/view/{token}", [200; 5]),
    // Its picture is not made yet.
    ("GET", "/view/{token}/photos/{photo}", [404; 5]),
    ("GET", "/gallery/{gallery}/photos/{photo}", [404; 5]),
    ("POST", "/gallery/{gallery}/appearance", [401, 403, 403, 403, 403]),
    ("GET", "/api/view/{token}", [200; 5]),
    ("POST", "/view/{token}/unlock", [403; 5]),
    ("POST", "/view/{token}/visits", [403; 5]),
    // The link is a preview.
    ("GET", "/view/{token}/photos/{photo}/download", [403; 5]),
    ("GET", "/view/{token}/download.zip", [403; 5]),
    ("POST", "/view/{token}/selections", [403; 5]),
    ("GET", "/photos/{photo}/download", [404, 404, 404, 200, 200]),
    ("GET", "/gallery/{gallery}/download.zip", [404, 404, 404, 200, 200]),
    ("POST", "/gallery/{gallery}/selections", [403; 5]),
    // Without a selection there is nothing to download.
    ("GET", "/photos/download.zip", [303, 403, 404, 404, 404]),
    ("POST", "/photos/selections", [401, 403, 403, 403, 403]),
    ("GET", "/shares", [303, 403, 200, 200, 200]),
    ("GET", "/photos/{photo}/replace", [303, 404, 404, 200, 200]),
    ("POST", "/photos/{photo}/replace", [401, 404, 404, 403, 403]),
    ("POST", "/api/photos/{photo}/replace", [401, 404, 404, 403, 403]),
    ("GET", "/admin", [303, 403, 403, 403, 200]),
    ("GET", "/admin/galleries", [303, 403, 403, 403, 200]),
    ("GET", "/admin/galleries/{gallery}/owner", [303, 403, 403, 403, 200]),
    ("POST", "/admin/galleries/{gallery}/owner", [401, 403, 403, 403, 403]),
    ("POST", "/api/galleries/{gallery}/owner", [401, 403, 403, 403, 403]),
    ("GET", "/dashboard", [303, 403, 200, 200, 200]),
    ("GET", "/gallery/{gallery}/stats", [303, 404, 404, 200, 200]),
    ("GET", "/shares/{link}/stats", [303, 404, 404, 200, 200]),
    ("GET", "/shares/{link}/preview", [303, 404, 404, 200, 200]),
    // The photo is not processed yet.
    ("GET", "/shares/{link}/preview/photos/{photo}", [303, 404, 404, 404, 404]),
    ("GET", "/api/stats", [401, 403, 200, 200, 200]),
    ("GET", "/api/galleries/{gallery}/stats", [401, 404, 404, 200, 200]),
    ("GET", "/api/shares/{link}/stats", [401, 404, 404, 200, 200]),
    ("GET", "/shares/{link}/{code}", [303, 404, 404, 200, 200]),
    ("POST", "/shares/{link}/extend", [401, 403, 403, 403, 403]),
    ("GET", "/api/shares", [401, 403, 200, 200, 200]),
    ("PATCH", "/api/shares/{link}", [401, 403, 403, 403, 403]),
    ("GET", "/gallery", [200; 5]),
    ("POST", "/gallery", [401, 403, 403, 403, 403]),
    ("GET", "/gallery/{gallery}", [404, 404, 404, 200, 200]),
    ("GET", "/gallery/{gallery}/edit", [303, 404, 404, 200, 200]),
    ("POST", "/gallery/{gallery}/edit", [401, 403, 403, 403, 403]),
    ("GET", "/gallery/{gallery}/people", [303, 404, 404, 200, 200]),
    ("POST", "/gallery/{gallery}/people", [401, 403, 403, 403, 403]),
    ("POST", "/gallery/{gallery}/people/revoke", [401, 403, 403, 403, 403]),
    ("GET", "/api/galleries/{gallery}/permissions", [401, 404, 404, 200, 200]),
    ("POST", "/api/galleries/{gallery}/permissions", [401, 403, 403, 403, 403]),
    ("DELETE", "/api/galleries/{gallery}/permissions/{user}", [401, 403, 403, 403, 403]),
    ("DELETE", "/api/galleries/{gallery}/pending-permissions/{id}", [401, 403, 403, 403, 403]),
    ("POST", "/gallery/{gallery}/delete", [401, 403, 403, 403, 403]),
    ("GET", "/customers", [303, 403, 200, 200, 200]),
    ("POST", "/customers", [401, 403, 403, 403, 403]),
    ("GET", "/customers/export.csv", [303, 403, 200, 200, 200]),
    ("GET", "/customers/import", [303, 403, 200, 200, 200]),
    ("POST", "/customers/import", [401, 403, 403, 403, 403]),
    ("GET", "/customers/{customer}", [303, 403, 404, 200, 404]),
    ("POST", "/customers/{customer}", [401, 403, 403, 403, 403]),
    ("POST", "/customers/{customer}/delete", [401, 403, 403, 403, 403]),
    ("GET", "/api/galleries/{gallery}/customers", [401, 404, 404, 200, 200]),
    ("POST", "/api/galleries/{gallery}/customers", [401, 403, 403, 403, 403]),
    ("DELETE", "/api/galleries/{gallery}/customers/{customer}", [401, 403, 403, 403, 403]),
    ("GET", "/api/customers", [401, 403, 200, 200, 200]),
    ("POST", "/api/customers", [401, 403, 403, 403, 403]),
    ("POST", "/api/customers/import", [401, 403, 403, 403, 403]),
    ("GET", "/api/customers/{customer}", [401, 403, 404, 200, 404]),
    ("PATCH", "/api/customers/{customer}", [401, 403, 403, 403, 403]),
    ("DELETE", "/api/customers/{customer}", [401, 403, 403, 403, 403]),
    ("GET", "/trash", [303, 403, 200, 200, 200]),
    ("POST", "/trash/photos", [401, 403, 403, 403, 403]),
    ("POST", "/trash/galleries/{gallery}/restore", [401, 403, 403, 403, 403]),
    ("POST", "/trash/galleries/{gallery}/purge", [401, 403, 403, 403, 403]),
    ("DELETE", "/api/galleries/{gallery}", [401, 403, 403, 403, 403]),
    ("POST", "/api/galleries/{gallery}/restore", [401, 403, 403, 403, 403]),
    ("POST", "/api/photos/{photo}/restore", [401, 403, 403, 403, 403]),
    ("GET", "/api/trash", [401, 403, 200, 200, 200]),
    ("DELETE", "/api/trash/galleries/{gallery}", [401, 403, 403, 403, 403]),
    ("DELETE", "/api/trash/photos/{photo}", [401, 403, 403, 403, 403]),
    ("POST", "/gallery/{gallery}/cover", [401, 403, 403, 403, 403]),
    ("POST", "/gallery/{gallery}/sections", [401, 403, 403, 403, 403]),
    ("POST", "/gallery/{gallery}/sections/{section}", [401, 403, 403, 403, 403]),
    ("POST", "/gallery/{gallery}/arrange", [401, 403, 403, 403, 403]),
    ("POST", "/gallery/{gallery}/order", [401, 403, 403, 403, 403]),
    ("POST", "/gallery/{gallery}/customers", [401, 403, 403, 403, 403]),
    ("POST", "/gallery/{gallery}/customers/remove", [401, 403, 403, 403, 403]),
    ("GET", "/gallery/{gallery}/shares", [303, 404, 404, 200, 200]),
    ("POST", "/gallery/{gallery}/shares", [401, 403, 403, 403, 403]),
    ("POST", "/shares/{link}/revoke", [401, 403, 403, 403, 403]),
    ("GET", "/photos", [303, 303, 200, 200, 200]),
    ("POST", "/photos", [401, 403, 403, 403, 403]),
    ("POST", "/photos/deeds", [401, 403, 403, 403, 403]),
    ("POST", "/photos/undo", [401, 403, 403, 403, 403]),
    ("GET", "/photos/{photo}", [303, 404, 404, 200, 200]),
    ("POST", "/photos/{photo}", [401, 403, 403, 403, 403]),
    ("POST", "/photos/{photo}/retry", [401, 403, 403, 403, 403]),
    ("POST", "/api/photos/undo", [401, 403, 403, 403, 403]),
    ("GET", "/events", [401, 200, 200, 200, 200]),
    ("POST", "/api/upload", [401, 403, 403, 403, 403]),
    ("GET", "/api/photos", [401, 403, 200, 200, 200]),
    ("GET", "/api/photos/{photo}", [404, 404, 404, 200, 200]),
    ("POST", "/api/photos/batch", [401, 403, 403, 403, 403]),
    ("PATCH", "/api/photos/{photo}", [401, 403, 403, 403, 403]),
    ("DELETE", "/api/photos/{photo}", [401, 403, 403, 403, 403]),
    ("GET", "/api/galleries/{gallery}/sections", [404, 404, 404, 200, 200]),
    ("POST", "/api/galleries/{gallery}/sections", [401, 403, 403, 403, 403]),
    ("PUT", "/api/galleries/{gallery}/sections", [401, 403, 403, 403, 403]),
    ("PUT", "/api/galleries/{gallery}/sections/{section}", [401, 403, 403, 403, 403]),
    ("DELETE", "/api/galleries/{gallery}/sections/{section}", [401, 403, 403, 403, 403]),
    ("PUT", "/api/galleries/{gallery}/order", [401, 403, 403, 403, 403]),
    ("POST", "/api/photos/{photo}/retry", [401, 403, 403, 403, 403]),
    ("GET", "/api/galleries", [401, 200, 200, 200, 200]),
    ("POST", "/api/galleries", [401, 403, 403, 403, 403]),
    ("GET", "/api/galleries/{gallery}", [404, 404, 404, 200, 200]),
    ("PUT", "/api/galleries/{gallery}", [401, 403, 403, 403, 403]),
    ("POST", "/api/galleries/{gallery}/photos", [401, 403, 403, 403, 403]),
    ("DELETE", "/api/galleries/{gallery}/photos/{photo}", [401, 403, 403, 403, 403]),
    ("GET", "/api/galleries/{gallery}/shares", [401, 404, 404, 200, 200]),
    ("POST", "/api/galleries/{gallery}/shares", [401, 403, 403, 403, 403]),
    ("DELETE", "/api/shares/{link}", [401, 403, 403, 403, 403]),
    ("GET", "/api/watermark", [401, 403, 200, 200, 200]),
    ("PUT", "/api/watermark", [401, 403, 403, 403, 403]),
    ("DELETE", "/api/watermark", [401, 403, 403, 403, 403]),
    ("PUT", "/api/watermark/image", [401, 403, 403, 403, 403]),
    ("GET", "/api/watermark/preview", [401, 403, 200, 200, 200]),
    ("POST", "/api/watermark/preview", [401, 403, 403, 403, 403]),
    ("GET", "/logos/{file}", [404; 5]),
    ("GET", "/branding", [303, 403, 200, 200, 200]),
    ("POST", "/branding", [401, 403, 403, 403, 403]),
    ("POST", "/branding/logo", [401, 403, 403, 403, 403]),
    ("POST", "/branding/logo/remove", [401, 403, 403, 403, 403]),
    ("POST", "/branding/watermark", [401, 403, 403, 403, 403]),
    ("POST", "/branding/watermark/image", [401, 403, 403, 403, 403]),
    ("POST", "/branding/watermark/logo", [401, 403, 403, 403, 403]),
    ("GET", "/api/branding", [401, 403, 200, 200, 200]),
    ("PUT", "/api/branding", [401, 403, 403, 403, 403]),
    ("PUT", "/api/branding/logo", [401, 403, 403, 403, 403]),
    ("DELETE", "/api/branding/logo", [401, 403, 403, 403, 403]),
    ("GET", "/admin/users", [303, 403, 403, 403, 200]),
    ("POST", "/admin/user/{user}/role", [401, 403, 403, 403, 403]),
    ("GET", "/admin/settings", [303, 403, 403, 403, 200]),
    ("POST", "/admin/settings", [401, 403, 403, 403, 403]),
    ("POST", "/admin/settings/site", [401, 403, 403, 403, 403]),
    ("GET", "/api/admin/settings", [401, 403, 403, 403, 200]),
    ("PUT", "/api/admin/settings", [401, 403, 403, 403, 403]),
    ("GET", "/admin/storage", [303, 403, 403, 403, 200]),
    ("POST", "/admin/storage/{user}/quota", [401, 403, 403, 403, 403]),
    ("GET", "/admin/failed", [303, 403, 403, 403, 200]),
    ("POST", "/admin/failed", [401, 403, 403, 403, 403]),
    ("GET", "/admin/jobs", [303, 403, 403, 403, 200]),
    ("POST", "/admin/jobs", [401, 403, 403, 403, 403]),
    ("GET", "/admin/mails", [303, 403, 403, 403, 200]),
    ("POST", "/admin/mails/{mail}/again", [401, 403, 403, 403, 403]),
];

struct Things {
    gallery: i64,
    photo: i64,
    link: i64,
    customer: i64,
    token: String,
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str, [u16; 5])> {
    TABLE.iter().copied()
}

#[tokio::test]
async fn every_route_answers_every_visitor_as_the_table_says() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let photo = ana.photo(Some(gallery), "a.jpg", jpeg(1, 60, 40)).await;
    let (link, path) = ana.share(gallery, "preview").await;
    let customer = ana.browser.post_json("/api/customers", &json!({ "email": "cleo@example.org" })).await;
    let customer = customer.json::<Value>()["id"].as_i64().expect("an id");
    let things =
        Things { gallery, photo, link, customer, token: path.rsplit('/').next().unwrap().to_owned() };
    let vic = app.person("vic", Role::Viewer).await;
    let ben = app.photographer("ben").await;
    let root = app.person("root", Role::Admin).await;
    let visitors = [&app.browser(), &vic.browser, &ben.browser, &ana.browser, &root.browser];
    let names = ["nobody", "viewer", "other photographer", "owner", "admin"];
    let mut wrong = Vec::new();
    for (method, path, expected) in rows() {
        for ((visitor, name), expected) in visitors.iter().zip(names).zip(expected) {
            let status = status(visitor, method, path, &things).await;
            if status != expected {
                wrong.push(format!("{method} {path} for {name}: {status}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn with_their_token_others_still_change_nothing() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let photo = ana.photo(Some(gallery), "a.jpg", jpeg(1, 60, 40)).await;
    let (link, _) = ana.share(gallery, "preview").await;
    let vic = app.person("vic", Role::Viewer).await;
    let ben = app.photographer("ben").await;
    for person in [&vic, &ben] {
        let browser = &person.browser;
        let forms = [
            format!("/gallery/{gallery}/edit"),
            format!("/gallery/{gallery}/cover"),
            format!("/gallery/{gallery}/sections"),
            format!("/gallery/{gallery}/sections/1"),
            format!("/gallery/{gallery}/arrange"),
            format!("/gallery/{gallery}/order"),
            format!("/gallery/{gallery}/customers"),
            format!("/gallery/{gallery}/customers/remove"),
            format!("/photos/{photo}"),
            format!("/photos/{photo}/retry"),
            format!("/gallery/{gallery}/shares"),
            format!("/shares/{link}/revoke"),
        ];
        for path in forms {
            let photo = photo.to_string();
            let (name, photo) = (("name", "Mine"), ("photo_id", photo.as_str()));
            let fields = [
                name,
                photo,
                ("access_level", "full"),
                ("step", "first"),
                ("order", "name"),
                ("customer_id", "1"),
            ];
            assert_eq!(browser.post_form(&path, &fields).await.status, 404, "{path}");
        }
        let api = format!("/api/galleries/{gallery}");
        assert_eq!(browser.json(Method::PUT, &api, &json!({ "name": "Mine" })).await.status, 404);
        assert_eq!(browser.delete(&format!("{api}/photos/{photo}")).await.status, 404);
        assert_eq!(browser.delete(&format!("/api/shares/{link}")).await.status, 404);
        assert_eq!(
            browser.post_json(&format!("{api}/shares"), &json!({ "access_level": "full" })).await.status,
            404
        );
    }
    assert_eq!(ben.browser.post_json(&format!("/api/photos/{photo}/retry"), &json!({})).await.status, 404);
    let (photo, gallery) = (photo.to_string(), gallery.to_string());
    let fields = [("photo_ids", photo.as_str()), ("gallery_id", gallery.as_str()), ("deed", "move")];
    assert_eq!(ben.browser.post_form("/photos/deeds", &fields).await.status, 404);
}

#[test]
fn every_route_has_a_row() {
    let routes = routes();
    assert_eq!(routes.len(), rows().count(), "{routes:#?}");
    for (method, path) in routes {
        let listed = rows().any(|(row_method, row_path, _)| row_method == method && row_path == path);
        assert!(listed, "{method} {path} has no row in the table of access");
    }
}

async fn status(visitor: &Client, method: &str, path: &str, things: &Things) -> u16 {
    let path = path
        .replace("{file}", "none.css")
        .replace("{photo}", &things.photo.to_string())
        .replace("{variant}", "preview")
        .replace("{gallery}", &things.gallery.to_string())
        .replace("{link}", &things.link.to_string())
        .replace("{token}", &things.token)
        .replace("{section}", "1")
        .replace("{id}", "1")
        .replace("{code}", "qr.svg")
        .replace("{customer}", &things.customer.to_string())
        .replace("{mail}", "00000000-0000-7000-8000-000000000000")
        .replace("{user}", "1");
    let form = method == "POST" && !path.starts_with("/api/");
    // Three addresses outside /api are for scripts; a person who types one is sent to sign in.
    let script = ["/auth/me", "/auth/session", "/events"].contains(&path.as_str());
    let accept = if script { "application/json" } else { "text/html" };
    let method_name = Method::from_bytes(method.as_bytes()).unwrap();
    let request = visitor.request(method_name, &path).header("accept", accept);
    let request = match path.as_str() {
        path if method == "POST" && (["/photos", "/api/upload"].contains(&path) || path.ends_with("/replace")) => {
            request.header("content-type", "multipart/form-data; boundary=b").body("--b\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n")
        }
        _ if form => request.header("content-type", "application/x-www-form-urlencoded"),
        _ => request,
    };
    // The head of the answer is enough: the stream of events has no end that is worth waiting for.
    request.send().await.unwrap().status().as_u16()
}

/// The pairs of method and path in `routes.rs` and `routes/`.
pub fn routes() -> Vec<(String, String)> {
    let mut routes = Vec::new();
    let mut path = "";
    for line in ROUTES.lines().filter(|line| !line.trim_start().starts_with("//")) {
        if let Some(named) = line.split('"').nth(1).filter(|text| text.starts_with('/')) {
            path = named;
        }
        for method in ["get", "post", "put", "patch", "delete", "head"] {
            if line.contains(&format!("{method}().to(")) {
                routes.push((method.to_uppercase(), path.to_owned()));
            }
        }
    }
    routes
}
