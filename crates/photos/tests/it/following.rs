//! Following the auth-service: what it said of somebody is kept only while whatever changes it would be heard of, and the
//! mirror of the accounts stays true. Answers are kept for an hour here, so nothing comes right by waiting.

use std::time::{Duration, Instant};

use common::identity::Role;
use sqlx::Row;
use test_support::Client;

use crate::harness::{Person, TestApp, eventually, jpeg};

/// Takes all sessions away where neither service can hear of it: only somebody who asks anew finds out.
async fn end_sessions_silently(app: &TestApp) {
    app.auth_sql("begin; set local session_replication_role = replica; delete from sessions; commit").await;
    app.auth.verdicts.end();
}

async fn status(browser: &Client, path: &str) -> u16 {
    browser.get_json(path).await.status.as_u16()
}

/// Comes again until this person would be known without asking.
async fn keep(app: &TestApp, person: &Person) {
    eventually("the answer is kept", async || {
        assert_eq!(status(&person.browser, "/auth/me").await, 200);
        app.is_kept(person)
    })
    .await;
    eventually("the cursor is saved", async || cursor(app).await.is_some()).await;
}

async fn cursor(app: &TestApp) -> Option<i64> {
    let query = "select event_id from event_cursors where source = 'auth'";
    sqlx::query_scalar(query).fetch_optional(&app.db).await.expect("the table")
}

/// Name, address, role, and whether the account is gone.
async fn mirror(app: &TestApp, auth_id: i32) -> (String, String, String, bool) {
    let query =
        "select username, email, user_type, deleted_at is not null from users where auth_user_id = $1";
    let row = sqlx::query(query).bind(auth_id).fetch_one(&app.db).await.expect("it was here");
    (row.get(0), row.get(1), row.get(2), row.get(3))
}

#[tokio::test]
async fn who_somebody_is_is_not_asked_for_every_request() {
    let app = TestApp::start_keeping().await;
    let ana = app.photographer("ana").await;
    keep(&app, &ana).await;
    end_sessions_silently(&app).await;
    assert_eq!(status(&ana.browser, "/auth/me").await, 200);
    assert_eq!(status(&ana.browser, "/api/photos").await, 200);
    let token = ana.browser.cookie(&app.url, "photos_session").expect("signed in");
    let two = format!("photos_session={token}; photos_session={}", "A".repeat(43));
    let thief = app.browser();
    let request = thief.request(test_support::reqwest::Method::GET, "/auth/me").header("cookie", two);
    assert_eq!(thief.send(request).await.status, 401, "several tokens are the auth-service's to judge");
}

#[tokio::test]
async fn every_revocation_is_known_here_too() {
    let app = TestApp::start_keeping().await;
    app.create_user("ana", Role::Photographer).await;
    let gone = [
        ("ending all sessions", "delete from sessions"),
        ("disabling", "update users set is_active = false"),
        ("a new token", "update sessions set sid = repeat('0', 64)"),
        ("deleting the account", "delete from users"),
    ];
    for (what, statement) in gone {
        app.auth_sql("update users set is_active = true").await;
        let browser = app.browser();
        app.sign_in(&browser, "ana").await;
        let ana = Person { browser, url: app.url.clone() };
        keep(&app, &ana).await;
        app.auth_sql(statement).await;
        eventually(what, async || status(&ana.browser, "/auth/me").await == 401).await;
        app.auth_sql("delete from sessions").await;
    }
}

#[tokio::test]
async fn signing_out_at_the_auth_host_is_known_here() {
    let app = TestApp::start_keeping().await;
    let ana = app.photographer("ana").await;
    keep(&app, &ana).await;
    let token = ana.browser.cookie(&app.url, "photos_session").expect("signed in");
    ana.browser.get(&format!("{}/logout", app.auth_url)).await;
    ana.browser.post_form(&format!("{}/logout", app.auth_url), &[]).await;
    let thief = app.browser();
    thief.plant_cookie(&app.url, &format!("photos_session={token}"));
    eventually("the token is worth nothing", async || status(&thief, "/auth/me").await == 401).await;
}

#[tokio::test]
async fn a_changed_role_counts_for_the_next_request_and_is_in_the_mirror() {
    let app = TestApp::start_keeping().await;
    let ana = app.photographer("ana").await;
    keep(&app, &ana).await;
    assert_eq!(status(&ana.browser, "/api/photos").await, 200);
    app.auth_sql("update users set user_type = 'viewer', username = 'anna', email = 'anna@example.org'")
        .await;
    let expected = ("anna".to_owned(), "anna@example.org".to_owned(), "viewer".to_owned(), false);
    eventually("the mirror is true before she comes again", async || mirror(&app, 1).await == expected).await;
    assert_eq!(status(&ana.browser, "/api/photos").await, 403);
    app.auth_sql("update users set user_type = 'photographer'").await;
    eventually("she is one again", async || status(&ana.browser, "/api/photos").await == 200).await;
}

#[tokio::test]
async fn a_picture_of_somebody_signed_in_is_gone_with_the_session() {
    let app = TestApp::start_keeping().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    ana.photo(None, "a.jpg", jpeg(1, 60, 40)).await;
    let photo = ana.all_done().await.remove(0);
    let picture = photo["renditions"]["preview"]["url"].as_str().expect("an address").to_owned();
    keep(&app, &ana).await;
    end_sessions_silently(&app).await;
    assert_eq!(status(&ana.browser, &picture).await, 200, "the look-up was spared");
    app.auth_sql("update users set is_active = false").await;
    eventually("the picture is gone", async || status(&ana.browser, &picture).await == 404).await;
}

