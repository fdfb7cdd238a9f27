//! Photos in a bucket of a real S3 server: the same as in a folder, from upload to purge, and what happens when it is full,
//! away, or the wrong one.

use std::time::Duration;

use photos::storage::{Storage, place::Place};
use serde_json::{Value, json};
use test_support::{
    Answer, Client,
    reqwest::Method,
    reqwest::multipart::{Form, Part},
};

use crate::{
    downloads::entries,
    harness::{Person, TestApp, jpeg},
    originals::{SERIAL, holds, telling_jpeg},
};

/// More than one part of a file that is written or read.
fn large(seed: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_fn(2000, 1200, |x, y| {
        image::Rgb([seed, u8::try_from(x % 256).unwrap(), u8::try_from(y % 256).unwrap()])
    });
    picture.write_to(&mut bytes, image::ImageFormat::Bmp).unwrap();
    bytes.into_inner()
}

async fn get(client: &Client, url: &str, range: &str) -> Answer {
    client.send(client.request(Method::GET, url).header("range", range)).await
}

async fn found(person: &Person, photo: i64) -> Value {
    person.browser.get_json(&format!("/api/photos/{photo}")).await.json::<Value>()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

#[tokio::test]
async fn in_a_bucket_photos_come_and_go_as_in_a_folder() {
    let app = TestApp::start_in_bucket(&[]).await;
    let server = app.s3.as_ref().unwrap();
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let _worker = app.worker();
    let small = ana.photo(Some(gallery), "small.jpg", telling_jpeg()).await;
    let big = ana.photo(Some(gallery), "big.bmp", large(1)).await;
    assert!(ana.all_done().await.iter().all(|photo| photo["status"] == "ready"));

    // Whole and in part, with no more at once than a part of a file.
    server.asked();
    let original = found(&ana, big).await;
    let original = text(&original, "original_url");
    assert!(ana.browser.get(original).await.body == large(1));
    let reads: Vec<String> = server.asked().into_iter().filter(|line| line.contains(".bmp")).collect();
    assert!(reads.len() > 5 && reads.iter().all(|line| line.contains("bytes=")), "{reads:#?}");
    let part = get(&ana.browser, original, "bytes=1048000-3000000").await;
    assert_eq!(part.status, 206);
    assert!(part.body[..] == large(1)[1_048_000..=3_000_000]);
    let preview = found(&ana, small).await["renditions"]["preview"]["url"].as_str().unwrap().to_owned();
    server.asked();
    assert!(image::load_from_memory(&ana.browser.get(&preview).await.body).is_ok());
    assert_eq!(server.asked().len(), 1, "a small file is one request");

    // An archive, whole and gone on with.
    let archive = format!("/gallery/{gallery}/download.zip");
    let whole = ana.browser.get(&archive).await;
    let contents: Vec<Vec<u8>> = entries(&whole.body).into_iter().map(|(_, bytes)| bytes).collect();
    assert!(contents[0] == telling_jpeg() && contents[1] == large(1));
    let cut = whole.body.len() / 2;
    let rest = get(&ana.browser, &archive, &format!("bytes={cut}-")).await;
    assert_eq!((rest.status.as_u16(), rest.header("etag")), (206, whole.header("etag")));
    assert!(rest.body[..] == whole.body[cut..]);

    // The clean form of an original for somebody else.
    let (_, link) = ana.share(gallery, "full").await;
    let client = app.browser();
    client.get(&link).await;
    let archive = client.get(&format!("{link}/download.zip?size=original")).await;
    assert_eq!(archive.status, 200, "{}", archive.text());
    let (_, clean) = &entries(&archive.body)[0];
    assert!(image::load_from_memory(clean).is_ok() && !holds(clean, SERIAL));

    // A new version, and nothing of what was before.
    let form = Form::new().part("photos", Part::bytes(jpeg(2, 600, 800)).file_name("new.jpg"));
    assert_eq!(ana.browser.upload(&format!("/api/photos/{small}/replace"), form).await.status, 202);
    ana.all_done().await;
    let after = found(&ana, small).await;
    assert!(ana.browser.get(text(&after, "original_url")).await.body == jpeg(2, 600, 800));
    assert_eq!(ana.browser.delete(&format!("/api/photos/{big}")).await.status, 204);
    assert_eq!(ana.browser.delete(&format!("/api/trash/photos/{big}")).await.status, 204);
    app.sql("update pending_files set created_at = 'epoch'").await;
    app.sweep().await;
    let named = "select storage_key from files union all select storage_key from renditions order by 1";
    let named: Vec<String> = sqlx::query_scalar(named).fetch_all(&app.db).await.unwrap();
    let mut stored = app.stored_files();
    stored.sort();
    let mut named = named;
    named.sort();
    assert_eq!(stored, named);
    assert_eq!(named.len(), 7);
}

#[tokio::test]
async fn a_full_bucket_is_told_as_such_loses_nothing_and_is_over_when_there_is_room() {
    let app = TestApp::start_in_bucket(&[]).await;
    let server = app.s3.as_ref().unwrap();
    let ana = app.photographer("ana").await;
    let first = ana.photo(None, "first.jpg", jpeg(1, 60, 40)).await;
    let before = app.stored_files();
    server.fill_up();
    for (name, bytes) in [("small.jpg", jpeg(2, 60, 40)), ("large.bmp", large(3))] {
        let refused = ana.upload(None, &[(name, bytes)]).await;
        assert_eq!(refused.status, 507, "{}", refused.text());
        assert_eq!(refused.json::<Value>()["refused"][0]["reason"], "storage_full");
    }
    assert_eq!(app.stored_files(), before);
    let original = found(&ana, first).await;
    assert!(ana.browser.get(text(&original, "original_url")).await.body == jpeg(1, 60, 40));
    server.come_back();
    ana.photo(None, "large.bmp", large(3)).await;
}

#[tokio::test]
async fn with_the_server_away_people_are_told_so_and_photos_wait_until_it_is_back() {
    let app = TestApp::start_in_bucket(&[]).await;
    let server = app.s3.as_ref().unwrap();
    let ana = app.photographer("ana").await;
    let photo = ana.photo(None, "first.jpg", jpeg(1, 900, 600)).await;
    let original = found(&ana, photo).await;
    let original = text(&original, "original_url");
    server.go_away();
    let answer = ana.browser.get(original).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "5"), "{}", answer.text());
    assert!(answer.text().contains("storage is away"), "{}", answer.text());
    let refused = ana.upload(None, &[("small.jpg", jpeg(2, 60, 40))]).await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    let health = app.browser().get("/health").await;
    let said = health.json::<Value>();
    assert_eq!(
        (health.status.as_u16(), &said["database"], &said["storage"]),
        (503, &json!(true), &json!(false))
    );
    server.come_back();
    let _worker = app.worker();
    assert_eq!(app.browser().get("/health").await.status, 200);
    assert_eq!(ana.all_done().await[0]["status"], "ready");
    assert!(ana.browser.get(original).await.body == jpeg(1, 900, 600));
}

