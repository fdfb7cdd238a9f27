//! What operators have done with stored files: moved to another storage while the site runs, checked, and mended.

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use test_support::S3Server;

use crate::{
    harness::{Person, TestApp, eventually, jpeg},
    takeover::{Ran, photos, run},
};

const COPIED: &str = "copied, read there and found to be the same";
const THERE: &str = "were there already";

/// `photos storage …` on this storage.
fn command(app: &TestApp, arguments: &[&str]) -> Command {
    let mut command = photos(&app.database.url, &app.storage, &[&["storage"], arguments].concat());
    command.envs(app.place.iter().map(|(name, value)| (name, value)));
    command
}

async fn storage(app: &TestApp, arguments: &[&str]) -> Ran {
    run(command(app, arguments), "").await
}

/// A file with the settings of a bucket of this server.
fn settings_file(app: &TestApp, server: &S3Server) -> String {
    let lines: Vec<String> =
        server.settings("photos").iter().map(|(name, value)| format!("{name}={value}")).collect();
    let path = app.storage.with_extension("env");
    fs::write(&path, lines.join("\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

async fn number(app: &TestApp, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(&app.db).await.unwrap()
}

async fn keys(app: &TestApp) -> Vec<String> {
    let named = "select storage_key from files union select storage_key from renditions";
    let mut named: Vec<String> = sqlx::query_scalar(named).fetch_all(&app.db).await.unwrap();
    named.sort();
    named
}

async fn delete_for_good(app: &TestApp, person: &Person, photo: i64) {
    assert_eq!(person.browser.delete(&format!("/api/photos/{photo}")).await.status, 204);
    assert_eq!(person.browser.delete(&format!("/api/trash/photos/{photo}")).await.status, 204);
    app.sql("update pending_files set created_at = 'epoch'").await;
    app.sweep().await;
}

fn in_bucket(root: &Path) -> Vec<String> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                walk(&entry.path(), root, found);
            } else {
                found.push(entry.path().strip_prefix(root).unwrap().display().to_string());
            }
        }
    }
    let mut found = Vec::new();
    walk(&root.join("photos"), &root.join("photos"), &mut found);
    found.retain(|key| key != ".photos");
    found.sort();
    found
}

