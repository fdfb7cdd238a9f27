//! Whose address counts: the peer's, or what a trusted proxy says.

use reqwest::Method;
use serde_json::json;
use test_support::Answer;

use crate::harness::TestApp;

async fn try_from(app: &TestApp, headers: &[(&str, &str)]) -> Answer {
    let client = app.browser();
    let body = json!({ "username": "ana", "password": "x".repeat(1025) });
    let mut request = client.request(Method::POST, "/api/login").json(&body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send(request).await
}

#[tokio::test]
async fn a_claimed_address_does_not_dodge_the_limit() {
    let app = TestApp::start_with(&[]).await;
    let shapes = [
        ("x-forwarded-for", "1.2.3.4"),
        ("x-forwarded-for", "1.2.3.4, 5.6.7.8"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-for", "::1"),
        ("x-forwarded-for", "[2001:db8::1]:443"),
        ("x-forwarded-for", ""),
        ("x-forwarded-for", "unknown"),
        ("forwarded", "for=1.2.3.4"),
        ("forwarded", "for=\"[2001:db8::1]\";proto=https"),
        ("x-real-ip", "1.2.3.4"),
        ("x-client-ip", "1.2.3.4"),
        ("true-client-ip", "1.2.3.4"),
        ("cf-connecting-ip", "1.2.3.4"),
    ];
    let mut statuses = Vec::new();
    for shape in shapes {
        statuses.push(try_from(&app, &[shape]).await.status.as_u16());
    }
    assert_eq!(statuses, [[422; 10].as_slice(), &[429; 3]].concat());
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_a_limit_and_cannot_choose_it() {
    let app = TestApp::start_with(&[("TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    for last in 0..10 {
        let hops = format!("6.6.6.{last}, 203.0.113.9");
        assert_eq!(try_from(&app, &[("x-forwarded-for", &hops)]).await.status, 422);
    }
    assert_eq!(try_from(&app, &[("x-forwarded-for", "6.6.6.99, 203.0.113.9")]).await.status, 429);
    assert_eq!(try_from(&app, &[("x-forwarded-for", "203.0.113.10")]).await.status, 422, "another client");
    for last in 0..10 {
        let address = format!("2001:db8:1:2::{last}");
        assert_eq!(try_from(&app, &[("x-forwarded-for", &address)]).await.status, 422);
    }
    assert_eq!(try_from(&app, &[("x-forwarded-for", "2001:db8:1:2:ffff::1")]).await.status, 429, "one /64");
}

#[tokio::test]
async fn a_forged_host_builds_no_link() {
    let app = TestApp::start().await;
    let client = app.browser();
    let request = client
        .request(Method::GET, "/api/verify-session")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example;proto=https");
    let answer = client.send(request).await;
    assert!(!answer.text().contains("evil"), "{}", answer.text());
    let page = client
        .request(Method::GET, "/")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("accept", "text/html");
    assert!(!client.send(page).await.text().contains("evil"));
}
