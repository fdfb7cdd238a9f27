//! The table `audit_logs`: rows are added, never changed.

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
