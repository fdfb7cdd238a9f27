//! The client's view in a real browser: layouts that stand still, the lightbox and its addresses, and all of it without
//! scripts.

use serde_json::json;
use test_support::{Browser, fantoccini::key::Key};

use crate::{
    browser::page::{Command, Page},
    client_view::gallery_of_many,
    harness::{Person, TestApp, jpeg},
};

/// How far the shape of each shown tile is from the shape of its picture: 1 is no difference.
const WORST_SHAPE: &str = "Math.max(...[...document.querySelectorAll('.tile img')].map((image) => {
    const box = image.closest('.tile').getBoundingClientRect();
    const quotient = box.width / box.height / (image.getAttribute('width') / image.getAttribute('height'));
    return Math.max(quotient, 1 / quotient);
}))";
/// Whether any two tiles lie over each other.
const OVERLAP: &str = "(() => {
    const boxes = [...document.querySelectorAll('.tile')].map((tile) => tile.getBoundingClientRect());
    return boxes.some((one, at) => boxes.slice(at + 1).some((other) =>
        one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1));
})()";
pub const SHOWN: &str = "document.querySelector('.pswp--open .pswp__item[aria-hidden=false] img.pswp__img:not(.pswp__img--placeholder)')?.naturalWidth > 0";
const SHIFT: &str = "const done = arguments[0]; let sum = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { if (!entry.hadRecentInput) sum += entry.value; }))
        .observe({ type: 'layout-shift', buffered: true });
    const step = () => {
        if (scrollY + innerHeight >= document.documentElement.scrollHeight - 1) return setTimeout(() => done(sum), 300);
        scrollBy(0, innerHeight / 2);
        setTimeout(step, 80);
    };
    step();";

/// A photographer with a shared gallery of that kind; what to drive, whose it is, and the address of its link.
async fn world() -> (TestApp, Person, i64, String) {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let (gallery, address) = shapes(&app, &ana).await;
    (app, ana, gallery, address)
}

/// A shared gallery with pictures of many shapes.
pub async fn shapes(app: &TestApp, ana: &Person) -> (i64, String) {
    let gallery = ana.gallery("Shapes").await;
    for number in 0..12_u8 {
        let (width, height) = [(900, 600), (600, 900), (800, 800), (1200, 500)][usize::from(number % 4)];
        ana.photo(Some(gallery), &format!("{number}.jpg"), jpeg(number * 20, width, height)).await;
    }
    ana.all_done().await;
    let (_, path) = ana.share(gallery, "full").await;
    (gallery, format!("{}{path}", app.url))
}

#[tokio::test]
async fn every_layout_stands_still_and_shows_what_it_promises() {
    if !Browser::available() {
        return;
    }
    let (_app, ana, gallery, address) = world().await;
    for layout in ["justified", "masonry", "grid"] {
        let form = [("layout", layout)];
        assert_eq!(ana.browser.post_form(&format!("/gallery/{gallery}/appearance"), &form).await.status, 303);
        for (width, height) in [(390, 844), (1440, 900)] {
            let page = Page::open(width, height, &address).await;
            let shift = page.0.client.execute_async(SHIFT, Vec::new()).await.unwrap().as_f64().unwrap();
            assert!(shift < 0.02, "{layout} jumps by {shift} at {width} px");
            assert_eq!(page.run(&format!("return {OVERLAP}")).await, false, "{layout} at {width} px");
            let worst = page.run(&format!("return {WORST_SHAPE}")).await.as_f64().unwrap();
            let limit = if layout == "grid" { 2.5 } else { 1.05 };
            assert!(worst < limit, "{layout} at {width} px cuts pictures by {worst}");
            if layout == "grid" {
                let square = "[...document.querySelectorAll('.tile')].every((tile) => Math.abs(tile.offsetWidth - tile.offsetHeight) <= 1)";
                assert_eq!(page.run(&format!("return {square}")).await, true);
            }
            page.assert_no_complaints().await;
            page.0.close().await;
        }
    }
}

#[tokio::test]
async fn the_rest_comes_by_itself_in_its_sections() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = gallery_of_many(&app, &ana).await;
    let (_, path) = ana.share(gallery, "full").await;
    let page = Page::open(1440, 900, &format!("{}{path}", app.url)).await;
    let all = "(scrollTo(0, document.documentElement.scrollHeight), document.querySelectorAll('[data-photo]').length == 126)";
    page.until("all photos", all).await;
    let parts = "return [...document.querySelectorAll('[data-part]')].map((part) =>
        part.querySelector('.part-name').textContent + ' ' + part.querySelectorAll('[data-photo]').length)";
    assert_eq!(page.run(parts).await, json!(["Ceremony 42", "Dinner 42", "More photos 42"]));
    page.until("nothing more", "!document.querySelector('[data-more]')").await;
    page.click("[data-tab]:first-of-type").await;
    page.until("the first section", "document.querySelector('[data-tab]').getAttribute('aria-current')")
        .await;
    page.assert_no_complaints().await;
    page.0.close().await;
}

