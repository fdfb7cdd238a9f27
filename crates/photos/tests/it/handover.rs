//! What administrators look after, galleries that change hands, links of the earlier system, and links as clients see them.

use common::{identity::Role, secrets::sha256_hex};
use photos::{galleries::GalleryId, shares::adopt::adopt};
use serde_json::{Value, json};

use crate::{
    harness::{TestApp, jpeg},
    shares::media_addresses,
};

#[tokio::test]
async fn a_gallery_changes_hands_with_its_photos_files_links_and_customers() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.photographer("ana").await, app.photographer("ben").await);
    let root = app.person("root", Role::Admin).await;
    let (gallery, other) = (ana.gallery("Wedding").await, ana.gallery("Other").await);
    let _worker = app.worker();
    let photo = ana.photo(Some(gallery), "kiss.jpg", jpeg(1, 900, 600)).await;
    let shared = ana.photo(Some(gallery), "cake.jpg", jpeg(2, 900, 600)).await;
    ana.all_done().await;
    let copied = json!({ "photo_ids": [shared], "action": "copy", "gallery_id": other });
    ana.browser.post_json("/api/photos/batch", &copied).await;
    let link = json!({ "access_level": "full", "recipient_email": "cleo@example.org" });
    let link =
        ana.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &link).await.json::<Value>();
    let path = format!("/api/galleries/{gallery}/owner");
    assert_eq!(ana.browser.post_json(&path, &json!({ "user": "ben" })).await.status, 403);
    assert_eq!(root.browser.post_json(&path, &json!({ "user": "nobody" })).await.status, 422);
    let handed = root.browser.post_json(&path, &json!({ "user": "ben@example.org" })).await;
    assert_eq!((handed.status.as_u16(), handed.json::<Value>()["owner"].clone()), (200, json!("ben")));

    assert_eq!(ana.browser.get_json(&format!("/api/galleries/{gallery}")).await.status, 404);
    let photos = ben.all_done().await;
    assert_eq!(photos.len(), 2);
    for kept in &photos {
        let original = kept["original_url"].as_str();
        // A file that a photo of the old owner is on too stays theirs; the new owner gets it clean.
        assert_eq!(original.is_some_and(|url| url.contains("/original?")), kept["id"] == photo, "{kept}");
    }
    let owners: Vec<(String, i64)> = sqlx::query_as(
        "select users.username, count(*) from files join users on users.id = files.owner_id group by 1 order by 1",
    )
    .fetch_all(&app.db)
    .await
    .unwrap();
    assert_eq!(owners, [("ana".to_owned(), 1), ("ben".to_owned(), 1)]);
    for person in [&ana, &ben] {
        let customers = person.browser.get_json("/api/customers").await.json::<Value>();
        assert_eq!(customers["items"][0]["email"], "cleo@example.org");
    }
    let links = ben.browser.get_json(&format!("/api/galleries/{gallery}/shares")).await.json::<Value>();
    let own = ben.browser.get_json("/api/customers").await.json::<Value>()["items"][0]["id"].clone();
    assert_eq!(links["items"][0]["customer_id"], own);
    let opened = app.browser().get(link["url"].as_str().unwrap()).await;
    assert!(opened.status == 200 && opened.text().contains("ben"), "{}", opened.text());
    assert_eq!(opened.header("referrer-policy"), "no-referrer");
    app.shared().statistics.flush().await;
    assert_eq!(ben.browser.get_json("/api/stats").await.json::<Value>()["views"], 1);
}

#[tokio::test]
async fn nobody_gets_a_gallery_who_could_not_work_with_it() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    app.person("cleo", Role::User).await;
    let root = app.person("root", Role::Admin).await;
    let gallery = ana.gallery("Wedding").await;
    let path = format!("/api/galleries/{gallery}/owner");
    let hand_over = async || root.browser.post_json(&path, &json!({ "user": "cleo" })).await;
    let refused = hand_over().await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("cleo has the role “User”. Only photographers"), "{}", refused.text());
    // What the mirror says is old; the auth-service knows.
    app.sql("update users set user_type = 'photographer' where username = 'cleo'").await;
    assert_eq!(hand_over().await.status, 422);
    app.auth_sql("update users set user_type = 'photographer' where username = 'cleo'").await;
    app.sql("update users set user_type = 'user' where username = 'cleo'").await;
    assert_eq!(hand_over().await.status, 200);
    app.auth_sql("update users set is_active = false where username = 'ana'").await;
    let away = root.browser.post_json(&path, &json!({ "user": "ana" })).await;
    assert!(away.status == 422 && away.text().contains("“Disabled”"), "{}", away.text());
    app.stop_auth_service().await;
    assert_eq!(root.browser.post_json(&path, &json!({ "user": "ana" })).await.status, 503);
}

#[tokio::test]
async fn marked_pictures_are_made_anew_for_the_new_owner() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    app.photographer("ben").await;
    let root = app.person("root", Role::Admin).await;
    let gallery = ana.gallery("Wedding").await;
    let _worker = app.worker();
    ana.photo(Some(gallery), "kiss.jpg", jpeg(1, 900, 600)).await;
    ana.all_done().await;
    let made = async || {
        sqlx::query_scalar::<_, Option<i32>>(
            "select max(recipe) from photo where recipe = (select max(recipe) from renditions)",
        )
        .fetch_one(&app.db)
        .await
        .unwrap()
    };
    assert!(made().await.is_some());
    root.browser.post_json(&format!("/api/galleries/{gallery}/owner"), &json!({ "user": "ben" })).await;
    crate::harness::eventually("the pictures are made anew", async || made().await.is_some()).await;
    let key: String =
        sqlx::query_scalar("select storage_key from renditions limit 1").fetch_one(&app.db).await.unwrap();
    let ben: i32 =
        sqlx::query_scalar("select id from users where username = 'ben'").fetch_one(&app.db).await.unwrap();
    assert!(key.contains(&format!("{ben}/")), "{key}");
}

