//! Renditions in other encodings: offered to every browser that takes them, and to nobody who may not see them.

use common::config::Settings;
use photos::config::WorkerConfig;
use serde_json::{Value, json};
use test_support::{Answer, Client};

use crate::{
    harness::{Person, TestApp, Worker, eventually, jpeg},
    shares::media_addresses,
};

const WEBP: &[(&str, &str)] = &[("RENDITION_ENCODINGS", "jpeg,webp")];

struct World {
    // The first to go: without its database it would complain.
    _worker: Worker,
    app: TestApp,
    ana: Person,
    gallery: i64,
    photo: i64,
}

/// A gallery of one photo, whose renditions are there in WebP too.
async fn world() -> World {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let worker = app.worker_with(WEBP);
    let photo = ana.photo(Some(gallery), "a.jpg", jpeg(1, 1000, 600)).await;
    ana.all_done().await;
    until_made(&app, 12).await;
    World { _worker: worker, app, ana, gallery, photo }
}

async fn until_made(app: &TestApp, wanted: i64) {
    let count = "select count(*) from renditions";
    let made = async || sqlx::query_scalar::<_, i64>(count).fetch_one(&app.db).await.unwrap();
    eventually("all renditions are made", async || made().await == wanted).await;
}

/// The addresses that a page offers in another encoding than JPEG.
fn offered(page: &Answer) -> Vec<String> {
    let sets = page.attributes("picture > source[type='image/webp']", "srcset").join(", ");
    let addresses = sets.split(", ").filter_map(|candidate| candidate.split(' ').next());
    let larger = page.attributes(".tile-link", "data-full-types").join(" ");
    let larger = larger.split(' ').filter(|word| word.starts_with("/media/"));
    addresses.chain(larger).filter(|address| !address.is_empty()).map(str::to_owned).collect()
}

async fn webp(client: &Client, address: &str) -> Answer {
    let picture = client.get(address).await;
    assert_eq!((picture.status.as_u16(), picture.header("content-type")), (200, "image/webp"), "{address}");
    assert_eq!((&picture.body[..4], &picture.body[8..12]), (&b"RIFF"[..], &b"WEBP"[..]));
    picture
}

#[tokio::test]
async fn every_page_offers_webp_beside_the_jpeg() {
    let world = world().await;
    world.app.sql("update gallery set is_public = true").await;
    let (_, full) = world.ana.share(world.gallery, "full").await;
    let own = [format!("/gallery/{}", world.gallery), "/photos".to_owned(), "/gallery".to_owned()];
    for path in &own {
        let addresses = offered(&world.ana.browser.get(path).await);
        assert!(!addresses.is_empty(), "{path}");
        for address in addresses {
            webp(&world.ana.browser, &address).await;
        }
    }
    for path in ["/", &full, &own[0]] {
        let visitor = world.app.browser();
        let page = visitor.get(path).await;
        let addresses = offered(&page);
        assert!(!addresses.is_empty(), "{path}");
        for address in addresses {
            assert!(!address.contains("marked"), "{address}");
            webp(&visitor, &address).await;
        }
        // Whoever knows no WebP finds what there always was.
        for address in page.attributes("picture > img", "src") {
            assert_eq!(visitor.get(&address).await.header("content-type"), "image/jpeg");
        }
    }
}

#[tokio::test]
async fn a_preview_link_gets_marked_pictures_alone_in_every_encoding() {
    let world = world().await;
    let (_, path) = world.ana.share(world.gallery, "preview").await;
    let client = world.app.browser();
    let page = client.get(&path).await;
    let addresses = offered(&page);
    assert!(addresses.len() >= 4, "{addresses:?}");
    for address in &addresses {
        assert!(address.contains("/marked-") && address.contains(".webp?"), "{address}");
        webp(&client, address).await;
        let clean = address.replace("/marked-", "/");
        assert_eq!(client.get(&clean).await.status, 404, "{clean}");
    }
    let body = client.get_json(&path.replace("/view/", "/api/view/")).await.text();
    assert!(body.contains("marked-preview.webp") && !body.contains("/preview.webp"), "{body}");
    // What was signed while the link was a full one is worth nothing once it is a preview.
    world.app.sql("update share_links set access_level = 'full'").await;
    let clean = offered(&client.get(&path).await);
    webp(&client, &clean[0]).await;
    world.app.sql("update share_links set access_level = 'preview'").await;
    for address in clean {
        assert_eq!(client.get(&address).await.status, 404, "{address}");
    }
}

