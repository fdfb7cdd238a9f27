//! A live database of the earlier system is taken over in place.

use std::path::Path;

use sqlx::{Connection, PgConnection, migrate::Migrator};

use crate::{
    harness::{MIGRATIONS, new_database},
    takeover::earlier,
};

/// Rows as the earlier system left them.
const ROWS: &str = "
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
    for statements in [earlier::USERS, earlier::GALLERIES, ROWS] {
        sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
    }
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
