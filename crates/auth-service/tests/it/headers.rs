//! The security headers, on every answer there is.

use common::identity::Role;
use reqwest::Method;
use test_support::{Answer, Client};

use crate::harness::TestApp;

/// An answer of every kind: pages, forms refused, JSON, problems, files, nothing.
async fn answers(app: &TestApp) -> Vec<(&'static str, u16, Answer)> {
    let browser: Client = app.browser();
    let page = browser.get("/login").await;
    let asset = page.attributes("link[rel=stylesheet]", "href").remove(0);
    let raw = |method, path: &str| browser.send(browser.request(method, path));
    vec![
        ("a page", 200, page),
        ("a file", 200, browser.get(&asset).await),
        ("a missing file", 404, browser.get("/assets/none.css").await),
        ("a missing page", 404, browser.get("/none").await),
        ("a missing address of the API", 404, browser.get("/api/none").await),
        ("a path out of the folder", 404, raw(Method::GET, "/assets/..%2f..%2fCargo.toml").await),
        ("a refused form", 403, browser.post_form("/login", &[("csrf_token", "wrong")]).await),
        ("a form of another kind", 415, raw(Method::POST, "/login").await),
        ("a refused kind", 415, raw(Method::POST, "/api/login").await),
        ("another method", 404, raw(Method::DELETE, "/login").await),
        ("no session", 401, raw(Method::GET, "/api/verify-session").await),
        ("health", 200, raw(Method::GET, "/api/health").await),
        (
            "a long body",
            413,
            browser.send(browser.request(Method::POST, "/api/login").body("x".repeat(99_999))).await,
        ),
    ]
}

fn assert_headers(what: &str, answer: &Answer) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "SAMEORIGIN"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("x-xss-protection", "0"),
    ] {
        assert_eq!(answer.header(name), value, "{what}");
    }
    for closed in ["camera=()", "microphone=()", "geolocation=()"] {
        assert!(answer.header("permissions-policy").contains(closed), "{what}");
    }
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{what}: {policy}");
    assert!(!answer.header("cache-control").is_empty(), "{what}");
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control")), "{what}");
}

#[tokio::test]
async fn every_answer_carries_them() {
    let app = TestApp::start().await;
    for (what, status, answer) in answers(&app).await {
        assert_eq!(answer.status, status, "{what}");
        assert_headers(what, &answer);
        assert_eq!(answer.header("strict-transport-security"), "", "{what}: not in development");
    }
}

#[tokio::test]
async fn production_adds_hsts_and_lets_forms_end_on_sibling_hosts() {
    let app = TestApp::start_in_production().await;
    app.create_user("ana", Role::User).await;
    for (what, status, answer) in answers(&app).await {
        assert_eq!(answer.status, status, "{what}");
        assert_headers(what, &answer);
        assert_eq!(
            answer.header("strict-transport-security"),
            "max-age=31536000; includeSubDomains",
            "{what}"
        );
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("form-action 'self' https://*.stsgym.com"), "{what}: {policy}");
    }
}

#[tokio::test]
async fn only_files_may_be_kept() {
    let app = TestApp::start().await;
    for (what, status, answer) in answers(&app).await {
        let file = what == "a file" && status == 200;
        let expected = if file { "public, max-age=31536000, immutable" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), expected, "{what}");
    }
}
