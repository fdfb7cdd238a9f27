//! Files of the earlier system: found however their paths were written, kept where they lie, and none of them lost
//! whatever happens meanwhile.

use std::{path::Path, time::Duration};

use aws_lc_rs::digest::{SHA256, digest};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::{number, photos, put, run, run_well};
use crate::harness::{TestApp, eventually, jpeg};

/// A photo of the earlier system in Ana's library; its id.
async fn row(app: &TestApp, filename: &str, original_path: Option<&str>) -> i64 {
    let query = "insert into photo (photographer_id, filename, original_path, status)
        select id, $1, $2, 'ready' from users where username = 'ana' returning id::bigint";
    sqlx::query_scalar(query).bind(filename).bind(original_path).fetch_one(&app.db).await.unwrap()
}

/// The number of Ana's folder.
async fn folder(app: &TestApp) -> i64 {
    number(&app.db, "select id::bigint from users where username = 'ana'").await
}

async fn key_of(app: &TestApp, photo: i64) -> String {
    let query = "select storage_key from files join photo on photo.file_id = files.id where photo.id = $1";
    sqlx::query_scalar(query).bind(i32::try_from(photo).unwrap()).fetch_one(&app.db).await.unwrap()
}

#[tokio::test]
async fn every_file_is_found_and_kept_and_its_pictures_are_made_while_the_site_runs() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let own = folder(&app).await;
    let plain = [
        (format!("{own}/1-a.jpg"), format!("{own}/1-a.jpg")),
        (format!("/srv/photos/uploads/{own}/2-b.jpg"), format!("{own}/2-b.jpg")),
        (format!("uploads/{own}/3 c.jpg"), format!("{own}/3 c.jpg")),
    ];
    let mut in_place = Vec::new();
    for (seed, (written, below)) in plain.iter().enumerate() {
        put(&app.storage, below, &jpeg(u8::try_from(seed).unwrap(), 60, 40));
        in_place.push((row(&app, "given name.jpg", Some(written)).await, below));
    }
    let twice = row(&app, "twice.jpg", Some(&plain[0].0)).await;
    let umlaut = put(&app.storage, &format!("{own}/4-ä#1.jpg"), &jpeg(4, 60, 40));
    let odd = row(&app, "odd.jpg", Some(&format!("{own}/4-ä#1.jpg"))).await;
    put(&app.storage, &format!("{own}/5-unnamed.jpg"), &jpeg(5, 60, 40));
    let unnamed = row(&app, "5-unnamed.jpg", None).await;
    put(&app.storage, &format!("{own}/6-text.jpg"), b"this is no picture");
    let text = row(&app, "text.jpg", Some(&format!("{own}/6-text.jpg"))).await;
    put(&app.storage, &format!("{own}/7-empty.jpg"), b"");
    let empty = row(&app, "empty.jpg", Some(&format!("{own}/7-empty.jpg"))).await;
    let gone = row(&app, "gone.jpg", Some(&format!("{own}/8-gone.jpg"))).await;
    let outside = row(&app, "outside.jpg", Some("../../etc/hostname")).await;
    put(&app.storage, &format!("{own}/9-forgotten.jpg"), b"forgotten");
    ana.photo(None, "new.jpg", jpeg(9, 60, 40)).await;

    let did = run_well(photos(&app.database.url, &app.storage, &["adopt"]), "").await;
    assert_eq!((did.count("got their file"), did.count("had their file already")), (7, 1), "{}", did.output);
    assert_eq!(did.count("have no file: shown as failed until it is uploaded"), 3);
    let orphans: Vec<&str> = did.output.lines().filter(|line| line.starts_with("no photo:")).collect();
    assert_eq!(orphans, [format!("no photo: {own}/9-forgotten.jpg (9 bytes)")]);
    assert!(did.output.contains(&format!("missing (the file is empty): photo {empty} ")), "{}", did.output);
    assert!(did.output.contains(&format!("broken (not_an_image): photo {text} ")), "{}", did.output);
    for (photo, below) in in_place {
        assert_eq!(key_of(&app, photo).await, *below, "it stays where its row says");
    }
    assert_eq!(key_of(&app, twice).await, plain[0].1, "several photos may be on one file");
    assert!(umlaut.is_file(), "what was copied stays there too");
    assert_eq!(key_of(&app, unnamed).await, format!("{own}/5-unnamed.jpg"));

    let _worker = app.worker();
    let shown = ana.all_done().await;
    assert_eq!(shown.len(), 11);
    for photo in shown {
        let id = photo["id"].as_i64().unwrap();
        let reason = &photo["failure"]["reason"];
        let missing = [empty, gone, outside].contains(&id);
        let wanted = if missing {
            json!("original_missing")
        } else if id == text {
            json!("not_an_image")
        } else {
            Value::Null
        };
        assert_eq!(*reason, wanted, "{photo}");
        if missing {
            assert!(photo["failure"]["detail"].as_str().unwrap().contains("when the site moved"), "{photo}");
            let again = ana.browser.post_json(&format!("/api/photos/{id}/retry"), &json!({})).await;
            assert_eq!(again.status, 409, "there is nothing to try again");
            let page = ana.browser.get(&format!("/photos/{id}")).await;
            assert_eq!(page.select("h2")[0], "The file of this photo is missing", "{}", page.text());
            assert!(!page.text().contains("/retry") && page.text().contains("Upload it again"));
            continue;
        }
        let original = ana.browser.get(photo["original_url"].as_str().unwrap()).await;
        let query =
            "select files.sha256 from files join photo on photo.file_id = files.id where photo.id = $1";
        let stored: Vec<u8> =
            sqlx::query_scalar(query).bind(i32::try_from(id).unwrap()).fetch_one(&app.db).await.unwrap();
        assert_eq!(digest(&SHA256, &original.body).as_ref(), stored, "{photo}");
        if id == odd {
            assert_eq!(original.body, jpeg(4, 60, 40));
        }
        let preview = photo["renditions"]["preview"]["url"].as_str();
        assert_eq!(preview.is_none(), id == text, "{photo}");
        if let Some(preview) = preview {
            assert_eq!(ana.browser.get(preview).await.status, 200, "{photo}");
        }
    }
    let form = Form::new().part("photos", Part::bytes(jpeg(6, 60, 40)).file_name("found.jpg"));
    let sent = ana.browser.upload(&format!("/api/photos/{outside}/replace"), form).await;
    assert_eq!(sent.status, 202, "{}", sent.text());
    // The operator finds the file in a backup.
    put(&app.storage, &format!("{own}/8-gone.jpg"), &jpeg(8, 60, 40));
    let found = run_well(photos_of(&app, &["adopt"]), "").await;
    assert_eq!(found.count("got their file"), 1, "{}", found.output);
    let shown = ana.all_done().await;
    for mended in [gone, outside] {
        let photo = shown.iter().find(|photo| photo["id"] == mended).unwrap();
        assert_eq!((&photo["status"], &photo["failure"]), (&json!("ready"), &Value::Null), "{photo}");
    }
}

