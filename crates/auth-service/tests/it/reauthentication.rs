//! Proving once more who one is: the session goes on under a new token.

use common::identity::Role;
use test_support::site::password_of;

use crate::harness::{TestApp, sso_token};

#[tokio::test]
async fn the_right_password_renews_the_token_and_the_old_one_is_dead() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let ana = app.sign_in("ana").await;
    let old = ana.cookie("/", "photos_session").expect("signed in");
    app.sql("update sessions set auth_time = now() - interval '1 hour'").await;
    let before = app.verify(&old).await.json::<serde_json::Value>();
    ana.get("/reauthenticate").await;
    let way = format!("{}/logout", app.url);
    let password = password_of("ana");
    let answer = ana.post_form("/reauthenticate", &[("password", &*password), ("return_to", &*way)]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, way));
    let new = sso_token(&answer).expect("a new token");
    assert_ne!(new, old);
    assert_eq!(app.reason(&old).await, "unknown_session");
    let after = app.verify(&new).await.json::<serde_json::Value>();
    assert_eq!(after["session"]["id"], before["session"]["id"], "it is the same session");
    assert!(after["session"]["auth_time"].as_str() > before["session"]["auth_time"].as_str());
    assert_eq!(app.events().await.last().expect("a row").0, "reauthenticated");
}

#[tokio::test]
async fn a_wrong_password_changes_nothing_and_a_foreign_way_back_is_not_taken() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let ana = app.sign_in("ana").await;
    let old = ana.cookie("/", "photos_session").expect("signed in");
    ana.get("/reauthenticate").await;
    let answer = ana.post_form("/reauthenticate", &[("password", "not the password of ana")]).await;
    assert_eq!(answer.status, 422);
    assert_eq!(app.verify(&old).await.status, 200);
    assert_eq!(app.events().await.last().expect("a row").0, "sign_in_failed");
    let password = password_of("ana");
    let fields = [("password", &*password), ("return_to", "https://evil.example/")];
    assert_eq!(ana.post_form("/reauthenticate", &fields).await.location(), format!("{}/account", app.url));
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_asked_to() {
    let app = TestApp::start().await;
    let answer = app.browser().get("/reauthenticate").await;
    assert_eq!(answer.status, 303);
    assert!(answer.location().contains("/login?return_to="), "{}", answer.location());
}
