//! Requests that other sites try to make in a person's browser.

use common::identity::Role;
use reqwest::Method;
use serde_json::{Value, json};
use test_support::Answer;

use crate::harness::{TestApp, sso_token};

const RIGHT: &str = "the long password of ana";

async fn app_with_ana() -> TestApp {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    app
}

async fn login_with(app: &TestApp, headers: &[(&str, &str)], body: String) -> Answer {
    let client = app.browser();
    let mut request = client.request(Method::POST, "/api/login").body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send(request).await
}

#[tokio::test]
async fn the_json_sign_in_takes_json_alone() {
    let app = app_with_ana().await;
    let body = json!({ "username": "ana", "password": RIGHT }).to_string();
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", ""]
    {
        let answer = login_with(&app, &[("content-type", kind)], body.clone()).await;
        assert_eq!(answer.status, 415, "{kind}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let kinds = ["application/json", "Application/JSON; charset=utf-8"];
    for kind in kinds {
        assert_eq!(login_with(&app, &[("content-type", kind)], body.clone()).await.status, 200, "{kind}");
    }
    for broken in ["", "{", "[]", r#"{"username":"ana"}"#, r#"{"username":1,"password":2}"#] {
        let answer = login_with(&app, &[("content-type", "application/json")], broken.to_owned()).await;
        assert_eq!(answer.status, 400, "{broken}");
    }
}

#[tokio::test]
async fn the_json_sign_in_refuses_a_foreign_page() {
    let app = app_with_ana().await;
    let body = json!({ "username": "ana", "password": RIGHT }).to_string();
    let json = ("content-type", "application/json");
    let own = app.url.clone();
    for (name, value, status) in [
        ("origin", "https://evil.example", 403),
        ("origin", "http://photos.stsgym.localhost:5009", 403),
        ("origin", "null", 403),
        ("origin", own.as_str(), 200),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "same-origin", 200),
        ("sec-fetch-site", "none", 200),
    ] {
        let answer = login_with(&app, &[json, (name, value)], body.clone()).await;
        assert_eq!(answer.status, status, "{name}: {value}");
        assert_eq!(sso_token(&answer).is_some(), status == 200);
    }
}

#[tokio::test]
async fn no_preflight_is_answered() {
    let app = app_with_ana().await;
    for path in ["/api/login", "/api/verify-session", "/api/session"] {
        let client = app.browser();
        let request = client
            .request(Method::OPTIONS, path)
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "POST");
        let answer = client.send(request).await;
        assert!(!answer.status.is_success(), "{path}");
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control")), "{path}");
    }
}

#[tokio::test]
async fn a_form_without_its_token_is_refused_and_says_why() {
    let app = app_with_ana().await;
    let fields = [("username", "ana"), ("password", RIGHT)];
    let stranger = app.browser();
    let answer = stranger.post_form("/login", &fields).await;
    assert_eq!(answer.status, 403, "no page was seen before");
    assert!(answer.text().contains("has no session here"), "{}", answer.text());
    let visitor = app.browser();
    visitor.get("/login").await;
    for wrong in ["", "x", &"A".repeat(86), &visitor.token("/login").unwrap_or_default()[1..]] {
        let with_wrong = [("csrf_token", wrong), fields[0], fields[1]];
        let answer = visitor.post_form("/login", &with_wrong).await;
        assert_eq!(answer.status, 403, "{wrong}");
        assert!(answer.text().contains("security token"), "{}", answer.text());
    }
    assert_eq!(visitor.post_form("/login", &fields).await.status, 303);
}

#[tokio::test]
async fn a_token_of_another_browser_is_refused() {
    let app = app_with_ana().await;
    let attacker = app.browser();
    attacker.get("/login").await;
    let token = attacker.token("/login").expect("a page with a form");
    let victim = app.browser();
    victim.get("/login").await;
    let fields = [("csrf_token", token.as_str()), ("username", "ana"), ("password", RIGHT)];
    assert_eq!(victim.post_form("/login", &fields).await.status, 403);
}

#[tokio::test]
async fn a_token_from_before_the_sign_in_is_refused_afterwards() {
    let app = app_with_ana().await;
    let ana = app.browser();
    ana.get("/login").await;
    let old = ana.token("/login").expect("a page with a form");
    ana.post_form("/login", &[("username", "ana"), ("password", RIGHT)]).await;
    assert_eq!(ana.post_form("/logout", &[("csrf_token", &old)]).await.status, 403);
    ana.get("/logout").await;
    assert_eq!(ana.post_form("/logout", &[]).await.status, 303);
}

#[tokio::test]
async fn a_sibling_page_cannot_post_even_with_the_right_token() {
    let app = app_with_ana().await;
    let ana = app.sign_in("ana").await;
    ana.get("/logout").await;
    let token = ana.token("/logout").expect("a page with a form");
    for (name, value) in [
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "none"),
        ("origin", "http://photos.stsgym.localhost:5009"),
    ] {
        let form = [("csrf_token", token.as_str())];
        let request = ana.request(Method::POST, "/logout").header(name, value).form(&form);
        assert_eq!(ana.send(request).await.status, 403, "{name}: {value}");
    }
    let session: Value = ana.get_json("/api/session").await.json();
    assert_eq!(session["authenticated"], true);
}

#[tokio::test]
async fn signing_out_by_a_script_needs_the_token_in_the_header() {
    let app = app_with_ana().await;
    let ana = app.sign_in("ana").await;
    let bare = ana.request(Method::POST, "/api/logout").header("sec-fetch-site", "same-origin");
    assert_eq!(ana.send(bare).await.status, 403);
    let token: Value = ana.get_json("/api/session").await.json();
    let token = token["csrf_token"].as_str().expect("a token").to_owned();
    let request = ana.request(Method::POST, "/api/logout").header("x-csrf-token", token);
    assert_eq!(ana.send(request).await.status, 204);
}
