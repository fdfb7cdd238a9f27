//! What one client can cost: tries, hashing, bytes.

use common::identity::Role;
use futures_util::future::join_all;
use serde_json::Value;
use test_support::{Answer, site::password_of};

use crate::harness::{NO_LIMITS, TestApp, block_passwords, sso_token};

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
    let form = [("username", "ana"), ("password", &*password)];
    let mut taken = 0;
    let refused = loop {
        let answer = match taken % 2 {
            0 => app.login("ana", &password).await,
            _ => browser.post_form("/login", &form).await,
        };
        if answer.status == 429 {
            break answer;
        }
        assert_eq!(answer.status, 422);
        taken += 1;
        assert!(taken < 20, "no limit");
    };
    // One more every six seconds, should the machine be that slow.
    assert!((10..13).contains(&taken), "{taken} were taken");
    assert!((1..=60).contains(&retry_after(&refused)));
    assert_eq!(app.verify("nobody").await.status, 401, "other addresses of the service go on");
}

#[tokio::test]
async fn confirming_a_password_counts_as_a_try() {
    let app = TestApp::start_with(&[("LOGIN_LIMIT_PER_MINUTE", "2")]).await;
    app.create_user("ana", Role::User).await;
    let ana = app.sign_in("ana").await;
    ana.get("/reauthenticate").await;
    assert_eq!(ana.post_form("/reauthenticate", &[("password", "not that of ana")]).await.status, 422);
    let refused = ana.post_form("/reauthenticate", &[("password", &*password_of("ana"))]).await;
    assert_eq!(refused.status, 429);
    assert!((1..=60).contains(&retry_after(&refused)));
}

#[tokio::test]
async fn a_full_queue_answers_without_hashing_and_verifying_goes_on() {
    let app = TestApp::start_with(&[&NO_LIMITS[..], &[("PASSWORD_QUEUE", "0")]].concat()).await;
    app.create_user("ana", Role::User).await;
    let token = app.token("ana").await;
    let verifications = app.app.passwords.verifications();
    let tries = counted_tries(&app).await;
    // Nothing is hashed until the end of the test, so whatever is answered before waited for no hashing.
    let blocked = block_passwords(&app).await;
    let password = password_of("ana");
    for answer in join_all((0..40).map(|_| app.login("ana", &password))).await {
        assert_eq!(answer.status, 503);
        assert!(retry_after(&answer) > 0);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let browser = app.browser();
    browser.get("/login").await;
    let fields = [("username", "ana"), ("password", &*password)];
    assert_eq!(browser.post_form("/login", &fields).await.status, 503);
    assert_eq!(app.verify(&token).await.status, 200);
    assert_eq!(app.app.passwords.verifications(), verifications, "nothing was hashed");
    assert_eq!(counted_tries(&app).await, tries, "what was not tried does not count against the account");
    drop(blocked);
}

async fn counted_tries(app: &TestApp) -> usize {
    sqlx::query("select from sign_in_counters").fetch_all(app.db()).await.expect("rows").len()
}

#[tokio::test]
async fn two_hundred_people_who_sign_in_at_once_get_each_their_own_session() {
    let app = TestApp::start_with(&[&NO_LIMITS[..], &[("PASSWORD_QUEUE", "300")]].concat()).await;
    app.create_user("ana", Role::User).await;
    app.sql(
        "insert into users (username, email, password_hash)
        select 'person' || i, 'person' || i || '@example.org', password_hash
        from users, generate_series(1, 200) as i where username = 'ana'",
    )
    .await;
    let password = password_of("ana");
    let names: Vec<String> = (1..=200).map(|i| format!("person{i}")).collect();
    // Fifty at once: more than there are threads, cores and connections.
    for names in names.chunks(50) {
        let answers = join_all(names.iter().map(|name| app.login(name, &password))).await;
        for (name, answer) in names.iter().zip(answers) {
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(answer.json::<Value>()["user"]["username"], **name);
            let token = sso_token(&answer).expect("a session");
            assert_eq!(app.verify(&token).await.json::<Value>()["user"]["username"], **name);
        }
    }
}

#[tokio::test]
async fn a_long_password_is_refused_before_it_is_hashed_or_looked_at() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let verifications = app.app.passwords.verifications();
    for (length, status) in [(1025, 422), (15_000, 422), (20_000, 413), (1_000_000, 413)] {
        assert_eq!(app.login("ana", &"x".repeat(length)).await.status, status, "{length}");
        let browser = app.browser();
        browser.get("/login").await;
        let long = "x".repeat(length);
        let answer = browser.post_form("/login", &[("username", "ana"), ("password", &long)]).await;
        assert_eq!(answer.status, status, "{length} by the page");
    }
    assert_eq!(app.app.passwords.verifications(), verifications, "nothing was hashed");
    assert_eq!(app.events().await.len(), 1, "none of them counted as a try of a password");
    let answer = app.login("ana", &"ü".repeat(512)).await;
    assert_eq!(answer.status, 401, "1024 bytes are hashed");
}
