//! The client's view under a finger: swipe, two fingers, the phone's own sheet for sharing, and what is loaded for that.

use serde_json::{Value, json};
use test_support::Browser;

use crate::{
    browser::page::{Command, Page},
    client_browser::{SHOWN, shapes},
    harness::TestApp,
};

/// The sheet of a phone that takes files, and what it was given.
const SHEET: &str = "Object.assign(Navigator.prototype, {
    canShare: (offered) => offered.files.length == 1,
    share: async (given) => { window.given = given.files.map(({ name, type, size }) => [name, type, size]); },
});";
/// Addresses that were asked for so far.
const ASKED: &str = "performance.getEntriesByType('resource').map((entry) => entry.name).join(' ')";
const WIDTH: &str =
    "document.querySelector('.pswp__item[aria-hidden=false] .pswp__img').getBoundingClientRect().width";

async fn cdp(page: &Page, name: &'static str, parameters: Value) -> Value {
    let command = json!({ "cmd": name, "params": parameters });
    page.0.client.issue_cmd(Command("goog/cdp/execute", command)).await.unwrap()
}

/// A browser that takes itself for a phone with a screen for fingers.
async fn phone(address: &str) -> Page {
    let page = Page::open(390, 844, "about:blank").await;
    let screen = json!({ "width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true });
    cdp(&page, "Emulation.setDeviceMetricsOverride", screen).await;
    cdp(&page, "Emulation.setTouchEmulationEnabled", json!({ "enabled": true, "maxTouchPoints": 5 })).await;
    cdp(&page, "Page.addScriptToEvaluateOnNewDocument", json!({ "source": SHEET })).await;
    page.go(address).await;
    page
}

/// Fingers that are put down, moved step by step to their ends, and lifted.
async fn move_fingers(page: &Page, fingers: &[[(f64, f64); 2]]) {
    let points = |part: f64| -> Vec<Value> {
        let place = |from: f64, to: f64| from + (to - from) * part;
        fingers
            .iter()
            .enumerate()
            .map(|(id, [(x, y), (to_x, to_y)])| json!({ "x": place(*x, *to_x), "y": place(*y, *to_y), "id": id }))
            .collect()
    };
    for (kind, part) in
        [("touchStart", 0.0), ("touchMove", 0.2), ("touchMove", 0.5), ("touchMove", 0.8), ("touchMove", 1.0)]
    {
        let event = json!({ "type": kind, "touchPoints": points(part) });
        cdp(page, "Input.dispatchTouchEvent", event).await;
    }
    cdp(page, "Input.dispatchTouchEvent", json!({ "type": "touchEnd", "touchPoints": [] })).await;
}

#[tokio::test]
async fn a_finger_swipes_two_zoom_and_the_neighbours_are_there_before() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let (_, address) = shapes(&app, &ana).await;
    let page = phone(&address).await;
    let previews = page
        .run("return [...document.querySelectorAll('.tile-link')].map((link) => link.dataset.full)")
        .await;
    let preview = |at: usize| format!("{ASKED}.includes({})", previews[at]);
    assert_eq!(page.run(&format!("return {}", preview(1))).await, false, "not while one looks at tiles");

    page.tap("[data-photo]:nth-child(2) .tile-link").await;
    page.until("the lightbox", SHOWN).await;
    assert_eq!(page.text(".pswp__counter").await, "2 / 12");
    for neighbour in [0, 2] {
        page.until("the neighbours", &preview(neighbour)).await;
    }
    assert_eq!(page.run(&format!("return {}", preview(9))).await, false, "no more than the neighbours");

    move_fingers(&page, &[[(320.0, 420.0), (60.0, 425.0)]]).await;
    page.until("the next one", "document.querySelector('.pswp__counter').textContent == '3 / 12'").await;
    move_fingers(&page, &[[(60.0, 420.0), (320.0, 425.0)]]).await;
    page.until("the one before", "document.querySelector('.pswp__counter').textContent == '2 / 12'").await;

    page.until("rest", &format!("{SHOWN} && {WIDTH} > 100")).await;
    let before = page.run(&format!("return {WIDTH}")).await.as_f64().unwrap();
    move_fingers(&page, &[[(180.0, 420.0), (40.0, 420.0)], [(210.0, 420.0), (350.0, 420.0)]]).await;
    page.until("a larger picture", &format!("{WIDTH} > {before} * 1.5")).await;

    let asked = page.run(&format!("return {ASKED}")).await;
    let asked = asked.as_str().unwrap();
    assert!(
        !asked.contains("original") && !asked.contains("download"),
        "nobody asked for an original: {asked}"
    );
    page.assert_no_complaints().await;
    page.0.close().await;
}

#[tokio::test]
async fn a_photo_goes_into_the_sheet_of_the_phone_as_a_file() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let (_, address) = shapes(&app, &ana).await;
    let page = phone(&address).await;
    page.tap(".tile-link").await;
    page.until("the lightbox", SHOWN).await;
    let take = page.run("return document.querySelector('.pswp__tool--take').ariaLabel").await;
    assert_eq!(take, "Save or share this photo");
    page.tap(".pswp__tool--take").await;
    page.until("the sheet", "window.given").await;
    let given = page.run("return window.given[0]").await;
    assert_eq!((&given[0], &given[1]), (&json!("0.jpg"), &json!("image/jpeg")));
    assert!(given[2].as_u64().unwrap() > 1000, "{given}");
    page.until("rest", "!document.querySelector('.pswp__tool--take').hasAttribute('aria-busy')").await;
    assert!(page.0.client.current_url().await.unwrap().path().contains("/photos/"), "the page stays");
    page.assert_no_complaints().await;
    page.0.close().await;
}
