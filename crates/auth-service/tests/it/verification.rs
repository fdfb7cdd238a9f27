//! Accounts that came without a proven address: signing in shows what to do, and the link alone is not enough.

use common::identity::Role;
use serde_json::Value;
use test_support::{Client, site::password_of};

use crate::{harness::TestApp, newcomers::token_of};

async fn app_with_unproven_ana() -> TestApp {
    let app = TestApp::start().await;
    app.create_user("ana", Role::Photographer).await;
    app.sql("update users set email_verified = false").await;
    app
}

async fn role(browser: &Client) -> String {
    let session: Value = browser.get_json("/api/session").await.json();
    session["user"]["role"].as_str().unwrap_or_default().to_owned()
}

async fn link(app: &TestApp, ana: &Client) -> String {
    let home = ana.get("/").await;
    assert_eq!(home.select(".entry-alert strong"), ["ana@example.org"], "{}", home.text());
    assert_eq!(ana.post_form("/auth/verify-email/again", &[]).await.location(), format!("{}/", app.url));
    app.mail_to("ana@example.org").await.link()
}

#[tokio::test]
async fn whoever_is_signed_in_asks_for_the_mail_and_confirms_with_a_button() {
    let app = app_with_unproven_ana().await;
    let ana = app.sign_in("ana").await;
    assert_eq!(role(&ana).await, "viewer");
    let link = link(&app, &ana).await;
    let page = ana.get(&link).await;
    assert!(page.select("input[type=password]").is_empty(), "{}", page.text());
    let answer = ana.post_form("/auth/verify-email", &[("token", &token_of(&link))]).await;
    let home = ana.rest(answer).await;
    assert!(home.text().contains("Your address is confirmed."));
    assert!(home.select(".entry-alert").is_empty());
    assert_eq!(role(&ana).await, "photographer");
    assert_eq!(app.events().await.last().expect("a row").0, "email_verified");
}

#[tokio::test]
async fn another_browser_needs_the_password_so_that_a_click_proves_no_stranger() {
    let app = app_with_unproven_ana().await;
    app.create_user("bo", Role::User).await;
    let ana = app.sign_in("ana").await;
    let link = link(&app, &ana).await;
    let token = token_of(&link);
    let bare = app.browser();
    // The domain's cookie alone is sent by every sibling host's page too.
    bare.plant_cookie(
        "/",
        &format!("photos_session={}", ana.cookie("/", "photos_session").expect("signed in")),
    );
    for browser in [app.browser(), app.sign_in("bo").await, bare] {
        assert_eq!(browser.get(&link).await.select("input[type=password]").len(), 1);
        for fields in
            [vec![("token", &*token)], vec![("token", &*token), ("password", "not the password of ana")]]
        {
            let answer = browser.post_form("/auth/verify-email", &fields).await;
            assert_eq!(answer.status, 422, "{}", answer.text());
        }
    }
    assert_eq!(role(&ana).await, "viewer");
    let other = app.browser();
    other.get(&link).await;
    let fields = [("token", &*token), ("password", &*password_of("ana"))];
    assert_eq!(other.post_form("/auth/verify-email", &fields).await.status, 303);
    assert_eq!(role(&other).await, "photographer", "signed in and proven");
}
