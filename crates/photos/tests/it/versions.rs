//! The same photo again, and a new version of one.

use serde_json::{Value, json};
use test_support::reqwest::{
    Method,
    multipart::{Form, Part},
};

use crate::harness::{Person, TestApp, jpeg};

fn version(name: &str, bytes: Vec<u8>) -> Form {
    Form::new().part("photos", Part::bytes(bytes).file_name(name.to_owned()))
}

async fn photo(person: &Person, id: i64) -> Value {
    person.browser.get_json(&format!("/api/photos/{id}")).await.json()
}

/// Originals are one folder below the root, renditions deeper.
fn originals(app: &TestApp) -> usize {
    app.stored_files().iter().filter(|file| file.matches('/').count() == 1).count()
}

#[tokio::test]
async fn a_new_version_takes_the_place_of_the_photo_and_the_old_file_goes() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let _worker = app.worker();
    let id = ana.photo(Some(gallery), "kiss.jpg", jpeg(1, 900, 600)).await;
    ana.all_done().await;
    let details = json!({ "title": "The kiss", "rating": 4.5 });
    ana.browser.json(Method::PATCH, &format!("/api/photos/{id}"), &details).await;
    let before = photo(&ana, id).await;
    let answer =
        ana.browser.upload(&format!("/api/photos/{id}/replace"), version("new.jpg", jpeg(2, 600, 800))).await;
    assert_eq!((answer.status.as_u16(), answer.json::<Value>()["status"].clone()), (202, json!("pending")));
    ana.all_done().await;
    let after = photo(&ana, id).await;
    for same in ["id", "title", "rating", "gallery_id", "filename", "section_id"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_eq!(
        (&after["width"], &after["height"], &after["status"]),
        (&json!(600), &json!(800), &json!("ready"))
    );
    let bytes = ana.browser.get(after["original_url"].as_str().unwrap()).await.body;
    assert_eq!(bytes, jpeg(2, 600, 800));
    app.sql("update pending_files set created_at = now() - interval '2 days'").await;
    app.sweep().await;
    assert_eq!(originals(&app), 1, "{:?}", app.stored_files());
    let named: i64 = sqlx::query_scalar("select count(*) from renditions").fetch_one(&app.db).await.unwrap();
    assert_eq!(app.stored_files().len(), 1 + usize::try_from(named).unwrap(), "{:?}", app.stored_files());
}

#[tokio::test]
async fn a_replaced_photo_is_shown_as_it_was_until_its_new_pictures_are_made() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let worker = app.worker();
    let id = ana.photo(Some(gallery), "kiss.jpg", jpeg(1, 900, 600)).await;
    ana.all_done().await;
    drop(worker);
    let (_, link) = ana.share(gallery, "full").await;
    let client = app.browser();
    let shown = async || client.get_json(&format!("/api{link}")).await.json::<Value>()["items"][0].clone();
    let (before, own) = (shown().await, photo(&ana, id).await);
    let picture = before["renditions"]["preview"]["url"].as_str().unwrap().to_owned();
    ana.browser.upload(&format!("/api/photos/{id}/replace"), version("new.jpg", jpeg(2, 600, 800))).await;

    assert_eq!(shown().await["renditions"], before["renditions"], "clients look at it right now");
    assert_eq!(client.get(&picture).await.status, 200);
    assert_eq!(client.get(&format!("{link}/photos/{id}")).await.status, 200);
    let waiting = photo(&ana, id).await;
    assert_eq!((&waiting["status"], &waiting["width"]), (&json!("pending"), &json!(900)));
    assert_ne!(waiting["original_url"], own["original_url"], "the file is another one");
    let original = ana.browser.get(waiting["original_url"].as_str().unwrap()).await;
    assert_eq!(original.body, jpeg(2, 600, 800));
    let page = ana.browser.get(&format!("/gallery/{gallery}")).await;
    let tile = page.select(&format!("#photo-{id}[data-status=pending]"));
    assert!(tile[0].contains("New version on its way"), "{tile:?}");
    assert_eq!(page.attributes(&format!("#photo-{id} img"), "src").len(), 1);
    assert!(ana.browser.get(&format!("/photos/{id}")).await.text().contains("This is the version before."));
    for pending in ["status=pending", "filter=pending", "filter=pending&q=kiss"] {
        let listed = ana.browser.get_json(&format!("/api/photos?{pending}")).await.json::<Value>();
        assert_eq!(listed["items"][0]["id"], id, "{pending}");
    }
    let copied = json!({ "photo_ids": [id], "action": "copy", "gallery_id": gallery });
    let copy = ana.browser.post_json("/api/photos/batch", &copied).await.json::<Value>()["done"][0].clone();
    let copy = photo(&ana, copy.as_i64().unwrap()).await;
    assert_eq!(copy["renditions"]["preview"], Value::Null, "a copy is of the new version alone");

    let _worker = app.worker();
    ana.all_done().await;
    let after = shown().await;
    assert_eq!((&after["width"], &after["height"]), (&json!(600), &json!(800)));
    assert_ne!(after["renditions"]["preview"]["url"], picture, "no browser shows what it had");
    assert!(!ana.browser.get(&format!("/gallery/{gallery}")).await.text().contains("New version on its way"));
}

