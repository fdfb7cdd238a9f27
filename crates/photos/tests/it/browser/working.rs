//! A photographer at work in a real browser: an order by hand, deeds with a way back, keys, and all of it without a script.

use serde_json::{Value, json};
use test_support::{
    Browser,
    fantoccini::{
        Locator,
        actions::{InputSource, MouseActions, PointerAction},
        key::Key,
    },
};

use super::{page::Page, sign_in};
use crate::harness::{Person, TestApp, eventually, jpeg};
use common::identity::Role;

const ORDER: &str = "return [...document.querySelectorAll('[data-grid] [data-photo]')].map((tile) => Number(tile.dataset.photo))";
const READY: &str = "document.querySelectorAll('[data-grid] [data-status=ready] img').length";

/// A gallery with five photos, open in a browser whose person is signed in.
async fn at_work(app: &TestApp, width: u32) -> (Person, i64, Vec<i64>, Page) {
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let _worker = app.worker();
    let mut photos = Vec::new();
    for seed in 1..=5 {
        photos.push(ana.photo(Some(gallery), &format!("{seed}.jpg"), jpeg(seed * 40, 900, 600)).await);
    }
    ana.all_done().await;
    let page = Page::open(width, 900, &app.url).await;
    sign_in(&page, app).await;
    page.go(&format!("{}/gallery/{gallery}", app.url)).await;
    page.until("five photos", &format!("{READY} == 5")).await;
    (ana, gallery, photos, page)
}

/// The order as the server has it.
async fn stored(ana: &Person, gallery: i64) -> Value {
    let list = ana.browser.get_json(&format!("/api/photos?gallery_id={gallery}")).await.json::<Value>();
    list["items"].as_array().expect("a list").iter().map(|photo| photo["id"].clone()).collect()
}

/// Drags the middle of one thing to the left or right part of another.
async fn drag(page: &Page, from: &str, to: &str, part: f64) {
    let middle = |css: &str, part: f64| {
        format!(
            "const box = document.querySelector('{css}').getBoundingClientRect();
             return [Math.round(box.left + box.width * {part}), Math.round(box.top + box.height / 2)]"
        )
    };
    page.run(&format!(
        "document.querySelector('{from}').scrollIntoView({{ block: 'center', behavior: 'instant' }})"
    ))
    .await;
    let (from, to) = (page.run(&middle(from, 0.5)).await, page.run(&middle(to, part)).await);
    let number = |value: &Value| i32::try_from(value.as_i64().expect("a number")).expect("a small one");
    let at = |place: &Value| PointerAction::MoveTo {
        duration: None,
        x: f64::from(number(&place[0])),
        y: f64::from(number(&place[1])),
    };
    let mouse = MouseActions::new("mouse".to_owned())
        .then(at(&from))
        .then(PointerAction::Down { button: 0 })
        .then(at(&json!([number(&from[0]) + 20, number(&from[1]) + 5])))
        .then(at(&to))
        .then(PointerAction::Up { button: 0 });
    page.0.client.perform_actions(mouse).await.expect("a drag");
}

#[tokio::test]
async fn photos_are_ordered_by_dragging_and_by_keys_and_put_back() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let (ana, gallery, photos, page) = at_work(&app, 1440).await;
    let [one, two, three, four, five] = photos[..] else { panic!("five photos") };
    drag(&page, &format!("#photo-{five}"), &format!("#photo-{two}"), 0.2).await;
    page.until("the fifth before the second", "document.querySelector('.toast-line')").await;
    let moved = json!([one, five, two, three, four]);
    assert_eq!((page.run(ORDER).await, stored(&ana, gallery).await), (moved.clone(), moved.clone()));
    assert_eq!(page.run("return document.querySelector('[data-order]').value").await, "manual");
    assert_eq!(
        page.run("return Boolean(document.querySelector('.pswp'))").await,
        false,
        "a drag opens nothing"
    );

    page.click("[data-toast-undo]").await;
    page.until("as before", "document.querySelector('.toast-line')?.textContent.includes('As before')").await;
    let before = json!([one, two, three, four, five]);
    assert_eq!((page.run(ORDER).await, stored(&ana, gallery).await), (before.clone(), before));
    assert_eq!(page.run("return document.querySelector('[data-order]').value").await, "taken_at");

    // With keys: to the third photo, one later, twice earlier.
    page.run(&format!("document.querySelector('#photo-{one} .tile-link').focus()")).await;
    page.press(Key::Right).await;
    page.press(Key::Right).await;
    for (keys, place, order) in [
        (".", 4, json!([one, two, four, three, five])),
        (",", 3, json!([one, two, three, four, five])),
        (",", 2, json!([one, three, two, four, five])),
    ] {
        page.0.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
        let said =
            format!("document.querySelector('.toast-line')?.textContent.includes('Moved to place {place}.')");
        page.until("a step", &said).await;
        assert_eq!((page.run(ORDER).await, stored(&ana, gallery).await), (order.clone(), order));
    }
    page.assert_no_complaints().await;
}

