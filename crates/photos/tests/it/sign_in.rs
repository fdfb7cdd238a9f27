//! Signing in at one host, being known at the other, and being nobody again at once after signing out.

use common::identity::Role;
use serde_json::Value;
use test_support::{Client, reqwest::Method};

use crate::harness::TestApp;

#[tokio::test]
async fn a_person_signs_in_at_the_auth_host_and_is_known_here() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let me = ana.browser.get_json("/auth/me").await.json::<Value>();
    assert_eq!((me["username"].as_str(), me["role"].as_str()), (Some("ana"), Some("photographer")));
    let session = ana.browser.get_json("/auth/session").await.json::<Value>();
    assert_eq!(session["authenticated"], true);
    assert_eq!(session["user"]["id"], me["id"]);
}

#[tokio::test]
async fn signing_out_at_the_auth_host_ends_access_here_at_once() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let logout = format!("{}/logout", app.auth_url);
    ana.browser.get(&logout).await;
    let out = ana.browser.post_form(&logout, &[]).await;
    assert_eq!(out.status, 303, "{}", out.text());
    assert_eq!(ana.browser.get_json("/auth/me").await.status, 401);
    assert_eq!(ana.browser.get_json("/api/photos").await.status, 401);
    let page = ana.browser.get("/photos").await;
    assert_eq!(page.status, 303);
    assert!(page.location().contains("/auth/login?return_to=%2Fphotos"), "{}", page.location());
}

#[tokio::test]
async fn a_stolen_cookie_is_worth_nothing_after_its_owner_signed_out_here() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let token = ana.browser.cookie(&app.url, "photos_session").expect("signed in");
    ana.browser.get("/auth/logout").await;
    let out = ana.browser.post_form("/auth/logout", &[]).await;
    assert_eq!((out.status.as_u16(), out.location()), (303, format!("{}/", app.url)), "{}", out.text());
    assert!(
        out.set_cookies()
            .iter()
            .any(|cookie| cookie.starts_with("photos_session=;") && cookie.contains("Max-Age=0"))
    );
    let thief = app.browser();
    let request = thief.request(Method::GET, "/auth/me").header("cookie", format!("photos_session={token}"));
    assert_eq!(thief.send(request).await.status, 401);
}

#[tokio::test]
async fn opening_the_sign_out_page_signs_nobody_out() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    assert_eq!(ana.browser.get("/auth/logout").await.status, 200);
    assert_eq!(ana.browser.get_json("/auth/me").await.status, 200);
}

#[tokio::test]
async fn a_sign_in_that_did_not_arrive_is_explained_and_does_not_loop() {
    let app = TestApp::start().await;
    let page = app.browser().get("/auth/callback?return_to=/photos").await;
    assert_eq!(page.status, 401);
    assert!(
        page.text().contains("stsgym.localhost") && page.text().contains("photos_session"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn nobody_is_sent_to_another_site_after_signing_in() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    for evil in
        ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/auth/login"]
    {
        let query: String = url::form_urlencoded::byte_serialize(evil.as_bytes()).collect();
        for page in ["login", "callback"] {
            let answer = ana.browser.get(&format!("/auth/{page}?return_to={query}")).await;
            assert_eq!(answer.location(), format!("{}/dashboard", app.url), "{page} {evil}");
        }
    }
}

#[tokio::test]
async fn whoever_signs_in_on_the_front_page_begins_where_they_have_something_to_do() {
    let app = TestApp::start().await;
    for (name, role, start) in [("ana", Role::Photographer, "/dashboard"), ("vera", Role::Viewer, "/gallery")]
    {
        app.create_user(name, role).await;
        let browser = app.browser();
        app.sign_in(&browser, name).await;
        let answer = browser.get("/auth/callback?return_to=/").await;
        assert_eq!(answer.location(), format!("{}{start}", app.url), "{name}");
        let answer = browser.get("/auth/login?return_to=/shares").await;
        assert_eq!(answer.location(), format!("{}/shares", app.url), "{name}");
    }
}

#[tokio::test]
async fn signing_in_as_somebody_else_leaves_nothing_of_the_first_person() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let old_token = ana.browser.token(&app.url).expect("a page was seen");
    app.create_user("ben", Role::Photographer).await;
    ana.browser.get(&format!("{}/logout", app.auth_url)).await;
    ana.browser.post_form(&format!("{}/logout", app.auth_url), &[]).await;
    app.sign_in(&ana.browser, "ben").await;
    let stale = ana.browser.post_form("/gallery", &[("name", "Ana's"), ("csrf_token", &old_token)]).await;
    assert_eq!(stale.status, 403, "{}", stale.text());
}

#[tokio::test]
async fn with_the_auth_service_away_a_signed_in_person_is_asked_to_wait_and_a_visitor_is_not() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, path) = ana.share(gallery, "full").await;
    app.stop_auth_service().await;
    let page = ana.browser.get("/photos").await;
    assert_eq!(page.status, 503);
    assert!(!page.header("retry-after").is_empty());
    assert_eq!(app.browser().get(&path).await.status, 200);
}

#[tokio::test]
async fn requests_from_other_pages_change_nothing() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let post = |site: Option<&str>, origin: Option<&str>, token: Option<String>| {
        let mut request =
            ana.browser.request(Method::POST, "/api/galleries").json(&serde_json::json!({ "name": "x" }));
        for (name, value) in
            [("sec-fetch-site", site), ("origin", origin), ("x-csrf-token", token.as_deref())]
        {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        ana.browser.send(request)
    };
    let token = || ana.browser.token(&app.url);
    assert_eq!(post(Some("same-site"), None, token()).await.status, 403);
    assert_eq!(post(Some("cross-site"), None, token()).await.status, 403);
    assert_eq!(post(None, Some(&app.auth_url), token()).await.status, 403);
    assert_eq!(post(Some("same-origin"), None, None).await.status, 403);
    assert_eq!(post(Some("same-origin"), None, Some("x".repeat(86))).await.status, 403);
    assert_eq!(post(Some("same-origin"), Some(&app.url), token()).await.status, 201);
}

#[tokio::test]
async fn two_different_sessions_at_once_are_nobody() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let ben = app.photographer("ben").await;
    let token = |client: &Client| client.cookie(&app.url, "photos_session").expect("signed in");
    let cookies = format!("photos_session={}; photos_session={}", token(&ana.browser), token(&ben.browser));
    let browser = app.browser();
    let answer = browser.send(browser.request(Method::GET, "/auth/me").header("cookie", cookies)).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("clear-site-data"), "\"cookies\"");
}

#[tokio::test]
async fn an_answer_from_before_its_end_does_not_bring_an_account_back() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    assert_eq!(ana.browser.get_json("/auth/me").await.status, 200);
    app.sql("update users set deleted_at = now(), is_active = false, username = 'ana#1'").await;
    let late = app.browser();
    late.sign_in(&app.auth_url, "ana").await;
    assert_eq!(late.get_json("/auth/me").await.status, 401);
    assert_eq!(late.get_json("/auth/session").await.json::<Value>()["authenticated"], false);
}