#[tokio::test]
async fn a_file_in_parts_that_nobody_finished_is_thrown_away() {
    let app = TestApp::start_in_bucket(&[]).await;
    let server = app.s3.as_ref().unwrap();
    let storage = app.stored().await;
    for key in ["7/20261122T101112-0123456789abcdef.jpg", "7/of-somebody-else.jpg"] {
        let mut writer = storage.writer(key);
        writer.write(vec![1; 6 << 20].into()).await.unwrap();
        drop(writer);
    }
    assert_eq!(server.unfinished(), 2);
    // All of them were begun at new year.
    storage.remove_unfinished(Duration::from_hours(24 * 365 * 10)).await.unwrap();
    assert_eq!(server.unfinished(), 2);
    storage.remove_unfinished(Duration::from_hours(24)).await.unwrap();
    assert_eq!(server.unfinished(), 1, "what is not ours stays");
}

#[tokio::test]
async fn a_bucket_that_is_not_the_one_of_the_photos_is_refused() {
    let app = TestApp::start_in_bucket(&[]).await;
    let server = app.s3.as_ref().unwrap();
    assert!(app.storage.join(".photos").is_file(), "made and marked at the first start");
    let open = async |bucket: &str, own: &[(&str, &str)], is_new: bool| {
        let own = own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let pairs = server.settings(bucket).into_iter().chain(own);
        let mut settings = common::config::Settings::from_pairs(pairs);
        let place = Place::from_settings(&mut settings);
        Storage::at(&place, is_new).await.map(drop).map_err(|error| format!("{error:#}"))
    };
    let refused = open("others", &[], false).await.unwrap_err();
    assert!(refused.contains("STORAGE_S3_BUCKET others at http://127.0.0.1"), "{refused}");
    assert!(refused.contains("is not the bucket that holds the photos"), "{refused}");
    let refused = open("photos", &[("STORAGE_S3_SECRET_ACCESS_KEY", "wrong")], false).await.unwrap_err();
    assert!(refused.contains("check its endpoint, region and credentials"), "{refused}");
    assert_eq!(open("photos", &[], false).await, Ok(()));

    // Below a prefix is a place of its own.
    let below = [("STORAGE_S3_PREFIX", "second/site")];
    assert!(open("photos", &below, false).await.is_err());
    assert_eq!(open("photos", &below, true).await, Ok(()));
    assert!(app.storage.join("second/site/.photos").is_file());
}

