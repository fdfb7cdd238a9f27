//! What those see who only look: sections one after the other, a page for each photo, and no more than was allowed.

use std::fs;

use serde_json::{Value, json};
use test_support::{Client, reqwest::Method};

use crate::harness::{Person, TestApp, jpeg};

/// Photos as the worker leaves them, but without their pictures: every third in no section, the others in turn.
const MANY: &str = "insert into photo (photographer_id, gallery_id, filename, original_path, status, upload_date, width, height, section_id)
    select gallery.user_id, gallery.id, n || '.jpg', 'none', 'ready', timestamp '2026-06-12' + n * interval '1 second', 900, 600,
        case n % 3 when 1 then (select min(id) from sections) when 2 then (select max(id) from sections) end
    from gallery, generate_series(1, 126) n";

/// A gallery with two sections, the later one first, and 42 photos in each and in none.
pub async fn gallery_of_many(app: &TestApp, ana: &Person) -> i64 {
    let gallery = ana.gallery("Wedding").await;
    for name in ["Dinner", "Ceremony"] {
        let path = format!("/api/galleries/{gallery}/sections");
        assert_eq!(ana.browser.post_json(&path, &json!({ "name": name })).await.status, 201);
    }
    app.sql("update sections set position = -id").await;
    app.sql(MANY).await;
    gallery
}

/// A gallery with one photo that is ready.
async fn gallery_of_one(app: &TestApp, ana: &Person) -> (i64, i64) {
    let _worker = app.worker();
    let gallery = ana.gallery("Wedding").await;
    let photo = ana.photo(Some(gallery), "a.jpg", jpeg(1, 90, 60)).await;
    ana.all_done().await;
    (gallery, photo)
}

/// The file names in the order in which visitors are to see them: by section, then as they were taken.
fn expected() -> Vec<String> {
    let part = |rest| (1..=126).filter(move |number| number % 3 == rest);
    part(2).chain(part(1)).chain(part(0)).map(|number| format!("{number}.jpg")).collect()
}

#[tokio::test]
async fn sections_follow_each_other_and_every_photo_comes_once() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = gallery_of_many(&app, &ana).await;
    let (_, path) = ana.share(gallery, "full").await;
    let client = app.browser();
    let names = sqlx::query_as::<_, (i32, String)>("select id, filename from photo").fetch_all(&app.db).await;
    let names = names.unwrap();
    let name_of = |id: &str| names.iter().find(|(photo, _)| photo.to_string() == id).unwrap().1.clone();

    let (mut seen, mut address, mut sizes) = (Vec::new(), path.clone(), Vec::new());
    loop {
        let page = client.get(&address).await;
        let ids = page.attributes("[data-photo]", "data-photo");
        sizes.push(ids.len());
        seen.extend(ids.iter().map(|id| name_of(id)));
        let Some(next) = page.attributes("[data-more]", "href").pop() else { break };
        address = next;
    }
    assert_eq!(seen, expected());
    assert_eq!(sizes, [50, 50, 26]);

    let (mut told, mut query) = (Vec::new(), String::new());
    loop {
        let body = client.get_json(&format!("/api{path}{query}")).await.json::<Value>();
        told.extend(body["items"].as_array().unwrap().iter().map(|item| name_of(&item["id"].to_string())));
        let Some(next) = body["next"].as_str() else { break };
        query = format!("?after={next}");
    }
    assert_eq!(told, expected(), "programs are told the same");
}

#[tokio::test]
async fn a_section_or_a_photo_is_where_its_address_leads() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = gallery_of_many(&app, &ana).await;
    let (_, path) = ana.share(gallery, "full").await;
    let client = app.browser();
    let page = client.get(&path).await;
    assert_eq!(page.select(".client-tabs a"), ["Ceremony", "Dinner"]);
    assert_eq!(page.select(".part-name"), ["Ceremony", "Dinner"], "as far as the first page reaches");
    let dinner = page.attributes(".client-tabs a", "href").remove(1);
    let page = client.get(&dinner).await;
    assert_eq!(page.select(".part-name"), ["Dinner", "More photos"]);
    assert_eq!(page.attributes(".client-first a", "href").len(), 1, "there is a way to the beginning");

    let last = sqlx::query_scalar::<_, i32>("select id from photo where filename = '124.jpg'");
    let last = last.fetch_one(&app.db).await.unwrap();
    let page = client.get(&format!("{path}?photo={last}")).await;
    assert_eq!(page.attributes("[data-photo]", "data-photo")[0], last.to_string());
    assert_eq!(client.get(&format!("{path}?section=999999")).await.select(".part-name")[0], "Ceremony");
    assert_eq!(client.get(&format!("{path}?after=nonsense")).await.status, 400);
}

