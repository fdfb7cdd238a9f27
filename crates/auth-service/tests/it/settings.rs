//! What administrators set while the service runs: they alone, at once, everywhere, and on record.

use common::identity::Role;
use reqwest::Method;
use serde_json::{Value, json};
use test_support::{Answer, site::SERVICE_TOKEN};

use crate::{
    harness::{TestApp, eventually},
    newcomers::{CHOSEN, token_of},
};

const ROLES: &str = "a-token-of-the-tests-that-may-only-change-roles";

async fn app() -> TestApp {
    let services = format!("photos {SERVICE_TOKEN} events settings; two {ROLES} users:read users:role");
    let own = [
        ("LOGIN_LIMIT_PER_MINUTE", "1000"),
        ("REGISTER_LIMIT_PER_MINUTE", "1000"),
        ("SERVICE_CREDENTIALS", services.as_str()),
    ];
    let app = TestApp::start_with(&own).await;
    app.create_user("root", Role::Admin).await;
    app
}

async fn put(app: &TestApp, service: &str, session: &str, change: Value) -> Answer {
    let client = app.browser();
    let request = client.request(Method::PUT, "/api/settings").bearer_auth(service);
    client.send(request.header("x-session-token", session).json(&change)).await
}

async fn shown(app: &TestApp) -> Value {
    let client = app.browser();
    let answer = client.send(client.request(Method::GET, "/api/settings").bearer_auth(SERVICE_TOKEN)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn who_may_register_changes_at_once_and_goes_back_to_the_environment() {
    let app = app().await;
    let roots = app.token("root").await;
    assert_eq!(app.browser().get("/register").await.select("input[name=email]").len(), 1);
    let change =
        json!({ "site_name": " Studio Luz ", "registration": "closed", "registration_role": "user" });
    let answer = put(&app, SERVICE_TOKEN, &roots, change).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let closed = json!({ "site_name": "Studio Luz", "registration": "closed", "registration_role": "user" });
    assert_eq!((answer.json::<Value>(), shown(&app).await), (closed.clone(), closed));
    let page = app.browser().get("/register").await;
    assert!(page.select("input[name=email]").is_empty(), "{}", page.text());
    assert!(page.text().contains("Studio Luz"), "the name is on every page");
    assert!(
        app.browser().get("/login").await.attributes(".entry-ways a[href^='/register']", "href").is_empty()
    );
    assert_eq!(app.post_api("/api/register", &json!({ "email": "bo@example.org" })).await.status, 403);

    put(&app, SERVICE_TOKEN, &roots, json!({ "registration": null })).await;
    assert_eq!(shown(&app).await["registration"], "open");
    let link = app.registration_link("bo@example.org", 1).await;
    let mail = app.mail_to("bo@example.org").await;
    assert!(mail.subject.contains("Studio Luz"), "{}", mail.subject);
    let body = json!({ "token": token_of(&link), "username": "bo", "password": CHOSEN });
    assert_eq!(app.post_api("/api/register", &body).await.json::<Value>()["user"]["role"], "user");

    let details: Vec<Value> =
        sqlx::query_scalar("select details from audit_logs where event = 'settings_changed' order by id")
            .fetch_all(app.db())
            .await
            .expect("the record");
    assert_eq!(details.len(), 2);
    assert_eq!(details[0]["registration"], "closed, was open");
    assert_eq!(details[0]["by"], json!({ "id": 1, "username": "root", "service": "photos" }));
    assert_eq!(details[1]["registration"], "open, was closed");
}

#[tokio::test]
async fn without_scope_recent_proof_or_role_nothing_changes() {
    let app = app().await;
    app.create_user("ana", Role::Photographer).await;
    let (roots, anas) = (app.token("root").await, app.token("ana").await);
    let change = || json!({ "registration": "closed" });
    assert_eq!(put(&app, ROLES, &roots, change()).await.status, 403, "no scope");
    assert_eq!(put(&app, SERVICE_TOKEN, &anas, change()).await.status, 403, "no administrator");
    assert_eq!(put(&app, SERVICE_TOKEN, "", change()).await.status, 403, "nobody");
    for wrong in [
        json!({ "registration": "everybody" }),
        json!({ "registration_role": "admin" }),
        json!({ "site_name": "" }),
    ] {
        assert_eq!(put(&app, SERVICE_TOKEN, &roots, wrong.clone()).await.status, 422, "{wrong}");
    }
    assert_eq!(put(&app, SERVICE_TOKEN, &roots, json!({ "colour": "red" })).await.status, 400);
    app.sql("update sessions set auth_time = now() - interval '11 minutes'").await;
    let answer = put(&app, SERVICE_TOKEN, &roots, change()).await;
    assert_eq!(answer.json::<Value>()["reason"], "reauthentication_required");
    assert_eq!(shown(&app).await["registration"], "open");
    let changed: i64 = sqlx::query_scalar("select count(*) from audit_logs where event = 'settings_changed'")
        .fetch_one(app.db())
        .await
        .expect("the record");
    assert_eq!(changed, 0);
}

#[tokio::test]
async fn what_another_process_changed_is_heard_of() {
    let app = app().await;
    app.sql("update site_settings set registration = 'invitation', site_name = 'Elsewhere'").await;
    eventually("the change is heard of", async || shown(&app).await["registration"] == "invitation").await;
    assert!(app.browser().get("/login").await.text().contains("Elsewhere"));
}
