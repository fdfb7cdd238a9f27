//! What the API says of itself is what it is: the addresses, the page, the document, and what it refuses. That each answer
//! is as described, every test holds that uses the client (`test_support::contract`).

use std::collections::BTreeSet;

use common::openapi::{INTRODUCTION, markdown, operations};
use serde_json::{Value, json};
use test_support::reqwest::{
    Method,
    multipart::{Form, Part},
};

use crate::{access, harness::TestApp};

/// Addresses outside `/api/` that answer programs.
const OUTSIDE: [(&str, &str); 14] = [
    ("GET", "/health"),
    ("GET", "/auth/me"),
    ("GET", "/auth/session"),
    ("POST", "/auth/logout"),
    ("GET", "/events"),
    ("POST", "/admin/user/{user}/role"),
    ("GET", "/photos/{photo}/download"),
    ("GET", "/photos/download.zip"),
    ("POST", "/photos/selections"),
    ("GET", "/gallery/{gallery}/download.zip"),
    ("POST", "/gallery/{gallery}/selections"),
    ("GET", "/view/{token}/photos/{photo}/download"),
    ("GET", "/view/{token}/download.zip"),
    ("POST", "/view/{token}/selections"),
];
/// What describes, and is not described.
const ABOUT: [&str; 2] = ["/api/openapi.json", "/api/docs"];

fn described() -> BTreeSet<(String, String)> {
    let operations = operations(&photos::openapi::DESCRIPTION.document);
    operations.map(|(path, method, _)| (method.to_uppercase(), path.to_owned())).collect()
}

#[test]
fn every_address_for_programs_is_described_and_there_is_no_other() {
    let outside = OUTSIDE.map(|(method, path)| (method.to_owned(), path.to_owned()));
    let routes = access::routes().into_iter();
    let inside = routes.filter(|(_, path)| path.starts_with("/api/") && !ABOUT.contains(&path.as_str()));
    let wanted: BTreeSet<_> = inside.chain(outside).collect();
    let described = described();
    let missing: Vec<_> = wanted.difference(&described).collect();
    let unknown: Vec<_> = described.difference(&wanted).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "not described: {missing:?}\nnot there: {unknown:?}");
}

#[tokio::test]
async fn the_description_and_its_page_are_served_to_everybody() {
    let app = TestApp::start().await;
    let visitor = app.browser();
    let served = visitor.get_json("/api/openapi.json").await.json::<Value>();
    assert_eq!(served, photos::openapi::DESCRIPTION.document);
    let page = visitor.get("/api/docs").await;
    assert_eq!(page.select(".api-call h3").len(), described().len());
    assert!(page.text().contains("<code>/api/galleries/{gallery}</code>"));
    for service in [&app.auth_url, &app.url] {
        let page = visitor.get(&format!("{service}/api/docs")).await;
        assert_eq!(page.status, 200);
    }
}

#[test]
fn the_written_document_is_what_the_services_say() {
    let written = include_str!("../../../../docs/API.md");
    let [auth, photos] = [&auth_service::openapi::DESCRIPTION, &photos::openapi::DESCRIPTION]
        .map(|description| markdown::of(&description.document));
    for part in [INTRODUCTION, &auth, &photos] {
        let lines: BTreeSet<&str> = written.lines().collect();
        let stale = part.lines().find(|line| !lines.contains(line));
        assert!(written.contains(part), "docs/API.md is stale (run `cargo xtask api`): it lacks {stale:?}");
    }
}

