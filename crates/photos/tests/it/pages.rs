//! What all pages have in common: headers, errors that help, and nothing that fails in silence.

use common::identity::Role;
use serde_json::{Value, json};
use test_support::{Answer, reqwest::Method};

use crate::harness::TestApp;

fn assert_safe(answer: &Answer) {
    let policy = answer.header("content-security-policy");
    assert!(!policy.is_empty() && !policy.contains("unsafe"), "{}: {policy}", answer.url);
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{}", answer.url);
    assert!(!answer.header("referrer-policy").is_empty() && !answer.header("permissions-policy").is_empty());
    assert_eq!(answer.header("x-frame-options"), "SAMEORIGIN", "{}", answer.url);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let edit = format!("/gallery/{gallery}/edit");
    for path in [
        "/",
        "/gallery",
        "/photos",
        "/health",
        "/auth/session",
        "/nowhere",
        "/assets/nothing.css",
        "/media/1/preview",
        &edit,
    ] {
        assert_safe(&ana.browser.get(path).await);
        assert_safe(&app.browser().get(path).await);
    }
}

#[tokio::test]
async fn pages_have_nothing_inline() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, view) = ana.share(gallery, "full").await;
    for path in [
        "/",
        "/gallery",
        "/photos",
        &format!("/gallery/{gallery}"),
        &format!("/gallery/{gallery}/shares"),
        &view,
    ] {
        let page = ana.browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.select("[style], style, [onclick], [onload]").is_empty(), "{path}");
        let scripts = page.attributes("script", "src");
        assert_eq!(scripts.len(), page.select("script").len(), "{path}: every script is a file");
        assert!(scripts.iter().all(|script| script.starts_with("/assets/")), "{path}: {scripts:?}");
    }
}

#[tokio::test]
async fn errors_are_pages_for_people_and_problems_for_programs() {
    let app = TestApp::start().await;
    let vic = app.person("vic", Role::Viewer).await;
    let page = vic.browser.get("/nowhere").await;
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").starts_with("text/html"));
    assert_eq!(page.select("h1"), ["Nothing here"]);
    let page = vic.browser.get("/admin/users").await;
    assert_eq!((page.status.as_u16(), page.select("h1")), (403, vec!["Not allowed".to_owned()]));
    let problem = vic.browser.post_json("/api/galleries", &json!({ "name": "x" })).await;
    assert_eq!((problem.status.as_u16(), problem.header("content-type")), (403, "application/problem+json"));
    let body = problem.json::<Value>();
    assert_eq!((body["status"].as_i64(), body["title"].as_str()), (Some(403), Some("Forbidden")));
    let unreadable = vic.browser.get_json("/api/photos/seven").await;
    assert_eq!(unreadable.header("content-type"), "application/problem+json");
    assert!(unreadable.status.is_client_error());
}

#[tokio::test]
async fn head_answers_as_get_does_without_the_body_and_counts_no_visit() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, view) = ana.share(gallery, "full").await;
    for path in ["/", "/health", "/gallery", &view] {
        let browser = app.browser();
        let answer = browser.send(browser.request(Method::HEAD, path).header("accept", "text/html")).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0), "{path}");
    }
    let links = ana.browser.get_json(&format!("/api/galleries/{gallery}/shares")).await.json::<Value>();
    assert_eq!(links["items"][0]["views"], 0);
}

#[tokio::test]
async fn a_form_that_lost_its_token_says_what_to_do() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let answer = ana.browser.post_form("/gallery", &[("name", "x"), ("csrf_token", "")]).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("reload the page"), "{}", answer.text());
}

#[tokio::test]
async fn the_database_away_is_said_and_is_over_when_it_is_back() {
    let app = TestApp::start().await;
    app.database.take_away().await;
    let health = app.browser().get_json("/health").await;
    assert_eq!((health.status.as_u16(), health.json::<Value>()["database"].as_bool()), (503, Some(false)));
    let page = app.browser().get("/gallery").await;
    assert_eq!(page.status, 503);
    assert!(!page.header("retry-after").is_empty());
    app.database.bring_back().await;
    assert_eq!(app.browser().get_json("/health").await.status, 200);
    assert_eq!(app.browser().get("/gallery").await.status, 200);
}

#[tokio::test]
async fn with_the_accept_header_of_a_program_a_page_address_answers_a_problem() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let request = browser.request(Method::GET, "/photos").header("accept", "application/json");
    let answer = browser.send(request).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (401, "application/problem+json"));
}