#[tokio::test]
async fn a_deed_is_done_in_place_and_undone_in_place() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let (ana, gallery, photos, page) = at_work(&app, 390).await;
    for photo in [photos[1], photos[3]] {
        page.click(&format!("#photo-{photo} .tile-check")).await;
    }
    page.run("window.sameDocument = true").await;
    page.click("#selection button[value=delete]").await;
    let said =
        |words: &str| format!("document.querySelector('.toast-line')?.textContent.includes('{words}')");
    page.until("the trash", &said("2 photos are in the trash.")).await;
    let left = json!([photos[0], photos[2], photos[4]]);
    assert_eq!((page.run(ORDER).await, stored(&ana, gallery).await), (left.clone(), left));
    assert_eq!(page.text(".facts [data-count=all]").await, "3");
    page.click("[data-toast-undo]").await;
    page.until("as before", &said("As before.")).await;
    assert_eq!((page.run(ORDER).await, stored(&ana, gallery).await), (json!(photos), json!(photos)));

    // Stars by a key on the photo with the focus, undone by another.
    page.run(&format!("document.querySelector('#photo-{} .tile-link').focus()", photos[2])).await;
    page.0.client.active_element().await.unwrap().send_keys("4").await.unwrap();
    let stars = format!("document.querySelector('#photo-{} [data-stars]').textContent", photos[2]);
    page.until("four stars", &format!("{stars} == '★★★★'")).await;
    page.run("document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'z', ctrlKey: true, bubbles: true, cancelable: true }))").await;
    page.until("no stars", &format!("{stars} == ''")).await;
    let photo = ana.browser.get_json(&format!("/api/photos/{}", photos[2])).await.json::<Value>();
    assert_eq!(photo["rating"], 0.0);

    page.0.client.active_element().await.unwrap().send_keys("?").await.unwrap();
    page.until("the list of keys", "document.querySelector('#shortcuts').open").await;
    page.press(Key::Escape).await;
    page.until("its end", "!document.querySelector('#shortcuts').open").await;
    assert_eq!(page.run("return window.sameDocument").await, true, "without a reload");
    page.assert_no_complaints().await;
}

#[tokio::test]
async fn a_photo_is_dragged_into_a_section() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let (ana, gallery, photos, page) = at_work(&app, 1440).await;
    let path = format!("/api/galleries/{gallery}/sections");
    let made = ana.browser.post_json(&path, &json!({ "name": "Dinner" })).await.json::<Value>();
    page.0.client.refresh().await.unwrap();
    page.until("the section", "document.querySelector('[data-drop-section]')").await;
    drag(&page, &format!("#photo-{}", photos[4]), &format!("[data-drop-section=\"{}\"]", made["id"]), 0.5)
        .await;
    let count =
        format!("document.querySelector('[data-drop-section=\"{}\"] .count').textContent == '1'", made["id"]);
    page.until("one photo in it", &count).await;
    let photo = ana.browser.get_json(&format!("/api/photos/{}", photos[4])).await.json::<Value>();
    assert_eq!(photo["section_id"], made["id"]);
    page.assert_no_complaints().await;
}

