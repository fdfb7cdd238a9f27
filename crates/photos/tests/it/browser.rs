//! The main job in a real browser: from sign-in over upload, gallery and share links to the client's phone.

mod branding;
pub mod page;
mod walk;
mod working;

use common::identity::Role;
use serde_json::{Value, json};
use test_support::{
    Browser,
    fantoccini::{Locator, key::Key},
    site::password_of,
};

use self::page::{Command, Page};
use crate::harness::{TestApp, jpeg};

/// Notes the theme at the moment when there is a body to be painted.
const WATCH_THEME: &str = "new MutationObserver((_, observer) => {
    if (!document.body) return;
    window.firstTheme = document.documentElement.dataset.bsTheme ?? 'none';
    observer.disconnect();
}).observe(document, { childList: true, subtree: true });";
/// Every picture of the page is there, also those that wait until they are scrolled to.
const PICTURES_LOADED: &str = "document.images.length > 0 && [...document.images].every((image) => image.complete && image.naturalWidth > 0)";
/// All addresses at which the page gets or offers pictures.
const PICTURE_ADDRESSES: &str = "[...document.querySelectorAll('img, .tile-link')].flatMap((element) =>
    [element.src, element.dataset.full, ...(element.srcset ?? '').split(', ').map((candidate) => candidate.split(' ')[0])])
    .filter(Boolean).map((address) => new URL(address, location).pathname)";
/// Scrolls through the page and adds up how far things jumped.
const LAYOUT_SHIFT: &str = "const done = arguments[0];
    let sum = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
        if (!entry.hadRecentInput) sum += entry.value;
    })).observe({ type: 'layout-shift', buffered: true });
    const step = () => {
        if (scrollY + innerHeight >= document.documentElement.scrollHeight - 1) return setTimeout(() => done(sum), 500);
        scrollBy(0, innerHeight / 2);
        setTimeout(step, 100);
    };
    step();";

#[tokio::test]
async fn the_whole_job_on_a_phone_from_the_sign_in_to_the_client() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    app.create_user("ana", Role::Photographer).await;
    let phone = Page::open(390, 844, &app.url).await;
    sign_in(&phone, &app).await;

    phone.click(".site-nav a[href='/photos']").await;
    phone
        .until("the library", "location.pathname == '/photos' && document.documentElement.dataset.theme")
        .await;
    let folder = app.storage.join("to upload");
    std::fs::create_dir_all(&folder).unwrap();
    let files = [
        ("wide.jpg", jpeg(1, 900, 600)),
        ("turned.jpg", turned(&jpeg(2, 900, 600))),
        ("words.jpg", b"These are words, not a picture.".to_vec()),
        ("empty.jpg", Vec::new()),
    ];
    let paths = files.map(|(name, bytes)| {
        std::fs::write(folder.join(name), bytes).unwrap();
        folder.join(name).to_str().unwrap().to_owned()
    });
    phone.run("window.sameDocument = true").await;
    let input = phone.0.client.find(Locator::Css("#upload-files")).await.unwrap();
    input.send_keys(&paths.join("\n")).await.unwrap();
    phone
        .until(
            "two stored and two refused",
            "document.querySelectorAll('[data-grid] [data-status=pending]').length == 2
        && document.querySelectorAll('[data-upload-trouble-list] > *').length == 2",
        )
        .await;
    let refused = phone.text("[data-upload-trouble]").await;
    for words in ["empty.jpg", "The file is empty.", "words.jpg", "not a picture"] {
        assert!(refused.contains(words), "{words}: {refused}");
    }

    let _worker = app.worker();
    phone
        .until("both ready", "document.querySelectorAll('[data-grid] [data-status=ready] img').length == 2")
        .await;
    phone.until("the pictures", PICTURES_LOADED).await;
    assert_eq!(phone.run("return window.sameDocument").await, true, "without a reload");
    let upright =
        "return [...document.images].filter((image) => image.naturalHeight > image.naturalWidth).length";
    assert_eq!(phone.run(upright).await, 1, "one of them stands upright");

    for tile in 1..=2 {
        phone.click(&format!("[data-grid] > :nth-child({tile}) .tile-check")).await;
    }
    assert_eq!(phone.text("[data-selection-count]").await, "2 photos selected");
    phone.click("[data-deed-menu=move] summary").await;
    phone.type_into("#selection-name", "Anna and Ben").await;
    phone.click("#selection button[value=move]").await;
    phone.until("the gallery", "document.querySelector('h1')?.textContent == 'Anna and Ben'").await;
    phone.until("its pictures", &format!("document.images.length == 2 && {PICTURES_LOADED}")).await;
    let preview = share(&phone, "preview").await;
    let full = share(&phone, "full").await;
    assert_ne!(preview, full);
    phone.assert_no_complaints().await;

    let client = Page::open(390, 844, &preview).await;
    look_at_it(&client, true).await;
    client.go(&full).await;
    look_at_it(&client, false).await;
    change_the_theme(&client).await;
    client.assert_no_complaints().await;
    client.0.close().await;
    phone.0.close().await;
}

