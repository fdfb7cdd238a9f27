//! Taking over a database of the earlier system, rows and all.

use std::path::Path;

use common::identity::Role;
use sqlx::{Connection, PgConnection, Row};
use test_support::{TestDatabase, site::password_of};

use crate::harness::{TestApp, new_database};

/// The tables as the earlier system made them. Its record is not described anywhere, so this one is hostile: columns
/// under our names that mean something else, and columns that may not be empty.
const EARLIER: &str = "
    drop schema public cascade;
    create schema public;
    create table users (
        id serial primary key, username varchar(255) unique not null, email varchar(255) unique not null,
        password_hash varchar(255) not null, user_type varchar(50) default 'viewer',
        created_at timestamp default now(), last_login timestamp, is_active boolean default true,
        email_verified boolean default true, reset_token varchar(100)
    );
    create table sessions (sid varchar(255) primary key, sess jsonb not null, expire timestamp not null);
    create table audit_logs (
        id serial primary key, user_id integer not null, action varchar(50) not null, details text not null,
        created_at timestamp default now()
    );
    insert into users (username, email, password_hash, user_type, created_at) values
        ('Ana', 'ana@example.org', 'x', 'admin', '2019-05-06 07:08:09'),
        ('ana', 'ANA@example.org', 'x', null, null),
        ('bo', 'bo@example.org', 'x', 'photographer', null);
    insert into sessions values ('sess:abc', '{\"user\": 1}', now() + interval '1 day');
    insert into audit_logs (user_id, action, details) values (1, 'login', 'from home');
";

async fn earlier_database() -> TestDatabase {
    let database = new_database().await;
    let mut connection = PgConnection::connect(&database.url).await.expect("the database");
    sqlx::raw_sql(EARLIER).execute(&mut connection).await.expect("the earlier tables");
    connection.close().await.expect("it closes");
    database
}

#[tokio::test]
async fn every_account_and_every_record_is_kept_and_everybody_signs_in_once() {
    let database = earlier_database().await;
    auth_service::migrate(&database.url.clone().into(), "UTC").await.expect("the migrations run");
    auth_service::migrate(&database.url.clone().into(), "UTC").await.expect("a second time they do nothing");
    let app = TestApp::start_on(database, &[("LOGIN_LIMIT_PER_MINUTE", "1000")]).await;
    let query = "select username, user_type, created_at::text, name_key from users order by id";
    let users: Vec<[Option<String>; 4]> = sqlx::query(query)
        .fetch_all(app.db())
        .await
        .expect("users")
        .iter()
        .map(|row| std::array::from_fn(|column| row.get(column)))
        .collect();
    let some = |text: &str| Some(text.to_owned());
    let ana = [some("Ana"), some("admin"), some("2019-05-06 07:08:09"), some("ana")];
    assert_eq!(users[0], ana);
    assert_eq!(users[1], [some("ana"), None, None, None]);
    assert_eq!(users[2][3], some("bo"));
    let counts =
        "select (select count(*) from sessions), (select count(*) from audit_logs where action = 'login')";
    let counts = sqlx::query(counts).fetch_one(app.db()).await.expect("counts");
    assert_eq!((counts.get::<i64, _>(0), counts.get::<i64, _>(1)), (0, 1));
    app.create_user("cy", Role::User).await;
    let hash = "update users set password_hash = (select password_hash from users where username = 'cy')";
    app.sql(hash).await;
    assert_eq!(app.login("Ana", &password_of("cy")).await.status, 200);
    let record = "select username, details::text from audit_logs where event = 'sign_in'";
    let record =
        sqlx::query(record).fetch_one(app.db()).await.expect("our rows go in beside the earlier ones");
    assert_eq!(record.get::<String, _>(0), "Ana");
    let kept = "select earlier_details from audit_logs where action = 'login'";
    let kept: String = sqlx::query_scalar(kept).fetch_one(app.db()).await.expect("the earlier row");
    assert_eq!(kept, "from home");
}

#[tokio::test]
async fn a_new_name_may_not_differ_from_an_old_one_by_case_alone() {
    let database = earlier_database().await;
    auth_service::migrate(&database.url.clone().into(), "UTC").await.expect("the migrations run");
    let app = TestApp::start_on(database, &[]).await;
    for (name, email) in [("ANA", "new@example.org"), ("BO", "new@example.org"), ("new", "Bo@example.org")] {
        assert_eq!(app.try_create_user(name, email, Role::User).await, None, "{name} {email}");
    }
    assert!(app.try_create_user("new", "new@example.org", Role::User).await.is_some());
}

#[test]
fn migrations_are_numbered_without_a_gap() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/auth"));
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|file| file.expect("a file").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    for (index, name) in names.iter().enumerate() {
        assert!(name.starts_with(&format!("{:04}_", index + 1)), "{names:?}");
    }
}
