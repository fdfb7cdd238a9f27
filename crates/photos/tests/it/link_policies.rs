//! What a share link allows: how often, with which password, which parts, and who hears of it.

use serde_json::{Value, json};
use test_support::{Client, reqwest::Method};

use crate::{
    harness::{Person, TestApp, eventually, jpeg},
    shares::media_addresses,
};

async fn link(ana: &Person, gallery: i64, policy: Value) -> (i64, String) {
    let mut wanted = json!({ "access_level": "full" });
    wanted.as_object_mut().unwrap().extend(policy.as_object().unwrap().clone());
    let made = ana.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &wanted).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let body = made.json::<Value>();
    (body["id"].as_i64().unwrap(), body["url"].as_str().unwrap().replace(&ana.url, ""))
}

async fn facts(ana: &Person, gallery: i64) -> Value {
    let links = ana.browser.get_json(&format!("/api/galleries/{gallery}/shares")).await;
    links.json::<Value>()["items"][0].clone()
}

async fn unlock(client: &Client, path: &str, password: &str) -> u16 {
    client.get(path).await;
    client.post_form(&format!("{path}/unlock"), &[("password", password)]).await.status.as_u16()
}

#[tokio::test]
async fn of_two_hundred_at_once_exactly_as_many_get_in_as_the_link_allows() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, path) = link(&ana, gallery, json!({ "max_views": 50 })).await;
    let opened = (0..200).map(|_| async {
        let client = app.browser();
        let door = client.get(&path).await;
        if door.status == 410 {
            return false;
        }
        assert!(door.text().contains("Open the gallery"), "{}", door.text());
        let answer = client.post_form(&format!("{path}/visits"), &[]).await;
        match answer.status.as_u16() {
            303 => client.get(&path).await.text().contains("No photos here yet"),
            status => {
                assert_eq!(status, 410);
                false
            }
        }
    });
    let opened = futures_util::future::join_all(opened).await;
    assert_eq!(opened.into_iter().filter(|inside| *inside).count(), 50);
    assert_eq!(facts(&ana, gallery).await["views"], 50);
    assert_eq!(app.browser().get(&path).await.status, 410);
}

#[tokio::test]
async fn whoever_is_inside_a_used_up_link_stays_for_the_day() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, path) = link(&ana, gallery, json!({ "max_views": 1 })).await;
    let client = app.browser();
    client.get(&path).await;
    for _ in 0..3 {
        assert_eq!(client.post_form(&format!("{path}/visits"), &[]).await.status, 303);
        assert_eq!(client.get(&path).await.status, 200);
    }
    assert_eq!(facts(&ana, gallery).await["views"], 1);
}

#[tokio::test]
async fn a_password_stands_before_the_page_its_data_and_its_pictures() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let gallery = ana.gallery("Wedding").await;
    ana.photo(Some(gallery), "1.jpg", jpeg(1, 900, 600)).await;
    ana.all_done().await;
    let (id, path) = link(&ana, gallery, json!({ "password": "sesame" })).await;
    let rows: Vec<String> =
        sqlx::query_scalar("select share_links::text from share_links").fetch_all(&app.db).await.unwrap();
    assert!(rows.iter().all(|row| !row.contains("sesame")));

    let client = app.browser();
    let locked = client.get(&path).await;
    assert!(locked.text().contains("protected this gallery") && media_addresses(&locked.text()).is_empty());
    assert_eq!(client.get_json(&format!("/api{path}")).await.status, 403);
    assert_eq!(client.post_form(&format!("{path}/visits"), &[]).await.status, 403);
    assert_eq!(facts(&ana, gallery).await["views"], 0, "who stands at the door has not looked");
    assert_eq!(unlock(&client, &path, "Sesame").await, 422);
    assert_eq!(unlock(&client, &path, "sesame").await, 303);
    let address = media_addresses(&client.get(&path).await.text()).remove(0);
    assert_eq!(client.get(&address).await.status, 200);

    // Another password locks everybody out, and what was given out before is worth nothing.
    let change = json!({ "password": "abracadabra" });
    assert_eq!(ana.browser.json(Method::PATCH, &format!("/api/shares/{id}"), &change).await.status, 200);
    assert_eq!(client.get(&address).await.status, 404);
    assert!(client.get(&path).await.text().contains("protected this gallery"));
    let none = json!({ "password": null });
    assert_eq!(ana.browser.json(Method::PATCH, &format!("/api/shares/{id}"), &none).await.status, 200);
    assert!(!media_addresses(&app.browser().get(&path).await.text()).is_empty());
}

