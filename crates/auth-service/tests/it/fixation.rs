//! A session that somebody knew before a sign-in is worth nothing after it.

use common::identity::Role;
use serde_json::Value;

use crate::harness::{TestApp, sso_token};

const RIGHT: &str = "the long password of ana";

async fn app_with_people() -> TestApp {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    app.create_user("mallory", Role::User).await;
    app
}

#[tokio::test]
async fn signing_in_again_makes_a_new_token_and_ends_the_old_one() {
    let app = app_with_people().await;
    let ana = app.sign_in("ana").await;
    let before = ana.cookie("/", "photos_session").expect("signed in");
    ana.get("/logout").await;
    let fields = [("username", "ana"), ("password", RIGHT)];
    let answer = ana.post_form("/login", &fields).await;
    let after = sso_token(&answer).expect("a new token");
    assert_ne!(before, after);
    assert_eq!(app.reason(&before).await, "unknown_session");
    assert_eq!(app.verify(&after).await.status, 200);
}

#[tokio::test]
async fn a_planted_session_does_not_become_the_victims() {
    let app = app_with_people().await;
    let planted = app.token("mallory").await;
    let victim = app.browser();
    victim.plant_cookie("/", &format!("photos_session={planted}; Domain=.stsgym.localhost; Path=/"));
    victim.get("/logout").await;
    let answer = victim.post_form("/login", &[("username", "ana"), ("password", RIGHT)]).await;
    assert_eq!(answer.status, 303);
    let token = victim.cookie("/", "photos_session").expect("signed in");
    assert_ne!(token, planted);
    assert_eq!(app.reason(&planted).await, "unknown_session", "the planted one is dead");
    let session: Value = victim.get_json("/api/session").await.json();
    assert_eq!(session["user"]["username"], "ana");
}

#[tokio::test]
async fn a_made_up_token_is_never_adopted() {
    let app = app_with_people().await;
    let made_up = "A".repeat(43);
    let visitor = app.browser();
    visitor.plant_cookie("/", &format!("photos_session={made_up}; Domain=.stsgym.localhost; Path=/"));
    visitor.get("/login").await;
    visitor.post_form("/login", &[("username", "ana"), ("password", RIGHT)]).await;
    assert_ne!(visitor.cookie("/", "photos_session"), Some(made_up.clone()));
    assert_eq!(app.reason(&made_up).await, "unknown_session");
}

#[tokio::test]
async fn the_browser_state_gets_a_new_key_at_sign_in_and_the_old_key_opens_nothing() {
    let app = app_with_people().await;
    let ana = app.browser();
    ana.get("/login").await;
    let before = ana.cookie("/", "auth").expect("the form needs a state");
    ana.post_form("/login", &[("username", "ana"), ("password", RIGHT)]).await;
    let after = ana.cookie("/", "auth").expect("a new state");
    assert_ne!(before, after);
    let attacker = app.browser();
    attacker.plant_cookie("/", &format!("auth={before}; Path=/"));
    let token = ana.get("/logout").await;
    let token = token.attributes("input[name=csrf_token]", "value").remove(0);
    let answer = attacker.post_form("/logout", &[("csrf_token", &token)]).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn under_another_session_the_browser_state_starts_afresh() {
    let app = app_with_people().await;
    let ana = app.sign_in("ana").await;
    ana.get("/logout").await;
    let state = ana.cookie("/", "auth").expect("a state");
    let token = ana.token("/logout").expect("a form");
    let planted = app.token("mallory").await;
    ana.plant_cookie("/", &format!("photos_session={planted}; Domain=.stsgym.localhost; Path=/"));
    assert_eq!(
        ana.post_form("/logout", &[("csrf_token", &token)]).await.status,
        403,
        "ana's token, mallory's session"
    );
    ana.get("/").await;
    assert_ne!(ana.cookie("/", "auth"), Some(state));
}
