//! The trash: a slip is no loss, and what is gone for good leaves no file behind.

use std::time::Duration;

use photos::trash;
use serde_json::{Value, json};
use test_support::reqwest::Method;

use crate::harness::{Person, TestApp, jpeg};

async fn gallery_with_photos(ana: &Person) -> (i64, [i64; 2]) {
    let gallery = ana.gallery("Wedding").await;
    let one = ana.photo(Some(gallery), "1.jpg", jpeg(1, 60, 40)).await;
    let two = ana.photo(Some(gallery), "2.jpg", jpeg(2, 60, 40)).await;
    ana.all_done().await;
    (gallery, [one, two])
}

async fn deleted(person: &Person, path: &str) -> u16 {
    person.browser.delete(path).await.status.as_u16()
}

#[tokio::test]
async fn a_deleted_gallery_is_gone_for_everybody_until_it_is_brought_back() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let (gallery, [one, _]) = gallery_with_photos(&ana).await;
    let (_, link) = ana.share(gallery, "full").await;
    let client = app.browser();
    let shown = client.get_json(&format!("/api{link}")).await.json::<Value>();
    let picture = shown["items"][0]["renditions"]["preview"]["url"].as_str().unwrap().to_owned();
    assert_eq!(client.get(&picture).await.status, 200);

    assert_eq!(deleted(&ana, &format!("/api/galleries/{gallery}")).await, 204);
    assert_eq!(ana.browser.get_json(&format!("/api/galleries/{gallery}")).await.status, 404);
    assert_eq!(ana.browser.get_json(&format!("/api/photos/{one}")).await.status, 404);
    assert_eq!(client.get(&picture).await.status, 404, "an address that was given out before");
    assert_eq!(client.get(&link).await.status, 410);
    assert!(ana.all_done().await.is_empty());
    let trash = ana.browser.get_json("/api/trash").await.json::<Value>();
    assert_eq!(
        (trash["galleries"][0]["photos"].as_i64(), trash["items"].as_array().map(Vec::len)),
        (Some(2), Some(0))
    );
    let page = ana.browser.get("/trash").await;
    let thumbnail = page.attributes(".trash-picture img", "src").pop().expect("a picture to know it by");
    assert_eq!(ana.browser.get(&thumbnail).await.status, 200);
    assert_eq!(client.get(&thumbnail).await.status, 404);

    let back = format!("/api/galleries/{gallery}/restore");
    assert_eq!(ana.browser.json(Method::POST, &back, &json!({})).await.status, 204);
    assert_eq!(client.get(&picture).await.status, 200);
    assert_eq!(client.get(&link).await.status, 200);
    assert_eq!(ana.all_done().await.len(), 2);
}

#[tokio::test]
async fn others_neither_delete_nor_bring_back_nor_purge() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let ben = app.photographer("ben").await;
    let gallery = ana.gallery("Wedding").await;
    let photo = ana.photo(Some(gallery), "1.jpg", jpeg(1, 60, 40)).await;
    assert_eq!(deleted(&ben, &format!("/api/galleries/{gallery}")).await, 404);
    assert_eq!(deleted(&ben, &format!("/api/photos/{photo}")).await, 404);
    assert_eq!(deleted(&ana, &format!("/api/galleries/{gallery}")).await, 204);
    let back = format!("/api/galleries/{gallery}/restore");
    assert_eq!(ben.browser.json(Method::POST, &back, &json!({})).await.status, 404);
    assert_eq!(deleted(&ben, &format!("/api/trash/galleries/{gallery}")).await, 404);
    assert_eq!(deleted(&ben, &format!("/api/trash/photos/{photo}")).await, 404);
    let back = format!("/api/photos/{photo}/restore");
    assert_eq!(ben.browser.json(Method::POST, &back, &json!({})).await.status, 404);
}

