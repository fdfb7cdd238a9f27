//! The drill: a site is backed up while people use it, and restored as it was.

use std::{collections::BTreeMap, fs, os::unix::fs::MetadataExt};

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};
use test_support::site;

use super::{Empty, Site, run, run_well};
use crate::{
    harness::{TestApp, jpeg},
    takeover::number,
};

/// What is not in a backup, or is not as it was after a restore.
const NOT_KEPT: [&str; 7] = [
    "sessions",
    "browser_sessions",
    "mail_tokens",
    "storage_holds",
    "mails",
    "event_cursors",
    "_sqlx_migrations",
];

/// Every table with its rows, counted and hashed.
async fn rows(db: &PgPool) -> BTreeMap<String, (i64, String)> {
    let tables: Vec<String> =
        sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'public'")
            .fetch_all(db)
            .await
            .unwrap();
    let mut rows = BTreeMap::new();
    for table in tables.into_iter().filter(|table| !NOT_KEPT.contains(&table.as_str())) {
        let query = format!(
            "select count(*), md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} as t"
        );
        rows.insert(table, sqlx::query_as(AssertSqlSafe(query)).fetch_one(db).await.unwrap());
    }
    rows
}

async fn key_of(db: &PgPool, photo: i64) -> String {
    let key = "select storage_key from files join photo on photo.file_id = files.id where photo.id = $1";
    sqlx::query_scalar(key).bind(i32::try_from(photo).unwrap()).fetch_one(db).await.unwrap()
}

/// Puts a photo into the trash and out of it, and removes what is nobody's then, as the service does.
async fn remove_for_good(site: &Site, photo: i64) {
    assert_eq!(site.ana.browser.delete(&format!("/api/photos/{photo}")).await.status, 204);
    let gone = sqlx::query("update photo set deleted_at = now() - interval '99 days' where id = $1");
    gone.bind(i32::try_from(photo).unwrap()).execute(&site.app.db).await.unwrap();
    photos::trash::purge_old(&site.app.db, std::time::Duration::from_hours(24)).await.unwrap();
    site.app.sweep().await;
}

#[tokio::test]
async fn a_site_is_backed_up_while_people_use_it_and_restored_as_it_was() {
    let site = Site::start().await;
    let app = &site.app;
    let ([one, two], link) = site.wedding().await;
    let (first, second) = (key_of(&app.db, one).await, key_of(&app.db, two).await);

    // Between the dumps and the files one photo goes for good and another one comes.
    let waiting = site.backup_that_waits().await;
    let dumped = rows(&app.db).await;
    remove_for_good(&site, one).await;
    assert!(app.storage.join(&first).exists(), "what the dump names stays until it is copied");
    let three = site.ana.photo(None, "3.jpg", jpeg(3, 60, 40)).await;
    let (well, said) = waiting.go_on().await;
    assert!(well, "{said}");
    let media = site.media();
    assert!(media.contains(&first) && media.contains(&second) && media.len() == 14, "{media:#?}");
    app.sweep().await;
    assert!(!app.storage.join(&first).exists(), "after the backup it goes");

    // The photo that waits has its job in the second backup; a letter waits too.
    app.sql(
        "insert into mails (mail_id, kind, recipient, sealed, next_attempt_at)
        values (gen_random_uuid(), 'test', 'cleo@example.org', 'x', now() + interval '1 day')",
    )
    .await;
    let before = fs::metadata(site.place.join("media").join(&second)).unwrap();
    let (photos_now, auth_now) = (rows(&app.db).await, rows(&app.auth.db).await);
    let ran = run_well(site.backup(&[]), "").await;
    let after = fs::metadata(site.place.join("media").join(&second)).unwrap();
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()), "copied once");
    assert_eq!((ran.count("files that the dump names, of which"), ran.count("were copied now")), (8, 1));
    let third = key_of(&app.db, three).await;
    assert!(site.place.join("media").join(&third).exists() && site.place.join("media").join(&first).exists());

    let older = Empty::new(&site, "older").await;
    let ran = run_well(site.restore(&older, &[&site.backups()[0]]), "").await;
    assert_eq!(ran.count("files that rows name, of which"), 14);
    let db = PgPool::connect(&older.photos.url).await.unwrap();
    assert_eq!(rows(&db).await, dumped, "the first backup is as the site was when its dumps were made");
    assert_eq!(fs::read(older.storage.join(&first)).unwrap(), jpeg(1, 60, 40));
    db.close().await;

    let empty = Empty::new(&site, "restored").await;
    let ran = run_well(site.restore(&empty, &[]), "").await;
    assert_eq!((ran.count("files that rows name, of which"), ran.count("are not what they were")), (8, 0));
    assert_eq!(ran.count("mails of photos wait and are kept"), 1);
    let db = PgPool::connect(&empty.photos.url).await.unwrap();
    let auth_db = PgPool::connect(&empty.auth.url).await.unwrap();
    assert_eq!((rows(&db).await, rows(&auth_db).await), (photos_now, auth_now));
    assert_eq!(number(&auth_db, "select count(*) from sessions").await, 0, "nobody is signed in");
    mails_are_kept_until_somebody_decides(&site, &empty, &db).await;
    for key in [&second, &third] {
        assert_eq!(fs::read(empty.storage.join(key)).unwrap(), fs::read(app.storage.join(key)).unwrap());
    }
    again_is_refused(&site, &empty).await;
    it_is_the_same_site(empty, &link, two).await;
    only_the_newest_stays(&site, &first).await;
}

