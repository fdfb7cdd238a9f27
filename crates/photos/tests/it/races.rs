//! Two deeds at the same moment: whoever comes second meets what the first one did.

use std::{fs, time::Duration};

use actix_web::web::Data;
use futures_util::StreamExt;
use photos::{
    app::App,
    downloads::{
        Form, limits,
        plan::Item,
        store::{self, Source},
        stream,
    },
    galleries::GalleryId,
    media::sending::Asked,
    photos::PhotoId,
    shares::{self, ShareLinkId},
    trash::store as trash,
};
use serde_json::{Value, json};
use test_support::{Answer, reqwest::Method};

use crate::harness::{Person, TestApp, jpeg};

fn small(id: i64) -> i32 {
    i32::try_from(id).unwrap()
}

/// A photo in a gallery, and a copy of it in another.
async fn copied(app: &TestApp, ana: &Person) -> (i64, i64, i64) {
    let _worker = app.worker();
    let (gallery, other) = (ana.gallery("Wedding").await, ana.gallery("Best of").await);
    let photo = ana.photo(Some(gallery), "1.jpg", jpeg(1, 60, 40)).await;
    ana.all_done().await;
    assert_eq!(copy(ana, photo, other).await.status, 200);
    (gallery, photo, other)
}

async fn copy(ana: &Person, photo: i64, gallery: i64) -> Answer {
    let body = json!({ "photo_ids": [photo], "action": "copy", "gallery_id": gallery });
    ana.browser.post_json("/api/photos/batch", &body).await
}

/// What somebody is answered who asks while the other transaction runs, which ends a moment later.
async fn meanwhile(
    other: sqlx::Transaction<'_, sqlx::Postgres>,
    asked: impl Future<Output = Answer>,
) -> Answer {
    let end = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        other.commit().await.unwrap();
    };
    tokio::join!(asked, end).0
}

#[tokio::test]
async fn a_photo_that_is_just_removed_for_good_is_not_copied_without_its_pictures() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (_, photo, other) = copied(&app, &ana).await;
    let mut removing = app.db.begin().await.unwrap();
    trash::purge_photos(&mut removing, &[PhotoId(small(photo))]).await.unwrap();
    let answer = meanwhile(removing, copy(&ana, photo, other)).await;
    assert_eq!((answer.status.as_u16(), answer.json::<Value>()["done"].clone()), (200, json!([])));
    let bare =
        "select count(*) from photo where not exists (select from renditions where photo_id = photo.id)";
    assert_eq!(sqlx::query_scalar::<_, i64>(bare).fetch_one(&app.db).await.unwrap(), 0);
}

#[tokio::test]
async fn nothing_is_copied_or_moved_into_a_gallery_that_is_just_deleted() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (_, photo, other) = copied(&app, &ana).await;
    for action in ["copy", "move"] {
        let mut deleting = app.db.begin().await.unwrap();
        assert!(trash::update_gallery_deleted(&mut deleting, GalleryId(small(other))).await.unwrap());
        trash::update_members_deleted(&mut deleting, GalleryId(small(other))).await.unwrap();
        let body = json!({ "photo_ids": [photo], "action": action, "gallery_id": other });
        let answer = meanwhile(deleting, ana.browser.post_json("/api/photos/batch", &body)).await;
        assert_eq!(answer.status, 404, "{action}: {}", answer.text());
        let back = format!("/api/galleries/{other}/restore");
        assert_eq!(ana.browser.json(Method::POST, &back, &json!({})).await.status, 204);
    }
    let there: i64 = sqlx::query_scalar("select count(*) from photo").fetch_one(&app.db).await.unwrap();
    assert_eq!(there, 2);
}

