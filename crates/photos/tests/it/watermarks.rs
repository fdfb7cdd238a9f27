//! A photographer's own watermark: chosen, tried, drawn over what is there, and never missing.

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use serde_json::{Value, json};
use test_support::reqwest::Method;

use crate::harness::{Person, TestApp, eventually, jpeg};

/// A ring on nothing.
fn ring(alpha: u8) -> Vec<u8> {
    let ring = RgbaImage::from_fn(120, 120, |x, y| {
        let away = (f64::from(x) - 60.0).hypot(f64::from(y) - 60.0);
        Rgba([250, 250, 250, if (30.0..55.0).contains(&away) { alpha } else { 0 }])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(ring).write_to(&mut png, ImageFormat::Png).expect("a PNG");
    png.into_inner()
}

impl Person {
    async fn watermark(&self) -> Value {
        let answer = self.browser.get_json("/api/watermark").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    async fn change(&self, change: Value) -> Value {
        let answer = self.browser.json(Method::PUT, "/api/watermark", &change).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    async fn send_png(&self, png: Vec<u8>) -> test_support::Answer {
        let token = self.browser.get_json("/auth/session").await.json::<Value>()["csrf_token"].clone();
        let request = self.browser.request(Method::PUT, "/api/watermark/image");
        let request = request.header("x-csrf-token", token.as_str().expect("a token"));
        self.browser.send(request.header("content-type", "image/png").body(png)).await
    }

    async fn until_drawn(&self) {
        eventually("no photo waits for its watermark", async || self.watermark().await["pending"] == 0).await;
    }
}

/// The bytes of one rendition of the only photo.
async fn stored(app: &TestApp, marked: bool) -> Vec<u8> {
    let key: String =
        sqlx::query_scalar("select storage_key from renditions where kind = 'thumbnail' and marked = $1")
            .bind(marked)
            .fetch_one(&app.db)
            .await
            .expect("one photo");
    std::fs::read(app.storage.join(key)).expect("the file")
}

#[tokio::test]
async fn without_a_choice_it_is_the_photographers_name() {
    let app = TestApp::start().await;
    let watermark = app.photographer("ana").await.watermark().await;
    assert_eq!(
        watermark,
        json!({ "kind": "name", "text": null, "image": null, "position": "tiled", "size": 0.038, "opacity": 0.4,
            "angle": 24.0, "margin": 0.03, "updated_at": null, "pending": 0, "photos": 0 })
    );
}

#[tokio::test]
async fn another_watermark_is_drawn_in_the_background_and_the_old_one_is_shown_until_then() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.photographer("ana").await, app.photographer("ben").await);
    let worker = app.worker();
    ana.photo(None, "a.jpg", jpeg(1, 640, 480)).await;
    ana.all_done().await;
    let (before, clean) = (stored(&app, true).await, stored(&app, false).await);
    drop(worker);

    let asked = ana.change(json!({ "text": "Pérez & Söhne", "position": "bottom_right" })).await;
    assert_eq!(
        (&asked["pending"], &asked["kind"], &asked["opacity"]),
        (&json!(1), &json!("text"), &json!(0.75))
    );
    assert_eq!(ben.watermark().await["pending"], 0, "others have nothing to do with it");
    assert_eq!(stored(&app, true).await, before, "the old mark is shown until the new one is there");
    assert_eq!(ana.all_done().await[0]["status"], "ready");
    let worker = app.worker();
    ana.until_drawn().await;
    let corner = stored(&app, true).await;
    assert!(corner != before && corner != clean);
    assert_eq!(stored(&app, false).await, clean);

    let same = ana.change(json!({ "position": "bottom_right" })).await;
    assert_eq!(same["pending"], 0, "what is no change makes no work");
    assert_eq!(ana.browser.delete("/api/watermark").await.status, 204);
    ana.until_drawn().await;
    assert_eq!(stored(&app, true).await, before, "back to the name");
    ana.photo(None, "b.jpg", jpeg(2, 64, 48)).await;
    ana.all_done().await;
    assert_eq!(ana.watermark().await["pending"], 0, "what is made now is made with it");
    drop(worker);
}

#[tokio::test]
async fn a_photo_that_was_in_work_while_the_watermark_changed_is_made_again() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    ana.change(json!({ "text": "First" })).await;
    let worker = app.worker();
    eventually("the queue is empty", async || jobs(&app).await == 0).await;
    // The worker has its recipe; then somebody changes the watermark before the renditions are kept.
    app.sql(
        "create function meanwhile() returns trigger language plpgsql as $$ begin
            update watermarks set text = 'Second', version = nextval('watermark_versions') where text = 'First';
            return null; end $$",
    )
    .await;
    app.sql(
        "create trigger meanwhile after delete on renditions for each statement execute function meanwhile()",
    )
    .await;
    ana.photo(None, "a.jpg", jpeg(1, 640, 480)).await;
    ana.all_done().await;
    assert_eq!(ana.watermark().await["text"], "Second");
    ana.until_drawn().await;
    let drawn: bool = sqlx::query_scalar("select mark_version = version from photo, watermarks")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert!(drawn);
    drop(worker);
}

async fn jobs(app: &TestApp) -> i64 {
    let count = "select count(*) from graphile_worker._private_jobs";
    sqlx::query_scalar(count).fetch_one(&app.db).await.expect("a count")
}

#[tokio::test]
async fn a_png_is_drawn_and_what_can_not_be_is_refused_in_words() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let worker = app.worker();
    ana.photo(None, "a.jpg", jpeg(1, 640, 480)).await;
    ana.all_done().await;
    let before = stored(&app, true).await;
    let whole = ring(255);
    let taken = ana.send_png(whole.clone()).await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    let taken = taken.json::<Value>();
    assert_eq!((&taken["kind"], &taken["image"]["width"]), (&json!("image"), &json!(109)));
    ana.until_drawn().await;
    let with_ring = stored(&app, true).await;
    assert!(with_ring != before && with_ring != stored(&app, false).await);

    for (bytes, words) in [
        (jpeg(1, 60, 40), "not a PNG"),
        (whole[..whole.len() / 2].to_vec(), "damaged"),
        (ring(9), "transparent"),
        (Vec::new(), "not a PNG"),
        (vec![0; 3 << 20], "larger than 2 MB"),
    ] {
        let refused = ana.send_png(bytes).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        let said = refused.json::<Value>()["errors"]["image"].as_str().expect("words").to_owned();
        assert!(said.contains(words), "{said}");
    }
    for wrong in [json!({ "opacity": 0.01 }), json!({ "position": "nowhere" }), json!({ "text": "山" })] {
        let refused = ana.browser.json(Method::PUT, "/api/watermark", &wrong).await;
        assert_eq!(refused.status, 422, "{wrong}");
    }
    let kept = ana.watermark().await;
    assert_eq!((&kept["kind"], &kept["pending"]), (&json!("image"), &json!(0)), "nothing of it was kept");
    let fainter = ana.browser.json(Method::PUT, "/api/watermark", &json!({ "opacity": 0.3 })).await;
    assert_eq!(fainter.status, 200, "{}", fainter.text());
    assert_eq!(fainter.json::<Value>()["image"]["width"], 109, "the picture stays");
    drop(worker);
}

