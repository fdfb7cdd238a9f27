//! Kept answers of `verify-session`: whatever ends a session or changes an account reaches them, whoever does it. They
//! are kept for an hour here, so nothing in these tests comes right by waiting.

use std::sync::Arc;

use auth_service::sessions::Token;
use common::identity::{ActiveSession, Role};
use reqwest::Method;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};

use crate::harness::{TestApp, eventually};

async fn app_with_ana() -> TestApp {
    let app = TestApp::start_keeping().await;
    app.create_user("ana", Role::Photographer).await;
    app
}

/// Writes without the triggers, as nothing but an operator with a superuser's powers can.
async fn silently(db: &PgPool, statement: &str) {
    let mut transaction = db.begin().await.expect("a transaction");
    let all = format!("set local session_replication_role = replica; {statement}");
    sqlx::raw_sql(AssertSqlSafe(all)).execute(&mut *transaction).await.expect("a good statement");
    transaction.commit().await.expect("it commits");
}

#[tokio::test]
async fn a_kept_answer_needs_no_database_and_says_for_how_long_it_holds() {
    let app = app_with_ana().await;
    let token = app.token("ana").await;
    app.keep(&token).await;
    silently(app.db(), "delete from sessions").await;
    let answer = app.verify(&token).await;
    assert_eq!(answer.status, 200, "the look-up was spared");
    let active: ActiveSession = answer.json();
    assert!((3500..=3600).contains(&active.cache_for), "{}", active.cache_for);
    assert_eq!(active.events_through, app.app.verdicts.through());
    let browser = app.browser();
    let bearer = browser.request(Method::GET, "/api/verify-session").bearer_auth(&token);
    assert_eq!(browser.send(bearer).await.json::<ActiveSession>().user, active.user);
}

#[tokio::test]
async fn fresh_and_kept_answers_are_the_same_document_with_the_same_headers() {
    let app = app_with_ana().await;
    let token = app.token("ana").await;
    let fresh = app.verify(&token).await;
    assert!(app.is_kept(&token));
    let kept = app.verify(&token).await;
    let without_time = |answer: &test_support::Answer| {
        let mut document: Value = answer.json();
        document.as_object_mut().expect("an object").remove("cache_for");
        let mut headers = answer.headers.clone();
        headers.remove("date");
        headers.remove("content-length");
        (document, headers)
    };
    assert_eq!(without_time(&fresh), without_time(&kept));
}

#[tokio::test]
async fn every_revocation_reaches_a_kept_answer() {
    let app = app_with_ana().await;
    let gone = [
        ("signing out elsewhere", "delete from sessions"),
        ("disabling", "update users set is_active = false"),
        ("a new token", "update sessions set sid = repeat('0', 64)"),
        ("deleting the account", "delete from users"),
    ];
    for (what, statement) in gone {
        sqlx::query("update users set is_active = true").execute(app.db()).await.expect("active again");
        let token = app.token("ana").await;
        app.keep(&token).await;
        app.sql(statement).await;
        eventually(what, async || app.verify(&token).await.status == 401).await;
        app.sql("delete from sessions").await;
    }
}

#[tokio::test]
async fn a_person_who_signs_out_is_nobody_at_once_and_others_stay() {
    let app = app_with_ana().await;
    app.create_user("bo", Role::User).await;
    let (ana, bo) = (app.token("ana").await, app.token("bo").await);
    app.keep(&ana).await;
    app.keep(&bo).await;
    let browser = app.browser();
    let out = browser.send(browser.request(Method::POST, "/api/logout").bearer_auth(&ana)).await;
    assert_eq!(out.status, 204);
    eventually("ana is nobody", async || app.verify(&ana).await.status == 401).await;
    assert!(app.is_kept(&bo), "what is known of others is still known");
}

#[tokio::test]
async fn a_changed_role_name_or_address_is_in_the_next_answer() {
    let app = app_with_ana().await;
    let token = app.token("ana").await;
    let changes = [
        ("update users set user_type = 'admin'", "/role", "admin"),
        ("update users set user_type = 'viewer'", "/role", "viewer"),
        ("update users set username = 'anna'", "/username", "anna"),
        ("update users set email = 'anna@example.org'", "/email", "anna@example.org"),
    ];
    for (statement, pointer, expected) in changes {
        app.keep(&token).await;
        app.sql(statement).await;
        eventually(statement, async || {
            app.verify(&token).await.json::<Value>()["user"].pointer(pointer) == Some(&expected.into())
        })
        .await;
    }
}

#[tokio::test]
async fn a_session_that_runs_out_while_its_answer_is_kept_is_over() {
    let app = app_with_ana().await;
    let token = app.token("ana").await;
    let soon = "update sessions set absolute_expires_at = now() + interval '700 milliseconds'";
    silently(app.db(), soon).await;
    app.keep(&token).await;
    eventually("it runs out", async || app.verify(&token).await.status == 401).await;
    assert_eq!(app.reason(&token).await, "expired");
}

#[tokio::test]
async fn two_tokens_are_decided_by_the_database_however_well_each_is_known() {
    let app = app_with_ana().await;
    app.create_user("bo", Role::User).await;
    let (ana, bo) = (app.token("ana").await, app.token("bo").await);
    app.keep(&ana).await;
    app.keep(&bo).await;
    let both = format!("photos_session={ana}; photos_session={bo}");
    let answer = app.verify_cookies(&both).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-auth-user-id")), (401, ""));
    assert_eq!(answer.json::<Value>()["reason"], "ambiguous_session");
    silently(app.db(), "delete from sessions").await;
    assert_eq!(app.verify_cookies(&both).await.status, 401);
}

