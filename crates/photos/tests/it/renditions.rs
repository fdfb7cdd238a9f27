//! Processing: from a stored original to its renditions, whatever dies on the way.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::reqwest::Method;

use crate::harness::{TestApp, jpeg};

#[tokio::test]
async fn a_photo_becomes_ready_with_six_renditions_never_enlarged() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    ana.photo(None, "large.jpg", jpeg(1, 2400, 1600)).await;
    ana.photo(None, "small.jpg", jpeg(2, 300, 500)).await;
    let photos = ana.all_done().await;
    let sizes = |photo: &Value| {
        ["thumbnail", "thumbnail_2x", "preview"].map(|kind| {
            (photo["renditions"][kind]["width"].as_i64(), photo["renditions"][kind]["height"].as_i64())
        })
    };
    let pair = |width, height| (Some(width), Some(height));
    assert_eq!(sizes(&photos[1]), [pair(400, 267), pair(800, 533), pair(2048, 1365)]);
    assert_eq!(sizes(&photos[0]), [pair(240, 400), pair(300, 500), pair(300, 500)]);
    let made: i64 = sqlx::query_scalar("select count(*) from renditions").fetch_one(&app.db).await.unwrap();
    assert_eq!(made, 12);
}

#[tokio::test]
async fn a_file_that_breaks_while_decoding_fails_with_its_reason_and_keeps_its_original() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let mut broken = jpeg(1, 800, 600);
    broken.truncate(700);
    let id = ana.photo(None, "broken.jpg", broken.clone()).await;
    let photo = &ana.all_done().await[0];
    assert_eq!(photo["status"], "failed");
    assert!(!photo["failure"]["detail"].as_str().unwrap().is_empty());
    let page = ana.browser.get("/photos").await;
    let detail = photo["failure"]["detail"].as_str().unwrap();
    assert!(page.select("[data-status=failed]")[0].contains(detail), "the page says why");
    let original = page.attributes("a[href*='/original?']", "href");
    let stored = app.stored_files();
    assert_eq!(stored.len(), 1);
    assert_eq!(std::fs::read(app.storage.join(&stored[0])).unwrap(), broken);
    if let Some(address) = original.first() {
        assert_eq!(ana.browser.get(address).await.body, broken);
    }
    let again = ana.browser.post_json(&format!("/api/photos/{id}/retry"), &json!({})).await;
    assert_eq!(again.status, 202, "{}", again.text());
    assert_eq!(ana.all_done().await[0]["status"], "failed");
    let ready = ana.photo(None, "good.jpg", jpeg(2, 60, 40)).await;
    ana.all_done().await;
    let refused = ana.browser.post_json(&format!("/api/photos/{ready}/retry"), &json!({})).await;
    assert_eq!(refused.status, 409, "only what failed is processed again");
}

#[tokio::test]
async fn a_decoder_that_runs_out_of_time_fails_its_photo_and_nothing_else() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let slow = app.worker_with(&[("RENDER_CPU_SECONDS", "0")]);
    ana.photo(None, "slow.jpg", jpeg(1, 3000, 2000)).await;
    let photo = &ana.all_done().await[0];
    assert_eq!(
        (photo["status"].as_str(), photo["failure"]["reason"].as_str()),
        (Some("failed"), Some("took_too_long"))
    );
    drop(slow);
    let _worker = app.worker();
    ana.photo(None, "good.jpg", jpeg(2, 60, 40)).await;
    assert_eq!(ana.all_done().await[0]["status"], "ready");
}

#[tokio::test]
async fn what_a_killed_worker_had_in_hand_is_done_by_the_next() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let mut first = app.worker();
    for seed in 0..8 {
        ana.photo(None, &format!("{seed}.jpg"), jpeg(seed, 3000, 2000)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    first.0.kill().expect("SIGKILL");
    let _second = app.worker();
    let photos = ana.all_done().await;
    assert!(photos.iter().all(|photo| photo["status"] == "ready"), "{photos:#?}");
    let jobs: i64 = sqlx::query_scalar("select count(*) from graphile_worker._private_jobs")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(jobs, 0);
}

#[tokio::test]
async fn a_worker_with_nothing_to_do_leaves_the_database_in_peace() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    ana.photo(None, "a.jpg", jpeg(1, 60, 40)).await;
    ana.all_done().await;
    // The server publishes its counts about a second after a connection falls idle.
    let transactions = async || {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let count =
            "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()";
        sqlx::query_scalar::<_, i64>(count).fetch_one(&app.db).await.unwrap()
    };
    let before = transactions().await;
    let during = transactions().await - before;
    assert!(during < 100, "{during} transactions in a second and a half");
}

#[tokio::test]
async fn with_the_storage_away_a_photo_waits_instead_of_failing() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    ana.photo(None, "a.jpg", jpeg(1, 60, 40)).await;
    let _worker = app.worker();
    ana.all_done().await;
    let away = app.storage.with_extension("away");
    std::fs::rename(&app.storage, &away).unwrap();
    std::fs::create_dir(&app.storage).unwrap();
    app.sql("update photo set status = 'failed'").await;
    let photos = ana.browser.get_json("/api/photos").await.json::<Value>();
    let retry = format!("/api/photos/{}/retry", photos["items"][0]["id"]);
    assert_eq!(ana.browser.post_json(&retry, &json!({})).await.status, 202);
    assert_eq!(app.browser().get_json("/health").await.status, 503);
    tokio::time::sleep(Duration::from_secs(1)).await;
    std::fs::remove_dir(&app.storage).unwrap();
    std::fs::rename(&away, &app.storage).unwrap();
    assert_eq!(ana.all_done().await[0]["status"], "ready");
}

#[tokio::test]
async fn an_original_that_has_vanished_is_said_so() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    ana.photo(None, "a.jpg", jpeg(1, 60, 40)).await;
    for file in app.stored_files() {
        std::fs::remove_file(app.storage.join(file)).unwrap();
    }
    let _worker = app.worker();
    assert_eq!(ana.all_done().await[0]["failure"]["reason"], "original_missing");
}

#[tokio::test]
async fn an_open_page_hears_of_its_own_photos_and_of_nobody_elses() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let ben = app.photographer("ben").await;
    let mut stream = ana.browser.request(Method::GET, "/events").send().await.expect("a stream");
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let hello = stream.chunk().await.unwrap().expect("the stream begins at once");
    assert!(hello.starts_with(b"retry:"));
    ben.photo(None, "b.jpg", jpeg(1, 60, 40)).await;
    let id = ana.photo(None, "a.jpg", jpeg(2, 60, 40)).await;
    let _worker = app.worker();
    let event = tokio::time::timeout(Duration::from_secs(20), stream.chunk())
        .await
        .expect("in time")
        .unwrap()
        .unwrap();
    let event = String::from_utf8_lossy(&event).into_owned();
    assert_eq!(event, format!("event: photo\ndata: {{\"id\":{id},\"status\":\"ready\"}}\n\n"));
    assert_eq!(app.browser().get_json("/events").await.status, 401);
}