#[tokio::test]
async fn a_watermark_that_can_not_be_drawn_leaves_no_picture_unmarked() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let worker = app.worker();
    ana.photo(None, "a.jpg", jpeg(1, 640, 480)).await;
    ana.all_done().await;
    let before = stored(&app, true).await;
    ana.send_png(ring(255)).await;
    ana.until_drawn().await;
    let with_ring = stored(&app, true).await;
    app.sql("update watermarks set image = 'broken', version = nextval('watermark_versions')").await;
    let id = ana.photo(None, "b.jpg", jpeg(2, 640, 480)).await;
    let photos = ana.all_done().await;
    let new = photos.iter().find(|photo| photo["id"] == id).expect("the new photo");
    assert_eq!((&new["status"], &new["failure"]["reason"]), (&json!("failed"), &json!("mark_failed")));
    let made: i64 = sqlx::query_scalar("select count(*) from renditions where photo_id = $1")
        .bind(i32::try_from(id).expect("an id"))
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(made, 0, "no rendition of it, clean or marked");
    assert!(before != with_ring && stored(&app, true).await == with_ring, "the old one keeps its mark");
    drop(worker);
}

#[tokio::test]
async fn a_preview_shows_a_watermark_before_it_is_kept() {
    let app = TestApp::start_with(&[("WATERMARK_LIMIT_PER_MINUTE", "6")]).await;
    let (ana, ben) = (app.photographer("ana").await, app.photographer("ben").await);
    let worker = app.worker();
    let id = ana.photo(None, "a.jpg", jpeg(1, 300, 200)).await;
    ana.all_done().await;
    drop(worker);
    let scene = ana.browser.get("/api/watermark/preview").await;
    assert_eq!((scene.status.as_u16(), scene.header("content-type")), (200, "image/jpeg"));
    assert_eq!(scene.header("cache-control"), "no-store");
    let picture = image::load_from_memory(&scene.body).expect("a picture");
    assert_eq!((picture.width(), picture.height()), (1500, 1000));

    let draft = json!({ "position": "center", "text": "Draft" });
    let other = ana.browser.post_json("/api/watermark/preview", &draft).await;
    assert_eq!(other.status, 200, "{}", other.text());
    assert!(other.body != scene.body);
    assert_eq!(ana.watermark().await["kind"], "name", "a draft is not kept");
    let wrong = ana.browser.post_json("/api/watermark/preview", &json!({ "size": 9 })).await;
    assert_eq!(wrong.status, 422);
    let own = ana.browser.get(&format!("/api/watermark/preview?photo_id={id}")).await;
    let picture = image::load_from_memory(&own.body).expect("a picture");
    assert_eq!((picture.width(), picture.height()), (300, 200));
    assert_eq!(ben.browser.get(&format!("/api/watermark/preview?photo_id={id}")).await.status, 404);
    assert_eq!(ana.browser.get("/api/watermark/preview?photo_id=999").await.status, 404);
    assert_eq!(ana.browser.get("/api/watermark/preview").await.status, 429, "the seventh in a minute");
}