#[tokio::test]
async fn pages_and_everything_else_look_a_session_up() {
    let app = app_with_ana().await;
    let ana = app.sign_in("ana").await;
    let token = ana.cookie(&app.url, "photos_session").expect("signed in");
    app.keep(&token).await;
    silently(app.db(), "delete from sessions").await;
    assert_eq!(ana.get("/api/session").await.json::<Value>()["authenticated"], false);
}

#[tokio::test]
async fn with_a_deaf_listener_every_session_is_looked_up() {
    let app = app_with_ana().await;
    let (token, other) = (app.token("ana").await, app.token("ana").await);
    app.keep(&token).await;
    // The service's other connections go on, but the listener can't come back.
    app.database.refuse_newcomers().await;
    app.database.end_connections("(query like 'LISTEN%' or query like '%pg_notify%')").await;
    let end = "delete from sessions where sid = encode(sha256($1::bytea), 'hex')";
    sqlx::query(end).bind(token.as_bytes()).execute(app.db()).await.expect("the session ends");
    eventually("the loss is noticed", async || app.app.verdicts.through().is_none()).await;
    assert_eq!(app.verify(&token).await.status, 401, "nobody could tell of the revocation");
    let answer: ActiveSession = app.verify(&other).await.json();
    assert_eq!((answer.cache_for, answer.events_through), (0, None));
    assert!(!app.is_kept(&other));
    app.database.bring_back().await;
    app.until_events_are_heard().await;
    app.keep(&other).await;
    app.sql("delete from sessions").await;
    eventually("events are heard again", async || app.verify(&other).await.status == 401).await;
}

#[tokio::test]
async fn with_the_database_away_a_kept_answer_is_worth_nothing() {
    let app = app_with_ana().await;
    let token = app.token("ana").await;
    app.keep(&token).await;
    app.database.take_away().await;
    eventually("the loss is noticed", async || app.app.verdicts.through().is_none()).await;
    assert_eq!(app.verify(&token).await.status, 503);
    app.database.bring_back().await;
    eventually("it is back", async || app.verify(&token).await.status == 200).await;
}

#[tokio::test]
async fn a_look_up_that_was_under_way_puts_nothing_dead_back() {
    let app = Arc::new(app_with_ana().await);
    for _ in 0..40 {
        let token = Token::generate();
        begin_session(&app, &token).await;
        let asking: Vec<_> = (0..6)
            .map(|_| {
                let (app, token) = (Arc::clone(&app), token.reveal().to_owned());
                tokio::spawn(async move {
                    for _ in 0..4 {
                        app.verify(&token).await;
                    }
                })
            })
            .collect();
        tokio::task::yield_now().await;
        app.sql("delete from sessions").await;
        for asked in asking {
            asked.await.expect("it was asked");
        }
        eventually("it is over", async || app.verify(token.reveal()).await.status == 401).await;
        assert!(!app.is_kept(token.reveal()));
    }
}

/// A session without the cost of a sign-in.
async fn begin_session(app: &TestApp, token: &Token) {
    let statement = "insert into sessions (sid, sess, expire, public_id, user_id, absolute_expires_at)
        select $1, '{\"methods\": [\"pwd\"]}', now() + interval '7 days', gen_random_uuid(), id, now() + interval '7 days'
        from users where username = 'ana'";
    sqlx::query(statement).bind(token.hash()).execute(app.db()).await.expect("a session");
}

#[tokio::test]
async fn a_sign_of_life_is_noted_from_a_kept_answer_too() {
    let app = app_with_ana().await;
    let token = app.token("ana").await;
    app.sql("update sessions set last_seen_at = now() - interval '6 days'").await;
    app.keep(&token).await;
    app.app.last_seen.write(&app.app).await.expect("what the look-up noted");
    silently(app.db(), "update sessions set last_seen_at = now() - interval '6 days'").await;
    assert!(app.is_kept(&token), "writing a sign of life is no event");
    assert_eq!(app.verify(&token).await.status, 200);
    app.app.last_seen.write(&app.app).await.expect("what the kept answer noted");
    let query = "select last_seen_at > now() - interval '1 hour' from sessions";
    let seen: bool = sqlx::query_scalar(query).fetch_one(app.db()).await.expect("one session");
    assert!(seen);
}

#[tokio::test]
async fn nothing_is_kept_of_tokens_that_nobody_has() {
    let app = app_with_ana().await;
    for letter in ["A", "B", "C"] {
        let token = letter.repeat(43);
        assert_eq!(app.verify(&token).await.status, 401);
        assert!(!app.is_kept(&token));
    }
    let token = app.token("ana").await;
    app.sql("update users set is_active = false").await;
    assert_eq!(app.reason(&token).await, "disabled");
    assert!(!app.is_kept(&token));
}

#[tokio::test]
async fn with_the_setting_at_zero_nothing_is_kept() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let token = app.token("ana").await;
    for _ in 0..2 {
        let answer: ActiveSession = app.verify(&token).await.json();
        assert_eq!((answer.cache_for, answer.events_through), (0, None));
    }
    silently(app.db(), "delete from sessions").await;
    assert_eq!(app.verify(&token).await.status, 401);
}
