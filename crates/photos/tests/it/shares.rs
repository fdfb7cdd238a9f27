//! Share links: made and ended by the owner, opened by whoever holds them.

use serde_json::{Value, json};
use test_support::reqwest::Method;

use crate::harness::{Person, TestApp, jpeg};

async fn gallery_of_two(app: &TestApp, ana: &Person) -> i64 {
    let gallery = ana.gallery("Wedding").await;
    let _worker = app.worker();
    ana.photo(Some(gallery), "1.jpg", jpeg(1, 900, 600)).await;
    ana.photo(Some(gallery), "2.jpg", jpeg(2, 600, 900)).await;
    ana.all_done().await;
    gallery
}

#[tokio::test]
async fn a_client_opens_a_preview_link_and_sees_marked_pictures_alone() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = gallery_of_two(&app, &ana).await;
    let (_, path) = ana.share(gallery, "preview").await;
    let client = app.browser();
    let page = client.get(&path).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.select("h1"), ["Wedding"]);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let addresses = media_addresses(&page.text());
    assert!(addresses.len() >= 6, "{addresses:?}");
    for address in addresses {
        assert!(address.contains("/marked-"), "{address}");
        let picture = client.get(&address).await;
        assert_eq!(
            (picture.status.as_u16(), picture.header("content-type")),
            (200, "image/jpeg"),
            "{address}"
        );
    }
    let body = client.get_json(&path.replace("/view/", "/api/view/")).await.json::<Value>();
    assert_eq!(body["items"].as_array().unwrap().len(), 2);
    assert!(!body.to_string().contains("/media/1/preview") && !body.to_string().contains("original"));
}

#[tokio::test]
async fn a_full_link_shows_clean_pictures_but_no_originals() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = gallery_of_two(&app, &ana).await;
    let (_, path) = ana.share(gallery, "full").await;
    let page = app.browser().get(&path).await.text();
    let addresses = media_addresses(&page);
    assert!(addresses.iter().any(|address| address.contains("/preview?")));
    assert!(
        addresses.iter().all(|address| !address.contains("marked") && !address.contains("original")),
        "{addresses:?}"
    );
}

#[tokio::test]
async fn revoking_a_link_ends_it_and_every_address_it_gave_out() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = gallery_of_two(&app, &ana).await;
    let (id, path) = ana.share(gallery, "full").await;
    let client = app.browser();
    let address = media_addresses(&client.get(&path).await.text()).remove(0);
    assert_eq!(client.get(&address).await.status, 200);
    assert_eq!(ana.browser.delete(&format!("/api/shares/{id}")).await.status, 204);
    assert_eq!(client.get(&address).await.status, 404);
    let gone = client.get(&path).await;
    assert_eq!(gone.status, 410);
    assert!(gone.text().contains("ask ana"), "{}", gone.text());
    assert_eq!(client.get_json(&path.replace("/view/", "/api/view/")).await.status, 410);
}

#[tokio::test]
async fn an_expired_link_says_so_and_its_pictures_are_gone() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = gallery_of_two(&app, &ana).await;
    let (_, path) = ana.share(gallery, "full").await;
    let client = app.browser();
    let address = media_addresses(&client.get(&path).await.text()).remove(0);
    app.sql("update share_links set expires_at = now() at time zone 'utc' - interval '1 minute'").await;
    assert_eq!(client.get(&path).await.status, 410);
    assert_eq!(client.get(&address).await.status, 404);
}

#[tokio::test]
async fn a_visit_counts_once_and_a_robot_never() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = gallery_of_two(&app, &ana).await;
    let (_, path) = ana.share(gallery, "full").await;
    let views = async || {
        let links = ana.browser.get_json(&format!("/api/galleries/{gallery}/shares")).await.json::<Value>();
        links["items"][0]["views"].as_i64().unwrap()
    };
    let robot = app.browser();
    let request =
        robot.request(Method::GET, &path).header("user-agent", "WhatsApp/2").header("accept", "text/html");
    let page = robot.send(request).await;
    assert!(page.status == 200 && media_addresses(&page.text()).is_empty(), "a robot sees no picture");
    let nameless = robot.request(Method::GET, &path).header("user-agent", "").header("accept", "text/html");
    assert!(
        media_addresses(&robot.send(nameless).await.text()).is_empty(),
        "neither does one without a name"
    );
    assert_eq!(views().await, 0);
    let client = app.browser();
    for _ in 0..3 {
        client.get(&path).await;
    }
    assert_eq!(views().await, 1);
    app.browser().get(&path).await;
    assert_eq!(views().await, 2);
}

#[tokio::test]
async fn what_is_not_a_link_is_nothing() {
    let app = TestApp::start().await;
    for token in ["x", "%00", &"a".repeat(43), &"a".repeat(500)] {
        assert_eq!(app.browser().get(&format!("/view/{token}")).await.status, 404, "{token}");
    }
}

#[tokio::test]
async fn the_database_holds_no_token_and_the_owner_can_copy_the_link_again() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, path) = ana.share(gallery, "full").await;
    let token = path.rsplit('/').next().unwrap();
    let rows: Vec<String> =
        sqlx::query_scalar("select share_links::text from share_links").fetch_all(&app.db).await.unwrap();
    assert!(rows.iter().all(|row| !row.contains(token)));
    let page = ana.browser.get(&format!("/gallery/{gallery}/shares")).await;
    assert!(page.text().contains(&path), "the owner's page shows the link");
}

#[tokio::test]
async fn the_form_makes_a_link_shows_it_once_and_explains_its_faults() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let page = format!("/gallery/{gallery}/shares");
    ana.browser.get(&page).await;
    let good =
        [("access_level", "preview"), ("expires_in_days", ""), ("recipient_email", "cleo@example.org")];
    let answer = ana.browser.post_form(&page, &good).await;
    let waiting: Vec<String> =
        sqlx::query_scalar("select sess::text from sessions").fetch_all(&app.db).await.unwrap();
    assert!(waiting.iter().all(|row| !row.contains("/view/")), "no link waits in a row: {waiting:?}");
    let shown = ana.browser.rest(answer).await;
    assert!(shown.text().contains("/view/") && shown.text().contains("cleo@example.org"), "{}", shown.text());
    for (field, value) in
        [("access_level", "everything"), ("expires_in_days", "5"), ("recipient_email", "nonsense")]
    {
        let fields: Vec<_> =
            good.iter().map(|(name, old)| (*name, if *name == field { value } else { *old })).collect();
        assert_eq!(ana.browser.post_form(&page, &fields).await.status, 422, "{field}");
    }
    let api = format!("/api/galleries/{gallery}/shares");
    let problem = ana.browser.post_json(&api, &json!({ "access_level": "all" })).await;
    assert_eq!(
        problem.json::<Value>()["errors"]["access_level"],
        "Choose marked previews or clean pictures."
    );
}

/// Every media address in a page.
pub fn media_addresses(page: &str) -> Vec<String> {
    let page = page.replace("&amp;", "&").replace("&#x2F;", "/").replace("&#x3D;", "=");
    let mut found: Vec<String> = page
        .split(['"', '\'', ' ', ','])
        .filter_map(|word| word.find("/media/").map(|start| word[start..].to_owned()))
        .collect();
    found.sort();
    found.dedup();
    found
}