#[tokio::test]
async fn a_storage_is_moved_while_the_site_runs_killed_in_between_and_nothing_is_lost() {
    let mut app = TestApp::start_in_folder(&[]).await;
    let root = app.storage.with_extension("s3");
    let server = S3Server::start(&root);
    let to = settings_file(&app, &server);
    let ana = app.photographer("ana").await;
    let files: Vec<(String, Vec<u8>)> =
        (1..=40).map(|seed| (format!("{seed}.jpg"), jpeg(seed, 60, 40))).collect();
    let files: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    let uploaded = ana.upload(None, &files).await.json::<Value>();
    let ids: Vec<i64> =
        uploaded["photos"].as_array().unwrap().iter().map(|photo| photo["id"].as_i64().unwrap()).collect();

    // Killed when some are there.
    server.slow_down();
    let mut killed = command(&app, &["move", "--to", &to]).spawn().unwrap();
    eventually("some are copied", async || {
        number(&app, "select count(moved_at) from moved_files").await >= 4
    })
    .await;
    killed.kill().unwrap();
    killed.wait().unwrap();
    let before = number(&app, "select count(moved_at) from moved_files").await;
    assert!((4..40).contains(&before), "{before} were copied before it was killed");

    // One goes and one comes meanwhile; what was copied is not copied again.
    server.come_back();
    delete_for_good(&app, &ana, ids[0]).await;
    ana.photo(None, "41.jpg", jpeg(41, 60, 40)).await;
    server.asked();
    let moved = storage(&app, &["move", "--to", &to]).await;
    assert!(moved.ok, "{}{}", moved.output, moved.complaints);
    assert_eq!(moved.count(COPIED) + moved.count(THERE), 40, "{}", moved.output);
    assert!(moved.count(THERE) + 1 >= u64::try_from(before).unwrap(), "{}", moved.output);
    let written = server
        .asked()
        .iter()
        .filter(|line| line.starts_with("PUT /photos/") && line.contains(".jpg"))
        .count();
    assert_eq!(u64::try_from(written).unwrap(), moved.count(COPIED));
    assert!(moved.output.contains("STORAGE_S3_BUCKET=photos"), "{}", moved.output);
    assert_eq!(in_bucket(&root), keys(&app).await);

    // The last one comes after it, and the settings are changed.
    let late = ana.photo(None, "42.jpg", jpeg(42, 900, 600)).await;
    app.stop_photos().await;
    app.settings.extend(server.settings("photos"));
    let old = app.storage.to_str().unwrap().to_owned();
    app.place = server.settings("photos");
    app.start_photos_again().await;
    let ana = Person { browser: test_support::Client::new(&app.url), url: app.url.clone() };
    let _worker = app.worker();
    let is_failed = "select count(*) from photo where status = 'failed' and failure = 'original_missing'";
    eventually("the worker looked for it", async || number(&app, is_failed).await == 1).await;
    let rest = storage(&app, &["move", "--from", &old]).await;
    assert!(rest.ok, "{}{}", rest.output, rest.complaints);
    assert_eq!(rest.count(COPIED), 1, "{}", rest.output);
    let ready = "select count(*) from photo where status = 'ready' and deleted_at is null";
    eventually("all of them are made", async || number(&app, ready).await == 41).await;
    assert_eq!(in_bucket(&root), keys(&app).await);
    let shared = app.shared();
    let key: String = sqlx::query_scalar(
        "select storage_key from files join photo on photo.file_id = files.id where photo.id = $1",
    )
    .bind(i32::try_from(late).unwrap())
    .fetch_one(&app.db)
    .await
    .unwrap();
    assert!(shared.storage.read(&key).await.unwrap().unwrap() == jpeg(42, 900, 600));
    drop(ana);
    let check = storage(&app, &["check"]).await;
    assert!(check.ok, "{}{}", check.output, check.complaints);
}

#[tokio::test]
async fn what_is_not_what_its_row_says_is_not_copied_and_half_a_copy_is_no_copy() {
    let app = TestApp::start_in_folder(&[]).await;
    let target = app.storage.with_extension("target");
    let to = target.to_str().unwrap().to_owned();
    let ana = app.photographer("ana").await;
    for seed in 1..=3 {
        ana.photo(None, "a.jpg", jpeg(seed, 60, 40)).await;
    }
    let keys = keys(&app).await;
    // Of the same length: only its bytes tell.
    let whole = fs::read(app.storage.join(&keys[0])).unwrap();
    fs::write(app.storage.join(&keys[0]), vec![1; whole.len()]).unwrap();
    let length = fs::read(app.storage.join(&keys[1])).unwrap().len();
    fs::create_dir_all(target.join(&keys[1]).parent().unwrap()).unwrap();
    fs::write(target.join(&keys[1]), vec![2; length]).unwrap();
    fs::remove_file(app.storage.join(&keys[2])).unwrap();

    let moved = storage(&app, &["move", "--to", &to]).await;
    assert!(
        !moved.ok && moved.complaints.contains("2 files were not copied"),
        "{}{}",
        moved.output,
        moved.complaints
    );
    assert!(moved.output.contains(&format!("not what their row says: {}", keys[0])), "{}", moved.output);
    assert!(
        moved.output.contains(&format!("missing in the storage they come from: {}", keys[2])),
        "{}",
        moved.output
    );
    assert!(!target.join(&keys[0]).exists());
    assert!(fs::read(target.join(&keys[1])).unwrap() == fs::read(app.storage.join(&keys[1])).unwrap());

    fs::write(app.storage.join(&keys[0]), whole).unwrap();
    fs::write(app.storage.join(&keys[2]), jpeg(3, 60, 40)).unwrap();
    let moved = storage(&app, &["move", "--to", &to]).await;
    assert!(moved.ok, "{}{}", moved.output, moved.complaints);
    assert_eq!((moved.count(COPIED), moved.count(THERE)), (2, 1), "{}", moved.output);
    let refused = storage(&app, &["move", "--to", app.storage.to_str().unwrap()]).await;
    assert!(
        !refused.ok && refused.complaints.contains("is the storage that the settings name"),
        "{}",
        refused.complaints
    );
    fs::remove_dir_all(target).unwrap();
}