#[tokio::test]
async fn a_gallery_whose_removal_is_just_decided_is_not_brought_back_in_part() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (gallery, photo, _) = copied(&app, &ana).await;
    assert_eq!(ana.browser.delete(&format!("/api/galleries/{gallery}")).await.status, 204);
    let mut deciding = app.db.begin().await.unwrap();
    assert!(trash::update_gallery_purged(&mut *deciding, GalleryId(small(gallery))).await.unwrap());
    let back = format!("/api/galleries/{gallery}/restore");
    let answer = meanwhile(deciding, ana.browser.json(Method::POST, &back, &json!({}))).await;
    assert_eq!(answer.status, 404, "{}", answer.text());
    assert_eq!(ana.browser.get_json(&format!("/api/photos/{photo}")).await.status, 404);
}

#[tokio::test]
async fn a_link_that_is_closed_between_its_door_and_the_count_gives_nothing() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (gallery, photo, _) = copied(&app, &ana).await;
    let (id, _) = ana.share(gallery, "full").await;
    let link = shares::store::find(&app.db, ShareLinkId(small(id))).await.unwrap().unwrap();
    let data: Data<App> = Data::from(app.shared());
    let take = async || limits::take(&data, &link, &[small(photo)], &Asked::Whole).await;
    assert!(take().await.is_ok());
    assert_eq!(ana.browser.delete(&format!("/api/shares/{id}")).await.status, 204);
    assert!(matches!(take().await, Err(common::Error::Gone(_))));
}

#[tokio::test]
async fn what_changes_after_a_download_was_planned_breaks_it_off() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (_, photo, _) = copied(&app, &ana).await;
    let photo = PhotoId(small(photo));
    let source = store::list_sources(&app.db, Form::Stored, &[photo]).await.unwrap().pop().unwrap();
    let size = source.stored_size;
    let data: Data<App> = Data::from(app.shared());
    let send = async |source: &Source, sha256: [u8; 32]| {
        let item = Item { photo, form: Form::Stored, sha256 };
        stream::photo(data.clone(), item, Some(source), 0..size, size).await
    };
    let sha256: [u8; 32] = source.sha256.clone().try_into().unwrap();
    assert!(send(&source, [0; 32]).await.is_err(), "another file than was promised");
    let told = "select count(*) from download_failures";
    let told = async || sqlx::query_scalar::<_, i64>(told).fetch_one(&app.db).await.unwrap();
    assert_eq!(told().await, 0, "that is nobody's fault");
    let whole: Vec<_> = send(&source, sha256).await.unwrap().collect().await;
    assert!(whole.iter().all(Result::is_ok));

    // Opened in good faith, and shorter when it is read: longer than what is read ahead.
    let size = 4 << 20;
    let file = fs::OpenOptions::new().write(true).open(app.storage.join(&source.key)).unwrap();
    file.set_len(size).unwrap();
    let source = Source { stored_size: size, ..source };
    let item = Item { photo, form: Form::Stored, sha256 };
    let begun = stream::photo(data.clone(), item, Some(&source), 0..size, size).await.unwrap();
    file.set_len(size / 2).unwrap();
    let parts: Vec<_> = begun.collect().await;
    assert!(parts.last().unwrap().is_err(), "the end is missing");
    assert_eq!(told().await, 1, "its owner hears of it");
}

#[tokio::test]
async fn a_selection_says_what_is_not_here_any_more() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (gallery, photo, _) = copied(&app, &ana).await;
    let kept = ana.photo(Some(gallery), "2.jpg", jpeg(2, 60, 40)).await;
    let chosen = json!({ "photo_ids": [photo, kept] });
    let path = format!("/gallery/{gallery}/selections");
    let (status, made) = crate::download_limits::select(&ana.browser, &path, &chosen).await;
    assert_eq!(status, 201, "{made}");
    ana.browser.delete(&format!("/api/photos/{photo}")).await;
    let archive = ana.browser.get(made["url"].as_str().unwrap()).await;
    let (name, manifest) = crate::downloads::entries(&archive.body).pop().unwrap();
    let manifest = String::from_utf8(manifest).unwrap();
    assert_eq!(name, "manifest.txt");
    assert!(manifest.contains("# Not included: 1 photo is not here any more."), "{manifest}");
}
