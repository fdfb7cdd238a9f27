//! PostgreSQL: one pool a service, its own migrations.

use std::time::Duration;

use anyhow::Context;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// Opens the pool; waits up to a minute for a database that is still starting.
pub async fn connect(url: &str, max_connections: u32) -> anyhow::Result<PgPool> {
    let options: PgConnectOptions = url.parse().context("the database address can't be understood")?;
    let pool = PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(Duration::from_secs(5))
        .connect_lazy_with(options);
    let mut last = None;
    for _ in 0..12 {
        match pool.acquire().await {
            Ok(_) => return Ok(pool),
            Err(error) => {
                tracing::warn!(%error, "the database does not answer yet");
                last = Some(error);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
    Err(last.expect("the loop ran")).context("the database does not answer")
}

/// Whether the database answers a statement within two seconds.
pub async fn is_ready(pool: &PgPool) -> bool {
    let ping = sqlx::query("select 1").execute(pool);
    matches!(tokio::time::timeout(Duration::from_secs(2), ping).await, Ok(Ok(_)))
}
