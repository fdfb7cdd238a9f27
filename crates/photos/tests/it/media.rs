//! Pictures go to those who may see them at this moment, and to nobody else by any address.

use serde_json::{Value, json};
use test_support::{Client, reqwest::Method};

use crate::{
    harness::{Person, TestApp, jpeg},
    shares::media_addresses,
};

const VARIANTS: [&str; 10] = [
    "thumbnail",
    "thumbnail_2x",
    "preview",
    "marked-thumbnail",
    "marked-thumbnail_2x",
    "marked-preview",
    "thumbnail.webp",
    "preview.webp",
    "original",
    "clean-original",
];

struct World {
    app: TestApp,
    ana: Person,
    gallery: i64,
    photo: i64,
}

async fn world() -> World {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let _worker = app.worker();
    let photo = ana.photo(Some(gallery), "Übung.jpg", jpeg(1, 900, 600)).await;
    ana.all_done().await;
    World { app, ana, gallery, photo }
}

/// The address of a variant, made from a valid address of another one by exchanging the name.
fn exchanged(address: &str, photo: i64, variant: &str) -> String {
    let query = address.split_once('?').expect("a signed address").1;
    format!("/media/{photo}/{variant}?{query}")
}

async fn own_address(world: &World) -> String {
    let photo = world.ana.browser.get_json(&format!("/api/photos/{}", world.photo)).await.json::<Value>();
    photo["renditions"]["preview"]["url"].as_str().expect("it is ready").to_owned()
}

#[tokio::test]
async fn a_preview_link_reaches_no_clean_picture_and_no_original_by_any_address() {
    let world = world().await;
    let (_, path) = world.ana.share(world.gallery, "preview").await;
    let client = world.app.browser();
    let addresses = media_addresses(&client.get(&path).await.text());
    for address in &addresses {
        for variant in VARIANTS.iter().filter(|variant| !variant.starts_with("marked")) {
            assert_eq!(client.get(&exchanged(address, world.photo, variant)).await.status, 404, "{variant}");
            let unsigned = format!("/media/{}/{variant}", world.photo);
            assert_ne!(client.get(&unsigned).await.status, 200, "{variant}");
        }
    }
    // Even an address that was signed for this link as a full one is worth nothing once the link is a preview.
    world.app.sql("update share_links set access_level = 'full'").await;
    let clean = media_addresses(&client.get(&path).await.text());
    let clean = clean.iter().find(|address| address.contains("/preview?")).expect("a clean one");
    assert_eq!(client.get(clean).await.status, 200);
    world.app.sql("update share_links set access_level = 'preview'").await;
    assert_eq!(client.get(clean).await.status, 404);
}

#[tokio::test]
async fn an_altered_address_is_worth_nothing() {
    let world = world().await;
    let (_, path) = world.ana.share(world.gallery, "full").await;
    let client = world.app.browser();
    let address = media_addresses(&client.get(&path).await.text()).remove(0);
    assert_eq!(client.get(&address).await.status, 200);
    let altered = [
        address.replace("g=l", "g=l1"),
        address.replace("g=l", "g=p&x=l"),
        address.replace("&e=", "&e=9"),
        address[..address.len() - 1].to_owned(),
        format!("{address}A"),
        address.replace(&format!("/media/{}", world.photo), "/media/2"),
    ];
    for altered in altered {
        assert_ne!(client.get(&altered).await.status, 200, "{altered}");
    }
}

#[tokio::test]
async fn a_persons_address_works_with_their_live_session_alone() {
    let world = world().await;
    let address = own_address(&world).await;
    let ben = world.app.photographer("ben").await;
    let status = async |browser: &Client| browser.get(&address).await.status.as_u16();
    assert_eq!(status(&world.ana.browser).await, 200);
    assert_eq!(status(&ben.browser).await, 404);
    assert_eq!(status(&world.app.browser()).await, 404);
    world.ana.browser.get("/auth/logout").await;
    world.ana.browser.post_form("/auth/logout", &[]).await;
    assert_eq!(status(&world.ana.browser).await, 404);
}

#[tokio::test]
async fn a_private_gallery_answers_404_to_everybody_else() {
    let world = world().await;
    let ben = world.app.photographer("ben").await;
    let photo = format!("/api/photos/{}", world.photo);
    for visitor in [&ben.browser, &world.app.browser()] {
        assert_eq!(visitor.get_json(&photo).await.status, 404);
        assert_eq!(visitor.get(&format!("/gallery/{}", world.gallery)).await.status, 404);
    }
}

