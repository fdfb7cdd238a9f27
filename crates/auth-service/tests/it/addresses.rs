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
    let app = TestApp::start_with(&[("LOGIN_LIMIT_PER_MINUTE", "1")]).await;
    assert_eq!(try_from(&app, &[]).await.status, 422);
    let shapes: [&[(&str, &str)]; 30] = [
        &[("x-forwarded-for", "1.2.3.4")],
        &[("X-FORWARDED-FOR", "1.2.3.5")],
        &[("x-forwarded-for", "1.2.3.4, 5.6.7.8")],
        &[("x-forwarded-for", "1.2.3.4,,5.6.7.8,")],
        &[("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", "5.6.7.8")],
        &[("x-forwarded-for", "127.0.0.1")],
        &[("x-forwarded-for", "127.0.0.1, 9.9.9.9")],
        &[("x-forwarded-for", "::1")],
        &[("x-forwarded-for", "::ffff:9.9.9.9")],
        &[("x-forwarded-for", "[2001:db8::1]:443")],
        &[("x-forwarded-for", "1.2.3.4:5678")],
        &[("x-forwarded-for", "\t 1.2.3.6 \t")],
        &[("x-forwarded-for", "")],
        &[("x-forwarded-for", "unknown")],
        &[("x-forwarded-for", "0x7f.1")],
        &[("x-forwarded", "1.2.3.4")],
        &[("forwarded-for", "1.2.3.4")],
        &[("forwarded", "for=1.2.3.4")],
        &[("forwarded", "for=\"[2001:db8::1]\";proto=https")],
        &[("forwarded", "for=_hidden, for=1.2.3.4;by=203.0.113.43")],
        &[("x-real-ip", "1.2.3.4")],
        &[("x-client-ip", "1.2.3.4")],
        &[("client-ip", "1.2.3.4")],
        &[("true-client-ip", "1.2.3.4")],
        &[("cf-connecting-ip", "1.2.3.4")],
        &[("fastly-client-ip", "1.2.3.4")],
        &[("x-cluster-client-ip", "1.2.3.4")],
        &[("x-originating-ip", "[1.2.3.4]")],
        &[("x-remote-addr", "1.2.3.4")],
        &[("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=5.6.7.8"), ("x-real-ip", "9.9.9.9")],
    ];
    for shape in shapes {
        assert_eq!(try_from(&app, shape).await.status, 429, "{shape:?}");
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_a_limit_and_cannot_choose_it() {
    let settings = [("TRUSTED_PROXIES", "127.0.0.0/8"), ("LOGIN_LIMIT_PER_MINUTE", "2")];
    let app = TestApp::start_with(&settings).await;
    for last in 0..2 {
        let hops = format!("6.6.6.{last}, 203.0.113.9");
        assert_eq!(try_from(&app, &[("x-forwarded-for", &hops)]).await.status, 422);
    }
    for hops in ["6.6.6.99, 203.0.113.9", "203.0.113.9", "203.0.113.9, 127.0.0.9", "::ffff:203.0.113.9"] {
        assert_eq!(try_from(&app, &[("x-forwarded-for", hops)]).await.status, 429, "{hops}");
    }
    for other in ["forwarded", "x-real-ip", "x-client-ip"] {
        let headers = [("x-forwarded-for", "203.0.113.9"), (other, "6.6.6.6")];
        assert_eq!(try_from(&app, &headers).await.status, 429, "{other}");
    }
    assert_eq!(try_from(&app, &[("x-forwarded-for", "203.0.113.10")]).await.status, 422, "another client");
    for last in 0..2 {
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