#[tokio::test]
async fn guesses_at_a_password_are_limited_however_many_come_at_once() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, path) = link(&ana, gallery, json!({ "password": "sesame" })).await;
    let guesses = (0..30).map(|_| async { unlock(&app.browser(), &path, "wrong").await });
    let answers = futures_util::future::join_all(guesses).await;
    assert_eq!(answers.iter().filter(|status| **status == 422).count(), 20, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 10);
    assert_eq!(unlock(&app.browser(), &path, "sesame").await, 429);
    app.sql("update share_links set failing_since = failing_since - interval '61 minutes'").await;
    assert_eq!(unlock(&app.browser(), &path, "sesame").await, 303);
}

#[tokio::test]
async fn right_passwords_do_not_use_up_the_tries() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, path) = link(&ana, gallery, json!({ "password": "sesame" })).await;
    app.sql("update share_links set failed_unlocks = 19, failing_since = now()").await;
    for _ in 0..3 {
        assert_eq!(unlock(&app.browser(), &path, "sesame").await, 303);
    }
    assert_eq!(unlock(&app.browser(), &path, "wrong").await, 422);
    assert_eq!(unlock(&app.browser(), &path, "sesame").await, 429);
}

#[tokio::test]
async fn a_numbered_visit_ends_after_a_day() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, path) = link(&ana, gallery, json!({ "max_views": 2 })).await;
    let client = app.browser();
    client.get(&path).await;
    client.post_form(&format!("{path}/visits"), &[]).await;
    assert!(client.get(&path).await.text().contains("No photos here yet"));
    // When it began stands in the state of this browser.
    app.sql("update sessions set sess = regexp_replace(sess::text, '1[0-9]{9}', '1000000000', 'g')::jsonb")
        .await;
    assert!(client.get(&path).await.text().contains("This link can be opened once more."));
    client.post_form(&format!("{path}/visits"), &[]).await;
    assert_eq!(facts(&ana, gallery).await["views"], 2);
}

#[tokio::test]
async fn a_link_of_some_sections_shows_those_alone() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let gallery = ana.gallery("Wedding").await;
    let inside = ana.photo(Some(gallery), "1.jpg", jpeg(1, 900, 600)).await;
    let outside = ana.photo(Some(gallery), "2.jpg", jpeg(2, 900, 600)).await;
    ana.all_done().await;
    let sections = format!("/api/galleries/{gallery}/sections");
    let made = ana.browser.post_json(&sections, &json!({ "name": "Dinner" })).await.json::<Value>();
    let section = made["id"].as_i64().unwrap();
    let body = json!({ "photo_ids": [inside], "action": "arrange", "section_id": section });
    ana.browser.post_json("/api/photos/batch", &body).await;
    let (_, path) = link(&ana, gallery, json!({ "section_ids": [section] })).await;
    let (_, whole) = link(&ana, gallery, json!({})).await;
    let client = app.browser();
    let shown = client.get_json(&format!("/api{path}")).await.json::<Value>();
    let ids: Vec<i64> =
        shown["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [inside]);
    assert!(!client.get(&path).await.text().contains(&format!("/media/{outside}/")));

    let everything = media_addresses(&app.browser().get(&whole).await.text());
    assert!(everything.iter().any(|address| address.contains(&format!("/media/{outside}/"))));
    assert_eq!(ana.browser.delete(&format!("{sections}/{section}")).await.status, 204);
    let shown = client.get_json(&format!("/api{path}")).await.json::<Value>();
    assert_eq!(shown["items"], json!([]), "a section that is gone does not open the rest");
}

