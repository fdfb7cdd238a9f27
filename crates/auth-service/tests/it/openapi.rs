//! What the API says of itself is what it is. That each answer is as described, every test holds that uses the client
//! (`test_support::contract`).

use std::collections::BTreeSet;

use common::openapi::operations;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{access, harness::TestApp};

/// What describes, and is not described.
const ABOUT: [&str; 2] = ["/api/openapi.json", "/api/docs"];

#[test]
fn every_address_for_programs_is_described_and_there_is_no_other() {
    let routes = access::routes().into_iter();
    let wanted: BTreeSet<_> =
        routes.filter(|(_, path)| path.starts_with("/api/") && !ABOUT.contains(&path.as_str())).collect();
    let document = &auth_service::openapi::DESCRIPTION.document;
    let described = operations(document).map(|(path, method, _)| (method.to_uppercase(), path.to_owned()));
    let described: BTreeSet<_> = described.collect();
    let missing: Vec<_> = wanted.difference(&described).collect();
    let unknown: Vec<_> = described.difference(&wanted).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "not described: {missing:?}\nnot there: {unknown:?}");
}

#[tokio::test]
async fn the_description_is_served_to_everybody() {
    let app = TestApp::start().await;
    let served = app.browser().get_json("/api/openapi.json").await.json::<Value>();
    assert_eq!(served, auth_service::openapi::DESCRIPTION.document);
    assert!(app.browser().get("/api/docs").await.select(".api-call h3").len() >= 14);
}

#[tokio::test]
async fn what_a_body_may_not_hold_is_refused_in_words() {
    let app = TestApp::start().await;
    let refused = [
        ("/api/login", json!({ "username": "ana" })),
        ("/api/login", json!({ "username": "ana", "password": "x", "remember": true })),
        ("/api/register", json!({ "email": "ana@example.org", "role": "admin" })),
        ("/api/register", json!({ "email": "a\0@example.org" })),
        ("/api/forgot-password", json!({ "email": 5 })),
        ("/api/forgot-password", json!({ "email": "\0" })),
        ("/api/reset-password", json!({ "token": "x", "password": "y", "user_id": 1 })),
    ];
    let visitor = app.browser();
    for (path, body) in refused {
        let answer = visitor.send(visitor.request(Method::POST, path).json(&body)).await;
        assert!([400, 422].contains(&answer.status.as_u16()), "{path} {body}: {}", answer.text());
        assert!(!answer.json::<Value>()["detail"].as_str().unwrap_or_default().is_empty(), "{path} {body}");
    }
}
