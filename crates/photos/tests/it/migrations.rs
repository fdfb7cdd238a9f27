//! A live database of the earlier system is taken over in place.

use std::path::Path;

use sqlx::{Connection, PgConnection, migrate::Migrator};

use crate::harness::{MIGRATIONS, new_database};

/// The earlier system's tables as it made them, with rows as it left them.
const EARLIER: &str = "
    create table users (id serial primary key, username varchar(255) unique not null, email varchar(255) unique not null,
        password_hash varchar(255) not null, user_type varchar(50) default 'viewer', created_at timestamp default now(),
        last_login timestamp, is_active boolean default true, email_verified boolean default true);
    create table gallery (id serial primary key, user_id integer references users (id), name varchar(256) not null,
        description text, created_at timestamp default now(), updated_at timestamp default now(),
        is_public boolean default false, cover_photo_id integer);
    create table photo (id serial primary key, photographer_id integer references users (id), filename varchar(256),
        original_path varchar(512), thumbnail_path varchar(512), preview_path varchar(512), title varchar(256),
        description text, upload_date timestamp default now(), rating double precision default 0,
        status varchar(20) default 'pending', views integer default 0, archived boolean default false,
        locked boolean default false, download_count integer default 0, gallery_id integer references gallery (id));
    alter table gallery add constraint fk_cover foreign key (cover_photo_id) references photo (id);
    create table sessions (sid varchar(255) primary key, sess jsonb not null, expire timestamp not null);
    insert into users (username, email, password_hash, user_type) values
        ('Ana', 'ana@example.org', 'x', 'photographer'), ('ana', 'Ana@example.org', 'x', null);
    insert into gallery (user_id, name) values (1, 'Old');
    insert into photo (photographer_id, filename, gallery_id, status) values (1, 'a.jpg', 1, 'ready'), (null, null, 1, null);
    insert into sessions values ('old', '{}', now());";

#[tokio::test]
async fn every_row_of_the_earlier_system_stays() {
    // Any database will do; this one is emptied first.
    let database = new_database().await;
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    sqlx::raw_sql("drop schema public cascade; create schema public").execute(&mut connection).await.unwrap();
    sqlx::raw_sql(EARLIER).execute(&mut connection).await.unwrap();
    let migrator = Migrator::new(Path::new(MIGRATIONS)).await.unwrap();
    migrator.run(&mut connection).await.expect("the migrations run on a live database");
    for (table, rows) in [("users", 2_i64), ("gallery", 1), ("photo", 2), ("sessions", 0)] {
        let count = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        let count: i64 = sqlx::query_scalar(count).fetch_one(&mut connection).await.unwrap();
        assert_eq!(count, rows, "{table}");
    }
    let covers: i64 = sqlx::query_scalar(
        "select count(*) from pg_constraint where conrelid = 'gallery'::regclass and contype = 'f' and confrelid = 'photo'::regclass",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(covers, 1, "a constraint that is there under another name is not made twice");
    migrator.run(&mut connection).await.expect("and a second time they have nothing to do");
}
