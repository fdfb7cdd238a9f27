//! PostgreSQL: one pool a service, its own migrations.

use std::time::Duration;

use anyhow::Context;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::Error;

/// For so long a request waits for a connection, and several times in the worst case.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// Opens the pool; waits up to a minute for a database that is still starting.
pub async fn connect(url: &str, max_connections: u32) -> anyhow::Result<PgPool> {
    let options: PgConnectOptions = url.parse().context("the database address can't be understood")?;
    let pool = PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(LONGEST_WAIT)
        .connect_lazy_with(options);
    let mut last = None;
    for _ in 0..15 {
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

/// Whether an error means that the database can't be asked at all, and not that it was asked the wrong thing.
pub fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::PoolClosed => true,
        sqlx::Error::Database(answer) => answer.code().is_some_and(|code| refuses_everybody(&code)),
        _ => false,
    }
}

/// Whether it has no room for one more connection.
pub fn is_full(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(answer) if answer.code().is_some_and(|code| code.starts_with("53")))
}

/// What PostgreSQL says while it starts, stops, fails over or is full: its classes 08, 53 and 57P, and 55000 when a
/// database takes no connections.
pub fn refuses_everybody(code: &str) -> bool {
    code.starts_with("08") || code.starts_with("53") || code.starts_with("57P") || code == "55000"
}

/// What is answered while it can't be asked.
pub fn away() -> Error {
    Error::Unavailable { detail: "Our database is away for a moment.".to_owned(), retry_after: 5 }
}

/// Before the first migration of a database of the earlier system: its times, which carry no zone, are read as of this one
/// and written as UTC, and its columns fill themselves with UTC from then on. Done once, whatever is killed in between; in
/// any other database there is nothing to do.
pub async fn convert_earlier_times(pool: &PgPool, timezone: &str) -> anyhow::Result<()> {
    let mut transaction = pool.begin().await?;
    sqlx::query("select set_config('takeover.timezone', $1::text, true), now() at time zone $1::text")
        .bind(timezone)
        .execute(&mut *transaction)
        .await
        .with_context(|| format!("LEGACY_TIMEZONE “{timezone}” is no zone, such as UTC or Europe/Berlin"))?;
    sqlx::raw_sql(CONVERT_EARLIER_TIMES).execute(&mut *transaction).await.context("reading earlier times")?;
    Ok(transaction.commit().await?)
}

/// The comment says that it was done, in the same transaction.
const CONVERT_EARLIER_TIMES: &str = "do $$
declare theirs record;
begin
    perform pg_advisory_xact_lock(5007, 22);
    if to_regclass('users') is null or to_regclass('_sqlx_migrations') is not null
        or obj_description(to_regclass('users')) = 'times are UTC'
    then
        return;
    end if;
    for theirs in
        select columns.table_name as name, columns.column_name, columns.column_default as filled
        from information_schema.columns join information_schema.tables using (table_schema, table_name)
        where columns.table_schema = current_schema() and tables.table_type = 'BASE TABLE'
            and columns.data_type = 'timestamp without time zone'
    loop
        if theirs.filled ~* 'now\\(\\)|current_timestamp|localtimestamp' then
            execute format('alter table %I alter column %I set default (now() at time zone ''utc'')',
                theirs.name, theirs.column_name);
        end if;
        if current_setting('takeover.timezone') <> 'UTC' then
            execute format('update %1$I set %2$I = %2$I at time zone %3$L at time zone ''UTC'' where %2$I is not null',
                theirs.name, theirs.column_name, current_setting('takeover.timezone'));
        end if;
    end loop;
    comment on table users is 'times are UTC';
end $$";