#[tokio::test]
async fn missing_altered_and_nobodys_files_are_found_and_mended_where_that_can_be() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let worker = app.worker();
    for seed in 1..=3 {
        ana.photo(None, "a.jpg", jpeg(seed, 900, 600)).await;
    }
    ana.all_done().await;
    let well = storage(&app, &["check"]).await;
    assert!(well.ok, "{}{}", well.output, well.complaints);
    drop(worker);
    let copy = app.storage.with_extension("copy");
    assert!(storage(&app, &["move", "--to", copy.to_str().unwrap()]).await.ok);

    let originals: Vec<String> =
        sqlx::query_scalar("select storage_key from files order by id").fetch_all(&app.db).await.unwrap();
    let pictures = "select storage_key from renditions where kind = 'preview' order by photo_id, marked";
    let pictures: Vec<String> = sqlx::query_scalar(pictures).fetch_all(&app.db).await.unwrap();
    let damage = |key: &str| {
        let length = fs::read(app.storage.join(key)).unwrap().len();
        fs::write(app.storage.join(key), vec![7; length]).unwrap();
    };
    fs::remove_file(app.storage.join(&originals[0])).unwrap();
    damage(&originals[1]);
    fs::remove_file(app.storage.join(&pictures[0])).unwrap();
    damage(&pictures[3]);
    let orphan = "1/20261122T101112-0123456789abcdef.jpg";
    let being_written = "1/20261122T101112-fedcba9876543210.jpg";
    for key in [orphan, being_written, "1/of somebody else.txt"] {
        fs::write(app.storage.join(key), "x").unwrap();
    }
    app.sql("insert into pending_files (storage_key) values ('1/20261122T101112-fedcba9876543210.jpg')")
        .await;

    let found = storage(&app, &["check"]).await;
    assert!(
        !found.ok && found.complaints.contains("5 files are not as they should be"),
        "{}{}",
        found.output,
        found.complaints
    );
    for (words, key) in [
        ("missing", &originals[0]),
        ("altered", &originals[1]),
        ("missing", &pictures[0]),
        ("altered", &pictures[3]),
        ("nobody's", &orphan.to_owned()),
    ] {
        assert!(found.output.contains(&format!("{words}: {key}")), "{words}: {key} in {}", found.output);
    }
    assert!(!found.output.contains(being_written));
    // Lengths alone don't tell what was altered.
    let quick = storage(&app, &["check", "--quick"]).await;
    assert_eq!((quick.count("missing"), quick.count("altered")), (2, 0), "{}", quick.output);

    let mended = storage(&app, &["check", "--repair"]).await;
    assert!(
        mended.complaints.contains("2 files are not as they should be"),
        "{}{}",
        mended.output,
        mended.complaints
    );
    assert_eq!(mended.count("photos whose pictures are being made again"), 2, "{}", mended.output);
    let fetched = storage(&app, &["check", "--repair", "--from", copy.to_str().unwrap()]).await;
    assert_eq!(fetched.count("originals fetched from the other storage"), 2, "{}", fetched.output);
    for (seed, key) in (1..).zip(&originals) {
        assert!(fs::read(app.storage.join(key)).unwrap() == jpeg(seed, 900, 600), "{key}");
    }
    let _worker = app.worker();
    eventually("the pictures are made again", async || {
        photos::renditions::store::outdated::count_outdated(&app.db).await.unwrap() == 0
    })
    .await;
    assert!(app.storage.join(orphan).exists(), "for a day it may be somebody's after all");
    app.sql("update pending_files set created_at = 'epoch' where storage_key like '%0123456789abcdef%'")
        .await;
    app.sweep().await;
    assert!(!app.storage.join(orphan).exists() && app.storage.join(being_written).exists());
    let check = storage(&app, &["check"]).await;
    assert!(check.ok, "{}{}", check.output, check.complaints);
    fs::remove_dir_all(copy).unwrap();
}