#[tokio::test]
async fn a_gallery_stands_still_while_it_loads_and_opens_by_keyboard() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Twenty").await;
    let _worker = app.worker();
    for number in 0..20 {
        let (width, height) = [(900, 600), (600, 900), (800, 800), (1200, 500)][usize::from(number % 4)];
        ana.photo(Some(gallery), &format!("{number}.jpg"), jpeg(number, width, height)).await;
    }
    assert!(ana.all_done().await.iter().all(|photo| photo["status"] == "ready"));
    let (_, path) = ana.share(gallery, "full").await;
    let address = format!("{}{path}", app.url);
    for (width, height) in [(390, 844), (1440, 900)] {
        let page = Page::open(width, height, &address).await;
        let shift = page.0.client.execute_async(LAYOUT_SHIFT, Vec::new()).await.unwrap().as_f64().unwrap();
        assert!(shift <= 0.02, "the page jumps by {shift} at {width} px");
        page.until("all twenty", &format!("document.images.length >= 20 && {PICTURES_LOADED}")).await;
        page.run("scrollTo(0, 0)").await;
        open_by_keyboard(&page).await;
        page.assert_no_complaints().await;
        page.0.close().await;
    }
}

async fn open_by_keyboard(page: &Page) {
    let at_first = "document.activeElement == document.querySelector('.tile-link')";
    for _ in 0..10 {
        page.press(Key::Tab).await;
        if page.run(&format!("return {at_first}")).await == true {
            break;
        }
    }
    page.until("the focus on the first photo", at_first).await;
    page.press(Key::Enter).await;
    page.until("the lightbox", "document.querySelector('.pswp--open .pswp__img')?.naturalWidth > 0").await;
    page.until("its counter", "document.querySelector('.pswp__counter')?.textContent == '1 / 20'").await;
    page.press(Key::Escape).await;
    page.until("the focus back", &format!("!document.querySelector('.pswp') && {at_first}")).await;
}

pub async fn sign_in(page: &Page, app: &TestApp) {
    page.click("a[href^='/auth/login'], a.btn-sign-in").await;
    page.until("the sign-in page", "document.querySelector('input[name=password]')").await;
    assert!(page.0.client.current_url().await.unwrap().as_str().starts_with(&app.auth_url));
    page.type_into("input[name=username]", "ana").await;
    page.type_into("input[name=password]", &format!("{}{}", password_of("ana"), char::from(Key::Enter)))
        .await;
    page.until("back at photos, signed in", "document.querySelector('.person')").await;
    assert!(page.0.client.current_url().await.unwrap().as_str().starts_with(&app.url));
}

/// Makes a link through the page of the gallery that is open, and comes back to the gallery.
async fn share(page: &Page, level: &str) -> String {
    page.click(".actions a[href$='/shares']").await;
    page.click(&format!("input[name=access_level][value={level}]")).await;
    page.click("form[action$='/shares'] button[type=submit]").await;
    page.until("the link", "document.querySelector('.created [data-copy-source]')?.value").await;
    let link = page.run("return document.querySelector('.created [data-copy-source]').value").await;
    page.click(".crumb a").await;
    page.until("the gallery", "document.querySelector('[data-grid]')").await;
    link.as_str().unwrap().to_owned()
}

/// What a client does who got the link: looks, opens a photo with a finger, goes on, closes.
async fn look_at_it(page: &Page, marked: bool) {
    page.until("the pictures", &format!("document.images.length >= 2 && {PICTURES_LOADED}")).await;
    let addresses = page.run(&format!("return {PICTURE_ADDRESSES}")).await;
    let addresses: Vec<&str> = addresses.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(addresses.len() >= 6, "{addresses:?}");
    for address in addresses {
        assert!(address.starts_with("/media/") && address.contains("/marked-") == marked, "{address}");
    }
    page.tap(".tile-link").await;
    let shown = "document.querySelector('.pswp--open .pswp__item[aria-hidden=false] img.pswp__img:not(.pswp__img--placeholder)')";
    page.until("the lightbox", &format!("{shown}?.naturalWidth > 0")).await;
    let first = page.run(&format!("return [{shown}.src, location.pathname]")).await;
    assert!(first[1].as_str().unwrap().contains("/photos/"), "{first}");
    assert_eq!(first[0].as_str().unwrap().contains("/marked-preview"), marked, "{first}");
    page.press(Key::Right).await;
    page.until("the next photo", &format!("{shown}?.naturalWidth > 0 && {shown}.src != {}", first[0])).await;
    assert_ne!(page.run("return location.pathname").await, first[1]);
    page.press(Key::Escape).await;
    page.until(
        "the end of it",
        "!document.querySelector('.pswp') && !location.pathname.includes('/photos/')",
    )
    .await;
    let asked = "return performance.getEntriesByType('resource').map((entry) => entry.name).join(' ')";
    let asked = page.run(asked).await;
    let asked = asked.as_str().unwrap();
    assert!(
        asked.contains("preview?") && !asked.contains("original") && !asked.contains("download"),
        "{asked}"
    );
}

async fn change_the_theme(page: &Page) {
    let cdp = Command(
        "goog/cdp/execute",
        json!({ "cmd": "Page.addScriptToEvaluateOnNewDocument", "params": { "source": WATCH_THEME } }),
    );
    page.0.client.issue_cmd(cdp).await.unwrap();
    for theme in ["dark", "light"] {
        page.click("[data-theme-switch] summary").await;
        page.click(&format!("[data-theme-switch] label:has([value={theme}])")).await;
        let now = "return document.documentElement.dataset.bsTheme";
        assert_eq!(page.run(now).await, theme);
        page.0.client.refresh().await.unwrap();
        assert_eq!(page.run("return window.firstTheme").await, theme, "before anything is painted");
        assert_eq!(page.run(now).await, theme);
    }
}

/// The picture as a camera stores it that was held upright: lying, with a note to turn it.
fn turned(jpeg: &[u8]) -> Vec<u8> {
    let note = b"\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    [&jpeg[..2], note, &jpeg[2..]].concat()
}
