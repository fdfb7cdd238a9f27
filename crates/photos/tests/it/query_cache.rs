//! The committed answers about our queries (`.sqlx/`) are what the migrated database says.

use std::path::Path;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqlSafeStr};
use test_support::TestDatabase;

use crate::harness::{AUTH_MIGRATIONS, new_database};

const CACHE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.sqlx");

/// A query belongs to whichever service's database can answer it; one that neither can is stale.
#[tokio::test]
async fn every_cached_query_is_described_as_the_database_describes_it() {
    let (photos, auth) = (
        new_database().await,
        TestDatabase::create("auth", Path::new(AUTH_MIGRATIONS), async |_url| {}).await,
    );
    let mut databases =
        [PgConnection::connect(&photos.url).await.unwrap(), PgConnection::connect(&auth.url).await.unwrap()];
    let mut seen = 0;
    for entry in std::fs::read_dir(CACHE).expect("`.sqlx` is committed") {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let cached: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let query = cached["query"].as_str().expect("the query");
        let mut fits = false;
        for database in &mut databases {
            if let Ok(described) = database.describe(AssertSqlSafe(query.to_owned()).into_sql_str()).await {
                fits |= serde_json::to_value(&described).unwrap() == cached["describe"];
            }
        }
        assert!(fits, "{} is stale: run `cargo xtask sqlx`\n{query}", path.display());
        seen += 1;
    }
    assert!(seen > 20, "the cache holds our queries");
}
