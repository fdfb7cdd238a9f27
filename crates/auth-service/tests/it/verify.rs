//! `GET /api/verify-session`: the contract on which every sibling application relies.

use common::identity::{ActiveSession, InactiveSession, Role};
use reqwest::Method;
use serde_json::Value;
use test_support::Answer;

use crate::harness::TestApp;

async fn app_with_people() -> TestApp {
    let app = TestApp::start().await;
    app.create_user("ana", Role::Photographer).await;
    app.create_user("bo", Role::Viewer).await;
    app
}

/// What holds for every answer.
fn assert_contract(answer: &Answer) {
    assert!(!answer.status.is_redirection());
    assert_headers(answer);
}

/// What holds for every answer to an application or a proxy that asks who is there.
pub fn assert_headers(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("vary"), "Cookie, Authorization");
    assert!(answer.set_cookies().is_empty(), "it sets no cookie: {:?}", answer.set_cookies());
    for name in ["x-auth-user-id", "x-auth-username", "x-auth-email", "x-auth-role", "x-auth-session-id"] {
        assert!(answer.headers.contains_key(name), "{name} is always there");
        assert_eq!(answer.header(name).is_empty(), answer.status != 200, "{name}");
    }
}

async fn bearer(app: &TestApp, headers: &[&str], cookie: Option<&str>) -> Answer {
    let client = app.browser();
    let mut request = client.request(Method::GET, "/api/verify-session");
    for header in headers {
        request = request.header("authorization", *header);
    }
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    client.send(request).await
}

#[tokio::test]
async fn a_valid_cookie_names_the_person_the_role_and_the_sessions_times() {
    let app = app_with_people().await;
    let answer = app.verify(&app.token("ana").await).await;
    assert_eq!(answer.status, 200);
    assert_contract(&answer);
    let active: ActiveSession = answer.json();
    assert!(active.active);
    assert_eq!((active.user.username.as_str(), active.user.role), ("ana", Role::Photographer));
    assert_eq!((active.session.methods, active.cache_for), (vec!["pwd".to_owned()], 0));
    let week = chrono::TimeDelta::days(7);
    assert_eq!(active.session.absolute_expires_at - active.session.auth_time, week);
    assert_eq!(active.session.idle_expires_at, active.session.absolute_expires_at);
    assert_eq!(answer.header("x-auth-username"), "ana");
    assert_eq!(answer.header("x-auth-role"), "photographer");
    assert_eq!(answer.header("x-auth-email"), "ana@example.org");
}

#[tokio::test]
async fn every_reason_has_its_word_and_the_way_to_sign_in() {
    let app = app_with_people().await;
    for none in ["", "other=1", "photos_session=", "photos_session=short", "photos_session=é"] {
        let answer = app.verify_cookies(none).await;
        assert_contract(&answer);
        let inactive: InactiveSession = answer.json();
        assert_eq!(answer.status, 401);
        assert_eq!(serde_json::json!(inactive.reason), "no_session", "{none}");
        assert_eq!(inactive.login_url, format!("{}/login", app.url));
    }
    let token = app.token("ana").await;
    assert_eq!(app.reason(&"A".repeat(43)).await, "unknown_session");
    app.sql("update sessions set last_seen_at = now() - interval '7 days'").await;
    assert_eq!(app.reason(&token).await, "expired");
    app.sql("update sessions set last_seen_at = now(), absolute_expires_at = now()").await;
    assert_eq!(app.reason(&token).await, "expired");
    app.sql("update users set is_active = false").await;
    assert_eq!(app.reason(&token).await, "disabled");
    app.sql("delete from sessions").await;
    assert_eq!(app.reason(&token).await, "unknown_session");
}

#[tokio::test]
async fn the_role_is_the_one_of_this_moment_and_an_administrator_has_less_idle_time() {
    let app = app_with_people().await;
    let token = app.token("ana").await;
    app.sql("update sessions set last_seen_at = now() - interval '25 hours'").await;
    assert_eq!(app.verify(&token).await.status, 200);
    app.sql("update users set user_type = 'admin' where username = 'ana'").await;
    app.sql("update sessions set last_seen_at = now() - interval '25 hours'").await;
    assert_eq!(app.reason(&token).await, "expired");
    app.sql("update users set user_type = 'something new' where username = 'ana'").await;
    let active: ActiveSession = app.verify(&token).await.json();
    assert_eq!(active.user.role, Role::Viewer, "an unknown role is the least");
}

#[tokio::test]
async fn of_several_values_the_only_valid_one_counts() {
    let app = app_with_people().await;
    let token = app.token("ana").await;
    let unknown = "B".repeat(43);
    for cookies in [
        format!("photos_session={unknown}; photos_session={token}"),
        format!("photos_session={token}; photos_session=junk; photos_session={unknown}"),
        format!("photos_session={token}; photos_session={token}"),
    ] {
        let answer = app.verify_cookies(&cookies).await;
        assert_eq!(answer.status, 200, "{cookies}");
        assert_contract(&answer);
    }
    let both_anas = format!("photos_session={token}; photos_session={}", app.token("ana").await);
    assert_eq!(app.verify_cookies(&both_anas).await.status, 200, "two sessions of one person");
}

