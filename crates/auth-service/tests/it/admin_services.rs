//! Accounts for services of the site: each needs a scope, and to change a role the session of an administrator.

use common::identity::{AccountInfo, AccountState, Role};
use reqwest::Method;
use serde_json::{Value, json};
use test_support::{Answer, site::SERVICE_TOKEN};

use crate::harness::TestApp;

const READS: &str = "a-token-of-the-tests-that-may-only-read-accounts";
const CHANGES: &str = "a-token-of-the-tests-that-may-only-change-roles";

async fn app() -> TestApp {
    let services = format!(
        "photos {SERVICE_TOKEN} events users:read users:role; one {READS} users:read; two {CHANGES} users:role"
    );
    let app =
        TestApp::start_with(&[("LOGIN_LIMIT_PER_MINUTE", "1000"), ("SERVICE_CREDENTIALS", &services)]).await;
    app.create_user("root", Role::Admin).await;
    app.create_user("ana", Role::Viewer).await;
    app
}

async fn get(app: &TestApp, token: &str, path: &str) -> Answer {
    let client = app.browser();
    client.send(client.request(Method::GET, path).bearer_auth(token)).await
}

/// Asks for another role of ana, with the session that the service shows.
async fn promote(app: &TestApp, service: &str, sessions: &[&str]) -> Answer {
    let client = app.browser();
    let mut request = client.request(Method::POST, "/api/users/2/role").bearer_auth(service);
    for session in sessions {
        request = request.header("x-session-token", *session);
    }
    client.send(request.json(&json!({ "role": "photographer" }))).await
}

async fn role_of_ana(app: &TestApp) -> String {
    sqlx::query_scalar("select user_type from users where username = 'ana'")
        .fetch_one(app.db())
        .await
        .expect("ana")
}

#[tokio::test]
async fn a_service_reads_with_the_scope_and_not_without() {
    let app = app().await;
    for token in [SERVICE_TOKEN, READS] {
        let list = get(&app, token, "/api/users?q=ANA&limit=1").await;
        assert_eq!((list.status.as_u16(), list.json::<Value>()["next"].clone()), (200, Value::Null));
        let ana: AccountInfo = get(&app, token, "/api/users/2").await.json();
        assert_eq!((ana.username.as_str(), ana.role, ana.state), ("ana", Role::Viewer, AccountState::Active));
    }
    assert_eq!(get(&app, CHANGES, "/api/users").await.status, 403);
    assert_eq!(get(&app, CHANGES, "/api/users/2").await.status, 403);
    assert_eq!(get(&app, "nobody-knows-this-token-nobody-knows-this-token", "/api/users").await.status, 401);
    assert_eq!(get(&app, READS, "/api/users/99").await.status, 404);
    // The session of an administrator is no credential of a service.
    assert_eq!(get(&app, &app.token("root").await, "/api/users").await.status, 401);
}

#[tokio::test]
async fn the_list_goes_on_from_a_key() {
    let app = app().await;
    app.sql("insert into users (username, email, password_hash) select 'p' || n, 'p' || n, '!' from generate_series(1, 260) n").await;
    let mut seen = Vec::new();
    let mut path = "/api/users?limit=999".to_owned();
    loop {
        let page = get(&app, READS, &path).await.json::<Value>();
        let items = page["items"].as_array().expect("a list").clone();
        assert!(items.len() <= 200);
        seen.extend(items.iter().map(|item| item["id"].as_i64().expect("an id")));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/users?limit=999&after={next}");
    }
    assert_eq!(seen, (1..=262).rev().collect::<Vec<i64>>());
}

#[tokio::test]
async fn a_service_changes_a_role_with_the_session_of_an_administrator() {
    let app = app().await;
    let anas = app.token("ana").await;
    let roots = app.token("root").await;
    let answer = promote(&app, CHANGES, &[&roots]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json::<AccountInfo>().role, Role::Photographer);
    assert_eq!(app.reason(&anas).await, "unknown_session");
    assert_eq!(app.verify(&roots).await.status, 200);
    let details: Value = sqlx::query_scalar("select details from audit_logs where event = 'role_changed'")
        .fetch_one(app.db())
        .await
        .expect("a row");
    assert_eq!(details["by"], json!({ "id": 1, "username": "root", "service": "two" }));
}

#[tokio::test]
async fn without_scope_session_or_role_nothing_changes() {
    let app = app().await;
    let roots = app.token("root").await;
    let refused = promote(&app, READS, &[&roots]).await;
    assert_eq!(
        (refused.status.as_u16(), refused.json::<Value>()["reason"].clone()),
        (403, Value::Null),
        "no scope"
    );
    let answer = promote(&app, &roots, &[&roots]).await;
    assert_eq!(answer.status, 401, "no credential");
    let answer = promote(&app, CHANGES, &[&app.token("ana").await]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json::<Value>()["reason"].clone()),
        (403, Value::Null),
        "no administrator"
    );
    for sessions in [vec![], vec!["short"], vec!["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]] {
        let answer = promote(&app, CHANGES, &sessions).await;
        assert_eq!(answer.status, 403);
        assert_eq!(answer.json::<Value>()["reason"], "reauthentication_required", "{sessions:?}");
    }
    let answer = promote(&app, CHANGES, &[&roots, &app.token("ana").await]).await;
    assert_eq!(answer.status, 403, "the sessions of two people are nobody's");
    assert_eq!(role_of_ana(&app).await, "viewer");
}

#[tokio::test]
async fn a_session_of_eleven_minutes_ago_or_of_a_disabled_administrator_is_not_enough() {
    let app = app().await;
    let roots = app.token("root").await;
    app.sql("update sessions set auth_time = now() - interval '11 minutes'").await;
    let answer = promote(&app, CHANGES, &[&roots]).await;
    let problem = answer.json::<Value>();
    assert_eq!(
        (answer.status.as_u16(), problem["reason"].as_str()),
        (403, Some("reauthentication_required"))
    );
    let address = problem["reauthentication_url"].as_str().expect("an address");
    assert!(address.starts_with(&format!("{}/reauthenticate?return_to=", app.url)), "{address}");
    app.sql("update sessions set auth_time = now()").await;
    app.sql("update users set is_active = false where username = 'root'").await;
    assert_eq!(promote(&app, CHANGES, &[&roots]).await.status, 403);
    assert_eq!(role_of_ana(&app).await, "viewer");
}

#[tokio::test]
async fn with_a_credential_the_cookies_count_for_nothing() {
    let app = app().await;
    let root = app.sign_in("root").await;
    root.get("/admin/users").await;
    let token = root.token("/").expect("a form token");
    for path in ["/api/users", "/api/users/2/role"] {
        let method = if path.ends_with("role") { Method::POST } else { Method::GET };
        let request = root.request(method, path).bearer_auth("x".repeat(50)).header("x-csrf-token", &token);
        assert_eq!(root.send(request.json(&json!({ "role": "admin" }))).await.status, 401, "{path}");
    }
    let body =
        root.request(Method::POST, "/api/users/2/role").bearer_auth(CHANGES).header("x-csrf-token", token);
    assert_eq!(root.send(body.json(&json!({ "role": "admin" }))).await.status, 403);
    assert_eq!(role_of_ana(&app).await, "viewer");
}