fn photos_of(app: &TestApp, arguments: &[&str]) -> std::process::Command {
    photos(&app.database.url, &app.storage, arguments)
}

/// So many that they are several transactions; the last of them holds the photo with the lowest number.
async fn many(app: &TestApp) -> i64 {
    let own = folder(app).await;
    let picture = put(&app.storage, ".made", &jpeg(1, 60, 40));
    std::fs::create_dir_all(app.storage.join(own.to_string())).unwrap();
    for number in 1..=1200 {
        std::fs::hard_link(&picture, app.storage.join(format!("{own}/{number}-a.jpg"))).unwrap();
    }
    app.sql(
        "insert into photo (photographer_id, filename, original_path, status)
         select users.id, i || '.jpg', users.id || '/' || i || '-a.jpg', 'ready'
         from generate_series(1, 1200) as i, users where username = 'ana'",
    )
    .await;
    number(&app.db, "select min(id)::bigint from photo").await
}

#[tokio::test]
async fn killed_in_the_middle_it_goes_on_and_does_nothing_twice() {
    let app = TestApp::start().await;
    app.photographer("ana").await;
    let lowest = many(&app).await;
    let mut held = app.db.begin().await.unwrap();
    let lock = format!("select from photo where id = {lowest} for update");
    sqlx::query(sqlx::AssertSqlSafe(lock)).execute(&mut *held).await.unwrap();
    let mut running = photos_of(&app, &["adopt"]).spawn().unwrap();
    eventually("all photos but those of the last transaction have their file", async || {
        number(&app.db, "select count(*) from photo where file_id is not null").await == 1000
    })
    .await;
    let second = run(photos_of(&app, &["adopt"]), "").await;
    assert!(
        !second.ok && second.complaints.contains("another `photos adopt` is at work"),
        "{}",
        second.complaints
    );
    running.kill().unwrap();
    running.wait().unwrap();
    held.rollback().await.unwrap();
    assert_eq!(number(&app.db, "select count(*) from files").await, 1000);

    // The server may need a moment to notice that its client is gone.
    let mut goes_on = run(photos_of(&app, &["adopt"]), "").await;
    for _ in 0..100 {
        if goes_on.ok {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        goes_on = run(photos_of(&app, &["adopt"]), "").await;
    }
    assert!(goes_on.ok, "{}", goes_on.complaints);
    assert_eq!((goes_on.count("had their file already"), goes_on.count("got their file")), (1000, 200));
    assert_eq!(number(&app.db, "select count(distinct file_id) from photo").await, 1200);
    let jobs = "select count(*) from graphile_worker._private_jobs where key like 'render_photo:%'";
    assert_eq!(number(&app.db, jobs).await, 1200);
}

#[tokio::test]
async fn what_the_running_site_changes_meanwhile_is_left_to_it() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let lowest = many(&app).await;
    let uploaded = ana.photo(None, "new.jpg", jpeg(7, 60, 40)).await;
    let mut held = app.db.begin().await.unwrap();
    let replace = format!(
        "update photo set (file_id, status) = (select file_id, status from photo where id = {uploaded}) where id = {lowest}"
    );
    sqlx::query(sqlx::AssertSqlSafe(replace)).execute(&mut *held).await.unwrap();
    let running = tokio::spawn(run(photos_of(&app, &["adopt"]), ""));
    eventually("it waits for the photo that is being replaced", async || {
        number(
            &app.db,
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock'
            and datname = current_database()",
        )
        .await
            > 0
    })
    .await;
    held.commit().await.unwrap();
    let ran = running.await.unwrap();
    assert!(ran.ok, "{}", ran.complaints);
    assert_eq!(key_of(&app, lowest).await, key_of(&app, uploaded).await, "the newer file stays");
    assert_eq!(number(&app.db, "select count(*) from photo where file_id is null").await, 0);
}

