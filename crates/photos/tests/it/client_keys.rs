//! What a client can do without a mouse, and without scripts: unlock, look, choose, take away.

use std::{fs, path::Path};

use serde_json::{Value, json};
use test_support::{
    Browser,
    fantoccini::{
        actions::{InputSource, KeyAction, KeyActions},
        key::Key,
    },
};

use crate::{
    browser::page::{Command, Page},
    client_browser::{SHOWN, shapes},
    client_view::gallery_of_many,
    downloads::entries,
    harness::{Person, TestApp, eventually},
};

async fn locked(ana: &Person, gallery: i64) -> String {
    let body = json!({ "access_level": "full", "expires_in_days": 7, "password": "sesame" });
    let made = ana.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &body).await;
    made.json::<Value>()["url"].as_str().unwrap().to_owned()
}

async fn cdp(page: &Page, name: &'static str, parameters: Value) {
    let command = json!({ "cmd": name, "params": parameters });
    page.0.client.issue_cmd(Command("goog/cdp/execute", command)).await.unwrap();
}

/// Has the browser put what it downloads into a folder.
async fn keep_downloads(page: &Page, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let place = json!({ "behavior": "allow", "downloadPath": folder });
    cdp(page, "Browser.setDownloadBehavior", place).await;
}

/// The names in the one archive that the browser is done with.
async fn downloaded(folder: &Path) -> Vec<String> {
    let files = || fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    // The name is taken by an empty file first; the bytes move there when they all have come.
    let whole = |path: &Path| {
        path.extension().is_some_and(|extension| extension == "zip")
            && fs::metadata(path).is_ok_and(|file| file.len() > 0)
    };
    eventually("the download is there", async || files().iter().any(|file| whole(file))).await;
    let archive = fs::read(files().into_iter().find(|file| whole(file)).unwrap()).unwrap();
    entries(&archive).into_iter().map(|(name, _)| name).collect()
}

/// Presses a key for whatever has the focus, as a person at a keyboard does.
async fn press(page: &Page, key: char) {
    let press = KeyActions::new("keyboard".to_owned())
        .then(KeyAction::Down { value: key })
        .then(KeyAction::Up { value: key });
    page.0.client.perform_actions(press).await.unwrap();
}

/// Tab after Tab until the focus is where it is wanted.
async fn tab_to(page: &Page, css: &str) {
    for _ in 0..60 {
        press(page, Key::Tab.into()).await;
        if page.run(&format!("return document.activeElement.matches('{css}')")).await == true {
            return;
        }
    }
    panic!("Tab does not come to {css}");
}

#[tokio::test]
async fn by_keyboard_a_client_unlocks_looks_chooses_and_downloads() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let (gallery, _) = shapes(&app, &ana).await;
    let page = Page::open(1440, 900, &locked(&ana, gallery).await).await;
    let folder = app.storage.join("downloads");
    keep_downloads(&page, &folder).await;
    let enter = char::from(Key::Enter);

    page.until("the password's field", "document.activeElement.name == 'password'").await;
    for letter in "sesame".chars().chain([enter]) {
        press(&page, letter).await;
    }
    page.until("the gallery", "document.querySelectorAll('[data-photo]').length == 12").await;

    tab_to(&page, ".client-tools summary").await;
    press(&page, enter).await;
    tab_to(&page, ".menu-item[download]").await;
    press(&page, Key::Escape.into()).await;
    let closed = "document.activeElement.matches('.client-tools summary') && !document.querySelector('.client-tools [open]')";
    page.until("the menu closed, the focus where it was", closed).await;

    tab_to(&page, ".tile-link").await;
    press(&page, enter).await;
    page.until("the lightbox", SHOWN).await;
    press(&page, Key::Right.into()).await;
    page.until("the second photo", "document.querySelector('.pswp__counter').textContent == '2 / 12'").await;
    tab_to(&page, ".pswp__tool--select").await;
    press(&page, enter).await;
    page.until("ticked", "document.querySelector('.pswp__tool--select').ariaPressed == 'true'").await;
    tab_to(&page, ".pswp__tool--screen").await;
    press(&page, enter).await;
    page.until("the whole screen", "document.fullscreenElement").await;
    press(&page, enter).await;
    page.until("the window again", "!document.fullscreenElement").await;
    // However often Tab is pressed, nothing behind the viewer gets the focus; between its end and its beginning is the
    // browser itself.
    for _ in 0..20 {
        press(&page, Key::Tab.into()).await;
        let inside = "return document.activeElement == document.body || Boolean(document.activeElement.closest('.pswp'))";
        assert_eq!(page.run(inside).await, true);
    }
    press(&page, Key::Escape.into()).await;
    let back = "!document.querySelector('.pswp') && document.activeElement.matches('[data-photo]:nth-child(2) .tile-link')";
    page.until("back at the second photo", back).await;

    tab_to(&page, "[data-photo]:nth-child(4) input").await;
    press(&page, ' ').await;
    assert_eq!(page.text("[data-selection-count]").await, "2 photos selected");
    tab_to(&page, "#selection button[type=submit]").await;
    press(&page, enter).await;
    assert_eq!(downloaded(&folder).await, ["1.jpg", "3.jpg", "manifest.txt"]);
    page.assert_no_complaints().await;
    page.0.close().await;
}

#[tokio::test]
async fn without_scripts_a_client_ticks_photos_and_downloads_them() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let (gallery, _) = shapes(&app, &ana).await;
    let page = Page::open(390, 844, "about:blank").await;
    cdp(&page, "Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    let folder = app.storage.join("downloads");
    keep_downloads(&page, &folder).await;
    page.go(&locked(&ana, gallery).await).await;
    page.type_into("input[name=password]", &format!("sesame{}", char::from(Key::Enter))).await;
    page.until("the gallery", "document.querySelectorAll('[data-photo]').length == 12").await;
    let bar = "return document.querySelector('.selection-bar').checkVisibility()";
    assert_eq!(page.run(bar).await, false, "nothing to be done with nothing");
    for tile in [2, 5, 6] {
        page.click(&format!("[data-photo]:nth-child({tile}) .tile-check")).await;
    }
    assert_eq!(page.run(bar).await, true);
    page.click("#selection button[type=submit]").await;
    assert_eq!(downloaded(&folder).await, ["1.jpg", "4.jpg", "5.jpg", "manifest.txt"]);
    page.0.close().await;
}

#[tokio::test]
async fn without_scripts_a_long_gallery_goes_on_by_links() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = gallery_of_many(&app, &ana).await;
    let (_, path) = ana.share(gallery, "full").await;
    let page = Page::open(390, 844, "about:blank").await;
    cdp(&page, "Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    page.go(&format!("{}{path}", app.url)).await;
    for photos in [50, 50, 26] {
        page.until(
            "a page of photos",
            &format!("document.querySelectorAll('[data-photo]').length == {photos}"),
        )
        .await;
        if photos == 50 {
            page.run("window.before = true").await;
            page.click("[data-more]").await;
            page.until("another page", "!window.before && document.querySelector('[data-photo]')").await;
        }
    }
    page.click(".client-first a").await;
    page.until("the beginning", "document.querySelector('.cover')").await;
    page.0.close().await;
}
