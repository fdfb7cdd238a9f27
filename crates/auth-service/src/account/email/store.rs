//! The table `email_changes`: at most one waiting change for each account.

use common::identity::UserId;
use sqlx::{PgExecutor, PgTransaction};
use uuid::Uuid;

use super::Change;
use crate::{mail_tokens::Purpose, users::EmailAddress};

/// Whether another account has an address, also if only by other upper and lower case.
pub async fn is_taken(db: impl PgExecutor<'_>, id: UserId, email: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from users where lower(email) = lower($2) and id <> $1) as "taken!""#,
        id.0,
        email,
    )
    .fetch_one(db)
    .await
}

/// Begins a change; it takes the place of an older one. `left`: the address so far need not agree.
pub async fn create(
    transaction: &mut PgTransaction<'_>,
    id: UserId,
    new: &EmailAddress,
    session: Uuid,
    left: bool,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into email_changes (user_id, new_email, session_id, expires_at, left_at)
        values ($1, $2, $3, now() + make_interval(secs => $4), case when $5 then now() end)
        on conflict (user_id) do update set
            new_email = excluded.new_email, session_id = excluded.session_id, asked_at = now(),
            expires_at = excluded.expires_at, left_at = excluded.left_at, entered_at = null",
        id.0,
        new.as_str(),
        session,
        Purpose::EnterEmail.lifetime().as_seconds_f64(),
        left,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The change of an account whose time is not over; whether a link to it counts is for `mail_tokens` to say.
pub async fn find(db: impl PgExecutor<'_>, id: UserId) -> sqlx::Result<Option<Change>> {
    sqlx::query_as!(
        Change,
        "select new_email, session_id, expires_at, left_at, entered_at
        from email_changes where user_id = $1 and expires_at > now()",
        id.0,
    )
    .fetch_optional(db)
    .await
}

/// The same, if it can still be completed: each side has agreed or has a link that counts.
pub async fn find_waiting(db: impl PgExecutor<'_>, id: UserId) -> sqlx::Result<Option<Change>> {
    sqlx::query_as!(
        Change,
        "with counting as (
            select purpose from mail_tokens join users on users.id = mail_tokens.user_id
            where mail_tokens.user_id = $1 and expires_at > now() and is_active
                and mail_tokens.credentials_version = users.credentials_version
        )
        select new_email, session_id, expires_at, left_at, entered_at
        from email_changes
        where user_id = $1 and expires_at > now()
            and (left_at is not null or $2 in (select purpose from counting))
            and (entered_at is not null or $3 in (select purpose from counting))",
        id.0,
        Purpose::LeaveEmail.as_str(),
        Purpose::EnterEmail.as_str(),
    )
    .fetch_optional(db)
    .await
}

/// Notes that one side has agreed.
pub async fn update_agreed(db: impl PgExecutor<'_>, id: UserId, side: Purpose) -> sqlx::Result<()> {
    sqlx::query!(
        "update email_changes set
            left_at = case when $2 then now() else left_at end,
            entered_at = case when $2 then entered_at else now() end
        where user_id = $1",
        id.0,
        side == Purpose::LeaveEmail,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives an account its new address, which its person has proven.
pub async fn update_email(transaction: &mut PgTransaction<'_>, id: UserId, email: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set email = $2::text, email_key = lower($2), email_verified = true where id = $1",
        id.0,
        email,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Forgets the change of an account; false if there was none.
pub async fn delete(db: impl PgExecutor<'_>, id: UserId) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from email_changes where user_id = $1", id.0).execute(db).await?;
    Ok(done.rows_affected() > 0)
}

/// Throws away what has expired; returns how many rows.
pub async fn delete_expired(db: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    let done = sqlx::query!("delete from email_changes where expires_at < now()").execute(db).await?;
    Ok(done.rows_affected())
}