#[tokio::test]
async fn no_more_than_four_values_are_looked_up() {
    let app = app_with_people().await;
    let token = app.token("ana").await;
    let junk: Vec<String> =
        ["C", "D", "E", "F"].iter().map(|letter| format!("photos_session={}", letter.repeat(43))).collect();
    let third = format!("{}; photos_session={token}", junk[..3].join("; "));
    assert_eq!(app.verify_cookies(&third).await.status, 200);
    let fifth = format!("{}; photos_session={token}", junk.join("; "));
    assert_eq!(app.verify_cookies(&fifth).await.status, 401);
}

#[tokio::test]
async fn valid_sessions_of_two_people_are_nobodys_and_are_recorded() {
    let app = app_with_people().await;
    let cookies =
        format!("photos_session={}; photos_session={}", app.token("ana").await, app.token("bo").await);
    let answer = app.verify_cookies(&cookies).await;
    assert_eq!((answer.status.as_u16(), answer.header("clear-site-data")), (401, "\"cookies\""));
    assert_contract(&answer);
    assert_eq!(answer.json::<Value>()["reason"], "ambiguous_session");
    assert_eq!(app.events().await.last().map(|(event, _)| event.as_str()), Some("ambiguous_session"));
    let browser = app.browser();
    let page = browser.request(Method::GET, "/").header("cookie", cookies).header("accept", "text/html");
    let page = browser.send(page).await;
    assert_eq!((page.status.as_u16(), page.header("clear-site-data")), (401, "\"cookies\""));
    assert!(page.text().contains("two people") && !page.text().contains(">ana<"), "{}", page.text());
}

#[tokio::test]
async fn on_a_page_the_valid_one_of_several_is_set_anew() {
    let app = app_with_people().await;
    let token = app.token("ana").await;
    let browser = app.browser();
    let cookies = format!("photos_session={}; photos_session={token}", "B".repeat(43));
    let page = browser.send(browser.request(Method::GET, "/").header("cookie", cookies)).await;
    assert_eq!(crate::harness::sso_token(&page), Some(token));
}

#[tokio::test]
async fn a_bearer_counts_like_a_cookie_and_then_the_cookie_does_not() {
    let app = app_with_people().await;
    let (ana, bo) = (app.token("ana").await, app.token("bo").await);
    for header in [format!("Bearer {ana}"), format!("bearer {ana}"), format!("BEARER   {ana}")] {
        let answer = bearer(&app, &[&header], Some(&format!("photos_session={bo}"))).await;
        assert_eq!(answer.status, 200, "{header}");
        assert_eq!(answer.json::<ActiveSession>().user.username, "ana");
        assert_contract(&answer);
    }
    let foreign = bearer(&app, &["Bearer eyJhbGciOi.J9.x"], Some(&format!("photos_session={bo}"))).await;
    assert_eq!(
        (foreign.status.as_u16(), foreign.json::<Value>()["reason"].as_str()),
        (401, Some("no_session"))
    );
}

#[tokio::test]
async fn only_a_malformed_authorization_header_is_a_bad_request() {
    let app = app_with_people().await;
    let ana = app.token("ana").await;
    let good = format!("Bearer {ana}");
    let two = format!("Bearer {ana} {ana}");
    for bad in [
        &["Bearer"][..],
        &["Bearer "],
        &[""],
        &["Basic YTpi"],
        &[ana.as_str()],
        &["Bearer a b"],
        &["Bearer ,"],
        &["Bearer é"],
        &[two.as_str()],
        &[good.as_str(), good.as_str()],
    ] {
        let answer = bearer(&app, bad, None).await;
        assert_eq!(answer.status, 400, "{bad:?}");
        assert_contract(&answer);
    }
}

#[tokio::test]
async fn a_browsers_own_cookie_is_left_alone() {
    let app = app_with_people().await;
    let ana = app.sign_in("ana").await;
    app.sql("delete from sessions").await;
    let answer = ana.get("/api/verify-session").await;
    assert_eq!(answer.status, 401);
    assert_contract(&answer);
}

#[tokio::test]
async fn a_sign_of_life_is_written_later_and_keeps_the_session_alive() {
    let app = app_with_people().await;
    let token = app.token("ana").await;
    app.sql("update sessions set last_seen_at = now() - interval '6 days'").await;
    let seen = async || -> f64 {
        let query = "select extract(epoch from now() - last_seen_at)::float8 from sessions";
        sqlx::query_scalar(query).fetch_one(app.db()).await.expect("one session")
    };
    assert_eq!(app.verify(&token).await.status, 200);
    assert!(seen().await > 500_000.0, "verifying writes nothing");
    app.app.last_seen.write(&app.app).await.expect("the batch is written");
    assert!(seen().await < 60.0);
}