#[tokio::test]
async fn a_new_version_of_which_no_picture_comes_fails_and_shows_nothing_of_the_one_before() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let _worker = app.worker();
    let id = ana.photo(Some(gallery), "kiss.jpg", jpeg(1, 900, 600)).await;
    ana.all_done().await;
    let (_, link) = ana.share(gallery, "full").await;
    let mut broken = jpeg(2, 800, 600);
    broken.truncate(700);
    ana.browser.upload(&format!("/api/photos/{id}/replace"), version("new.jpg", broken)).await;
    let photos = ana.all_done().await;
    assert_eq!((&photos[0]["status"], &photos[0]["renditions"]["preview"]), (&json!("failed"), &Value::Null));
    let shown = app.browser().get_json(&format!("/api{link}")).await.json::<Value>();
    assert_eq!(shown["items"], json!([]));
    app.sql("update pending_files set created_at = now() - interval '2 days'").await;
    app.sweep().await;
    assert_eq!(app.stored_files().len(), 1, "the file that failed is kept: {:?}", app.stored_files());
}

#[tokio::test]
async fn a_file_that_another_photo_is_on_stays_when_one_is_replaced() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (first, second) = (ana.gallery("First").await, ana.gallery("Second").await);
    let id = ana.photo(Some(first), "kiss.jpg", jpeg(1, 60, 40)).await;
    let copied = json!({ "photo_ids": [id], "action": "copy", "gallery_id": second });
    let copy = ana.browser.post_json("/api/photos/batch", &copied).await.json::<Value>()["done"][0]
        .as_i64()
        .unwrap();
    ana.browser.upload(&format!("/api/photos/{id}/replace"), version("new.jpg", jpeg(2, 60, 40))).await;
    app.sql("update pending_files set created_at = now() - interval '2 days'").await;
    app.sweep().await;
    assert_eq!(originals(&app), 2);
    let kept = photo(&ana, copy).await;
    assert_eq!(ana.browser.get(kept["original_url"].as_str().unwrap()).await.body, jpeg(1, 60, 40));
}

#[tokio::test]
async fn what_is_locked_or_no_picture_is_not_replaced() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.photographer("ana").await, app.photographer("ben").await);
    let id = ana.photo(None, "kiss.jpg", jpeg(1, 60, 40)).await;
    let path = format!("/api/photos/{id}/replace");
    assert_eq!(ben.browser.upload(&path, version("x.jpg", jpeg(2, 60, 40))).await.status, 404);
    let words = ana.browser.upload(&path, version("x.jpg", b"These are words.".to_vec())).await;
    assert_eq!(words.status, 422);
    assert_eq!(words.json::<Value>()["refused"][0]["reason"], "not_an_image");
    assert_eq!(ana.browser.upload(&path, Form::new().text("other", "x")).await.status, 422);
    ana.browser.json(Method::PATCH, &format!("/api/photos/{id}"), &json!({ "locked": true })).await;
    assert_eq!(ana.browser.upload(&path, version("x.jpg", jpeg(2, 60, 40))).await.status, 409);
    let shown = photo(&ana, id).await;
    assert_eq!(ana.browser.get(shown["original_url"].as_str().unwrap()).await.body, jpeg(1, 60, 40));
    assert_eq!(originals(&app), 1);
}

