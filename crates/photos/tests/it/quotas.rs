//! Room for originals: exact whoever uploads at once, the trash included, more or less for one.

use common::identity::Role;
use serde_json::{Value, json};
use test_support::reqwest::{
    Method,
    multipart::{Form, Part},
};

use crate::harness::{Person, TestApp, jpeg};

async fn app() -> (TestApp, Person, Person) {
    let app = TestApp::start().await;
    let root = app.person("root", Role::Admin).await;
    let ana = app.photographer("ana").await;
    (app, root, ana)
}

/// Pictures of exactly the same size in bytes that differ.
fn picture(seed: u8) -> Vec<u8> {
    let mut bytes = jpeg(seed, 60, 40);
    assert!(bytes.len() < 10_000, "a small picture: {}", bytes.len());
    bytes.resize(10_000, 0);
    bytes
}

async fn set_quota(root: &Person, bytes: i64) {
    let answer =
        root.browser.json(Method::PUT, "/api/admin/settings", &json!({ "quota_bytes": bytes })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn uploads_at_once_never_take_more_than_the_quota() {
    let (app, root, ana) = app().await;
    set_quota(&root, 35_000).await;
    let uploads = (1..=8).map(|seed| {
        let ana = &ana;
        async move { ana.upload(None, &[("a.jpg", picture(seed * 20))]).await }
    });
    let answers = futures_util::future::join_all(uploads).await;
    let stored = answers.iter().filter(|answer| answer.status == 201).count();
    let refused: Vec<Value> =
        answers.iter().filter(|answer| answer.status == 507).map(test_support::Answer::json).collect();
    assert_eq!((stored, refused.len()), (3, 5));
    assert_eq!(refused[0]["refused"][0]["reason"], "quota_exceeded");
    assert!(refused[0]["detail"].as_str().unwrap().contains("of your 35 kB are in use"), "{}", refused[0]);
    let used: i64 =
        sqlx::query_scalar("select sum(size_bytes)::bigint from files").fetch_one(&app.db).await.unwrap();
    assert_eq!((used, app.stored_files().len()), (30_000, 3), "what was refused left nothing behind");
    let left: i64 =
        sqlx::query_scalar("select count(*) from pending_files").fetch_one(&app.db).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_copy_needs_no_room_and_the_trash_does() {
    let (app, root, ana) = app().await;
    let gallery = ana.gallery("Wedding").await;
    let first = ana.photo(None, "a.jpg", picture(1)).await;
    set_quota(&root, 10_000).await;
    let twin = ana.upload(Some(gallery), &[("a.jpg", picture(1))]).await;
    assert_eq!(twin.status, 201, "the same content is stored once: {}", twin.text());
    let twin = twin.json::<Value>()["photos"][0]["id"].clone();
    let full = ana.upload(None, &[("b.jpg", picture(90))]).await;
    assert_eq!(full.status, 507, "{}", full.text());
    for photo in [json!(first), twin] {
        ana.browser.delete(&format!("/api/photos/{photo}")).await;
    }
    assert_eq!(
        ana.upload(None, &[("b.jpg", picture(90))]).await.status,
        507,
        "what is in the trash takes room"
    );
    for photo in ana.browser.get_json("/api/trash").await.json::<Value>()["items"].as_array().unwrap() {
        ana.browser.delete(&format!("/api/trash/photos/{}", photo["id"])).await;
    }
    assert_eq!(ana.upload(None, &[("b.jpg", picture(90))]).await.status, 201);
    drop(app);
}

#[tokio::test]
async fn a_new_version_takes_the_room_of_the_one_before() {
    let (app, root, ana) = app().await;
    let photo = ana.photo(None, "a.jpg", picture(1)).await;
    set_quota(&root, 10_000).await;
    let replace = async |bytes: Vec<u8>| {
        let form = Form::new().part("photos", Part::bytes(bytes).file_name("b.jpg"));
        ana.browser.upload(&format!("/api/photos/{photo}/replace"), form).await
    };
    assert_eq!(replace(picture(90)).await.status, 202);
    let mut larger = picture(150);
    larger.push(0);
    let refused = replace(larger).await;
    assert_eq!(refused.status, 507, "{}", refused.text());
    assert_eq!(refused.json::<Value>()["refused"][0]["reason"], "quota_exceeded");
    drop(app);
}

#[tokio::test]
async fn one_photographer_gets_more_room_and_sees_it() {
    let (app, root, ana) = app().await;
    let ben = app.photographer("ben").await;
    let gallery = ana.gallery("Wedding").await;
    ana.photo(Some(gallery), "a.jpg", picture(1)).await;
    set_quota(&root, 10_000).await;
    let grant = json!({ "user": "ben", "permission_level": "edit" });
    ana.browser.post_json(&format!("/api/galleries/{gallery}/permissions"), &grant).await;
    let for_ana = ben.upload(Some(gallery), &[("b.jpg", picture(90))]).await;
    assert_eq!(for_ana.status, 507);
    let said = for_ana.json::<Value>()["detail"].as_str().unwrap().to_owned();
    assert!(said.contains("owner of this gallery") && !said.contains("kB"), "{said}");
    assert_eq!(ana.browser.get("/dashboard").await.select(".figure-note")[3], "of 10 kB for originals");

    let page = root.browser.get("/admin/storage").await;
    assert_eq!(page.select("tbody .rows-main"), ["ana"], "{}", page.text());
    let form = page.attributes("tbody form", "action").pop().expect("a form");
    root.browser.post_form(&form, &[("quota_gb", "0,5")]).await;
    let page = root.browser.get("/admin/storage").await;
    assert!(page.select("td[data-label='In use']")[0].contains("10 kB of 500 MB"), "{}", page.text());
    assert_eq!(ana.browser.get_json("/api/stats").await.json::<Value>()["quota_bytes"], 500_000_000);
    assert_eq!(ben.upload(Some(gallery), &[("b.jpg", picture(90))]).await.status, 201);
    root.browser.post_form(&form, &[("quota_gb", "0")]).await;
    assert_eq!(ana.browser.get_json("/api/stats").await.json::<Value>()["quota_bytes"], Value::Null);
    root.browser.post_form(&form, &[("quota_gb", "much")]).await;
    assert_eq!(root.browser.get("/admin/storage").await.select(".alert-warning").len(), 1);
    root.browser.post_form(&form, &[("quota_gb", "")]).await;
    assert_eq!(ana.browser.get_json("/api/stats").await.json::<Value>()["quota_bytes"], 10_000);
    assert_eq!(root.browser.get("/admin/storage?q=BE").await.select("tbody .rows-main"), ["ben"]);
}