#[tokio::test]
async fn an_editor_takes_photos_out_but_does_not_delete_them() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let ben = app.photographer("ben").await;
    let gallery = ana.gallery("Wedding").await;
    let photo = ana.photo(Some(gallery), "1.jpg", jpeg(1, 60, 40)).await;
    app.sql(
        "insert into gallery_permissions (gallery_id, user_id, permission_level)
             select gallery.id, users.id, 'edit' from gallery, users where users.username = 'ben'",
    )
    .await;
    assert_eq!(deleted(&ben, &format!("/api/photos/{photo}")).await, 403);
    assert_eq!(deleted(&ben, &format!("/api/galleries/{gallery}")).await, 403);
}

#[tokio::test]
async fn a_locked_photo_keeps_its_gallery_from_being_deleted() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let photo = ana.photo(Some(gallery), "1.jpg", jpeg(1, 60, 40)).await;
    app.sql("update photo set locked = true").await;
    assert_eq!(deleted(&ana, &format!("/api/galleries/{gallery}")).await, 409);
    assert_eq!(deleted(&ana, &format!("/api/photos/{photo}")).await, 409);
    assert_eq!(
        ana.browser.get_json(&format!("/api/galleries/{gallery}")).await.status,
        200,
        "nothing was half done"
    );
}

#[tokio::test]
async fn a_photo_comes_back_to_its_gallery_or_to_the_library_if_that_is_gone() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let one = ana.photo(Some(gallery), "1.jpg", jpeg(1, 60, 40)).await;
    let two = ana.photo(Some(gallery), "2.jpg", jpeg(2, 60, 40)).await;
    for photo in [one, two] {
        assert_eq!(deleted(&ana, &format!("/api/photos/{photo}")).await, 204);
    }
    let restore = async |photo: i64| {
        let path = format!("/api/photos/{photo}/restore");
        assert_eq!(ana.browser.json(Method::POST, &path, &json!({})).await.status, 204);
        ana.browser.get_json(&format!("/api/photos/{photo}")).await.json::<Value>()["gallery_id"].clone()
    };
    assert_eq!(restore(one).await, json!(gallery));
    assert_eq!(deleted(&ana, &format!("/api/galleries/{gallery}")).await, 204);
    assert_eq!(restore(two).await, Value::Null);
}

#[tokio::test]
async fn what_is_purged_leaves_neither_rows_nor_files() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let (gallery, [one, _]) = gallery_with_photos(&ana).await;
    let elsewhere = ana.gallery("Best of").await;
    let copied = json!({ "photo_ids": [one], "action": "copy", "gallery_id": elsewhere });
    let copied = ana.browser.post_json("/api/photos/batch", &copied).await.json::<Value>();
    let copy = copied["done"][0].as_i64().expect("a copy");
    let shown = ana.browser.get_json(&format!("/api/photos/{copy}")).await.json::<Value>();
    assert_eq!(shown["status"], "ready", "the pictures of a copy are there at once");
    let picture = shown["renditions"]["preview"]["url"].as_str().unwrap().to_owned();

    assert_eq!(deleted(&ana, &format!("/api/galleries/{gallery}")).await, 204);
    assert_eq!(deleted(&ana, &format!("/api/trash/galleries/{gallery}")).await, 204);
    app.sweep().await;
    assert_eq!(ana.browser.get(&picture).await.status, 200, "the copy keeps what it stands on");
    assert_eq!(app.stored_files().len(), 7, "one original with its six renditions");
    let left: i64 = sqlx::query_scalar("select count(*) from photo").fetch_one(&app.db).await.unwrap();
    assert_eq!(left, 1);
    let galleries: i64 = sqlx::query_scalar("select count(*) from gallery").fetch_one(&app.db).await.unwrap();
    assert_eq!(galleries, 1, "“Best of”");

    assert_eq!(deleted(&ana, &format!("/api/photos/{copy}")).await, 204);
    assert_eq!(deleted(&ana, &format!("/api/trash/photos/{copy}")).await, 204);
    app.sweep().await;
    assert_eq!(app.stored_files(), Vec::<String>::new());
    for table in ["files", "renditions", "pending_files", "photo_locations"] {
        let rows = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(format!("select count(*) from {table}")));
        assert_eq!(rows.fetch_one(&app.db).await.unwrap(), 0, "{table}");
    }
}

