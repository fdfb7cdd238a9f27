//! Photos in order: details, selections, sections, and an order by name, by time or by hand.

use serde_json::{Value, json};
use test_support::reqwest::Method;

use crate::harness::{Person, TestApp, jpeg};

async fn names(person: &Person, gallery: i64) -> Vec<String> {
    let path = format!("/api/photos?gallery_id={gallery}&limit=2");
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = person.browser.get_json(&format!("{path}{after}")).await.json::<Value>();
        for photo in page["items"].as_array().expect("a list") {
            found.push(photo["filename"].as_str().expect("a name").to_owned());
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return found,
        }
    }
}

async fn put(person: &Person, path: &str, body: Value) -> u16 {
    person.browser.json(Method::PUT, path, &body).await.status.as_u16()
}

#[tokio::test]
async fn a_gallery_is_ordered_by_name_as_people_count_and_by_hand() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let mut ids = Vec::new();
    for (seed, name) in (1..).zip(["img_10.jpg", "IMG_9.jpg", "Cover.jpg", "img_1.jpg", "img_11.jpg"]) {
        ids.push(ana.photo(Some(gallery), name, jpeg(seed, 60, 40)).await);
    }
    let path = format!("/api/galleries/{gallery}");
    assert_eq!(put(&ana, &path, json!({ "order": "name" })).await, 200);
    assert_eq!(
        names(&ana, gallery).await,
        ["Cover.jpg", "img_1.jpg", "IMG_9.jpg", "img_10.jpg", "img_11.jpg"]
    );

    // From here on by hand, beginning with the order that was there.
    let place = format!("/api/galleries/{gallery}/order");
    assert_eq!(put(&ana, &place, json!({ "photo_ids": [ids[4], ids[3]], "before": ids[2] })).await, 204);
    assert_eq!(
        names(&ana, gallery).await,
        ["img_11.jpg", "img_1.jpg", "Cover.jpg", "IMG_9.jpg", "img_10.jpg"]
    );
    assert_eq!(put(&ana, &place, json!({ "photo_ids": [ids[4]] })).await, 204);
    ana.photo(Some(gallery), "a-new-one.jpg", jpeg(9, 60, 40)).await;
    assert_eq!(
        names(&ana, gallery).await,
        ["img_1.jpg", "Cover.jpg", "IMG_9.jpg", "img_10.jpg", "img_11.jpg", "a-new-one.jpg"]
    );
    assert_eq!(put(&ana, &place, json!({ "photo_ids": [ids[0]], "before": 999_999 })).await, 422);
    assert_eq!(put(&ana, &place, json!({ "photo_ids": [ids[0]], "before": ids[0] })).await, 422);
}

#[tokio::test]
async fn a_list_that_was_begun_goes_on_in_its_own_order() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    for (seed, name) in (1..).zip(["c.jpg", "b.jpg", "a.jpg"]) {
        ana.photo(Some(gallery), name, jpeg(seed, 60, 40)).await;
    }
    let path = format!("/api/photos?gallery_id={gallery}&limit=2");
    let first = ana.browser.get_json(&path).await.json::<Value>();
    assert_eq!(put(&ana, &format!("/api/galleries/{gallery}"), json!({ "order": "name" })).await, 200);
    let next = format!("{path}&after={}", first["next"].as_str().expect("a next page"));
    let rest = ana.browser.get_json(&next).await.json::<Value>();
    assert_eq!(rest["items"][0]["filename"], "a.jpg");
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn details_are_changed_checked_and_kept_from_change_by_a_lock() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let photo = ana.photo(None, "1.jpg", jpeg(1, 60, 40)).await;
    let path = format!("/api/photos/{photo}");
    let change = async |body: Value| ana.browser.json(Method::PATCH, &path, &body).await;
    let answer = change(json!({ "title": "The kiss", "rating": 4.5 })).await;
    let body = answer.json::<Value>();
    assert_eq!(
        (&body["title"], &body["rating"], &body["description"]),
        (&json!("The kiss"), &json!(4.5), &Value::Null)
    );
    let wrong = change(json!({ "rating": 7, "title": "x".repeat(300) })).await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.json::<Value>()["errors"]["rating"].is_string()
            && wrong.json::<Value>()["errors"]["title"].is_string()
    );
    assert_eq!(change(json!({ "locked": true })).await.status, 200);
    assert_eq!(change(json!({ "title": "" })).await.status, 409);
    assert_eq!(change(json!({ "locked": false, "title": "" })).await.status, 200);
    assert_eq!(ana.browser.get_json(&path).await.json::<Value>()["title"], Value::Null);
}

#[tokio::test]
async fn the_page_of_a_photo_leads_to_its_neighbours_in_the_gallery() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let mut photos = Vec::new();
    for (seed, name) in (1..).zip(["a.jpg", "b.jpg", "c.jpg", "d.jpg"]) {
        photos.push(ana.photo(Some(gallery), name, jpeg(seed, 60, 40)).await);
    }
    app.sql("update photo set status = 'ready', archived = filename = 'b.jpg'").await;
    assert_eq!(put(&ana, &format!("/api/galleries/{gallery}"), json!({ "order": "name" })).await, 200);
    let ways = async |photo: i64| {
        let page = ana.browser.get(&format!("/photos/{photo}")).await;
        page.attributes("[data-way]", "href")
    };
    let to = |photo: usize| format!("/photos/{}", photos[photo]);
    assert_eq!(ways(photos[0]).await, [to(2)], "what is archived is passed over");
    assert_eq!(ways(photos[2]).await, [to(0), to(3)]);
    assert_eq!(ways(photos[3]).await, [to(2)]);
    assert!(ways(photos[1]).await.is_empty(), "it stands nowhere in what clients see");
}

