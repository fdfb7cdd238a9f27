//! Finding photos as a program: what the page finds, in every order, page after page.

use common::identity::Role;
use serde_json::{Value, json};
use test_support::Client;

use crate::harness::{Person, TestApp, jpeg};

/// Five photos: name, gallery or none, stars, when it was taken.
const PHOTOS: [(&str, bool, u8, Option<&str>); 5] = [
    ("img_10.jpg", true, 3, Some("2026-05-02")),
    ("img_2.jpg", true, 0, Some("2026-05-03")),
    ("Cake.jpg", false, 5, Some("2026-05-02")),
    ("kiss.jpg", true, 5, Some("2026-05-01")),
    ("ring.jpg", false, 0, None),
];

async fn photos(app: &TestApp, ana: &Person) -> (i64, Vec<i64>) {
    let gallery = ana.gallery("Wedding").await;
    let mut ids = Vec::new();
    for (seed, (name, inside, stars, taken)) in (1..).zip(PHOTOS) {
        let id = ana.photo(inside.then_some(gallery), name, jpeg(seed, 60, 40)).await;
        let set = "update photo set rating = $2, taken_at = $3::text::timestamp, upload_date = '2026-06-01' where id = $1";
        let set = sqlx::query(set).bind(i32::try_from(id).unwrap()).bind(f64::from(stars)).bind(taken);
        set.execute(&app.db).await.unwrap();
        ids.push(id);
    }
    (gallery, ids)
}

/// All that the API lists, two at a time.
async fn listed(browser: &Client, query: &str) -> Vec<i64> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = browser.get_json(&format!("/api/photos?limit=2&{query}{after}")).await;
        assert_eq!(page.status, 200, "{query}: {}", page.text());
        let page = page.json::<Value>();
        let items = page["items"].as_array().unwrap();
        found.extend(items.iter().map(|photo| photo["id"].as_i64().unwrap()));
        let Some(next) = page["next"].as_str() else { return found };
        assert_eq!(items.len(), 2, "{query}: {page}");
        after = format!("&after={next}");
    }
}

async fn shown(browser: &Client, path: &str) -> Vec<i64> {
    let ids = browser.get(path).await.attributes("[data-grid] [data-photo]", "data-photo");
    ids.iter().map(|id| id.parse().unwrap()).collect()
}

#[tokio::test]
async fn every_order_is_listed_page_after_page_as_the_library_shows_it() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (_, ids) = photos(&app, &ana).await;
    for (sort, order) in [
        ("newest", [4, 3, 2, 1, 0]),
        ("oldest", [0, 1, 2, 3, 4]),
        ("taken_at", [3, 0, 2, 1, 4]),
        ("taken_last", [4, 1, 0, 2, 3]),
        ("name", [2, 1, 0, 3, 4]),
    ] {
        let expected = order.map(|place| ids[place]);
        assert_eq!(listed(&ana.browser, &format!("sort={sort}")).await, expected, "{sort}");
        assert_eq!(shown(&ana.browser, &format!("/photos?sort={sort}")).await, expected, "{sort}");
    }
}

