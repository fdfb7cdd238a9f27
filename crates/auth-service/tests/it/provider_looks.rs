//! The pages of signing in with a provider in a real browser: the way there and back under the content policy, and every
//! page whole and fit for everybody.

use common::identity::Role;
use serde_json::json;
use test_support::{Browser, fantoccini::Locator, site::password_of};

use crate::{harness::TestApp, provider::Provider, providers::app_with_linked_ana};

struct Walk<'a> {
    browser: &'a Browser,
    url: &'a str,
    faults: Vec<String>,
}

impl Walk<'_> {
    async fn open(&self, path: &str) {
        self.browser.client.goto(&format!("{}{path}", self.url)).await.expect("the page opens");
    }

    /// Presses a button and waits for the page with this heading.
    async fn press(&self, button: &str, heading: &str) {
        self.browser.follow(Locator::Css(button)).await;
        self.browser.arrives_at(heading).await;
    }

    async fn write(&self, field: &str, text: &str) {
        let input = self.browser.client.find(Locator::Id(&format!("field-{field}"))).await.expect(field);
        input.clear().await.expect("an empty field");
        input.send_keys(text).await.expect("keys");
    }

    async fn look(&mut self, page: &str) {
        let found = self.browser.faults().await;
        self.faults.extend(found.into_iter().map(|fault| format!("{page}: {fault}")));
    }
}

#[tokio::test]
async fn a_browser_goes_to_the_provider_and_back_under_the_content_policy() {
    if !Browser::available() {
        return;
    }
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    let browser = Browser::start(390, 844).await;
    let walk = Walk { browser: &browser, url: &app.url, faults: Vec::new() };
    walk.open(&format!("/login?return_to={}/", app.url)).await;
    walk.press("form[action='/auth/provider/oidc'] button", "ana").await;
    browser.close().await;
}

#[tokio::test]
async fn every_page_of_a_provider_is_fit_for_everybody_on_a_phone() {
    every_page(390, 844).await;
}

#[tokio::test]
async fn every_page_of_a_provider_is_fit_for_everybody_on_a_desk() {
    every_page(1440, 900).await;
}

async fn every_page(width: u32, height: u32) {
    if !Browser::available() {
        return;
    }
    let provider = Provider::start();
    let settings = [provider.settings().as_slice(), &[("REGISTRATION", "open")]].concat();
    let app = TestApp::start_with(&settings).await;
    app.create_user("ana", Role::User).await;
    let browser = Browser::start(width, height).await;
    let mut walk = Walk { browser: &browser, url: &app.url, faults: Vec::new() };
    walk.open("/auth/provider/oidc/callback").await;
    walk.look("failure").await;
    walk.open(&format!("/login?return_to={}/account/providers", app.url)).await;
    walk.look("login").await;
    walk.press("form[action='/auth/provider/oidc'] button", "Link Example ID").await;
    walk.write("password", "not the password of ana").await;
    walk.press("main form button", "Link Example ID").await;
    walk.look("link").await;
    walk.write("password", &password_of("ana")).await;
    walk.press("main form button", "Sign-in with other accounts").await;
    walk.look("account").await;
    app.sql("update users set password_hash = '!'").await;
    walk.open("/account/providers").await;
    walk.look("account without a password").await;
    walk.open("/reauthenticate").await;
    walk.look("reauthentication").await;
    provider.claim("sub", json!("subject-of-bo"));
    provider.claim("email", json!("bo.with.a.long.name@a-rather-long-name-of-a-host.example.org"));
    walk.open("/logout").await;
    walk.press("main form button", "You are not signed in").await;
    walk.open("/login").await;
    walk.press("form[action='/auth/provider/oidc'] button", "Create your account").await;
    walk.write("username", "ana").await;
    walk.press("main form button", "Create your account").await;
    walk.look("join").await;
    assert!(walk.faults.is_empty(), "{}", walk.faults.join("\n"));
    browser.close().await;
}