#[tokio::test]
async fn without_a_stream_nothing_is_kept() {
    let wrong = "a-service-token-that-the-auth-service-does-not-know";
    let app =
        TestApp::start_both(&[("VERIFY_CACHE_SECONDS", "3600")], &[("AUTH_SERVICE_TOKEN", wrong)]).await;
    let ana = app.photographer("ana").await;
    for _ in 0..3 {
        assert_eq!(status(&ana.browser, "/auth/me").await, 200);
        assert!(!app.is_kept(&ana));
    }
    end_sessions_silently(&app).await;
    assert_eq!(status(&ana.browser, "/auth/me").await, 401);
}

#[tokio::test]
async fn what_was_kept_is_forgotten_when_the_stream_ends() {
    let app = TestApp::start_keeping().await;
    let ana = app.photographer("ana").await;
    keep(&app, &ana).await;
    app.auth.events.stop();
    end_sessions_silently(&app).await;
    eventually("it is asked anew", async || status(&ana.browser, "/auth/me").await == 401).await;
}

#[tokio::test]
async fn with_the_auth_service_away_a_kept_answer_is_worth_nothing() {
    let app = TestApp::start_keeping().await;
    let ana = app.photographer("ana").await;
    keep(&app, &ana).await;
    app.stop_auth_service().await;
    eventually("nobody can say who she is", async || status(&ana.browser, "/auth/me").await == 503).await;
}

#[tokio::test]
async fn what_happened_while_photos_was_down_is_not_missed() {
    let mut app = TestApp::start_keeping().await;
    for name in ["ana", "bo"] {
        let person = app.photographer(name).await;
        keep(&app, &person).await;
    }
    let before = cursor(&app).await;
    app.stop_photos().await;
    app.until_photos_is_gone().await;
    app.auth_sql(
        "update users set username = 'anna' where username = 'ana'; delete from users where username = 'bo'",
    )
    .await;
    assert_eq!((mirror(&app, 1).await.0, mirror(&app, 2).await.3), ("ana".to_owned(), false));
    app.start_photos_again().await;
    eventually("both are told", async || {
        mirror(&app, 1).await.0 == "anna" && mirror(&app, 2).await.3 && cursor(&app).await > before
    })
    .await;
}

#[tokio::test]
async fn after_too_long_an_absence_it_starts_over() {
    let mut app = TestApp::start_keeping().await;
    let ana = app.photographer("ana").await;
    keep(&app, &ana).await;
    app.stop_photos().await;
    app.until_photos_is_gone().await;
    app.sql("update event_cursors set event_id = 1000").await;
    app.start_photos_again().await;
    eventually("the cursor is true", async || cursor(&app).await.is_some_and(|cursor| cursor < 1000)).await;
}

#[tokio::test]
async fn what_a_deleted_account_left_is_for_administrators_alone_and_its_name_is_free() {
    let app = TestApp::start_keeping().await;
    let ana = app.photographer("ana").await;
    let root = app.person("root", Role::Admin).await;
    let gallery = ana.gallery("Wedding").await;
    let path = format!("/gallery/{gallery}");
    let public = serde_json::json!({ "is_public": true });
    let put = test_support::reqwest::Method::PUT;
    assert_eq!(ana.browser.json(put, &format!("/api/galleries/{gallery}"), &public).await.status, 200);
    let (_, link) = ana.share(gallery, "full").await;
    let nobody = app.browser();
    assert_eq!((status(&nobody, &path).await, status(&nobody, &link).await), (200, 200));
    app.auth_sql("delete from users where username = 'ana'").await;
    eventually("it is out of sight", async || status(&nobody, &path).await == 404).await;
    assert_eq!(status(&app.browser(), &link).await, 404);
    assert!(!nobody.get("/gallery").await.text().contains("Wedding"));
    assert_eq!(status(&root.browser, &path).await, 200);
    assert_eq!(status(&ana.browser, &path).await, 404, "her own session is over");
    assert!(mirror(&app, 1).await.0.starts_with("ana#") && mirror(&app, 1).await.3);
    let other = app.photographer("ana").await;
    assert_eq!(status(&other.browser, "/auth/me").await, 200);
    assert_eq!(status(&other.browser, &path).await, 404, "somebody else of the same name");
}

#[tokio::test]
async fn an_open_stream_ends_with_its_session_and_no_other() {
    let app = TestApp::start_keeping().await;
    let (ana, bo) = (app.photographer("ana").await, app.photographer("bo").await);
    keep(&app, &ana).await;
    let open = async |person: &Person| {
        let request = person.browser.request(test_support::reqwest::Method::GET, "/events");
        let mut response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        response.chunk().await.expect("a greeting");
        response
    };
    let (mut hers, mut his) = (open(&ana).await, open(&bo).await);
    let begun = Instant::now();
    app.auth_sql("delete from sessions where user_id = 1").await;
    while hers.chunk().await.expect("it ends in order").is_some() {}
    assert!(begun.elapsed() < Duration::from_secs(25), "not because its time was over");
    let more = tokio::time::timeout(Duration::from_millis(300), his.chunk()).await;
    assert!(more.is_err(), "his goes on: {more:?}");
}