#[tokio::test]
async fn the_lightbox_has_an_address_for_each_photo_tells_plays_and_goes_back() {
    if !Browser::available() {
        return;
    }
    let (app, ana, gallery, address) = world().await;
    app.sql("update photo set camera_model = 'EOS R5', aperture = 2.8").await;
    let form = [("layout", "justified"), ("shows_camera", "true")];
    ana.browser.post_form(&format!("/gallery/{gallery}/appearance"), &form).await;

    let page = Page::open(1440, 900, &address).await;
    page.click(".tile-link").await;
    page.until("the lightbox", SHOWN).await;
    page.click(".pswp__tool--facts").await;
    page.until("the facts", "document.querySelector('.pswp__caption').innerText.includes('f/2.8')").await;
    let first = page.run("return location.pathname").await;
    page.click(".pswp__tool--play").await;
    let playing = "document.querySelector('.pswp__tool--play').getAttribute('aria-pressed') == 'true'";
    page.until("playing", playing).await;
    page.until("the next photo by itself", &format!("location.pathname != {first}")).await;
    page.press(Key::Left).await;
    page.until("the end of playing", &format!("!({playing}) && location.pathname == {first}")).await;
    page.0.client.back().await.unwrap();
    let gallery = format!(
        "!document.querySelector('.pswp') && document.querySelector('[data-gallery]') && location.href == '{address}'"
    );
    page.until("the gallery", &gallery).await;

    // The same address, opened anew, is a page of its own with a way back to the photo's place.
    page.go(&format!("{}{}", app.url, first.as_str().unwrap())).await;
    assert_eq!(page.text(".photo-number").await, "1 / 12");
    page.press(Key::Right).await;
    page.until("the second photo", "document.querySelector('.photo-number')?.textContent == '2 / 12'").await;
    page.click(".photo-bar a").await;
    page.until("the gallery from there on", "document.querySelectorAll('[data-photo]').length == 11").await;
    page.click("[data-slideshow]").await;
    page.until("the slideshow", &format!("document.querySelector('.pswp') && {playing}")).await;
    page.assert_no_complaints().await;
    page.0.close().await;
}

/// What the menu of downloads says.
async fn menu_of(page: &Page) -> String {
    page.click(".client-tools summary").await;
    page.text(".client-tools .menu-panel").await
}

#[tokio::test]
async fn what_is_ticked_is_downloaded_and_its_size_said_before() {
    if !Browser::available() {
        return;
    }
    let (app, ana, gallery, whole) = world().await;
    let page = Page::open(390, 844, &whole).await;
    let offered = menu_of(&page).await;
    for words in ["12 photos", "Originals", "2048 pixels"] {
        assert!(offered.contains(words), "{words}: {offered}");
    }
    page.0.close().await;

    let body = json!({ "access_level": "full", "expires_in_days": 7, "max_downloads": 10 });
    let made = ana.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &body).await;
    let address = made.json::<serde_json::Value>()["url"].as_str().unwrap().to_owned();
    let page = Page::open(390, 844, &address).await;
    let offered = menu_of(&page).await;
    for words in ["10 photos of your choice", "10 photos are left"] {
        assert!(offered.contains(words), "{words}: {offered}");
    }
    let all = "return document.querySelectorAll('[href*=\"download.zip\"]').length";
    assert_eq!(page.run(all).await, 0, "nothing that the link does not include");
    page.click("[data-select-begin]").await;
    page.until("the menu closed", "!document.querySelector('.client-tools [open]')").await;
    for tile in [1, 3] {
        page.click(&format!("[data-photo]:nth-child({tile}) .tile-link")).await;
    }
    assert_eq!(
        page.text("[data-selection-count]").await,
        "2 photos selected",
        "a touch ticks, it opens nothing"
    );
    page.click("#selection button[type=submit]").await;
    let said = "document.querySelector('[data-selection-hint]').textContent.startsWith('2 photos, ')";
    page.until("what will come", said).await;
    page.press(Key::Escape).await;
    page.until("nothing ticked", "!document.querySelector('.tile-check :checked')").await;
    page.click(".tile-link").await;
    page.until("the lightbox", SHOWN).await;
    page.click(".pswp__tool--select").await;
    page.press(Key::Escape).await;
    page.until("the end of it", "!document.querySelector('.pswp')").await;
    assert_eq!(page.text("[data-selection-count]").await, "1 photo selected", "ticked in the lightbox");
    page.assert_no_complaints().await;
    page.0.close().await;

    let preview =
        Page::open(390, 844, &format!("{}{}", app.url, ana.share(gallery, "preview").await.1)).await;
    assert_eq!(
        preview
            .run(
                "return document.querySelectorAll('[data-select-mode], .tile-check, [href*=download]').length"
            )
            .await,
        0
    );
    preview.0.close().await;
}

#[tokio::test]
async fn without_scripts_a_client_unlocks_looks_and_goes_on() {
    if !Browser::available() {
        return;
    }
    let (_app, ana, gallery, _) = world().await;
    let body = json!({ "access_level": "full", "expires_in_days": 7, "password": "sesame" });
    let made = ana.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &body).await;
    let address = made.json::<serde_json::Value>()["url"].as_str().unwrap().to_owned();
    let page = Page::open(390, 844, "about:blank").await;
    let off = json!({ "cmd": "Emulation.setScriptExecutionDisabled", "params": { "value": true } });
    page.0.client.issue_cmd(Command("goog/cdp/execute", off)).await.unwrap();
    page.go(&address).await;
    page.type_into("input[name=password]", "sesame").await;
    page.click("form button[type=submit]").await;
    page.until("the gallery", "document.querySelectorAll('[data-photo]').length == 12").await;
    assert_eq!(page.run("return document.documentElement.classList.contains('js')").await, false);
    let useless = "return [...document.querySelectorAll('.needs-js')].filter((element) => element.checkVisibility()).length";
    assert_eq!(page.run(useless).await, 0, "no button that does nothing");
    page.click(".tile-link").await;
    page.until("the page of the photo", "document.querySelector('.photo-number')?.textContent == '1 / 12'")
        .await;
    page.click("a[rel=next]").await;
    page.until("the next one", "document.querySelector('.photo-number')?.textContent == '2 / 12'").await;
    page.until("its picture", "document.querySelector('.photo-frame img').naturalWidth > 0").await;
    page.click(".photo-bar a").await;
    page.until("back", "document.querySelectorAll('[data-photo]').length == 11").await;
    page.0.close().await;
}