#[tokio::test]
async fn a_link_goes_out_by_mail_and_its_sender_hears_of_the_first_visit() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let wanted = json!({
        "recipient_email": "Cleo@example.org", "send": true, "message": "Enjoy!", "tells_sender": true,
        "password": "sesame",
    });
    let (_, path) = link(&ana, gallery, wanted).await;
    let mailbox = app.storage.with_extension("mails");
    let mails = || {
        let files = std::fs::read_dir(&mailbox).into_iter().flatten().flatten();
        files.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect::<Vec<String>>()
    };
    let arrived =
        |sign: &'static str| mails().into_iter().any(|mail| mail.replace("=\r\n", "").contains(sign));
    eventually("the mail arrives", async || arrived("Enjoy!")).await;
    assert!(arrived("Cleo@example.org") && !arrived("sesame"), "the password goes another way");
    let customers = ana.browser.get_json("/api/customers").await.json::<Value>();
    assert_eq!(
        (&customers["items"][0]["email"], &customers["items"][0]["galleries"]),
        (&json!("cleo@example.org"), &json!(1))
    );
    assert_eq!(customers["items"][0]["last_accessed"], Value::Null);

    let client = app.browser();
    assert_eq!(unlock(&client, &path, "sesame").await, 303);
    client.get(&path).await;
    eventually("the sender hears of it", async || arrived("was opened for the first time")).await;
    let customers = ana.browser.get_json("/api/customers").await.json::<Value>();
    assert!(customers["items"][0]["last_accessed"].is_string());
    app.browser().get(&path).await;
    let told: i64 = sqlx::query_scalar("select count(*) from mails where kind = 'link_opened'")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(told, 1, "once");
    let history = ana.browser.get_json("/api/shares").await.json::<Value>();
    assert!(history["items"][0]["first_opened_at"].is_string());
    assert!(ana.browser.get("/shares").await.text().contains("Cleo@example.org"));
}

#[tokio::test]
async fn a_link_is_extended_and_what_is_wrong_about_one_is_said() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (id, path) = link(&ana, gallery, json!({ "expires_in_days": 1 })).await;
    app.sql("update share_links set expires_at = now() at time zone 'utc' - interval '1 minute'").await;
    let client = app.browser();
    assert_eq!(client.get(&path).await.status, 410);
    ana.browser.get(&format!("/gallery/{gallery}/shares")).await;
    let extended = ana.browser.post_form(&format!("/shares/{id}/extend"), &[("expires_in_days", "7")]).await;
    assert_eq!(extended.status, 303);
    assert_eq!(client.get(&path).await.status, 200);
    let change = async |body: Value| {
        let answer = ana.browser.json(Method::PATCH, &format!("/api/shares/{id}"), &body).await;
        (answer.status.as_u16(), answer.json::<Value>())
    };
    assert_eq!(change(json!({ "max_views": 0 })).await.0, 422);
    assert_eq!(change(json!({ "expires_in_days": 5 })).await.0, 422);
    assert_eq!(change(json!({ "expires_in_days": null })).await.1["expires_at"], Value::Null);
    assert_eq!(ana.browser.delete(&format!("/api/shares/{id}")).await.status, 204);
    assert_eq!(change(json!({ "expires_in_days": 7 })).await.0, 409, "a closed link stays closed");
    let wrong = json!({ "access_level": "full", "send": true, "max_downloads": -1, "password": "abc", "section_ids": [] });
    let wrong = ana.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &wrong).await;
    let errors = wrong.json::<Value>()["errors"].clone();
    for field in ["recipient_email", "max_downloads", "password", "section_ids"] {
        assert!(errors[field].is_string(), "{field}: {errors}");
    }
}

#[tokio::test]
async fn a_link_can_be_printed_as_a_code() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (id, _) = link(&ana, gallery, json!({})).await;
    let drawing = ana.browser.get(&format!("/shares/{id}/qr.svg")).await;
    assert_eq!(drawing.header("content-type"), "image/svg+xml");
    assert!(drawing.header("content-disposition").starts_with("attachment"));
    assert!(drawing.text().starts_with("<svg") && !drawing.text().contains("script"));
    let picture = ana.browser.get(&format!("/shares/{id}/qr.png")).await;
    let picture = image::load_from_memory(&picture.body).unwrap().into_luma8();
    assert!(picture.width() > 400 && picture.get_pixel(0, 0).0 == [255]);
    // The corner of the finder pattern, behind the quiet zone.
    assert_eq!(picture.get_pixel(4 * 16 + 1, 4 * 16 + 1).0, [0]);
    assert_eq!(ana.browser.get(&format!("/shares/{id}/qr.gif")).await.status, 404);
    ana.browser.delete(&format!("/api/shares/{id}")).await;
    assert_eq!(ana.browser.get(&format!("/shares/{id}/qr.svg")).await.status, 410);
}
