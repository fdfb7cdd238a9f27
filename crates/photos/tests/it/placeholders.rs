//! What stands in a picture's place: in the API, on the page without a script, and in a browser.

use serde_json::{Value, json};
use test_support::Browser;

use crate::{
    browser::page::{Command, Page},
    harness::{TestApp, eventually, jpeg},
};

/// Where every tile is, and how large.
const PLACES: &str =
    "return JSON.stringify([...document.querySelectorAll('[data-grid] > li')].map((tile) => {
    const { x, y, width, height } = tile.getBoundingClientRect();
    return [x, y + scrollY, width, height];
}))";

#[tokio::test]
async fn programs_and_pages_are_told_the_blur_and_the_colour_of_a_photo() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let _worker = app.worker();
    let red = image::RgbImage::from_pixel(300, 200, image::Rgb([200, 30, 40]));
    let mut file = std::io::Cursor::new(Vec::new());
    red.write_to(&mut file, image::ImageFormat::Png).unwrap();
    ana.photo(Some(gallery), "red.png", file.into_inner()).await;
    let photo = ana.all_done().await.remove(0);
    let colour = photo["dominant_colour"].as_str().expect("a colour").to_owned();
    let channel = |at: usize| u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
    assert!(
        colour.starts_with('#') && channel(1).abs_diff(200) < 5 && channel(3).abs_diff(30) < 5,
        "{colour}"
    );
    assert!((8..=36).contains(&photo["thumbhash"].as_str().expect("a thumbhash").len()), "{photo:#}");

    let (_, path) = ana.share(gallery, "preview").await;
    let client = app.browser();
    let body = client.get_json(&path.replace("/view/", "/api/view/")).await.json::<Value>();
    let page = client.get(&path).await;
    for (name, attribute) in [("dominant_colour", "color"), ("thumbhash", "data-thumbhash")] {
        assert_eq!(body["items"][0][name], photo[name], "a visitor is told the same");
        let shown = page.attributes("svg.picture-ground", attribute);
        assert_eq!(shown.len(), 2, "the cover and the tile");
        assert!(shown.iter().all(|value| *value == photo[name]), "{name}: {shown:?}");
    }
    assert!(!page.text().contains(" style="), "the policy forbids it");
}

#[tokio::test]
async fn a_photo_that_is_not_processed_has_none() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let id = ana.photo(None, "a.jpg", jpeg(1, 60, 40)).await;
    let photo = ana.browser.get_json(&format!("/api/photos/{id}")).await.json::<Value>();
    assert_eq!((&photo["dominant_colour"], &photo["thumbhash"]), (&Value::Null, &Value::Null));
    let worker = app.worker();
    ana.all_done().await;
    drop(worker);
    // Processed by an earlier release.
    app.sql("update photo set thumbhash = null, dominant_colour = null").await;
    let page = ana.browser.get("/photos").await;
    assert_eq!(
        (page.select("[data-grid] picture").len(), page.select("[data-grid] svg.picture-ground").len()),
        (1, 0)
    );
}

#[tokio::test]
async fn a_tile_shows_its_blur_until_its_picture_comes_and_stands_still() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Eight").await;
    let worker = app.worker_with(&[("RENDITION_ENCODINGS", "webp")]);
    let mut last = 0;
    for number in 0..8_u8 {
        let (width, height) = [(900, 600), (600, 900), (800, 800), (1200, 500)][usize::from(number % 4)];
        last = ana.photo(Some(gallery), &format!("{number}.jpg"), jpeg(number * 30, width, height)).await;
    }
    ana.all_done().await;
    let made = "select count(*) from renditions";
    eventually("all are made", async || {
        sqlx::query_scalar::<_, i64>(made).fetch_one(&app.db).await.unwrap() == 96
    })
    .await;
    drop(worker);
    let (_, path) = ana.share(gallery, "full").await;

    let page = Page::open(390, 844, "about:blank").await;
    // The pictures of the last photo are held back on their way; the page is complete without them.
    let held = json!({ "patterns": [{ "urlPattern": format!("*/media/{last}/*") }] });
    cdp(&page, "Fetch.enable", held).await;
    page.go(&format!("{}{path}", app.url)).await;
    page.run("document.querySelector('[data-grid]').lastElementChild.scrollIntoView({ block: 'center', behavior: 'instant' })").await;
    let tile = format!("#photo-{last}");
    let ground = format!("document.querySelector('{tile} .picture-ground')");
    let image = format!("document.querySelector('{tile} img')");
    page.until("the blur", &format!("{ground}.style.backgroundImage.startsWith('url(\"data:image/png')"))
        .await;
    let seen = format!(
        "return [getComputedStyle({image}).opacity, {image}.complete, getComputedStyle({ground}).color]"
    );
    let photo = ana.browser.get_json(&format!("/api/photos/{last}")).await.json::<Value>();
    let colour = u32::from_str_radix(&photo["dominant_colour"].as_str().unwrap()[1..], 16).unwrap();
    let [_, red, green, blue] = colour.to_be_bytes();
    assert_eq!(page.run(&seen).await, json!(["0", false, format!("rgb({red}, {green}, {blue})")]));
    let before = page.run(PLACES).await;

    cdp(&page, "Fetch.disable", json!({})).await;
    let arrived = format!(
        "{image}.complete && {image}.naturalWidth > 0 && getComputedStyle({image}).opacity == '1' && !{ground}.style.backgroundImage && !{image}.className"
    );
    page.until("the picture instead of the blur", &arrived).await;
    assert_eq!(page.run(PLACES).await, before, "nothing moved");
    let chosen = page.run(&format!("return {image}.currentSrc")).await;
    assert!(chosen.as_str().unwrap().contains(".webp?"), "{chosen}");
    page.click(&format!("{tile} .tile-link")).await;
    let large = "document.querySelector('.pswp--open .pswp__item[aria-hidden=false] img.pswp__img:not(.pswp__img--placeholder)')";
    page.until("the lightbox", &format!("{large}?.naturalWidth > 0")).await;
    let source = page.run(&format!("return {large}.src")).await;
    assert!(source.as_str().unwrap().contains("/preview.webp?"), "{source}");
    page.assert_no_complaints().await;
    page.0.close().await;
}

async fn cdp(page: &Page, name: &'static str, parameters: Value) {
    let command = Command("goog/cdp/execute", json!({ "cmd": name, "params": parameters }));
    page.0.client.issue_cmd(command).await.unwrap();
}
