//! Personal API tokens: made, shown once, good for what they name, and dead when they should be.

use common::identity::Role;
use reqwest::Method;
use serde_json::Value;
use sqlx::Row;
use test_support::{Answer, Client};

use crate::harness::TestApp;

async fn with_token(app: &TestApp, path: &str, token: &str) -> Answer {
    let program = app.browser();
    program.send(program.request(Method::GET, path).bearer_auth(token)).await
}

async fn reason(app: &TestApp, token: &str) -> String {
    let answer = with_token(app, "/api/verify-session", token).await;
    assert_eq!(answer.status, 401, "{}", answer.text());
    answer.json::<Value>()["reason"].as_str().expect("a word").to_owned()
}

async fn ana(app: &TestApp) -> Client {
    app.create_user("ana", Role::Photographer).await;
    app.sign_in("ana").await
}

async fn revoke_path(ana: &Client) -> String {
    let page = ana.get("/account/tokens").await;
    page.attributes("form[action$='/revoke']", "action").remove(0)
}

#[tokio::test]
async fn a_token_is_shown_once_and_says_what_it_is_good_for() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let token = app.api_token(&ana, &["photos:read", "account:read"]).await;
    assert!(token.len() == 47 && token.starts_with("pat_"), "{token}");
    let page = ana.get("/account/tokens").await;
    assert!(!page.text().contains(&token[4..]), "it is shown once");
    assert_eq!(page.select(".link-name strong"), ["Backup"]);
    assert!(page.text().contains("Never used"));
    let verdict = with_token(&app, "/api/verify-session", &token).await;
    let body = verdict.json::<Value>();
    assert_eq!(body["active"], true);
    assert_eq!(body["user"]["username"], "ana");
    assert_eq!(body["scopes"], serde_json::json!(["photos:read", "account:read"]));
    assert_eq!(body["session"]["methods"], serde_json::json!(["pat"]));
    // A proxy that reads headers alone can't see the scopes, so it learns of nobody.
    assert_eq!(verdict.header("x-auth-user-id"), "");
    let session = app.verify(&app.token("ana").await).await.json::<Value>();
    assert!(session.get("scopes").is_none(), "{session}");
}

#[tokio::test]
async fn a_use_is_written_down_in_a_batch() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let token = app.api_token(&ana, &["photos:read"]).await;
    with_token(&app, "/api/verify-session", &token).await;
    app.app.last_used.write(&app.app).await.expect("written");
    assert!(ana.get("/account/tokens").await.text().contains("Last used just now"));
}

#[tokio::test]
async fn the_profile_wants_its_scope() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let reader = app.api_token(&ana, &["account:read"]).await;
    let profile = with_token(&app, "/api/account", &reader).await.json::<Value>();
    assert_eq!((&profile["username"], &profile["role"]), (&"ana".into(), &"photographer".into()));
    let other = app.api_token(&ana, &["photos:read", "photos:write"]).await;
    let refused = with_token(&app, "/api/account", &other).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("account:read"), "{}", refused.text());
    let unknown = with_token(&app, "/api/account", &format!("pat_{}", "A".repeat(43))).await;
    assert_eq!(unknown.status, 401);
}

#[tokio::test]
async fn a_revoked_token_is_dead_and_nobody_revokes_anothers() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let token = app.api_token(&ana, &["account:read"]).await;
    let revoke = revoke_path(&ana).await;
    app.create_user("ben", Role::Admin).await;
    let ben = app.sign_in("ben").await;
    ben.get("/account/tokens").await;
    assert_eq!(ben.post_form(&revoke, &[]).await.status, 404);
    assert_eq!(with_token(&app, "/api/account", &token).await.status, 200);
    assert_eq!(ana.post_form(&revoke, &[]).await.status, 303);
    assert_eq!(reason(&app, &token).await, "unknown_session");
    let events: Vec<String> = app.events().await.into_iter().map(|(event, _)| event).collect();
    assert!(
        events.contains(&"api_token_created".to_owned()) && events.contains(&"api_token_revoked".to_owned())
    );
    let told =
        sqlx::query("select count(*) from events where kind = 'session.ended'").fetch_one(app.db()).await;
    assert_eq!(told.expect("the events").get::<i64, _>(0), 1, "whoever keeps verdicts hears of it");
}

