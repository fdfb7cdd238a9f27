//! The pictures on the public pages, taken of the product itself with photos that the project draws:
//! `SCREENSHOTS=crates/common/web/images cargo xtask test the_pictures_of_the_public_pages`.

use std::{
    env, fs,
    io::Cursor,
    path::{Path, PathBuf},
};

use image::{ImageReader, RgbImage, codecs::jpeg::JpegEncoder, imageops};
use serde_json::json;
use test_support::{Browser, pictures::scenes, reqwest::Method};

use crate::{
    browser::{page::Page, sign_in},
    harness::TestApp,
};

const LOADED: &str = "[...document.images].filter((image) => image.getBoundingClientRect().top < innerHeight)
    .every((image) => image.complete && image.naturalWidth > 0) && !document.querySelector('.is-coming, .is-arriving')";
/// What phones get of a picture of a desk.
const SMALL: u32 = 720;

#[tokio::test]
async fn the_pictures_of_the_public_pages_are_taken_where_they_are_wanted() {
    let Some(folder) = env::var_os("SCREENSHOTS").map(PathBuf::from) else { return };
    if !Browser::available() {
        return;
    }
    // Tests run in the folder of their crate, who asks in that of the checkout.
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(folder);
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let gallery = ana.gallery("A walk at dusk").await;
    for scene in scenes() {
        ana.photo(Some(gallery), scene.name, scene.jpeg(1800)).await;
    }
    ana.all_done().await;
    let date = json!({ "event_date": "2026-06-12" });
    assert_eq!(ana.browser.json(Method::PUT, &format!("/api/galleries/{gallery}"), &date).await.status, 200);
    let (_, view) = ana.share(gallery, "full").await;
    let view = format!("{}{view}", app.url);

    let desk = Page::open(1440, 900, &view).await;
    take(&desk, &folder, "screen-cover").await;
    desk.run("document.querySelector('#photos').scrollIntoView({ behavior: 'instant' })").await;
    take(&desk, &folder, "screen-gallery").await;
    desk.go(&app.url).await;
    sign_in(&desk, &app).await;
    desk.go(&format!("{}/gallery/{gallery}/shares", app.url)).await;
    take(&desk, &folder, "screen-share").await;
    desk.go(&format!("{}/photos", app.url)).await;
    take(&desk, &folder, "screen-photos").await;
    let phone = Page::open(390, 844, &view).await;
    phone.run("document.querySelector('#photos').scrollIntoView({ behavior: 'instant' })").await;
    take(&phone, &folder, "screen-phone").await;
}

async fn take(page: &Page, folder: &Path, name: &str) {
    page.until("the pictures", LOADED).await;
    let png = page.0.client.screenshot().await.unwrap();
    let picture =
        ImageReader::new(Cursor::new(png)).with_guessed_format().unwrap().decode().unwrap().to_rgb8();
    write(&folder.join(name).with_extension("jpg"), &picture);
    let (width, height) = picture.dimensions();
    if width > SMALL {
        let small = imageops::resize(&picture, SMALL, height * SMALL / width, imageops::FilterType::Lanczos3);
        write(&folder.join(format!("{name}-small.jpg")), &small);
    }
}

fn write(file: &Path, picture: &RgbImage) {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 82).encode_image(picture).unwrap();
    fs::write(file, jpeg).unwrap();
}
