//! From databases and uploads of the earlier system to a running site: every row counted, every live link open, everybody
//! who could sign in still can.

use std::path::{Path, PathBuf};

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use sqlx::PgPool;
use test_support::TestDatabase;

use super::{
    earlier::{LIVE, make_auth, make_files, make_photos},
    number, photos, run_well,
};
use crate::harness::{TestApp, new_auth_database, new_database};

/// All of the earlier tables but the sessions, which end with it.
const TABLES: [(&str, i64); 7] = [
    ("users", 1000),
    ("gallery", 500),
    ("photo", 20_000),
    ("customer", 400),
    ("gallery_customers", 400),
    ("share_links", 1200),
    ("gallery_permissions", 300),
];
const FILES: u64 = 1000;

#[tokio::test]
async fn the_earlier_system_is_taken_over_with_every_row_every_link_and_every_password() {
    let (auth, database) = (new_auth_database().await, new_database().await);
    let uploads = std::env::temp_dir().join(format!("photos-takeover-{}/uploads", std::process::id()));
    make_auth(&auth.url).await;
    make_photos(&database.url).await;
    let db = PgPool::connect(&database.url).await.unwrap();
    let paths: Vec<String> =
        sqlx::query_scalar("select original_path from photo where id % 20 = 0 order by id")
            .fetch_all(&db)
            .await
            .unwrap();
    make_files(&uploads, &paths);
    let live: Vec<String> = tokens(&db, LIVE).await;
    let dead: Vec<String> = tokens(&db, &format!("not ({LIVE})")).await;
    assert!(live.len() > 500 && dead.len() > 300, "{} and {}", live.len(), dead.len());

    auth_service::migrate(&auth.url.clone().into(), "Europe/Berlin").await.unwrap();
    for _ in 0..2 {
        let mut migrate = photos(&database.url, &uploads, &["migrate"]);
        run_well(
            {
                migrate.env("LEGACY_TIMEZONE", "Europe/Berlin");
                migrate
            },
            "",
        )
        .await;
    }
    let summer = "select count(*) from users where id = 1 and created_at = '2019-05-06 06:08:09'";
    assert_eq!(number(&db, summer).await, 1, "eight in the morning in Berlin, and read so once");
    every_row_is_there(&db).await;

    adopt(&database, &db, &uploads).await;
    let linked = accounts(&auth, &database, &uploads).await;
    assert_eq!(linked, 1000);
    every_row_is_there(&db).await;

    let own = [("LOGIN_LIMIT_PER_MINUTE", "1000"), ("VERIFY_CACHE_SECONDS", "0")];
    let app = TestApp::start_on(auth, database, Some(uploads.clone()), &own, &[]).await;
    for (links, opens) in [(live, true), (dead, false)] {
        let answers = stream::iter(links).map(|token| {
            let browser = app.browser();
            async move { (browser.get(&format!("/view/{token}")).await.status.as_u16(), token) }
        });
        let answers: Vec<_> = answers.buffer_unordered(8).collect().await;
        for (status, token) in answers {
            assert_eq!(status == 200, opens, "{token}: {status}");
        }
    }
    people_sign_in(&app, &db).await;
    std::fs::remove_dir_all(uploads.parent().unwrap()).ok();
}

async fn tokens(db: &PgPool, condition: &str) -> Vec<String> {
    let query = sqlx::AssertSqlSafe(format!("select token from share_links where {condition} order by id"));
    sqlx::query_scalar(query).fetch_all(db).await.unwrap()
}

async fn every_row_is_there(db: &PgPool) {
    for (table, rows) in TABLES {
        assert_eq!(number(db, &format!("select count(*) from {table}")).await, rows, "{table}");
    }
}

/// Everything that a run could change.
async fn state(db: &PgPool, uploads: &Path) -> (String, i64, Vec<PathBuf>) {
    let rows =
        "select md5(string_agg(photo::text, '' order by id)) || (select count(*) from files) from photo";
    let mut files: Vec<PathBuf> = Vec::new();
    let mut folders = vec![uploads.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let jobs = number(db, "select count(*) from graphile_worker._private_jobs").await;
    (sqlx::query_scalar(rows).fetch_one(db).await.unwrap(), jobs, files)
}

async fn adopt(database: &TestDatabase, db: &PgPool, uploads: &Path) {
    let before = state(db, uploads).await;
    let would = run_well(photos(&database.url, uploads, &["adopt", "--dry-run"]), "").await;
    assert_eq!(state(db, uploads).await, before, "a dry run changes nothing");
    let did = run_well(photos(&database.url, uploads, &["adopt"]), "").await;
    let lines = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| line.contains("photo:") || line.starts_with("missing:"))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(lines(&would.output), lines(&did.output), "what was foretold came about");
    for (ran, words) in [(&would, "would get their file"), (&did, "got their file")] {
        assert_eq!(ran.count(words), FILES);
        assert_eq!(ran.count("photos in the database, of which"), 20_000);
        assert_eq!(ran.count("have no file: shown as failed until it is uploaded"), 20_000 - FILES);
        assert_eq!(ran.count("small pictures of the earlier system: not needed any more"), 1);
        assert_eq!(ran.count("files without a photo: left as they are"), 1);
    }
    assert!(did.output.contains("\nno photo: 1/1600000000-forgotten.jpg (8 bytes)\n"));
    let adopted = "select count(*) from photo join files on files.id = photo.file_id where photo.id % 20 = 0
        and status = 'pending' and size_bytes > 100 and media_type = 'image/jpeg' and photo.width = 48";
    assert_eq!(number(db, adopted).await, 1000);
    let missing = "select count(*) from photo where status = 'failed' and failure = 'original_missing'";
    assert_eq!(number(db, missing).await, 19_000);
    let jobs = "select count(*) from graphile_worker._private_jobs where key like 'render_photo:%'";
    assert_eq!(number(db, jobs).await, 1000);
    let after = state(db, uploads).await;
    let again = run_well(photos(&database.url, uploads, &["adopt"]), "").await;
    assert_eq!(state(db, uploads).await, after, "a second time there is nothing to do");
    assert_eq!((again.count("had their file already"), again.count("got their file")), (FILES, 0));
}

