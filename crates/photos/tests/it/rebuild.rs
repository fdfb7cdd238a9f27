//! Renditions that are made again: by a better recipe, or because an operator wants it.

use std::process::Command;

use serde_json::Value;

use crate::harness::{TestApp, eventually, jpeg};

#[tokio::test]
async fn a_better_recipe_is_rolled_out_while_the_old_pictures_are_shown() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let worker = app.worker();
    ana.photo(None, "a.jpg", jpeg(1, 900, 600)).await;
    let photo = &ana.all_done().await[0];
    let address = photo["renditions"]["preview"]["url"].as_str().unwrap().to_owned();
    drop(worker);
    age(&app).await;
    let old = stored_renditions(&app);
    assert_eq!(old.len(), 6);
    assert_eq!(ana.browser.get(&address).await.body, b"old", "before anything was begun");

    let _worker = app.worker();
    eventually("the photo is made again", async || outdated(&app).await == 0).await;
    let new = ana.browser.get(&address).await;
    assert!(new.body.starts_with(&[0xFF, 0xD8]), "the new picture is shown at the same address");
    let all = stored_renditions(&app);
    assert_eq!(all.len(), 12, "the old files are there for whoever still reads them: {all:#?}");

    app.sweep().await;
    assert_eq!(stored_renditions(&app).len(), 12);
    app.sql("update pending_files set created_at = created_at - interval '25 hours'").await;
    app.sweep().await;
    let left = stored_renditions(&app);
    assert_eq!(left.len(), 6);
    assert!(left.iter().all(|key| !old.contains(key)), "the old files are gone, and no others: {left:#?}");
    assert_eq!(ana.browser.get(&address).await.body, new.body);
}

#[tokio::test]
async fn a_file_that_a_row_names_is_not_removed_whatever_a_killed_worker_noted() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    ana.photo(None, "a.jpg", jpeg(1, 60, 40)).await;
    ana.all_done().await;
    app.sql(
        "insert into pending_files (storage_key, created_at)
         select storage_key, now() - interval '2 days' from renditions
         union all select storage_key, now() - interval '2 days' from files",
    )
    .await;
    let before = app.stored_files();
    app.sweep().await;
    assert_eq!(app.stored_files(), before);
}

#[tokio::test]
async fn a_rebuild_goes_on_after_its_worker_was_killed_and_does_nothing_twice() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let worker = app.worker();
    for seed in 0..12 {
        ana.photo(None, "a.jpg", jpeg(seed, 1200, 800)).await;
    }
    ana.all_done().await;
    drop(worker);
    app.sql("create table work_done as select id as photo_id from photo where false").await;
    app.sql(
        "create function note_work() returns trigger language plpgsql as
         $$ begin insert into work_done values (new.id); return new; end $$",
    )
    .await;
    app.sql("create trigger note_work after update of processed_at on photo for each row execute function note_work()")
        .await;

    assert!(command(&app, &["rebuild", "--all"]).contains("Photos to be made again: 12"));
    let mut worker = app.worker();
    eventually("some are done", async || outdated(&app).await < 10).await;
    worker.0.kill().unwrap();
    let left = outdated(&app).await;
    assert!(left > 0, "all was done before the kill");
    assert!(command(&app, &["rebuild"]).contains(&format!("Photos to be made again: {left}")));
    let _worker = app.worker();
    eventually("all are done", async || outdated(&app).await == 0).await;
    let counts: Vec<i64> = sqlx::query_scalar("select count(*) from work_done group by photo_id")
        .fetch_all(&app.db)
        .await
        .unwrap();
    assert_eq!(counts, [1; 12]);
    eventually("the queue is empty", async || jobs(&app).await == 0).await;
    assert!(command(&app, &["status"]).contains("Photos ready: 12"));
}

#[tokio::test]
async fn uploads_go_before_what_is_made_again() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let worker = app.worker();
    for seed in 0..10 {
        ana.photo(None, "old.jpg", jpeg(seed, 60, 40)).await;
    }
    ana.all_done().await;
    // The queue holds what is to be made again, and only then comes the upload.
    command(&app, &["rebuild", "--all"]);
    photos::renditions::rebuild::feed(&app.db).await.unwrap();
    drop(worker);
    app.sql("update photo set recipe = null").await;
    photos::renditions::rebuild::feed(&app.db).await.unwrap();
    let new = ana.photo(None, "new.jpg", jpeg(100, 60, 40)).await;
    let _worker = app.worker_with(&[("WORKER_CONCURRENCY", "1")]);
    eventually("all are done", async || outdated(&app).await == 0).await;
    let order: Vec<i32> =
        sqlx::query_scalar("select id from photo order by processed_at").fetch_all(&app.db).await.unwrap();
    let place = order.iter().position(|id| i64::from(*id) == new).unwrap();
    assert!(place < 2, "one decoder has two jobs in hand, and the upload is one of the first two: {place}");
}