#[tokio::test]
async fn a_photo_has_a_page_with_ways_to_its_neighbours() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let gallery = ana.gallery("Wedding").await;
    let mut photos = Vec::new();
    for number in 0..4_u8 {
        photos.push(ana.photo(Some(gallery), &format!("{number}.jpg"), jpeg(number * 40, 90, 60)).await);
    }
    ana.all_done().await;
    let archive = json!({ "archived": true });
    let archived = format!("/api/photos/{}", photos[3]);
    assert_eq!(ana.browser.json(Method::PATCH, &archived, &archive).await.status, 200);
    let (_, path) = ana.share(gallery, "preview").await;
    let client = app.browser();
    let at = |photo: i64| format!("{path}/photos/{photo}");

    let middle = client.get(&at(photos[1])).await;
    assert_eq!((middle.status.as_u16(), middle.select(".photo-number")), (200, vec!["2 / 3".to_owned()]));
    let ways = [middle.attributes("a[rel=prev]", "href"), middle.attributes("a[rel=next]", "href")].concat();
    assert_eq!(ways, [at(photos[0]), at(photos[2])]);
    let picture = middle.attributes(".photo-frame", "href").remove(0);
    assert!(picture.contains("/marked-preview?"), "{picture}");
    assert_eq!(client.get(&picture).await.status, 200);
    assert!(client.get(&at(photos[0])).await.attributes("a[rel=prev]", "href").is_empty());
    assert!(client.get(&at(photos[2])).await.attributes("a[rel=next]", "href").is_empty(), "no archived one");
    assert_eq!(client.get(&at(photos[3])).await.status, 404);

    let elsewhere = ana.photo(None, "mine.jpg", jpeg(7, 90, 60)).await;
    ana.all_done().await;
    assert_eq!(client.get(&at(elsewhere)).await.status, 404);
    assert_eq!(client.get(&format!("/gallery/{gallery}/photos/{}", photos[1])).await.status, 404);
    assert_eq!(ana.browser.get(&format!("/gallery/{gallery}/photos/{}", photos[1])).await.status, 200);
    let (_, other) = ana.share(ana.gallery("Other").await, "full").await;
    assert_eq!(client.get(&format!("{other}/photos/{}", photos[1])).await.status, 404);
}

#[tokio::test]
async fn the_page_of_a_photo_has_the_same_door_as_its_gallery() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (gallery, photo) = gallery_of_one(&app, &ana).await;
    for policy in [json!({ "password": "sesame" }), json!({ "max_views": 1 })] {
        let mut body = json!({ "access_level": "full", "expires_in_days": 7 });
        body.as_object_mut().unwrap().extend(policy.as_object().unwrap().clone());
        let made = ana.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &body).await;
        let path = made.json::<Value>()["url"].as_str().unwrap().replace(&app.url, "");
        let client = app.browser();
        let page = client.get(&format!("{path}/photos/{photo}")).await;
        assert_eq!(page.select("form button"), ["Open the gallery"], "{policy}");
        assert!(!page.text().contains("/media/"), "{policy}");
        let deed = if policy["password"].is_string() { "unlock" } else { "visits" };
        client.post_form(&format!("{path}/{deed}"), &[("password", "sesame")]).await;
        assert!(client.get(&format!("{path}/photos/{photo}")).await.text().contains("/media/"), "{policy}");
    }
}

#[tokio::test]
async fn the_photographer_chooses_layout_and_what_is_told_of_the_camera() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (gallery, photo) = gallery_of_one(&app, &ana).await;
    app.sql("update photo set camera_make = 'Canon', camera_model = 'Canon EOS R5', aperture = 2.8").await;
    let (_, path) = ana.share(gallery, "full").await;
    let client: Client = app.browser();
    let page = client.get(&path).await;
    assert_eq!(page.select(".layout-justified .tile").len(), 1);
    assert!(!page.text().contains("EOS R5"), "nothing unless it is wished");
    assert!(!client.get(&format!("{path}/photos/{photo}")).await.text().contains("EOS R5"));

    let appearance = format!("/gallery/{gallery}/appearance");
    let form = [("layout", "masonry"), ("shows_camera", "true")];
    assert_eq!(ana.browser.post_form(&appearance, &form).await.status, 303);
    let page = client.get(&path).await;
    assert_eq!(page.select(".layout-masonry .tile").len(), 1);
    assert_eq!(page.attributes(".tile-link", "data-facts"), ["Canon EOS R5|f/2.8"]);
    let facts = client.get(&format!("{path}/photos/{photo}")).await.select(".photo-fact");
    assert_eq!(facts, ["Canon EOS R5", "f/2.8"]);

    assert_eq!(ana.browser.post_form(&appearance, &[("layout", "grid")]).await.status, 303);
    let page = client.get(&path).await;
    assert_eq!(page.select(".layout-grid .tile").len(), 1);
    assert!(page.attributes(".tile-link", "data-facts").is_empty());
    let ben = app.photographer("ben").await;
    assert_eq!(ben.browser.post_form(&appearance, &form).await.status, 404);
}