#[tokio::test]
async fn by_setting_the_server_sends_pictures_itself_to_whoever_may_see_them_now() {
    let app = TestApp::start_in_bucket(&[("MEDIA_DELIVERY", "presigned")]).await;
    let server = app.s3.as_ref().unwrap();
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let _worker = app.worker();
    let photo = ana.photo(Some(gallery), "Übung.jpg", telling_jpeg()).await;
    ana.all_done().await;
    let page = ana.browser.get(&format!("/gallery/{gallery}")).await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains(&format!("img-src 'self' {} data:", server.endpoint)), "{policy}");

    let shown = found(&ana, photo).await;
    let sent = ana.browser.get(text(&shown, "original_url")).await;
    assert_eq!((sent.status.as_u16(), sent.header("cache-control")), (307, "private, no-store"));
    let address = sent.header("location").to_owned();
    assert!(address.starts_with(&format!("{}/photos/", server.endpoint)), "{address}");
    assert!(address.contains("response-content-type=image%2Fjpeg"), "{address}");
    assert!(
        address.contains("response-content-disposition=attachment") && address.contains("X-Amz-Expires=300"),
        "{address}"
    );
    // Whoever has the address needs nothing else, for minutes; another key or name is not signed.
    let stranger = Client::new(&server.endpoint);
    assert!(stranger.get(&address).await.body == telling_jpeg());
    assert_eq!(get(&stranger, &address, "bytes=10-19").await.body[..], telling_jpeg()[10..20]);
    assert_eq!(stranger.get(&address.replace("image%2Fjpeg", "text%2Fhtml")).await.status, 403);

    // What decides stays photos: nobody without a session, no head of it elsewhere, no clean original as it is stored.
    assert_eq!(app.browser().get(text(&shown, "original_url")).await.status, 404);
    let head = ana.browser.request(Method::HEAD, text(&shown, "original_url"));
    let head = ana.browser.send(head).await;
    assert_eq!(
        (head.status.as_u16(), head.header("content-length")),
        (200, telling_jpeg().len().to_string().as_str())
    );
    let preview = shown["renditions"]["preview"]["url"].as_str().unwrap();
    assert_eq!(ana.browser.get(preview).await.status, 307);
    app.create_user("ben", common::identity::Role::Photographer).await;
    let ben = app.browser();
    app.sign_in(&ben, "ben").await;
    app.sql(
        "insert into gallery_permissions (gallery_id, user_id, permission_level)
             select gallery.id, users.id, 'copy' from gallery, users where users.username = 'ben'",
    )
    .await;
    let offered = ben.get_json(&format!("/api/photos/{photo}")).await.json::<Value>();
    let clean = ben.get(text(&offered, "original_url")).await;
    assert_eq!(clean.status, 200);
    assert!(!holds(&clean.body, SERIAL));
}