#[tokio::test]
async fn a_public_picture_is_public_until_its_gallery_is_not() {
    let world = world().await;
    let path = format!("/api/galleries/{}", world.gallery);
    world.ana.browser.json(Method::PUT, &path, &json!({ "is_public": true })).await;
    let visitor = world.app.browser();
    let page = visitor.get(&format!("/gallery/{}", world.gallery)).await;
    let address = media_addresses(&page.text()).remove(0);
    let picture = visitor.get(&address).await;
    assert_eq!((picture.status.as_u16(), picture.header("cache-control")), (200, "public, max-age=300"));
    for variant in ["original", "clean-original"] {
        assert_eq!(visitor.get(&exchanged(&address, world.photo, variant)).await.status, 404);
    }
    world.ana.browser.json(Method::PUT, &path, &json!({ "is_public": false })).await;
    assert_eq!(visitor.get(&address).await.status, 404);
}

#[tokio::test]
async fn a_photo_that_left_the_gallery_left_its_links_too() {
    let world = world().await;
    let (_, path) = world.ana.share(world.gallery, "full").await;
    let client = world.app.browser();
    let address = media_addresses(&client.get(&path).await.text()).remove(0);
    world.ana.browser.delete(&format!("/api/galleries/{}/photos/{}", world.gallery, world.photo)).await;
    assert_eq!(client.get(&address).await.status, 404);
}

#[tokio::test]
async fn an_archived_photo_is_seen_by_its_owner_alone() {
    let world = world().await;
    let (_, path) = world.ana.share(world.gallery, "full").await;
    let client = world.app.browser();
    let address = media_addresses(&client.get(&path).await.text()).remove(0);
    world.app.sql("update photo set archived = true").await;
    assert_eq!(client.get(&address).await.status, 404);
    assert!(media_addresses(&client.get(&path).await.text()).is_empty());
    assert_eq!(world.ana.browser.get(&own_address(&world).await).await.status, 200);
}

#[tokio::test]
async fn ranges_tags_and_heads_work() {
    let world = world().await;
    let address = own_address(&world).await;
    let browser = &world.ana.browser;
    let whole = browser.get(&address).await;
    assert_eq!(whole.header("cache-control"), "private, max-age=21600, immutable");
    assert_eq!(whole.header("content-length"), whole.body.len().to_string());
    assert_eq!(whole.header("content-security-policy"), "default-src 'none'; sandbox");
    let ask = |method: Method, name: &'static str, value: String| {
        browser.send(browser.request(method, &address).header(name, value))
    };
    let part = ask(Method::GET, "range", "bytes=10-19".into()).await;
    assert_eq!((part.status.as_u16(), &part.body[..]), (206, &whole.body[10..20]));
    assert_eq!(part.header("content-range"), format!("bytes 10-19/{}", whole.body.len()));
    let tail = ask(Method::GET, "range", "bytes=-5".into()).await;
    assert_eq!(tail.body, whole.body[whole.body.len() - 5..]);
    assert_eq!(ask(Method::GET, "range", "bytes=99999999-".into()).await.status, 416);
    let known = ask(Method::GET, "if-none-match", whole.header("etag").to_owned()).await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    let head = ask(Method::HEAD, "accept", "image/jpeg".into()).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), whole.body.len().to_string());
}

#[tokio::test]
async fn the_owner_gets_the_original_under_its_own_name() {
    let world = world().await;
    let photo = world.ana.browser.get_json(&format!("/api/photos/{}", world.photo)).await.json::<Value>();
    let address = photo["original_url"].as_str().expect("offered").to_owned();
    let page = world.ana.browser.get(&format!("/gallery/{}", world.gallery)).await.text();
    assert!(page.contains(&format!("/photos/{}/download", world.photo)));
    let original = world.ana.browser.get(&address).await;
    assert_eq!(original.body, jpeg(1, 900, 600));
    let disposition = original.header("content-disposition");
    assert!(
        disposition.starts_with("attachment") && disposition.contains("UTF-8''%C3%9Cbung.jpg"),
        "{disposition}"
    );
}
