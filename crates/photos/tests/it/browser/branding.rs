//! The branding page in a real browser: what is chosen is seen at once, and pictures are renewed while one looks.

use serde_json::Value;
use test_support::Browser;

use super::{page::Page, sign_in};
use crate::harness::{TestApp, jpeg};

const PREVIEW: &str = "document.querySelector('[data-preview]')";

#[tokio::test]
async fn a_watermark_is_seen_while_it_is_chosen_and_its_pictures_are_renewed() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let worker = app.worker();
    ana.photo(None, "a.jpg", jpeg(1, 900, 600)).await;
    ana.all_done().await;
    drop(worker);
    let page = Page::open(1440, 900, &app.url).await;
    sign_in(&page, &app).await;
    page.go(&format!("{}/branding", app.url)).await;
    page.until("the first preview", &format!("{PREVIEW}.naturalWidth == 900")).await;

    page.run("document.querySelector('.place input[value=bottom_right]').focus()").await;
    page.press(test_support::fantoccini::key::Key::Space).await;
    page.until("another preview", &format!("{PREVIEW}.src.startsWith('blob:')")).await;
    let strength = page.run("return document.querySelector('#field-opacity').value").await;
    assert_eq!(strength, "0.75", "another look begins with its own strength");
    page.click(".pill:nth-child(2)").await;
    page.until("what is missing is said", "!document.querySelector('[data-preview-fault]').hidden").await;
    page.run(&format!("window.before = {PREVIEW}.src")).await;
    page.type_into("#field-text", "Proof").await;
    page.until("it is drawn", &format!("{PREVIEW}.src != window.before")).await;
    page.until("nothing is wrong any more", "document.querySelector('[data-preview-fault]').hidden").await;
    assert_eq!(ana.browser.get_json("/api/watermark").await.json::<Value>()["kind"], "name");

    page.click(".mark-controls .btn-primary").await;
    page.until("it is kept", "document.querySelector('.flashes .alert-success')").await;
    assert_eq!(page.text("[data-renewal-text]").await, "0 of 1");
    let _worker = app.worker();
    page.until("all are renewed", "!document.querySelector('[data-renewal-done]').hidden").await;
    page.assert_no_complaints().await;
}

#[tokio::test]
async fn name_and_colour_are_seen_while_they_are_chosen() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let _ana = app.photographer("ana").await;
    let page = Page::open(390, 844, &app.url).await;
    sign_in(&page, &app).await;
    page.go(&format!("{}/branding", app.url)).await;
    page.type_into("#field-name", "Ana Ferreira").await;
    page.click(".swatch.accent-plum").await;
    let samples = "[...document.querySelectorAll('[data-sample]')]";
    page.until("the name", &format!("{samples}.every((one) => one.innerText.includes('Ana Ferreira'))"))
        .await;
    page.until("the colour", &format!("{samples}.every((one) => one.classList.contains('accent-plum'))"))
        .await;
    page.assert_no_complaints().await;
}
