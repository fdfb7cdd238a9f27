//! Mails that wait and are kept from being sent, as those of a restored database, which may have been sent long ago.
//!
//! As in `outbox`, the tests of the services run these statements.

use sqlx::PgExecutor;

use super::outbox::CHANNEL;

/// Keeps all mails that wait from being sent until somebody decides about them. Returns how many there are.
pub async fn hold(executor: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    let held = sqlx::query(
        "update mails set next_attempt_at = now() + interval '100 years' where sealed is not null",
    );
    Ok(held.execute(executor).await?.rows_affected())
}

/// Has those that are kept sent. Returns how many there were.
pub async fn release(executor: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    let released = sqlx::query_scalar::<_, i64>(
        "with released as ( \
             update mails set next_attempt_at = now() \
             where sealed is not null and next_attempt_at > now() + interval '10 years' returning mail_id \
         ) \
         select count(*) from released, lateral (select pg_notify($1, '')) as told",
    );
    Ok(released.bind(CHANNEL).fetch_one(executor).await?.unsigned_abs())
}

/// Gives those that are kept up; what they said is erased. Returns how many there were.
pub async fn discard(executor: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    let discarded = sqlx::query(
        "update mails set failed_at = now(), sealed = null, last_error = 'discarded by an operator' \
         where sealed is not null and next_attempt_at > now() + interval '10 years'",
    );
    Ok(discarded.execute(executor).await?.rows_affected())
}