#[tokio::test]
async fn a_webp_is_cached_and_asked_for_again_like_a_jpeg() {
    let world = world().await;
    let page = world.ana.browser.get(&format!("/gallery/{}", world.gallery)).await;
    let address = offered(&page).remove(0);
    let picture = webp(&world.ana.browser, &address).await;
    assert_eq!(picture.header("cache-control"), "private, max-age=21600, immutable");
    assert_eq!(picture.header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(picture.header("content-length"), picture.body.len().to_string());
    let jpeg = world.ana.browser.get(&page.attributes("picture > img", "src")[0]).await;
    assert_ne!(picture.header("etag"), jpeg.header("etag"));
    let request = world.ana.browser.request(test_support::reqwest::Method::GET, &address);
    let known = world.ana.browser.send(request.header("if-none-match", picture.header("etag"))).await;
    assert_eq!(known.status, 304);
    assert_eq!(world.app.browser().get(&address).await.status, 404, "another's session is needed");
}

#[tokio::test]
async fn without_the_setting_there_is_jpeg_alone() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let _worker = app.worker();
    ana.photo(Some(gallery), "a.jpg", jpeg(1, 900, 600)).await;
    let photo = ana.all_done().await.remove(0);
    until_made(&app, 6).await;
    let page = ana.browser.get(&format!("/gallery/{gallery}")).await;
    assert!(page.select("source").is_empty() && !page.text().contains(".webp?"));
    assert!(photo["renditions"]["preview"].get("alternatives").is_none(), "{photo:#}");
    for address in media_addresses(&page.text()).iter().filter(|address| !address.contains("/original?")) {
        assert_eq!(ana.browser.get(address).await.header("content-type"), "image/jpeg", "{address}");
    }
    let jobs = "select count(*) from graphile_worker._private_jobs";
    assert_eq!(sqlx::query_scalar::<_, i64>(jobs).fetch_one(&app.db).await.unwrap(), 0);
}

#[tokio::test]
async fn photos_that_were_there_before_the_setting_get_them_too() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let before = app.worker();
    for seed in 1..=3 {
        ana.photo(None, &format!("{seed}.jpg"), jpeg(seed, 300, 200)).await;
    }
    ana.all_done().await;
    until_made(&app, 18).await;
    drop(before);
    let _after = app.worker_with(WEBP);
    until_made(&app, 36).await;
    assert!(ana.all_done().await.iter().all(|photo| photo["status"] == "ready"));
}

#[tokio::test]
async fn a_photo_that_is_processed_again_gets_them_anew() {
    let world = world().await;
    let address = format!("/api/photos/{}", world.photo);
    let photo = async || world.ana.browser.get_json(&address).await.json::<Value>();
    assert_eq!(photo().await["renditions"]["preview"]["alternatives"][0]["type"], "image/webp");
    world.app.sql("update renditions set created_at = 'epoch'").await;
    world.app.sql("update photo set status = 'failed'").await;
    let retried = world.ana.browser.post_json(&format!("{address}/retry"), &json!({})).await;
    assert_eq!(retried.status, 202, "{}", retried.text());
    world.ana.all_done().await;
    let fresh = "select count(*) from renditions where created_at > 'epoch'";
    eventually("all twelve are new", async || {
        sqlx::query_scalar::<_, i64>(fresh).fetch_one(&world.app.db).await.unwrap() == 12
    })
    .await;
    assert_eq!(photo().await["renditions"]["preview"]["alternatives"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_copy_among_ones_own_galleries_has_them_at_once() {
    let world = world().await;
    let other = world.ana.gallery("The best").await;
    let body = json!({ "photo_ids": [world.photo], "action": "copy", "gallery_id": other });
    let outcome = world.ana.browser.post_json("/api/photos/batch", &body).await.json::<Value>();
    let copy = outcome["done"][0].as_i64().expect("a copy");
    let photo =
        async |id: i64| world.ana.browser.get_json(&format!("/api/photos/{id}")).await.json::<Value>();
    let (source, copy) = (photo(world.photo).await, photo(copy).await);
    assert_eq!(
        (&copy["thumbhash"], &copy["dominant_colour"]),
        (&source["thumbhash"], &source["dominant_colour"])
    );
    let address = copy["renditions"]["preview"]["alternatives"][0]["url"].as_str().expect("a WebP");
    webp(&world.ana.browser, address).await;
}

#[test]
fn the_setting_names_encodings_that_are_known() {
    let read = |value: &str| {
        let pairs =
            [("RENDITION_ENCODINGS", value), ("PHOTOS_DATABASE_URL", "postgres://"), ("STORAGE_DIR", "/")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut settings = Settings::from_pairs(pairs);
        let config = WorkerConfig::from_settings(&mut settings);
        (config.encodings, settings.faults().join(" "))
    };
    for (value, count) in [("", 0), ("jpeg", 0), ("jpeg,webp", 1), ("webp, webp", 1)] {
        let (encodings, faults) = read(value);
        assert_eq!((encodings.len(), faults.as_str()), (count, ""), "{value}");
    }
    assert!(read("jpeg,gif").1.contains("RENDITION_ENCODINGS: “gif” can't be understood"));
}
