//! Every page of this service, on a phone and on a desk, in both themes: whole, and fit for everybody.

use common::identity::Role;
use test_support::{Browser, fantoccini::Locator, site::password_of};

use crate::harness::TestApp;

/// Pages that anybody may open.
const OPEN: &[&str] = &["/", "/login", "/logout", "/nothing-here"];
/// Pages of somebody who is signed in, as an administrator, who sees them all.
const SIGNED_IN: &[&str] = &["/", "/logout", "/reauthenticate"];

#[tokio::test]
async fn every_page_is_fit_for_everybody_on_a_phone() {
    every_page(390, 844).await;
}

#[tokio::test]
async fn every_page_is_fit_for_everybody_on_a_desk() {
    every_page(1440, 900).await;
}

async fn every_page(width: u32, height: u32) {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    app.create_user("root", Role::Admin).await;
    let browser = Browser::start(width, height).await;
    let mut faults = Vec::new();
    for path in OPEN {
        look(&browser, &app, path, &mut faults).await;
    }
    sign_in(&browser, &app).await;
    for path in SIGNED_IN {
        look(&browser, &app, path, &mut faults).await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    browser.close().await;
}

async fn look(browser: &Browser, app: &TestApp, path: &str, faults: &mut Vec<String>) {
    browser.client.goto(&format!("{}{path}", app.url)).await.expect("the page opens");
    faults.extend(browser.faults().await.into_iter().map(|fault| format!("{path}: {fault}")));
}

async fn sign_in(browser: &Browser, app: &TestApp) {
    let page = &browser.client;
    page.goto(&format!("{}/login?return_to={}/", app.url, app.url)).await.expect("the page opens");
    for (field, text) in [("username", "root".to_owned()), ("password", password_of("root"))] {
        let input = page.find(Locator::Id(&format!("field-{field}"))).await.expect("the field");
        input.send_keys(&text).await.expect("keys");
    }
    page.find(Locator::Css("main form button")).await.expect("the button").click().await.expect("a click");
    page.wait().for_element(Locator::XPath("//h1[text()='root']")).await.expect("signed in");
}