async fn mails_are_kept_until_somebody_decides(site: &Site, empty: &Empty, db: &PgPool) {
    let kept = "select count(*) from mails where sealed is not null and next_attempt_at > now() + interval '50 years'";
    assert_eq!(number(db, kept).await, 1);
    let released = run_well(site.photos(empty, &["mails", "release"]), "").await;
    assert_eq!((released.count("mails of photos are sent now"), number(db, kept).await), (1, 0));
    run_well(site.photos(empty, &["mails", "hold"]), "").await;
    let discarded = run_well(site.photos(empty, &["mails", "discard"]), "").await;
    assert_eq!((discarded.count("mails of photos given up"), number(db, kept).await), (1, 0));
}

async fn again_is_refused(site: &Site, empty: &Empty) {
    let again = run(site.restore(empty, &[]), "").await;
    assert!(
        !again.ok && again.complaints.contains("the database of auth is not empty"),
        "{}",
        again.complaints
    );
    let place = site.place.to_str().unwrap();
    let mut other = site.photos(empty, &["restore", "check", place]);
    other.env("PHOTOS_SECRETS", site::SECRET.replace('a', "b"));
    let other = run(other, "").await;
    assert!(!other.ok && other.complaints.contains("PHOTOS_SECRETS are not those"), "{}", other.complaints);
}

async fn it_is_the_same_site(restored: Empty, link: &str, photo: i64) {
    let app = TestApp::start_on(restored.auth, restored.photos, Some(restored.storage), &[], &[]).await;
    let browser = app.browser();
    app.sign_in(&browser, "ana").await;
    let _worker = app.worker();
    let ana = crate::harness::Person { browser, url: app.url.clone() };
    let photos = ana.all_done().await;
    assert!(photos.len() == 2 && photos.iter().all(|photo| photo["status"] == "ready"), "{photos:#?}");
    let client = app.browser();
    assert_eq!(client.get(link).await.status, 200);
    let shown = client.get_json(&format!("/api{link}")).await.json::<Value>();
    let picture = shown["items"][0]["renditions"]["preview"]["url"].as_str().unwrap();
    assert_eq!(
        (shown["items"][0]["id"].as_i64(), client.get(picture).await.status.as_u16()),
        (Some(photo), 200)
    );
}

async fn only_the_newest_stays(site: &Site, gone: &str) {
    let ran = run_well(site.backup(&["--keep", "1"]), "").await;
    assert_eq!((ran.count("old backups removed"), site.backups().len()), (2, 1));
    assert!(!site.place.join("media").join(gone).exists(), "no backup names it any more");
    let place = site.place.to_str().unwrap();
    let verified = run_well(crate::takeover::photos("", &site.place, &["backup", "verify", place]), "").await;
    assert_eq!(verified.count("are not what they were"), 0);
}
