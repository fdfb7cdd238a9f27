//! What one client can cost: tries, hashing, bytes.

use std::time::{Duration, Instant};

use common::identity::Role;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use test_support::{Answer, site::password_of};

use crate::harness::TestApp;

fn retry_after(answer: &Answer) -> u64 {
    answer.header("retry-after").parse().expect("seconds to wait")
}

#[tokio::test]
async fn the_eleventh_try_in_a_minute_waits_whether_by_page_or_by_json() {
    let app = TestApp::start_with(&[]).await;
    // Too long to be hashed, so that ten tries take no time; they count all the same.
    let password = "x".repeat(1025);
    let browser = app.browser();
    browser.get("/login").await;
    for _ in 0..5 {
        assert_eq!(app.login("ana", &password).await.status, 422);
        let answer = browser.post_form("/login", &[("username", "ana"), ("password", &password)]).await;
        assert_eq!(answer.status, 422);
    }
    let by_json = app.login("ana", &password_of("ana")).await;
    assert_eq!(by_json.status, 429);
    assert!((1..=60).contains(&retry_after(&by_json)));
    let by_page = browser.post_form("/login", &[("username", "ana"), ("password", &password)]).await;
    assert_eq!(by_page.status, 429);
    assert!((1..=60).contains(&retry_after(&by_page)));
    assert_eq!(app.verify("nobody").await.status, 401, "other addresses of the service go on");
}

#[tokio::test]
async fn a_full_queue_answers_at_once_and_verifying_goes_on() {
    let app = TestApp::start_with(&[("PASSWORD_QUEUE", "1"), ("LOGIN_LIMIT_PER_MINUTE", "1000")]).await;
    app.create_user("ana", Role::User).await;
    let token = app.token("ana").await;
    let client = app.browser();
    let body = json!({ "username": "ana", "password": password_of("somebody else") });
    let timed = async || {
        let start = Instant::now();
        let answer = client.send(client.request(Method::POST, "/api/login").json(&body)).await;
        (answer, start.elapsed())
    };
    let verify = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let start = Instant::now();
        (app.verify(&token).await, start.elapsed())
    };
    let flood = join_all((0..40).map(|_| timed()));
    let (answers, (verified, verified_in)) = futures_util::future::join(flood, verify).await;
    let full: Vec<_> = answers.iter().filter(|(answer, _)| answer.status == 503).collect();
    assert!(full.len() >= 20, "{} were refused", full.len());
    assert!(answers.iter().all(|(answer, _)| [401, 503].contains(&answer.status.as_u16())));
    for (answer, _) in &full {
        assert!(retry_after(answer) > 0);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    // Far below the time of one hashing, if the machine has nothing else to do.
    let fastest = full.iter().map(|(_, time)| *time).min().expect("some were refused");
    assert!(fastest < Duration::from_millis(200), "{fastest:?}");
    assert_eq!(verified.status, 200);
    assert!(verified_in < Duration::from_secs(1), "{verified_in:?}");
}

#[tokio::test]
async fn a_long_password_is_refused_before_it_is_hashed_or_looked_at() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    for (length, status) in [(1025, 422), (15_000, 422), (20_000, 413), (1_000_000, 413)] {
        assert_eq!(app.login("ana", &"x".repeat(length)).await.status, status, "{length}");
        let browser = app.browser();
        browser.get("/login").await;
        let long = "x".repeat(length);
        let answer = browser.post_form("/login", &[("username", "ana"), ("password", &long)]).await;
        assert_eq!(answer.status, status, "{length} by the page");
    }
    assert_eq!(app.events().await.len(), 1, "none of them counted as a try of a password");
    let answer = app.login("ana", &"ü".repeat(512)).await;
    assert_eq!(answer.status, 401, "1024 bytes are hashed");
}