/// Takes the accounts over, as an operator does, by files; how many are linked.
async fn accounts(auth: &TestDatabase, database: &TestDatabase, uploads: &Path) -> i64 {
    let exported = run_well(photos(&database.url, uploads, &["accounts", "export"]), "").await;
    let carried = common::takeover::read_lines(exported.output.as_bytes()).unwrap();
    let auth_db = PgPool::connect(&auth.url).await.unwrap();
    let would = auth_service::takeover::import(&auth_db, &carried, true).await.unwrap();
    assert_eq!(number(&auth_db, "select count(*) from users").await, 700, "a dry run changes nothing");
    for line in [
        "account 11 “person11”, person11@example.org: role photographer in photos, viewer here; viewer stays",
        "account 682 “person682”, person682@example.org: known by name alone; the address here is \
         new-person682@example.org, and stays",
        "account 1000 “person1000”, person1000@example.org: new as an administrator",
        "account 804 “person804”, person804@example.org: role customer in photos: new as viewer",
        "account 803 “person803”, person803@example.org: role (none) in photos: new as viewer",
        "account 997 “person997”, person997@example.org: its password can't be checked here",
        "names that differ by upper and lower case alone, of different accounts: Twin, twin",
        "addresses that differ by upper and lower case alone, of different accounts: Twin@example.org, twin@example.org",
        "     680   are here with the same address",
        "      20   are here with the same name alone",
        "     300   would be made here",
        "      10 roles differ: those here stay",
    ] {
        assert!(would.report.contains(line), "{line} is not in\n{}", would.report);
    }
    let import = auth_service::takeover::import(&auth_db, &carried, false).await.unwrap();
    assert_eq!(number(&auth_db, "select count(*) from users").await, 1000);
    let again = auth_service::takeover::import(&auth_db, &carried, false).await.unwrap();
    assert_eq!(
        number(&auth_db, "select count(*) from users").await,
        1000,
        "a second time it finds what it made"
    );
    let ids = |import: &auth_service::takeover::Import| {
        import.found.iter().map(|found| (found.photos_id, found.auth_user_id)).collect::<Vec<_>>()
    };
    assert_eq!(ids(&import), ids(&again));

    let mut answer = Vec::new();
    common::takeover::write_lines(&mut answer, &import.found).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let db = PgPool::connect(&database.url).await.unwrap();
    let linked = "select count(*) from users where auth_user_id is not null";
    let cut =
        super::run(photos(&database.url, uploads, &["accounts", "link"]), &answer[..answer.len() / 2]).await;
    assert!(!cut.ok && number(&db, linked).await == 0, "half a file links nobody: {}", cut.complaints);
    let would = run_well(photos(&database.url, uploads, &["accounts", "link", "--dry-run"]), &answer).await;
    assert_eq!((would.count("would be linked"), number(&db, linked).await), (1000, 0));
    let did = run_well(photos(&database.url, uploads, &["accounts", "link"]), &answer).await;
    assert_eq!((did.count("are now linked"), did.count("accounts without a link")), (1000, 0));
    assert_eq!(number(&db, "select count(*) from users where password_hash <> ''").await, 0);
    let shifted = "select count(*) from users where id <= 700 and auth_user_id = 5000 - id";
    assert_eq!(number(&db, shifted).await, 700);
    number(&db, linked).await
}

/// One of each kind of hash, known to the earlier auth or to photos alone, and those who differ by case alone.
async fn people_sign_in(app: &TestApp, db: &PgPool) {
    for name in
        ["person3", "person4", "person5", "person702", "person703", "person704", "Twin", "twin", "person690"]
    {
        let browser = app.browser();
        let fields = json!({ "username": name, "password": "the long password of ana" });
        let signed_in = browser.post_json(&format!("{}/api/login", app.auth_url), &fields).await;
        assert_eq!(signed_in.status, 200, "{name}: {}", signed_in.text());
        let me = browser.get_json("/auth/me").await;
        assert_eq!(
            (me.status.as_u16(), &me.json::<Value>()["username"]),
            (200, &json!(name)),
            "{}",
            me.text()
        );
        let id = sqlx::query_scalar::<_, i32>("select id from users where username = $1").bind(name);
        let id = id.fetch_one(db).await.unwrap();
        let owned = format!("select count(*) from gallery where user_id = {id}");
        let own = browser.get_json("/api/galleries?limit=200").await.json::<Value>();
        let own = own["items"].as_array().unwrap().iter().filter(|item| item["owner"] == name).count();
        if name.starts_with("person") && id <= 720 && !(201..=700).contains(&id) {
            assert!(number(db, &owned).await > 0 && own > 0, "{name} has the galleries of before");
        }
    }
    assert_eq!(number(db, "select count(*) from users").await, 1000, "nobody is there twice");
    let browser = app.browser();
    let wrong = json!({ "username": "person997", "password": "plain text" });
    assert_eq!(browser.post_json(&format!("{}/api/login", app.auth_url), &wrong).await.status, 401);
}