#[tokio::test]
async fn a_search_finds_the_same_for_programs_as_on_the_pages() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (gallery, ids) = photos(&app, &ana).await;
    app.sql("update photo set archived = true where filename = 'kiss.jpg'").await;
    app.sql("update photo set locked = true, keywords = '{Dessert}' where filename = 'Cake.jpg'").await;
    for (query, found) in [
        ("q=IMG", vec![1, 0]),
        ("q=dessert", vec![2]),
        ("stars=3", vec![3, 2, 0]),
        ("filter=loose", vec![4, 2]),
        ("filter=archived", vec![3]),
        ("filter=locked", vec![2]),
        ("filter=ready", vec![]),
        ("q=i&stars=1&sort=name", vec![0, 3]),
        ("filter=archived&sort=taken_last&q=.jpg", vec![3]),
    ] {
        let found: Vec<i64> = found.into_iter().map(|place: usize| ids[place]).collect();
        assert_eq!(listed(&ana.browser, query).await, found, "{query}");
        assert_eq!(shown(&ana.browser, &format!("/photos?{query}")).await, found, "{query}");
    }
    let order = json!({ "order": "name" });
    let path = format!("/api/galleries/{gallery}");
    ana.browser.json(test_support::reqwest::Method::PUT, &path, &order).await;
    let section = json!({ "name": "Church" });
    let section = ana.browser.post_json(&format!("{path}/sections"), &section).await.json::<Value>();
    app.sql("update photo set section_id = (select id from sections) where filename like 'img%'").await;
    let section = format!("section={}", section["id"]);
    for (query, found) in [
        ("", vec![1, 0, 3]),
        ("stars=3", vec![0, 3]),
        ("filter=archived", vec![3]),
        ("q=img", vec![1, 0]),
        ("section=none", vec![3]),
        (&section, vec![1, 0]),
    ] {
        let found: Vec<i64> = found.into_iter().map(|place: usize| ids[place]).collect();
        assert_eq!(listed(&ana.browser, &format!("gallery_id={gallery}&{query}")).await, found, "{query}");
        assert_eq!(shown(&ana.browser, &format!("/gallery/{gallery}?{query}")).await, found, "{query}");
    }
    // A gallery in an order that it has not, and in one that no gallery has.
    let by_time = listed(&ana.browser, &format!("gallery_id={gallery}&sort=taken_at")).await;
    assert_eq!(by_time, [ids[3], ids[0], ids[1]]);
    let last = listed(&ana.browser, &format!("gallery_id={gallery}&sort=taken_last")).await;
    assert_eq!(last, [ids[1], ids[0], ids[3]]);
}

#[tokio::test]
async fn editors_list_the_gallery_they_work_on_and_nothing_else() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let vic = app.person("vic", Role::User).await;
    let (gallery, ids) = photos(&app, &ana).await;
    let path = format!("/api/photos?gallery_id={gallery}");
    for (level, status) in [("view", 403), ("copy", 403), ("edit", 200)] {
        let grant = json!({ "user": "vic", "permission_level": level });
        ana.browser.post_json(&format!("/api/galleries/{gallery}/permissions"), &grant).await;
        assert_eq!(vic.browser.get_json(&path).await.status, status, "{level}");
    }
    assert_eq!(
        listed(&vic.browser, &format!("gallery_id={gallery}&sort=name")).await,
        [ids[1], ids[0], ids[3]]
    );
    assert_eq!(vic.browser.get_json("/api/photos").await.status, 403);
    assert_eq!(vic.browser.get_json("/api/photos?q=kiss").await.status, 403);
    // What failed is processed again by whoever edits, on the page and through the API.
    app.sql("update photo set status = 'failed'").await;
    let again = vic.browser.post_json(&format!("/api/photos/{}/retry", ids[0]), &json!({})).await;
    assert_eq!(again.status, 202, "{}", again.text());
    let ben = app.photographer("ben").await;
    assert_eq!(listed(&ben.browser, "sort=name").await, Vec::<i64>::new());
    assert_eq!(ben.browser.get_json(&path).await.status, 404);
}

#[tokio::test]
async fn galleries_are_found_by_a_part_of_their_name_page_after_page() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    for name in ["Anna and Ben", "BANANA farm", "Concert"] {
        ana.gallery(name).await;
    }
    app.photographer("bo").await.gallery("Anna of somebody else").await;
    let found = async |query: &str| {
        let page = ana.browser.get_json(&format!("/api/galleries?{query}")).await.json::<Value>();
        let names = page["items"].as_array().unwrap().iter().map(|gallery| gallery["name"].to_string());
        (names.collect::<Vec<_>>().join(" "), page["next"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(found("q=ANa").await.0, r#""BANANA farm""#);
    let (first, next) = found("q=an&limit=1").await;
    assert_eq!(first, r#""BANANA farm""#);
    assert_eq!(found(&format!("q=an&limit=1&after={next}")).await.0, r#""Anna and Ben""#);
    assert_eq!(found("q=%25").await.0, "", "no pattern");
    assert_eq!(found("").await.0.split(r#"" ""#).count(), 3);
}