#[tokio::test]
async fn a_deed_is_done_to_those_photos_it_may_be_done_to() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let ben = app.photographer("ben").await;
    let mine = ana.photo(None, "1.jpg", jpeg(1, 60, 40)).await;
    let locked = ana.photo(None, "2.jpg", jpeg(2, 60, 40)).await;
    let foreign = ben.photo(None, "3.jpg", jpeg(3, 60, 40)).await;
    let lock = json!({ "photo_ids": [locked], "action": "lock" });
    assert_eq!(
        ana.browser.post_json("/api/photos/batch", &lock).await.json::<Value>()["done"],
        json!([locked])
    );
    let body = json!({ "photo_ids": [mine, locked, foreign, 999_999], "action": "delete" });
    let outcome = ana.browser.post_json("/api/photos/batch", &body).await.json::<Value>();
    assert_eq!(outcome["done"], json!([mine]));
    let skipped = json!([
        { "id": locked, "reason": "locked" },
        { "id": foreign, "reason": "not_found" },
        { "id": 999_999, "reason": "not_found" },
    ]);
    assert_eq!(outcome["skipped"], skipped);
    assert_eq!(ben.browser.get_json(&format!("/api/photos/{foreign}")).await.status, 200);
}

#[tokio::test]
async fn nothing_moves_or_is_copied_into_a_gallery_of_somebody_else() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let ben = app.photographer("ben").await;
    let gallery = ben.gallery("Ben's").await;
    let photo = ana.photo(None, "1.jpg", jpeg(1, 60, 40)).await;
    for action in ["move", "copy"] {
        let body = json!({ "photo_ids": [photo], "action": action, "gallery_id": gallery });
        assert_eq!(ana.browser.post_json("/api/photos/batch", &body).await.status, 404, "{action}");
        let body = json!({ "photo_ids": [photo], "action": action, "gallery_id": gallery });
        let outcome = ben.browser.post_json("/api/photos/batch", &body).await.json::<Value>();
        assert_eq!(outcome["skipped"][0]["reason"], "not_found", "{action}");
    }
}

#[tokio::test]
async fn who_may_copy_takes_a_photo_into_a_gallery_of_their_own() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let ben = app.photographer("ben").await;
    let gallery = ana.gallery("Wedding").await;
    let photo = ana.photo(Some(gallery), "1.jpg", jpeg(1, 60, 40)).await;
    app.sql(
        "insert into gallery_permissions (gallery_id, user_id, permission_level)
             select gallery.id, users.id, 'copy' from gallery, users where users.username = 'ben'",
    )
    .await;
    let own = ben.gallery("Friends").await;
    let body = json!({ "photo_ids": [photo], "action": "copy", "gallery_id": own });
    let outcome = ben.browser.post_json("/api/photos/batch", &body).await.json::<Value>();
    let copy = outcome["done"][0].as_i64().expect("a copy");
    let _worker = app.worker();
    let photos = ben.all_done().await;
    assert_eq!((photos[0]["id"].as_i64(), &photos[0]["status"]), (Some(copy), &json!("ready")));
    assert_eq!(ana.browser.get_json(&format!("/api/photos/{copy}")).await.status, 404, "it is Ben's alone");
    let originals = app.stored_files().into_iter().filter(|file| !file.contains("renditions")).count();
    assert_eq!(originals, 1, "the bytes are stored once");
}

#[tokio::test]
async fn sections_hold_photos_of_their_own_gallery_alone() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let photo = ana.photo(Some(gallery), "1.jpg", jpeg(1, 60, 40)).await;
    let stranger = ana.photo(None, "2.jpg", jpeg(2, 60, 40)).await;
    let path = format!("/api/galleries/{gallery}/sections");
    let mut sections = Vec::new();
    for name in ["Ceremony", "Dinner"] {
        let made = ana.browser.post_json(&path, &json!({ "name": name })).await.json::<Value>();
        sections.push(made["id"].as_i64().expect("an id"));
    }
    assert_eq!(put(&ana, &path, json!({ "section_ids": [sections[1], sections[0]] })).await, 204);
    let body = json!({ "photo_ids": [photo, stranger], "action": "arrange", "section_id": sections[0] });
    let outcome = ana.browser.post_json("/api/photos/batch", &body).await.json::<Value>();
    assert_eq!(outcome["done"], json!([photo]));
    assert_eq!(outcome["skipped"][0], json!({ "id": stranger, "reason": "not_in_gallery" }));
    let listed = ana.browser.get_json(&path).await.json::<Value>();
    let listed: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|item| (&item["name"], &item["photos"])).collect();
    assert_eq!(listed, [(&json!("Dinner"), &json!(0)), (&json!("Ceremony"), &json!(1))]);
    assert_eq!(ana.browser.delete(&format!("{path}/{}", sections[0])).await.status, 204);
    let photo = ana.browser.get_json(&format!("/api/photos/{photo}")).await.json::<Value>();
    assert_eq!((&photo["section_id"], &photo["gallery_id"]), (&Value::Null, &json!(gallery)));
}