#[tokio::test]
async fn an_operator_chooses_what_is_made_again() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Garden").await;
    let worker = app.worker();
    ana.photo(Some(gallery), "a.jpg", jpeg(1, 60, 40)).await;
    ana.photo(None, "b.jpg", jpeg(2, 60, 40)).await;
    let mut broken = jpeg(3, 800, 600);
    broken.truncate(700);
    ana.photo(None, "c.jpg", broken).await;
    ana.all_done().await;
    drop(worker);
    assert!(command(&app, &["rebuild"]).contains("Photos to be made again: 0"));
    assert!(command(&app, &["status"]).contains("Photos failed: 1"));
    assert!(
        command(&app, &["rebuild", "--kind", "preview"]).contains("chosen: 1"),
        "the failed one has none"
    );
    app.sql("update photo set recipe = 1000000").await;
    assert!(command(&app, &["rebuild", "--failed"]).contains("chosen: 1"));
    assert!(command(&app, &["rebuild", "--gallery", &gallery.to_string()]).contains("chosen: 1"));
    assert!(command(&app, &["rebuild", "--gallery", "999"]).contains("chosen: 0"));
    app.sql("delete from renditions where kind = 'thumbnail' and photo_id = (select min(id) from photo)")
        .await;
    assert!(command(&app, &["rebuild", "--kind", "thumbnail"]).contains("chosen: 2"));
    assert!(command(&app, &["rebuild", "--all"]).contains("again: 3"));
}

#[tokio::test]
async fn a_photo_that_can_not_be_made_again_keeps_its_pictures() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let worker = app.worker();
    ana.photo(None, "a.jpg", jpeg(1, 60, 40)).await;
    let photo = &ana.all_done().await[0];
    let address = photo["renditions"]["preview"]["url"].as_str().unwrap().to_owned();
    drop(worker);
    for file in app.stored_files().into_iter().filter(|file| !file.contains("renditions")) {
        std::fs::remove_file(app.storage.join(file)).unwrap();
    }
    command(&app, &["rebuild", "--all"]);
    let _worker = app.worker();
    eventually("it was tried", async || outdated(&app).await == 0).await;
    let photo = &ana.browser.get_json("/api/photos").await.json::<Value>()["items"][0];
    assert_eq!(photo["status"], "ready", "{photo:#?}");
    assert_eq!(ana.browser.get(&address).await.status, 200);
}

/// Makes everything look as if an older release had made it.
async fn age(app: &TestApp) {
    app.sql("update photo set recipe = 0").await;
    let keys: Vec<String> =
        sqlx::query_scalar("select storage_key from renditions").fetch_all(&app.db).await.unwrap();
    let current = format!("/{}-", imaging::RECIPE_VERSION);
    for key in keys {
        let old = key.replace(&current, "/0-");
        std::fs::rename(app.storage.join(&key), app.storage.join(&old)).unwrap();
        std::fs::write(app.storage.join(&old), "old").unwrap();
        sqlx::query(
            "update renditions set recipe = 0, size_bytes = 3, storage_key = $1 where storage_key = $2",
        )
        .bind(&old)
        .bind(&key)
        .execute(&app.db)
        .await
        .unwrap();
    }
}

fn stored_renditions(app: &TestApp) -> Vec<String> {
    let mut files = app.stored_files();
    files.retain(|file| file.contains("/renditions/"));
    files
}

async fn outdated(app: &TestApp) -> i64 {
    photos::renditions::store::outdated::count_outdated(&app.db).await.unwrap()
}

async fn jobs(app: &TestApp) -> i64 {
    sqlx::query_scalar("select count(*) from graphile_worker._private_jobs").fetch_one(&app.db).await.unwrap()
}

/// `photos renditions …`, and what it says.
fn command(app: &TestApp, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_photos"))
        .arg("renditions")
        .args(arguments)
        .env("PHOTOS_DATABASE_URL", &app.database.url)
        .envs(app.place.iter().map(|(name, value)| (name, value)))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
