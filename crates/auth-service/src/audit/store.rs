//! The table `audit_logs`: rows are added, never changed, and deleted when they are old.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use super::{Entry, Filter};

/// A row as it was kept.
#[derive(Clone, Debug)]
pub struct Record {
    /// Grows with time; the key of lists.
    pub id: i64,
    /// The word of the event; rows of an earlier system have none.
    pub event: Option<String>,
    /// The account.
    pub user_id: Option<i32>,
    /// Its name at that time.
    pub username: Option<String>,
    /// Where the request came from.
    pub client_address: Option<String>,
    /// What the browser called itself.
    pub user_agent: Option<String>,
    /// What else is known; `by` is who did it.
    pub details: Value,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

/// Adds a row.
pub async fn create(db: impl PgExecutor<'_>, entry: &Entry<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into audit_logs (event, user_id, username, client_address, user_agent, details) \
         values ($1, $2, $3, $4, $5, $6)",
        entry.event.as_str(),
        entry.account.map(|(id, _)| id.0),
        entry.account.map(|(_, username)| username),
        entry.origin.client_address.as_deref(),
        entry.origin.user_agent.as_deref(),
        entry.details,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Rows with ids below a key, the newest first.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    below: Option<i64>,
    limit: i64,
) -> sqlx::Result<Vec<Record>> {
    sqlx::query_as!(
        Record,
        "select id, event, user_id, username, client_address, user_agent, details, occurred_at
        from audit_logs
        where id < $1
            and ($2::text is null or event = $2)
            and ($3::int is null or user_id = $3 or details -> 'by' ->> 'id' = $3::text)
            and ($4::text is null or lower(username) = lower($4)
                or lower(details -> 'by' ->> 'username') = lower($4))
            and ($5::text is null or starts_with(client_address, $5))
            and ($6::timestamptz is null or occurred_at >= $6)
            and ($7::timestamptz is null or occurred_at < $7)
        order by id desc limit $8",
        below.unwrap_or(i64::MAX),
        filter.event,
        filter.account.map(|id| id.0),
        filter.name,
        filter.address,
        filter.from,
        filter.until,
        limit,
    )
    .fetch_all(db)
    .await
}

/// The words of the events that the record holds. Each step looks one word further in the index, however many rows
/// have it.
pub async fn list_events(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"with recursive words as (
            select min(event) as word from audit_logs
            union all
            select (select min(event) from audit_logs where event > words.word) from words where words.word is not null
        )
        select word as "word!" from words where word is not null"#
    )
    .fetch_all(db)
    .await
}

/// Deletes the rows older than so many days; returns how many.
pub async fn delete_older_than(db: impl PgExecutor<'_>, days: i32) -> sqlx::Result<u64> {
    let done =
        sqlx::query!("delete from audit_logs where occurred_at < now() - make_interval(days => $1)", days)
            .execute(db)
            .await?;
    Ok(done.rows_affected())
}
