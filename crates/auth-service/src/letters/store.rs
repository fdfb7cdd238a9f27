//! What the table `mails` knows about the mails that an address got.

use sqlx::PgExecutor;

/// How many mails of this kind were written to an address within the last hour.
pub async fn count_within_hour(db: impl PgExecutor<'_>, kind: &str, to: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from mails
        where lower(recipient) = lower($1) and kind = $2 and created_at > now() - interval '1 hour'"#,
        to,
        kind,
    )
    .fetch_one(db)
    .await
}