#[tokio::test]
async fn without_a_script_photos_are_ticked_rated_and_put_back() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    app.create_user("ana", Role::Photographer).await;
    let ana = Person { browser: app.browser(), url: app.url.clone() };
    app.sign_in(&ana.browser, "ana").await;
    let gallery = ana.gallery("Wedding").await;
    let photo = ana.photo(Some(gallery), "1.jpg", jpeg(1, 900, 600)).await;
    let browser = Browser::start_with(390, 844, &["--blink-settings=scriptEnabled=false".to_owned()]).await;
    let client = &browser.client;
    client.goto(&format!("{}/gallery/{gallery}", app.url)).await.unwrap();
    client.goto(&format!("{}/auth/login?return_to=/gallery/{gallery}", app.url)).await.unwrap();
    let find = async |css: &str| {
        let found = client.wait().for_element(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("{css}: {error}"))
    };
    let password = format!("{}{}", test_support::site::password_of("ana"), char::from(Key::Enter));
    find("input[name=username]").await.send_keys("ana").await.unwrap();
    find("input[name=password]").await.send_keys(&password).await.unwrap();
    // Between two pages the old one is still there for a moment.
    let reads = async |css: &str, words: &str| {
        eventually(words, async || match client.find(Locator::Css(css)).await {
            Ok(found) => found.text().await.is_ok_and(|text| text == words),
            Err(_) => false,
        })
        .await;
    };
    find(&format!("#photo-{photo} .tile-check")).await.click().await.unwrap();
    find("[data-deed-menu=rate] summary").await.click().await.unwrap();
    find("button[value=rate-4]").await.click().await.unwrap();
    reads(".alert-success p", "1 photo has 4 stars now.").await;
    reads("[data-stars]", "★★★★").await;
    find("[data-undo] button").await.click().await.unwrap();
    reads(".alert-success p", "1 photo is as before.").await;
    let rated = ana.browser.get_json(&format!("/api/photos/{photo}")).await.json::<Value>();
    assert_eq!(rated["rating"], 0.0);
}

#[tokio::test]
async fn photos_are_sorted_out_while_they_fill_the_window() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let (ana, _, photos, page) = at_work(&app, 390).await;
    let rating = async |photo: i64| {
        let photo = ana.browser.get_json(&format!("/api/photos/{photo}")).await.json::<Value>();
        photo["rating"].clone()
    };
    page.click(&format!("#photo-{} .tile-link", photos[0])).await;
    page.until("the stars", "document.querySelector('.pswp--open .pswp__stars')").await;
    let stars = |drawn: &str| {
        format!(
            "document.querySelector('.pswp__stars').textContent == '{drawn}' && !document.querySelector('.toast-line')"
        )
    };
    page.key('3').await;
    page.until("three stars by a key", &stars("★★★☆☆")).await;
    page.key(Key::Right.into()).await;
    page.until("the next photo", &stars("☆☆☆☆☆")).await;
    let still =
        "Math.abs(document.querySelector('.pswp__item[aria-hidden=false]').getBoundingClientRect().left) < 1";
    page.until("it stands still", &format!("!!document.querySelector('.pswp--ui-visible') && {still}")).await;
    page.tap(".pswp__stars button:nth-child(5)").await;
    page.until("five by a finger", &stars("★★★★★")).await;
    page.key('x').await;
    page.until(
        "one is chosen",
        "document.querySelector('[data-selection-count]').textContent == '1 photo selected'",
    )
    .await;
    assert_eq!((rating(photos[0]).await, rating(photos[1]).await), (json!(3.0), json!(5.0)));
    page.tap(".pswp__stars button:nth-child(5)").await;
    page.until("none any more", &stars("☆☆☆☆☆")).await;

    // What can't be changed says so.
    ana.browser.post_json("/api/photos/batch", &json!({ "photo_ids": [photos[1]], "action": "lock" })).await;
    page.key('4').await;
    page.until(
        "the reason",
        "document.querySelector('.toast-line')?.textContent.includes('1 locked: unlock first.')",
    )
    .await;
    assert_eq!(rating(photos[1]).await, json!(0.0));
    page.key(Key::Escape.into()).await;
    page.until("the end of it", "!document.querySelector('.pswp')").await;
    let first = format!("document.querySelector('#photo-{} [data-stars]').textContent == '★★★'", photos[0]);
    page.until("the stars on the tile", &first).await;
    page.assert_no_complaints().await;
}

#[tokio::test]
async fn a_failed_photo_is_tried_again_where_it_stands() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let photo = ana.photo(None, "Straße.jpg", jpeg(1, 900, 600)).await;
    ana.all_done().await;
    app.sql("update photo set status = 'failed', failure_detail = 'The decoder gave up.'").await;
    let page = Page::open(390, 844, &app.url).await;
    sign_in(&page, &app).await;
    page.go(&format!("{}/photos", app.url)).await;
    assert!(page.text(&format!("#photo-{photo}")).await.contains("The decoder gave up."));
    page.run("window.sameDocument = true").await;
    page.click(&format!("#photo-{photo} [data-retry] button")).await;
    page.until("the picture", &format!("{READY} == 1")).await;
    assert_eq!(page.run("return window.sameDocument").await, true, "without a reload");
    page.assert_no_complaints().await;
}
