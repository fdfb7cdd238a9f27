//! Originals as others get them: without place and serial numbers, with the same pixels, or not at all.

use aws_lc_rs::digest::{SHA256, digest};
use common::secrets::hex;
use serde_json::{Value, json};
use test_support::reqwest::Method;

use crate::harness::{Person, TestApp, eventually, jpeg};

const CAPTION: &[u8] = b"Harbour at dawn";
pub const SERIAL: &[u8] = b"BODY-SERIAL-4711";

/// A JPEG that tells its caption, the serial number of its camera, and where it was taken.
pub fn telling_jpeg() -> Vec<u8> {
    let directory = |entries: &[(u16, u16, u32, u32)]| {
        let mut bytes = u16::try_from(entries.len()).unwrap().to_le_bytes().to_vec();
        for (tag, kind, count, value) in entries {
            bytes.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
            bytes.extend([count.to_le_bytes(), value.to_le_bytes()].concat());
        }
        bytes.extend([0; 4]);
        bytes
    };
    // Three directories, then what they point to.
    let (exposure, place, texts) = (50, 68, 134);
    let main = directory(&[(270, 2, 16, texts), (34_665, 4, 1, exposure), (34_853, 4, 1, place)]);
    let angle = texts + 34;
    let place = directory(&[
        (1, 2, 2, u32::from(b'N')),
        (2, 5, 3, angle),
        (3, 2, 2, u32::from(b'W')),
        (4, 5, 3, angle),
    ]);
    let exposure = directory(&[(42_033, 2, 17, texts + 16)]);
    let values = [CAPTION, b"\0", SERIAL, b"\0\0"].concat();
    let angle: Vec<u8> = [38_u32, 1, 42, 1, 30, 1].iter().flat_map(|number| number.to_le_bytes()).collect();
    let mut block = [b"Exif\0\0II*\0\x08\0\0\0".to_vec(), main, exposure, place].concat();
    block.resize(6 + 134, 0);
    block.extend([values, angle].concat());
    let length = u16::try_from(block.len() + 2).unwrap().to_be_bytes();
    let plain = jpeg(1, 900, 600);
    [&plain[..2], &[0xFF, 0xE1], &length, &block, &plain[2..]].concat()
}

pub fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|part| part == text)
}

struct World {
    app: TestApp,
    ana: Person,
    ben: Person,
    photo: i64,
}

/// Ben may copy from Ana's gallery, which holds one photo.
async fn world() -> World {
    world_with(&[]).await
}

async fn world_with(settings: &[(&str, &str)]) -> World {
    world_in(TestApp::start_both(&[], settings).await).await
}

async fn world_in(app: TestApp) -> World {
    let ana = app.photographer("ana").await;
    let ben = app.photographer("ben").await;
    let gallery = ana.gallery("Wedding").await;
    let _worker = app.worker();
    let photo = ana.photo(Some(gallery), "Übung.jpg", telling_jpeg()).await;
    ana.all_done().await;
    app.sql(
        "insert into gallery_permissions (gallery_id, user_id, permission_level)
             select gallery.id, users.id, 'copy' from gallery, users where users.username = 'ben'",
    )
    .await;
    World { app, ana, ben, photo }
}

async fn found(person: &Person, photo: i64) -> Value {
    person.browser.get_json(&format!("/api/photos/{photo}")).await.json::<Value>()
}