#[tokio::test]
async fn what_a_body_may_not_hold_is_refused_in_words() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let of_gallery = |rest: &str| format!("/api/galleries/{gallery}{rest}");
    let refused = [
        (Method::POST, "/api/galleries".to_owned(), json!({ "name": "A", "colour": "red" })),
        (Method::POST, "/api/galleries".to_owned(), json!({ "name": 5 })),
        (Method::POST, "/api/galleries".to_owned(), json!([1])),
        (Method::POST, "/api/galleries".to_owned(), json!({ "name": "A\0B" })),
        (Method::PUT, of_gallery(""), json!({ "event_date": "-9999-01-01" })),
        (Method::PUT, of_gallery(""), json!({ "cover_photo_id": 99_999_999_999_i64 })),
        (Method::POST, of_gallery("/photos"), json!({ "photo_ids": ["1"] })),
        (Method::POST, of_gallery("/sections"), json!({ "name": "\0" })),
        (Method::PUT, of_gallery("/order"), json!({ "photo_ids": [], "before": "x" })),
        (Method::POST, of_gallery("/shares"), json!({ "access_level": "full", "message": "\0" })),
        (Method::POST, of_gallery("/shares"), json!({ "access_level": "full", "expires_in_days": 70_000 })),
        (Method::POST, of_gallery("/permissions"), json!({ "user": "a\0b", "permission_level": "view" })),
        (Method::POST, "/api/customers".to_owned(), json!({ "email": "a@example.org", "notes": "\0" })),
        (Method::POST, "/api/photos/batch".to_owned(), json!({ "photo_ids": [], "action": "burn" })),
        (Method::POST, "/api/photos/batch".to_owned(), json!({ "photo_ids": [], "action": "rate" })),
        (Method::POST, "/api/photos/batch".to_owned(), json!({ "photo_ids": [], "action": "copy" })),
        (Method::PUT, "/api/watermark".to_owned(), json!({ "kind": "text", "text": "A", "size": 1e300 })),
        (Method::PUT, "/api/watermark".to_owned(), json!({ "shape": "round" })),
    ];
    for (method, path, body) in refused {
        let answer = ana.browser.json(method, &path, &body).await;
        assert!([400, 422].contains(&answer.status.as_u16()), "{path} {body}: {}", answer.text());
        assert!(!answer.json::<Value>()["detail"].as_str().unwrap_or_default().is_empty(), "{path} {body}");
    }
}

#[tokio::test]
async fn a_query_that_means_nothing_is_refused_and_never_a_fault_of_ours() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let refused = [
        "/api/galleries?limit=many".to_owned(),
        "/api/galleries?limit=-1".to_owned(),
        "/api/galleries?after=99999999999".to_owned(),
        "/api/photos?after=x".to_owned(),
        "/api/photos?status=lost".to_owned(),
        "/api/photos?filter=lost".to_owned(),
        "/api/photos?sort=size".to_owned(),
        "/api/photos?sort=name&after=7".to_owned(),
        "/api/photos?stars=6".to_owned(),
        "/api/photos?section=dinner".to_owned(),
        format!("/api/photos?gallery_id={gallery}&after=%00"),
        "/api/customers?after=AA.1".to_owned(),
        "/api/shares?after=-".to_owned(),
        "/api/trash?after=1e9".to_owned(),
    ];
    for path in refused {
        let answer = ana.browser.get_json(&path).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
    }
    for path in [
        "/api/customers?q=%00",
        "/api/customers?q=%25_%5C",
        "/api/photos?ids=1,x,99999999999",
        "/api/photos?q=%00&sort=name",
    ] {
        let answer = ana.browser.get_json(path).await;
        assert!(answer.status.is_success() || answer.status.is_client_error(), "{path}: {}", answer.text());
    }
    for path in ["/api/galleries/99999999999", "/api/photos/x", "/api/view/%00", "/api/galleries/%FF"] {
        let status = ana.browser.get_json(path).await.status;
        assert!(status.is_client_error(), "{path}: {status}");
    }
}

#[tokio::test]
async fn an_upload_without_a_sensible_field_is_refused() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let file = || Part::bytes(vec![1, 2, 3]).file_name("a\0.jpg");
    for gallery in ["\0", "99999999999", "-1", "one"] {
        let form = Form::new().text("gallery_id", gallery).part("photos", file());
        let answer = ana.browser.upload("/api/upload", form).await;
        assert!(answer.status.is_client_error(), "{gallery}: {}", answer.text());
    }
    assert_eq!(ana.browser.upload("/api/upload", Form::new().text("gallery_id", "")).await.status, 422);
}