#[tokio::test]
async fn what_is_being_removed_for_good_is_out_of_the_trash_and_goes_on_by_itself() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let photo = ana.photo(Some(gallery), "1.jpg", jpeg(1, 60, 40)).await;
    assert_eq!(deleted(&ana, &format!("/api/galleries/{gallery}")).await, 204);
    assert_eq!(deleted(&ana, &format!("/api/photos/{photo}")).await, 404, "it is in the trash already");
    // As a service leaves it that was killed in between.
    app.sql("update gallery set purged_at = now()").await;
    let trashed = ana.browser.get_json("/api/trash").await.json::<Value>();
    assert_eq!((&trashed["galleries"], &trashed["items"]), (&json!([]), &json!([])));
    let back = format!("/api/galleries/{gallery}/restore");
    assert_eq!(ana.browser.json(Method::POST, &back, &json!({})).await.status, 404);
    assert_eq!(deleted(&ana, &format!("/api/trash/galleries/{gallery}")).await, 404);
    trash::purge_old(&app.db, Duration::from_hours(30 * 24)).await.unwrap();
    let left: i64 =
        sqlx::query_scalar("select (select count(*) from gallery) + (select count(*) from photo)")
            .fetch_one(&app.db)
            .await
            .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_copy_can_be_downloaded_at_once_in_every_size() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let worker = app.worker();
    let (_, [one, _]) = gallery_with_photos(&ana).await;
    drop(worker);
    let elsewhere = ana.gallery("Best of").await;
    let copied = json!({ "photo_ids": [one], "action": "copy", "gallery_id": elsewhere });
    let copied = ana.browser.post_json("/api/photos/batch", &copied).await.json::<Value>();
    for size in ["original", "web"] {
        let path = format!("/photos/{}/download?size={size}", copied["done"][0]);
        assert_eq!(ana.browser.get(&path).await.status, 200, "{size}");
    }
}

#[tokio::test]
async fn only_what_is_old_enough_is_purged_by_itself() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    ana.photo(Some(gallery), "1.jpg", jpeg(1, 60, 40)).await;
    let single = ana.photo(None, "2.jpg", jpeg(2, 60, 40)).await;
    assert_eq!(deleted(&ana, &format!("/api/galleries/{gallery}")).await, 204);
    assert_eq!(deleted(&ana, &format!("/api/photos/{single}")).await, 204);
    let month = Duration::from_hours(30 * 24);
    trash::purge_old(&app.db, month).await.unwrap();
    let trashed = ana.browser.get_json("/api/trash").await.json::<Value>();
    assert_eq!(
        (trashed["galleries"][0]["photos"].as_i64(), &trashed["items"][0]["id"]),
        (Some(1), &json!(single))
    );
    app.sql("update gallery set deleted_at = deleted_at - interval '31 days'").await;
    app.sql("update photo set deleted_at = deleted_at - interval '31 days'").await;
    trash::purge_old(&app.db, month).await.unwrap();
    let trashed = ana.browser.get_json("/api/trash").await.json::<Value>();
    assert_eq!(trashed, json!({ "galleries": [], "items": [], "next": null }));
    let pages: i64 = sqlx::query_scalar("select count(*) from gallery").fetch_one(&app.db).await.unwrap();
    assert_eq!(pages, 0);
}

#[tokio::test]
async fn deleting_and_bringing_back_works_with_forms_alone() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    ana.browser.get(&format!("/gallery/{gallery}/edit")).await;
    let answer = ana.browser.post_form(&format!("/gallery/{gallery}/delete"), &[]).await;
    let page = ana.browser.rest(answer).await;
    assert!(page.text().contains("“Wedding” is in the trash."), "{}", page.text());
    // The way back stands beside the message.
    let undo = page.attributes("form[data-undo]", "action").pop().expect("a way back");
    let answer = ana.browser.post_form(&undo, &[("value", ""), ("return_to", "")]).await;
    let page = ana.browser.rest(answer).await;
    assert_eq!(page.select("h1"), ["Wedding"]);
}
