//! Galleries: made, filled, changed and seen by those who may.

use common::identity::Role;
use serde_json::{Value, json};
use test_support::reqwest::Method;

use crate::harness::{TestApp, jpeg};

#[tokio::test]
async fn selected_photos_are_gathered_into_a_new_gallery() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (one, two) =
        (ana.photo(None, "1.jpg", jpeg(1, 60, 40)).await, ana.photo(None, "2.jpg", jpeg(2, 60, 40)).await);
    let (one, two) = (one.to_string(), two.to_string());
    ana.browser.get("/photos").await;
    let fields = [
        ("photo_ids", one.as_str()),
        ("photo_ids", two.as_str()),
        ("gallery_id", "new"),
        ("name", "Wedding"),
        ("deed", "move"),
    ];
    let answer = ana.browser.post_form("/photos/deeds", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let page = ana.browser.rest(answer).await;
    assert_eq!(page.select("h1"), ["Wedding"]);
    assert!(page.text().contains("2 photos are now in “Wedding”."), "{}", page.text());
    assert!(ana.browser.get("/gallery").await.text().contains("Wedding"));
    let fields =
        [("photo_ids", one.as_str()), ("gallery_id", "new"), ("name", "Portraits"), ("deed", "move")];
    let answer = ana.browser.post_form("/photos/deeds", &fields).await;
    let page = ana.browser.rest(answer).await.text();
    assert!(page.contains("1 left the one before."), "nothing leaves a gallery in silence: {page}");
}

#[tokio::test]
async fn photos_of_others_are_not_gathered() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let ben = app.photographer("ben").await;
    let foreign = ana.photo(None, "1.jpg", jpeg(1, 60, 40)).await;
    let gallery = ben.gallery("Mine").await;
    let path = format!("/api/galleries/{gallery}/photos");
    let answer = ben.browser.post_json(&path, &json!({ "photo_ids": [foreign] })).await;
    assert_eq!(answer.json::<Value>()["added"], 0);
    let photo = ana.browser.get_json(&format!("/api/photos/{foreign}")).await.json::<Value>();
    assert_eq!(photo["gallery_id"], Value::Null);
}

#[tokio::test]
async fn a_locked_photo_stays_where_it_is() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let photo = ana.photo(Some(gallery), "1.jpg", jpeg(1, 60, 40)).await;
    app.sql("update photo set locked = true").await;
    let answer = ana.browser.delete(&format!("/api/galleries/{gallery}/photos/{photo}")).await;
    assert_eq!(answer.status, 404);
    app.sql("update photo set locked = false").await;
    let answer = ana.browser.delete(&format!("/api/galleries/{gallery}/photos/{photo}")).await;
    assert_eq!(answer.status, 204);
}

#[tokio::test]
async fn a_gallery_without_a_name_is_not_made_and_what_was_typed_stays() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    ana.browser.get("/gallery").await;
    let answer = ana.browser.post_form("/gallery", &[("name", "   ")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("Please fill this in."), "{}", answer.text());
    let answer = ana.browser.post_json("/api/galleries", &json!({ "name": "x".repeat(257) })).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.json::<Value>()["errors"]["name"], "Please keep this to 256 characters.");
}

#[tokio::test]
async fn absent_fields_stay_as_they_are() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let path = format!("/api/galleries/{gallery}");
    let put = async |body: Value| {
        let answer = ana.browser.json(Method::PUT, &path, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json::<Value>()
    };
    put(json!({ "description": "In the park" })).await;
    let changed = put(json!({ "is_public": true })).await;
    assert_eq!(
        (changed["name"].as_str(), changed["description"].as_str()),
        (Some("Wedding"), Some("In the park"))
    );
    let cover = ana.browser.json(Method::PUT, &path, &json!({ "cover_photo_id": 999 })).await;
    assert_eq!(cover.status, 422);
}

#[tokio::test]
async fn a_public_gallery_is_seen_by_everybody_and_a_private_one_by_nobody_else() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let vic = app.person("vic", Role::Viewer).await;
    let gallery = ana.gallery("Wedding").await;
    let path = format!("/gallery/{gallery}");
    for visitor in [&app.browser(), &vic.browser] {
        assert_eq!(visitor.get(&path).await.status, 404);
        assert_eq!(visitor.get_json(&format!("/api/galleries/{gallery}")).await.status, 404);
    }
    ana.browser.json(Method::PUT, &format!("/api/galleries/{gallery}"), &json!({ "is_public": true })).await;
    for visitor in [&app.browser(), &vic.browser] {
        let page = visitor.get(&path).await;
        assert_eq!(page.status, 200);
        assert!(!page.text().contains("Choose photos"), "nobody else may upload");
        assert!(visitor.get("/").await.text().contains("Wedding"));
    }
}

#[tokio::test]
async fn a_long_gallery_is_paged_in_the_order_the_photos_were_taken() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    sqlx::query(
        "insert into photo (photographer_id, gallery_id, filename, status, taken_at)
         select (select user_id from gallery where id = $1), $1, n || '.jpg', 'ready',
            timestamp '2026-06-01' + make_interval(mins => (n * 37) % 120)
         from generate_series(1, 120) n",
    )
    .bind(i32::try_from(gallery).unwrap())
    .execute(&app.db)
    .await
    .unwrap();
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/photos?gallery_id={gallery}&limit=50{after}");
        let page = ana.browser.get_json(&path).await.json::<Value>();
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|photo| photo["taken_at"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 120);
    assert!(seen.is_sorted());
    let page = ana.browser.get(&format!("/gallery/{gallery}")).await;
    assert!(
        page.attributes("a", "href").iter().any(|href| href.contains("?after=")),
        "the page has a next one"
    );
    for nonsense in ["nonsense", "-8000000000000000000.1", "9223372036854775807.1"] {
        assert_eq!(ana.browser.get(&format!("/gallery/{gallery}?after={nonsense}")).await.status, 400);
    }
}

#[tokio::test]
async fn many_galleries_are_paged_and_found_by_a_part_of_their_name() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    ana.gallery("Müller & Groß").await;
    assert!(ana.browser.get("/gallery").await.select("#search-q").is_empty(), "one is found by looking");
    for number in 1..=61 {
        ana.gallery(&format!("Event {number}")).await;
    }
    let ben = app.photographer("ben").await;
    ben.gallery("Müller of somebody else").await;
    let first = ana.browser.get("/gallery").await;
    assert_eq!(first.select(".gallery-card").len(), 60);
    let next = first.attributes(".more [rel=next]", "href").pop().expect("a second page");
    assert_eq!(ana.browser.get(&next).await.select(".gallery-name"), ["Event 1", "Müller & Groß"]);
    let found = ana.browser.get("/gallery?q=m%C3%BCLLER").await;
    assert_eq!(found.select(".gallery-name"), ["Müller & Groß"]);
    assert_eq!(found.attributes("#search-q", "value"), ["müLLER"]);
    assert_eq!(ana.browser.get("/gallery?q=%25").await.select(".empty-title"), ["Nothing fits"]);
}
