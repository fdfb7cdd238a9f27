//! The table `audit_logs`: rows are added, never changed, and deleted when they are old.

use sqlx::PgExecutor;

use super::Entry;

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

/// Deletes the rows older than so many days; returns how many.
pub async fn delete_older_than(db: impl PgExecutor<'_>, days: i32) -> sqlx::Result<u64> {
    let done =
        sqlx::query!("delete from audit_logs where occurred_at < now() - make_interval(days => $1)", days)
            .execute(db)
            .await?;
    Ok(done.rows_affected())
}