#[tokio::test]
async fn the_form_hands_a_gallery_over_and_the_lists_show_it() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    app.photographer("ben").await;
    let root = app.person("root", Role::Admin).await;
    let gallery = ana.gallery("Wedding").await;
    let path = format!("/admin/galleries/{gallery}/owner");
    root.browser.get(&path).await;
    let wrong = root.browser.post_form(&path, &[("user", "nobody")]).await;
    assert_eq!((wrong.status.as_u16(), wrong.select("#error-user").len()), (422, 1), "{}", wrong.text());
    let done = root.browser.post_form(&path, &[("user", "Ben")]).await;
    assert_eq!((done.status.as_u16(), done.location()), (303, format!("{}/admin/galleries", app.url)));
    let list = root.browser.get("/admin/galleries?q=wed").await;
    assert_eq!(list.select("tbody [data-label=Owner]"), ["ben"]);
    assert!(root.browser.get("/admin/galleries?q=none").await.select("tbody tr").is_empty());
    let overview = root.browser.get("/admin").await;
    assert_eq!(overview.select(".figure-value")[..2], ["3", "1"], "{}", overview.text());
}

#[tokio::test]
async fn links_of_the_earlier_system_open_and_their_tokens_no_longer_stand_in_clear() {
    let mut app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let tokens = [
        "0123456789abcdef0123456789abcdef",
        "3f1c0b52-7d1b-4f1e-9a55-8d6f5e3d2c1b",
        &"b".repeat(64),
        &"c".repeat(43),
    ];
    let create = async |token: &str| {
        sqlx::query(
            "insert into share_links (gallery_id, token, access_level, views) values ($1, $2, 'full', 3)",
        )
        .bind(i32::try_from(gallery).unwrap())
        .bind(token)
        .execute(&app.db)
        .await
        .unwrap();
    };
    for token in tokens {
        create(token).await;
    }
    let secrets = app.shared().config.secrets.clone();
    assert_eq!(adopt(&app.db, &secrets).await.unwrap(), 4);
    assert_eq!(adopt(&app.db, &secrets).await.unwrap(), 0, "a second time there is nothing to do");
    for token in tokens {
        assert_eq!(app.browser().get(&format!("/view/{token}")).await.status, 200, "{token}");
        assert_eq!(
            app.browser().get(&format!("/view/{}", sha256_hex(token))).await.status,
            404,
            "a hash opens nothing"
        );
    }
    let page = ana.browser.get(&format!("/gallery/{gallery}/shares")).await.text();
    assert!(tokens.iter().all(|token| page.contains(token)), "their owner can copy them again");
    // Whatever is there at a start is converted before the first request.
    create("another-link-of-before").await;
    app.stop_photos().await;
    app.start_photos_again().await;
    let rows: Vec<String> =
        sqlx::query_scalar("select share_links::text from share_links").fetch_all(&app.db).await.unwrap();
    assert_eq!(rows.len(), 5);
    assert!(
        rows.iter()
            .all(|row| !row.contains("another-link") && !tokens.iter().any(|token| row.contains(token)))
    );
}

#[tokio::test]
async fn an_owner_sees_a_link_as_its_client_does_and_nothing_is_counted() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    {
        let _worker = app.worker();
        ana.photo(Some(gallery), "kiss.jpg", jpeg(1, 900, 600)).await;
        ana.all_done().await;
    }
    let body = json!({ "access_level": "preview", "password": "open sesame", "max_views": 1 });
    let link =
        ana.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &body).await.json::<Value>();
    let path = format!("/shares/{}/preview", link["id"]);
    let page = ana.browser.get(&path).await;
    assert_eq!((page.status.as_u16(), page.select("h1")), (200, vec!["Wedding".to_owned()]));
    let addresses = media_addresses(&page.text());
    assert!(
        !addresses.is_empty() && addresses.iter().all(|address| address.contains("/marked-")),
        "{addresses:?}"
    );
    for address in &addresses {
        assert_eq!(ana.browser.get(address).await.status, 200, "{address}");
        assert_eq!(app.browser().get(address).await.status, 404, "the addresses are the owner's alone");
    }
    let photo = page.attributes("[data-photo]", "data-photo").pop().unwrap();
    assert_eq!(ana.browser.get(&format!("{path}/photos/{photo}")).await.status, 200);
    app.shared().statistics.flush().await;
    let link = ana.browser.get_json("/api/shares").await.json::<Value>()["items"][0].clone();
    assert_eq!((&link["views"], &link["first_opened_at"]), (&json!(0), &Value::Null));
    let counted = ana.browser.get_json(&format!("/api/galleries/{gallery}/stats")).await.json::<Value>();
    assert_eq!((&counted["views"], &counted["top_photos"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn what_is_handed_over_in_the_trash_stays_there() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let ben = app.photographer("ben").await;
    let root = app.person("root", Role::Admin).await;
    let gallery = ana.gallery("Wedding").await;
    ana.browser.delete(&format!("/api/galleries/{gallery}")).await;
    let done =
        root.browser.post_json(&format!("/api/galleries/{gallery}/owner"), &json!({ "user": "ben" })).await;
    assert_eq!(done.status, 200);
    let trash = ben.browser.get_json("/api/trash").await.json::<Value>();
    assert_eq!(trash["galleries"][0]["id"], json!(GalleryId(i32::try_from(gallery).unwrap())));
}