#[tokio::test]
async fn an_empty_folder_makes_no_photo_a_missing_one_and_other_folders_are_copied() {
    let app = TestApp::start().await;
    app.photographer("ana").await;
    let own = folder(&app).await;
    let photo = row(&app, "a.jpg", Some(&format!("uploads/{own}/1-a.jpg"))).await;
    let elsewhere = app.storage.with_extension("elsewhere");
    std::fs::create_dir_all(&elsewhere).unwrap();
    let at = |folder: &Path, more: &[&str]| {
        let arguments = [&["adopt", "--uploads", folder.to_str().unwrap()], more].concat();
        photos_of(&app, &arguments)
    };
    let refused = run(at(&elsewhere, &[]), "").await;
    assert!(!refused.ok && refused.complaints.contains("is its volume mounted?"), "{}", refused.complaints);
    assert!(!run(at(&elsewhere.join("nowhere"), &[]), "").await.ok);
    assert_eq!(number(&app.db, "select count(*) from photo where status = 'ready'").await, 1);

    let file = put(&elsewhere, &format!("{own}/1-a.jpg"), &jpeg(1, 60, 40));
    let would = run_well(at(&elsewhere, &["--dry-run"]), "").await;
    let words = "of these from outside of the storage, or with a name that can't stay: copied";
    assert_eq!((would.count(words), app.stored_files().len()), (1, 0));
    run_well(at(&elsewhere, &[]), "").await;
    let key = key_of(&app, photo).await;
    assert_eq!(app.stored_files(), std::slice::from_ref(&key));
    assert_eq!(std::fs::read(app.storage.join(&key)).unwrap(), std::fs::read(&file).unwrap());
    assert_eq!(number(&app.db, "select count(*) from pending_files").await, 0, "nothing will be swept");

    std::fs::remove_dir_all(&elsewhere).unwrap();
    std::fs::create_dir_all(&elsewhere).unwrap();
    row(&app, "b.jpg", Some("uploads/b.jpg")).await;
    run_well(at(&elsewhere, &["--anyway"]), "").await;
    let states = "select count(*) from photo where status = 'failed' and failure = 'original_missing'";
    assert_eq!(number(&app.db, states).await, 1, "a photo that has its file keeps it");
    std::fs::remove_dir_all(&elsewhere).ok();
}