async fn offered(person: &Person, photo: i64) -> Option<String> {
    found(person, photo).await["original_url"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn whoever_may_copy_gets_the_original_without_place_and_serial_number_and_the_owner_with_them() {
    let world = world().await;
    let own = offered(&world.ana, world.photo).await.expect("an address");
    assert!(own.contains("/original?"), "{own}");
    assert_eq!(world.ana.browser.get(&own).await.body, telling_jpeg());

    let clean = offered(&world.ben, world.photo).await.expect("an address");
    assert!(clean.contains("/clean-original?"), "{clean}");
    let answer = world.ben.browser.get(&clean).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "image/jpeg"));
    assert!(answer.header("content-disposition").contains("UTF-8''%C3%9Cbung.jpg"));
    assert!(holds(&answer.body, CAPTION) && !holds(&answer.body, SERIAL));
    assert!(imaging::read_metadata(&telling_jpeg()).gps.is_some());
    assert_eq!(imaging::read_metadata(&answer.body).gps, None);
    let decoded = |bytes: &[u8]| image::load_from_memory(bytes).unwrap();
    assert_eq!(decoded(&answer.body), decoded(&telling_jpeg()));

    // The page offers the same, and the address of the whole one can't be made of it.
    let download = format!("/photos/{}/download", world.photo);
    assert!(world.ben.browser.get("/gallery/1").await.text().contains(&download));
    assert_eq!(world.ben.browser.get(&download).await.body, answer.body);
    let whole = clean.replace("/clean-original?", "/original?");
    assert_eq!(world.ben.browser.get(&whole).await.status, 404);
}

#[tokio::test]
async fn a_proxy_sends_what_is_stored_as_it_is_and_never_the_file_behind_a_clean_original() {
    let world = world_in(TestApp::start_in_folder(&[("MEDIA_ACCEL_PREFIX", "/stored/")]).await).await;
    let left = async |person: &Person, address: &str| {
        let answer = person.browser.get(address).await;
        assert_eq!(answer.status, 200, "{address}");
        let place = answer.header("x-accel-redirect").strip_prefix("/stored/").map(str::to_owned);
        assert_eq!(answer.body.is_empty(), place.is_some(), "{address}");
        (place.map(|path| std::fs::read(world.app.storage.join(path)).expect("it is there")), answer)
    };
    let own = offered(&world.ana, world.photo).await.expect("an address");
    let (sent, answer) = left(&world.ana, &own).await;
    assert_eq!(sent.expect("by the proxy"), telling_jpeg());
    assert!(answer.header("content-disposition").contains("UTF-8''%C3%9Cbung.jpg"));
    let preview = found(&world.ben, world.photo).await["renditions"]["preview"]["url"].clone();
    let (sent, _) = left(&world.ben, preview.as_str().expect("an address")).await;
    assert!(image::load_from_memory(&sent.expect("by the proxy")).is_ok());

    let clean = offered(&world.ben, world.photo).await.expect("an address");
    let (sent, answer) = left(&world.ben, &clean).await;
    assert!(sent.is_none() && holds(&answer.body, CAPTION) && !holds(&answer.body, SERIAL));
    // What may not be seen is not left to anybody either.
    let whole = clean.replace("/clean-original?", "/original?");
    let refused = world.ben.browser.get(&whole).await;
    assert_eq!((refused.status.as_u16(), refused.header("x-accel-redirect")), (404, ""));
}

#[tokio::test]
async fn size_tag_and_ranges_of_a_clean_original_are_those_of_its_bytes() {
    let world = world().await;
    let clean = offered(&world.ben, world.photo).await.expect("an address");
    let browser = &world.ben.browser;
    let whole = browser.get(&clean).await;
    let size = whole.body.len();
    assert_eq!(whole.header("content-length"), size.to_string());
    let sha256 = hex(digest(&SHA256, &whole.body).as_ref());
    assert_eq!(whole.header("etag"), format!("\"{sha256}\""));
    let stored: (i64, Vec<u8>, i64) = sqlx::query_as("select size_bytes, sha256, crc32 from clean_files")
        .fetch_one(&world.app.db)
        .await
        .unwrap();
    assert_eq!((stored.0, hex(&stored.1)), (i64::try_from(size).unwrap(), sha256));
    assert_eq!(stored.2, i64::from(crc32fast::hash(&whole.body)));

    let ask = |method: Method, name: &'static str, value: String| {
        browser.send(browser.request(method, &clean).header(name, value))
    };
    // Before, across and behind what was written anew, and byte by byte around its beginning.
    let mut ranges = vec![(0, 1), (0, size), (2, 300), (size - 7, size)];
    ranges.extend((15..30).map(|start| (start, start + 1)));
    for (start, end) in ranges {
        let part = ask(Method::GET, "range", format!("bytes={start}-{}", end - 1)).await;
        assert_eq!((part.status.as_u16(), &part.body[..]), (206, &whole.body[start..end]), "{start}");
        assert_eq!(part.header("content-range"), format!("bytes {start}-{}/{size}", end - 1));
    }
    let beyond = ask(Method::GET, "range", format!("bytes={size}-")).await;
    assert_eq!((beyond.status.as_u16(), beyond.header("content-range")), (416, &*format!("bytes */{size}")));
    let head = ask(Method::HEAD, "accept", "image/jpeg".into()).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), size.to_string());
    let known = ask(Method::GET, "if-none-match", whole.header("etag").to_owned()).await;
    assert_eq!(known.status, 304);
}

