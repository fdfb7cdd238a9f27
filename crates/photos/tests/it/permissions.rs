//! Permissions: given by name or address, claimed by whoever proves the address, and taken back.

use common::identity::Role;
use serde_json::{Value, json};

use crate::harness::{Person, TestApp};

async fn grant(person: &Person, gallery: i64, user: &str, level: &str) -> (u16, Value) {
    let body = json!({ "user": user, "permission_level": level });
    let answer = person.browser.post_json(&format!("/api/galleries/{gallery}/permissions"), &body).await;
    let problem = if answer.body.is_empty() { Value::Null } else { answer.json() };
    (answer.status.as_u16(), problem)
}

async fn sees(person: &Person, gallery: i64) -> bool {
    person.browser.get_json(&format!("/api/galleries/{gallery}")).await.status == 200
}

#[tokio::test]
async fn a_permission_is_given_by_name_changed_and_taken_back() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let vic = app.person("vic", Role::Viewer).await;
    let gallery = ana.gallery("Wedding").await;
    assert!(!sees(&vic, gallery).await);
    assert_eq!(grant(&ana, gallery, "VIC", "view").await.0, 204);
    assert!(sees(&vic, gallery).await);
    assert!(vic.browser.get("/gallery").await.text().contains("Wedding"), "it is listed as shared with them");
    let edit = json!({ "name": "Mine now" });
    let path = format!("/api/galleries/{gallery}");
    let put =
        async || vic.browser.json(test_support::reqwest::Method::PUT, &path, &edit).await.status.as_u16();
    assert_eq!(put().await, 403);
    assert_eq!(grant(&ana, gallery, "vic@example.org", "edit").await.0, 204);
    assert_eq!(put().await, 200);
    let listed = ana.browser.get_json(&format!("{path}/permissions")).await.json::<Value>();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    let user = listed["items"][0]["user_id"].as_i64().unwrap();
    assert_eq!(vic.browser.delete(&format!("{path}/permissions/{user}")).await.status, 403);
    assert_eq!(ana.browser.delete(&format!("{path}/permissions/{user}")).await.status, 204);
    assert!(!sees(&vic, gallery).await);
}

#[tokio::test]
async fn an_address_without_an_account_waits_for_whoever_proves_it() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    assert_eq!(grant(&ana, gallery, "New@Example.org", "copy").await.0, 204);
    let listed = ana.browser.get_json(&format!("/api/galleries/{gallery}/permissions")).await.json::<Value>();
    assert_eq!(
        (&listed["items"][0]["name"], &listed["items"][0]["user_id"]),
        (&json!("new@example.org"), &Value::Null)
    );
    let new = app.person("new", Role::User).await;
    assert!(sees(&new, gallery).await);
    let listed = ana.browser.get_json(&format!("/api/galleries/{gallery}/permissions")).await.json::<Value>();
    assert_eq!(
        (&listed["items"][0]["name"], &listed["items"][0]["pending_id"]),
        (&json!("new"), &Value::Null)
    );
}

#[tokio::test]
async fn an_address_that_nobody_proved_claims_nothing() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    assert_eq!(grant(&ana, gallery, "mallory@example.org", "edit").await.0, 204);
    app.create_user("mallory", Role::Viewer).await;
    app.auth_sql("update users set email_verified = false where username = 'mallory'").await;
    let browser = app.browser();
    app.sign_in(&browser, "mallory").await;
    assert_eq!(browser.get_json(&format!("/api/galleries/{gallery}")).await.status, 404);
    app.auth_sql("update users set email_verified = true where username = 'mallory'").await;
    crate::harness::eventually("the proof is heard of", async || {
        browser.get_json(&format!("/api/galleries/{gallery}")).await.status == 200
    })
    .await;
}

#[tokio::test]
async fn what_can_not_be_granted_is_said() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    for (user, level, field) in [
        ("", "view", "user"),
        ("nobody-of-this-name", "view", "user"),
        ("no@address", "view", "user"),
        ("ana", "view", "user"),
        ("x@example.org", "everything", "permission_level"),
    ] {
        let (status, problem) = grant(&ana, gallery, user, level).await;
        assert_eq!(status, 422, "{user} {level}");
        assert!(problem["errors"][field].is_string(), "{user} {level}: {problem}");
    }
    let ben = app.photographer("ben").await;
    assert_eq!(grant(&ben, gallery, "vic", "view").await.0, 404);
    let root = app.person("root", Role::Admin).await;
    assert_eq!(grant(&root, gallery, "ana", "view").await.0, 422, "it is hers");
    assert_eq!(grant(&root, gallery, "root", "view").await.0, 422, "an administrator sees it anyway");
    assert_eq!(grant(&root, gallery, "ben", "view").await.0, 204);
    let mails =
        "select count(*) from mails where kind = 'permission_granted' and recipient = 'ben@example.org'";
    let mails: i64 = sqlx::query_scalar(mails).fetch_one(&app.db).await.unwrap();
    assert_eq!(mails, 1);
}

#[tokio::test]
async fn of_two_accounts_with_nearly_the_same_name_neither_is_meant() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    // As the earlier system allowed.
    app.sql(
        "insert into users (auth_user_id, username, email, password_hash, email_verified)
         values (9001, 'VIC', 'vic1@example.org', '!', true), (9002, 'Vic', 'vic2@example.org', '!', true)",
    )
    .await;
    let gallery = ana.gallery("Wedding").await;
    assert_eq!(grant(&ana, gallery, "vIC", "edit").await.0, 422);
    assert_eq!(grant(&ana, gallery, "Vic", "edit").await.0, 204);
    let granted: Vec<String> = sqlx::query_scalar(
        "select username from gallery_permissions join users on users.id = gallery_permissions.user_id",
    )
    .fetch_all(&app.db)
    .await
    .unwrap();
    assert_eq!(granted, ["Vic"], "exactly that name");
}

#[tokio::test]
async fn permissions_work_with_forms_alone() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let vic = app.person("vic", Role::Viewer).await;
    let gallery = ana.gallery("Wedding").await;
    let page = format!("/gallery/{gallery}/people");
    ana.browser.get(&page).await;
    let answer = ana.browser.post_form(&page, &[("user", "vic"), ("permission_level", "view")]).await;
    let shown = ana.browser.rest(answer).await;
    assert!(shown.text().contains("May look at it"), "{}", shown.text());
    let user = crate::harness::field(&shown, "user_id");
    let answer = ana.browser.post_form(&format!("{page}/revoke"), &[("user_id", &user)]).await;
    assert_eq!(answer.status, 303);
    assert!(!sees(&vic, gallery).await);
    assert_eq!(
        ana.browser.post_form(&page, &[("user", "?"), ("permission_level", "view")]).await.status,
        422
    );
}
