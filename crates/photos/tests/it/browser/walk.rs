//! How far it is from the sign-in to a link that a client can open, in clicks and in keys; and where a thumb finds its ways.

use common::identity::Role;
use serde_json::Value;
use test_support::{
    Browser,
    fantoccini::{Locator, key::Key},
    site::password_of,
};

use super::{page::Page, sign_in};
use crate::harness::{TestApp, jpeg};

/// A person who counts how often they click.
struct Walker<'a> {
    page: &'a Page,
    clicks: u32,
}

impl Walker<'_> {
    async fn click(&mut self, css: &str) {
        self.page.click(css).await;
        self.clicks += 1;
    }
}

/// Files of a camera, as the file dialog hands them over: one path a line.
fn chosen(app: &TestApp) -> String {
    let folder = app.storage.join("to upload");
    std::fs::create_dir_all(&folder).unwrap();
    let path = |number: u8| {
        let path = folder.join(format!("Übergabe {number}.jpg"));
        std::fs::write(&path, jpeg(number, 900, 600)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    [1, 2, 3].map(path).join("\n")
}

async fn choose_files(page: &Page, app: &TestApp) {
    let input = page.0.client.find(Locator::Css("#upload-files")).await.unwrap();
    input.send_keys(&chosen(app)).await.unwrap();
    page.until("three stored", "document.querySelectorAll('[data-grid] [data-photo]').length == 3").await;
    page.until(
        "the end of it",
        "document.querySelector('[data-upload-count]').textContent.startsWith('All')",
    )
    .await;
}

async fn opens_for_a_client(app: &TestApp, link: &Value) {
    let answer = app.browser().get(link.as_str().expect("a link")).await;
    assert_eq!((answer.status.as_u16(), answer.select("h1")), (200, vec!["Müller & Groß".to_owned()]));
}

#[tokio::test]
async fn from_the_sign_in_to_a_shared_link_it_is_five_clicks_at_most() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    app.create_user("ana", Role::Photographer).await;
    for width in [390, 1440] {
        let page = Page::open(width, 844, &app.url).await;
        sign_in(&page, &app).await;
        page.until("the place to begin", "document.querySelector('h1')?.textContent == 'Dashboard'").await;
        let mut ana = Walker { page: &page, clicks: 0 };
        page.type_into("#field-name", "Müller & Groß").await;
        ana.click("form.create button").await;
        page.until("the gallery", "document.querySelector('[data-upload]')").await;
        // A click on the field opens the dialog of the system, in which a browser without a screen can't choose.
        choose_files(&page, &app).await;
        ana.clicks += 1;
        ana.click("main .actions a[href$='/shares']").await;
        ana.click("form[action$='/shares'] button[type=submit]").await;
        page.until("the link", "document.querySelector('.created [data-copy-source]')?.value").await;
        let link = page.run("return document.querySelector('.created [data-copy-source]').value").await;
        ana.click(".created [data-copy-button]").await;
        page.until(
            "what was copied",
            "document.querySelector('.created [data-copy-label]').textContent == 'Copied'",
        )
        .await;
        assert!(ana.clicks <= 5, "{} clicks at {width} px", ana.clicks);
        opens_for_a_client(&app, &link).await;
        page.assert_no_complaints().await;
        page.0.close().await;
    }
}

/// Presses Tab until this has the focus.
async fn tab_to(page: &Page, css: &str) {
    let there = format!("return document.activeElement?.matches(\"{css}\") ?? false");
    for _ in 0..60 {
        page.key(Key::Tab.into()).await;
        // Between two pages there is nothing to ask.
        if page.0.client.execute(&there, Vec::new()).await.is_ok_and(|found| found == true) {
            return;
        }
    }
    panic!("Tab does not lead to {css}");
}

async fn press_on(page: &Page, css: &str) {
    page.until(
        "what is to be pressed",
        &format!("document.readyState == 'complete' && document.querySelector(\"{css}\")"),
    )
    .await;
    tab_to(page, css).await;
    page.press(Key::Enter).await;
}

#[tokio::test]
async fn the_same_walk_needs_no_mouse() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    app.create_user("ana", Role::Photographer).await;
    let page = Page::open(1440, 900, &app.url).await;
    press_on(&page, "a[href^='/auth/login']").await;
    page.until("the sign-in page", "document.querySelector('input[name=password]')").await;
    let keys = [
        "ana".to_owned(),
        char::from(Key::Tab).to_string(),
        password_of("ana"),
        char::from(Key::Enter).to_string(),
    ];
    page.0.client.active_element().await.unwrap().send_keys(&keys.concat()).await.unwrap();
    page.until("signed in", "document.querySelector('.person')").await;
    tab_to(&page, "#field-name").await;
    let name = ["Müller & Groß".to_owned(), char::from(Key::Enter).to_string()].concat();
    page.0.client.active_element().await.unwrap().send_keys(&name).await.unwrap();
    page.until("the gallery", "document.querySelector('[data-upload]')").await;
    tab_to(&page, "#upload-files").await;
    choose_files(&page, &app).await;
    press_on(&page, "main .actions a[href$='/shares']").await;
    press_on(&page, "form[action$='/shares'] button[type=submit]").await;
    page.until("the link", "document.querySelector('.created [data-copy-source]')?.value").await;
    let link = page.run("return document.querySelector('.created [data-copy-source]').value").await;
    press_on(&page, ".created [data-copy-button]").await;
    page.until(
        "what was copied",
        "document.querySelector('.created [data-copy-label]').textContent == 'Copied'",
    )
    .await;
    opens_for_a_client(&app, &link).await;
    page.assert_no_complaints().await;
}

#[tokio::test]
async fn on_a_phone_every_way_of_the_header_lies_under_the_thumb_also_without_scripts() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    app.create_user("ana", Role::Admin).await;
    let scripts_off = "--blink-settings=scriptEnabled=false".to_owned();
    for arguments in [vec![], vec![scripts_off]] {
        let browser = Browser::start_with(360, 740, &arguments).await;
        let client = &browser.client;
        client.goto(&format!("{}/auth/login?return_to=/shares", app.url)).await.unwrap();
        let find = async |css: &str| client.wait().for_element(Locator::Css(css)).await.unwrap();
        let password = format!("{}{}", password_of("ana"), char::from(Key::Enter));
        find("input[name=username]").await.send_keys("ana").await.unwrap();
        find("input[name=password]").await.send_keys(&password).await.unwrap();
        find(".site-nav a[href='/shares'][aria-current]").await;
        let ways = client.find_all(Locator::Css(".site-nav a")).await.unwrap();
        assert_eq!(ways.len(), 6, "as many as an administrator has");
        for way in ways {
            let (x, y, width, height) = way.rectangle().await.unwrap();
            let inside = x >= 0.0 && x + width <= 360.0 && y > 370.0 && y + height <= 740.0;
            assert!(inside && width >= 44.0 && height >= 44.0, "{x} {y} {width} {height}");
        }
        client.find(Locator::Css(".site-nav a[href='/customers']")).await.unwrap().click().await.unwrap();
        find(".site-nav a[href='/customers'][aria-current]").await;
        browser.close().await;
    }
}