#[tokio::test]
async fn a_card_for_other_sites_is_for_public_galleries_alone() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let gallery = ana.gallery("Spring").await;
    ana.photo(Some(gallery), "a.jpg", jpeg(1, 900, 600)).await;
    ana.all_done().await;
    let (_, path) = ana.share(gallery, "full").await;
    let client = app.browser();
    assert!(client.get(&path).await.attributes("meta[property^='og:']", "content").is_empty());

    let public = json!({ "is_public": true });
    let api = format!("/api/galleries/{gallery}");
    assert_eq!(ana.browser.json(Method::PUT, &api, &public).await.status, 200);
    let page = client.get(&format!("/gallery/{gallery}")).await;
    assert_eq!(page.attributes("meta[property='og:title']", "content"), ["Spring"]);
    let image = page.attributes("meta[property='og:image']", "content").remove(0);
    assert!(image.starts_with(&app.url), "{image}");
    assert_eq!(app.browser().get(&image.replace(&app.url, "")).await.status, 200, "{image}");
}

#[tokio::test]
async fn a_link_to_a_section_shows_no_cover_of_another() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let gallery = ana.gallery("Wedding").await;
    let outside = ana.photo(Some(gallery), "1.jpg", jpeg(1, 900, 600)).await;
    let inside = ana.photo(Some(gallery), "2.jpg", jpeg(90, 900, 600)).await;
    ana.all_done().await;
    let sections = format!("/api/galleries/{gallery}/sections");
    let section =
        ana.browser.post_json(&sections, &json!({ "name": "Dinner" })).await.json::<Value>()["id"].clone();
    let body = json!({ "photo_ids": [inside], "action": "arrange", "section_id": section });
    assert_eq!(ana.browser.post_json("/api/photos/batch", &body).await.status, 200);
    let body = json!({ "access_level": "full", "expires_in_days": 7, "section_ids": [section] });
    let made =
        ana.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &body).await.json::<Value>();
    let path = made["url"].as_str().unwrap().replace(&app.url, "");
    let client = app.browser();
    let page = client.get(&path).await.text();
    assert!(page.contains(&format!("/media/{inside}/")) && !page.contains(&format!("/media/{outside}/")));
    assert_eq!(client.get(&format!("{path}/photos/{outside}")).await.status, 404);
    assert_eq!(
        client.get(&format!("{path}?photo={outside}")).await.attributes("[data-photo]", "data-photo").len(),
        1
    );
}

#[tokio::test]
async fn an_operators_texts_stand_in_the_place_of_ours() {
    let folder = std::env::temp_dir().join(format!("texts-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("pricing.html"), "<h1>Ten guineas at {{ view.site_name }}</h1>").unwrap();
    let app = TestApp::start_with(&[("SITE_TEXTS_DIR", folder.to_str().unwrap())]).await;
    assert_eq!(app.browser().get("/pricing").await.select("h1"), ["Ten guineas at Photos"]);
    assert_eq!(app.browser().get("/about").await.select("h1"), ["About"]);
    fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn its_owner_tries_a_link_behind_every_door_and_nothing_is_counted() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let gallery = ana.gallery("Wedding").await;
    let photo = ana.photo(Some(gallery), "a.jpg", jpeg(1, 90, 60)).await;
    ana.all_done().await;
    for (policy, marked) in [
        (json!({ "access_level": "full", "password": "sesame" }), false),
        (json!({ "access_level": "preview", "max_views": 1 }), true),
    ] {
        let made = ana.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &policy).await;
        let link = made.json::<Value>();
        let tried = format!("/shares/{}/preview", link["id"]);
        let page = ana.browser.get(&tried).await;
        let picture = page.attributes(".tile-link", "data-full").remove(0);
        assert_eq!(picture.contains("/marked-preview?"), marked, "{policy}");
        assert_eq!(ana.browser.get(&picture).await.status, 200, "{policy}");
        assert_eq!(page.attributes(".client-trial a", "href"), [format!("/gallery/{gallery}/shares")]);
        assert_eq!(ana.browser.get(&format!("{tried}/photos/{photo}")).await.status, 200);
        let links = ana.browser.get_json(&format!("/api/galleries/{gallery}/shares")).await.json::<Value>();
        assert!(links["items"].as_array().unwrap().iter().all(|link| link["views"] == 0), "{links}");
    }
    let (_, open) = ana.share(gallery, "full").await;
    assert!(app.browser().get(&open).await.attributes(".client-trial a", "href").is_empty());
}