#[tokio::test]
async fn a_token_ends_by_itself_and_with_its_account_and_does_not_come_back() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let token = app.api_token(&ana, &["account:read"]).await;
    app.sql("update api_tokens set expires_at = now() - interval '1 second'").await;
    assert_eq!(reason(&app, &token).await, "expired");
    assert_eq!(with_token(&app, "/api/account", &token).await.status, 401);
    let token = app.api_token(&ana, &["account:read"]).await;
    app.sql("update users set is_active = false where username = 'ana'").await;
    assert_eq!(reason(&app, &token).await, "unknown_session");
    app.sql("update users set is_active = true where username = 'ana'").await;
    assert_eq!(reason(&app, &token).await, "unknown_session");
}

#[tokio::test]
async fn a_token_has_the_role_of_its_person_at_this_moment() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let token = app.api_token(&ana, &["photos:read"]).await;
    app.sql("update users set user_type = 'viewer' where username = 'ana'").await;
    let verdict = with_token(&app, "/api/verify-session", &token).await.json::<Value>();
    assert_eq!(verdict["user"]["role"], "viewer");
}

#[tokio::test]
async fn nobody_has_more_than_twenty_also_not_by_two_requests_at_once() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    app.sql(
        "insert into api_tokens (api_token_id, user_id, name, token_hash, scopes, expires_at)
        select gen_random_uuid(), id, 'x', n::text, array['photos:read'], now() + interval '1 day'
        from users, generate_series(1, 19) as n",
    )
    .await;
    ana.get("/account/tokens/new").await;
    let fields = [("name", "x"), ("days", "7"), ("scopes", "photos:read")];
    let (one, other) = tokio::join!(
        ana.post_form("/account/tokens/new", &fields),
        ana.post_form("/account/tokens/new", &fields)
    );
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);
    assert!(ana.get("/account/tokens").await.text().contains("as many as one may have"));
}

#[tokio::test]
async fn a_faulty_form_comes_back_with_what_was_typed() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    ana.get("/account/tokens/new").await;
    let fields = [("name", "Backup"), ("days", "9999"), ("scopes", "photos:read")];
    let answer = ana.post_form("/account/tokens/new", &fields).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.attributes("input[name=name]", "value"), ["Backup"]);
    assert_eq!(answer.select("#error-days"), ["Choose one of these."]);
}

#[tokio::test]
async fn making_one_wants_a_fresh_proof_of_who_one_is() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    ana.get("/account/tokens/new").await;
    app.sql("update sessions set auth_time = now() - interval '11 minutes'").await;
    let fields = [("name", "x"), ("days", "7"), ("scopes", "photos:read")];
    let answer = ana.post_form("/account/tokens/new", &fields).await;
    assert!(answer.status == 303 && answer.location().contains("/reauthenticate?"), "{}", answer.status);
}

#[tokio::test]
async fn a_password_reset_by_mail_revokes_tokens_and_a_change_by_the_person_keeps_them() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let token = app.api_token(&ana, &["account:read"]).await;
    ana.get("/account/password").await;
    let new = "seven lamps over a quiet harbour";
    assert_eq!(ana.post_form("/account/password", &[("password", new), ("again", new)]).await.status, 303);
    assert_eq!(with_token(&app, "/api/account", &token).await.status, 200);
    let program = app.browser();
    let asked = program
        .request(Method::POST, "/api/forgot-password")
        .json(&serde_json::json!({ "email": "ana@example.org" }));
    program.send(asked).await;
    let links = app.mails().await.into_iter().flat_map(|mail| mail.links()).collect::<Vec<_>>();
    let link = links.iter().find_map(|link| link.split_once("/auth/reset-password?token=")).expect("a link");
    let token_of_mail: String = link.1.chars().take(43).collect();
    let body = serde_json::json!({ "token": token_of_mail, "password": "nine boats under a green sky" });
    let reset = program.send(program.request(Method::POST, "/api/reset-password").json(&body)).await;
    assert!(reset.status.is_success(), "{}", reset.text());
    assert_eq!(reason(&app, &token).await, "unknown_session");
}