#[tokio::test]
async fn the_form_replaces_a_photo_without_a_script() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let id = ana.photo(None, "kiss.jpg", jpeg(1, 60, 40)).await;
    let path = format!("/photos/{id}/replace");
    let page = ana.browser.get(&path).await;
    let token = page.attributes("form[enctype] input[name=csrf_token]", "value").pop().unwrap();
    let form = Form::new()
        .text("csrf_token", token.clone())
        .part("photos", Part::bytes(jpeg(2, 90, 60)).file_name("new.png"));
    let answer = ana
        .browser
        .send(
            ana.browser.request(Method::POST, &path).header("sec-fetch-site", "same-origin").multipart(form),
        )
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, format!("{}/photos", app.url)),
        "{}",
        answer.text()
    );
    let shown = photo(&ana, id).await;
    assert_eq!((&shown["width"], &shown["filename"]), (&json!(90), &json!("kiss.png")));
    let wrong = Form::new()
        .text("csrf_token", token)
        .part("photos", Part::bytes(b"words".to_vec()).file_name("x.jpg"));
    let answer = ana
        .browser
        .send(
            ana.browser.request(Method::POST, &path).header("sec-fetch-site", "same-origin").multipart(wrong),
        )
        .await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.select("#error-photos").len(), 1, "{}", answer.text());
}

#[tokio::test]
async fn the_same_content_is_recognised_said_so_and_stored_once() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let first = ana.photo(Some(gallery), "kiss.jpg", jpeg(1, 60, 40)).await;
    let again = ana.upload(Some(gallery), &[("kiss.jpg", jpeg(1, 60, 40))]).await.json::<Value>();
    assert_eq!(again["photos"][0]["id"], first, "within an hour it is a retry");
    assert_eq!(again["photos"][0].get("duplicate_of"), None);
    let elsewhere = ana
        .upload(None, &[("copy of kiss.jpg", jpeg(1, 60, 40)), ("other.jpg", jpeg(2, 60, 40))])
        .await
        .json::<Value>();
    let twin = &elsewhere["photos"][0];
    assert_eq!((&twin["duplicate_of"], &twin["duplicate_in"]), (&json!(first), &json!("Wedding")));
    assert_ne!(twin["id"], first, "both are kept");
    assert_eq!(elsewhere["photos"][1].get("duplicate_of"), None);
    app.sql("update photo set upload_date = upload_date - interval '2 hours'").await;
    let later = ana.upload(Some(gallery), &[("kiss.jpg", jpeg(1, 60, 40))]).await.json::<Value>();
    assert_eq!(later["photos"][0]["duplicate_of"], first);
    assert_eq!(originals(&app), 2, "three photos of one content are on one file: {:?}", app.stored_files());
    let pending: i64 =
        sqlx::query_scalar("select count(*) from pending_files").fetch_one(&app.db).await.unwrap();
    assert_eq!(pending, 0);
    let ben = app.photographer("ben").await;
    let own = ben.upload(None, &[("kiss.jpg", jpeg(1, 60, 40))]).await.json::<Value>();
    assert_eq!(own["photos"][0].get("duplicate_of"), None, "others' photos are nobody's business");
}

#[tokio::test]
async fn a_photo_in_the_trash_is_no_retry_and_no_duplicate() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let first = ana.photo(None, "kiss.jpg", jpeg(1, 60, 40)).await;
    ana.browser.delete(&format!("/api/photos/{first}")).await;
    let again = ana.upload(None, &[("kiss.jpg", jpeg(1, 60, 40))]).await.json::<Value>();
    assert_ne!(again["photos"][0]["id"], first);
    assert_eq!(again["photos"][0].get("duplicate_of"), None);
}
