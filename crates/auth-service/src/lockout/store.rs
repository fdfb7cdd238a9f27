//! The table `sign_in_counters`.

use chrono::{DateTime, Utc};
use common::identity::UserId;
use sqlx::PgExecutor;

use super::{Counter, MEMORY, Rules};

/// A try that may be made.
#[derive(Clone, Copy)]
pub struct Reserved {
    /// Set if it is the last one: until when the next are refused.
    pub locked_until: Option<DateTime<Utc>>,
}

/// Counts a try as failed; `None` if the counter is locked. One statement, so that of many at once only as many pass as
/// there were left. The last one locks, each time for twice as long; after a lock the count begins anew.
pub async fn reserve(
    db: impl PgExecutor<'_>,
    counter: &Counter,
    rules: &Rules,
) -> sqlx::Result<Option<Reserved>> {
    sqlx::query_as!(
        Reserved,
        "insert into sign_in_counters as counter (counter_key, user_id, failures) values ($1, $2, 1)
        on conflict (counter_key) do update set
            failures = case when counter.locked_until is null then counter.failures + 1 else 1 end,
            locks = counter.locks
                + case when counter.locked_until is null and counter.failures + 1 >= $3 then 1 else 0 end,
            locked_until = case when counter.locked_until is null and counter.failures + 1 >= $3
                then now() + make_interval(secs => least($4 * power(2, least(counter.locks, 30)), $5)) end,
            updated_at = now()
        where counter.locked_until is null or counter.locked_until <= now()
        returning locked_until",
        counter.key,
        counter.user_id.map(|id| id.0),
        rules.failures,
        rules.first.as_secs_f64(),
        rules.longest.as_secs_f64(),
    )
    .fetch_optional(db)
    .await
}

/// Forgets the failures of one counter: the password was right.
pub async fn delete(db: impl PgExecutor<'_>, counter: &Counter) -> sqlx::Result<()> {
    sqlx::query!("delete from sign_in_counters where counter_key = $1", counter.key).execute(db).await?;
    Ok(())
}

/// Unlocks an account for strangers and for all its devices: its password was set anew.
pub async fn delete_of_user(db: impl PgExecutor<'_>, user_id: UserId) -> sqlx::Result<()> {
    sqlx::query!("delete from sign_in_counters where user_id = $1", user_id.0).execute(db).await?;
    Ok(())
}

/// Throws away what has been quiet for a day; returns how many rows. No lock is longer.
pub async fn delete_expired(db: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from sign_in_counters where updated_at < now() - make_interval(secs => $1)",
        MEMORY.as_secs_f64(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