#[tokio::test]
async fn what_is_not_clean_yet_is_offered_to_owner_and_editors_alone_and_becomes_clean_in_the_background() {
    let world = world().await;
    let clean = offered(&world.ben, world.photo).await.expect("an address");
    // As it is with photos of before, and after a better version came.
    for statement in ["delete from clean_files", "update clean_files set version = 0"] {
        world.app.sql(statement).await;
        let photo = found(&world.ben, world.photo).await;
        assert_eq!(photo["original_url"], Value::Null, "{statement}");
        assert_eq!(photo["original_withheld"]["reason"], "being_prepared");
        assert_eq!(world.ben.browser.get(&clean).await.status, 404);
        assert!(offered(&world.ana, world.photo).await.is_some_and(|own| own.contains("/original?")));
        let _worker = world.app.worker();
        eventually("it is offered", async || offered(&world.ben, world.photo).await.is_some()).await;
    }
    world
        .app
        .sql(
            "update clean_files set plan = null, size_bytes = null, sha256 = null, crc32 = null,
                reason = 'unknown_format', detail = 'Nobody knows.'",
        )
        .await;
    let photo = found(&world.ben, world.photo).await;
    assert_eq!(photo["original_withheld"], json!({ "reason": "unknown_format", "detail": "Nobody knows." }));
    assert_eq!(world.ben.browser.get(&clean).await.status, 404);
    assert_eq!(found(&world.ana, world.photo).await["original_withheld"], Value::Null);
}

#[tokio::test]
async fn an_editor_who_becomes_less_gets_less_by_the_same_address() {
    let world = world().await;
    world.app.sql("update gallery_permissions set permission_level = 'edit'").await;
    let whole = offered(&world.ben, world.photo).await.expect("an address");
    assert_eq!(world.ben.browser.get(&whole).await.body, telling_jpeg());
    world.app.sql("update gallery_permissions set permission_level = 'copy'").await;
    assert_eq!(world.ben.browser.get(&whole).await.status, 404);
    let clean = offered(&world.ben, world.photo).await.expect("an address");
    assert_eq!(world.ben.browser.get(&clean).await.status, 200);
    world.app.sql("update gallery_permissions set permission_level = 'view'").await;
    assert_eq!(world.ben.browser.get(&clean).await.status, 404);
    let photo = found(&world.ben, world.photo).await;
    assert_eq!((&photo["original_url"], &photo["original_withheld"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_copy_of_somebody_elses_photo_shows_no_more_than_they_gave() {
    let world = world().await;
    let own = world.ben.gallery("Friends").await;
    let body = json!({ "photo_ids": [world.photo], "action": "copy", "gallery_id": own });
    let outcome = world.ben.browser.post_json("/api/photos/batch", &body).await.json::<Value>();
    let copy = outcome["done"][0].as_i64().expect("a copy");
    let _worker = world.app.worker();
    world.ben.all_done().await;
    let address = offered(&world.ben, copy).await.expect("an address");
    assert!(address.contains("/clean-original?"), "{address}");
    assert!(!holds(&world.ben.browser.get(&address).await.body, SERIAL));
    // What was uploaded by its owner is whole, in the same list.
    let mine = world.ben.photo(Some(own), "mine.jpg", telling_jpeg()).await;
    let address = offered(&world.ben, mine).await.expect("an address");
    assert!(holds(&world.ben.browser.get(&address).await.body, SERIAL));
}
