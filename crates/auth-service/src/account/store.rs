//! What the account's own pages read and write in the tables `users`, `sessions` and `audit_logs`.

use chrono::{DateTime, TimeDelta, Utc};
use common::identity::UserId;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sqlx::{PgExecutor, PgTransaction};
use uuid::Uuid;

use super::{DisplayName, Profile};
use crate::{
    sessions::Token,
    users::{Username, effective_role},
};

/// A session as its person sees it.
pub struct SessionRow {
    /// Its public id.
    pub id: Uuid,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When its person last proved who they are.
    pub auth_time: DateTime<Utc>,
    /// The last sign of life that was written down.
    pub last_seen_at: DateTime<Utc>,
    /// What the browser called itself.
    pub user_agent: Option<String>,
    /// Where it signed in from.
    pub client_address: Option<String>,
}

/// A row of the record about an account.
pub struct EventRow {
    /// Its place in the record.
    pub id: i64,
    /// What happened, as the stored word.
    pub event: Option<String>,
    /// What else is known.
    pub details: Value,
    /// Where it came from.
    pub client_address: Option<String>,
    /// What the browser called itself.
    pub user_agent: Option<String>,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

/// An account as its person sees it.
pub async fn find_profile(db: impl PgExecutor<'_>, id: UserId) -> sqlx::Result<Option<Profile>> {
    let row = sqlx::query!(
        r#"select username, display_name, email, user_type, created_at,
            coalesce(email_verified, false) as "email_verified!"
        from users where id = $1"#,
        id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Profile {
        id,
        username: row.username,
        display_name: row.display_name,
        email: row.email,
        email_verified: row.email_verified,
        role: effective_role(row.user_type.as_deref(), row.email_verified),
        created_at: row.created_at.map(|time| time.and_utc()),
    }))
}

/// Holds the account's row until the transaction ends.
pub async fn lock(transaction: &mut PgTransaction<'_>, id: UserId) -> sqlx::Result<()> {
    sqlx::query!("select id from users where id = $1 for update", id.0)
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(())
}

/// Sets the name that people see.
pub async fn update_display_name(
    db: impl PgExecutor<'_>,
    id: UserId,
    name: Option<&DisplayName>,
) -> sqlx::Result<()> {
    let name = name.map(DisplayName::as_str);
    sqlx::query!("update users set display_name = $2 where id = $1", id.0, name).execute(db).await?;
    Ok(())
}

/// Sets the name for signing in; false if somebody has it, also if only by other upper and lower case.
pub async fn update_username(db: impl PgExecutor<'_>, id: UserId, name: &Username) -> sqlx::Result<bool> {
    let updated = sqlx::query!(
        "update users set username = $2::text, name_key = lower($2)
        where id = $1 and not exists (
            select from users as other where lower(other.username) = lower($2) and other.id <> $1
        )",
        id.0,
        name.as_str(),
    )
    .execute(db)
    .await;
    match updated {
        Ok(done) => Ok(done.rows_affected() > 0),
        // Somebody took it between looking and writing.
        Err(sqlx::Error::Database(fault)) if fault.is_unique_violation() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Sets another password; false if it was changed meanwhile, or the account disabled.
pub async fn update_password(
    db: impl PgExecutor<'_>,
    id: UserId,
    old_hash: &SecretString,
    new_hash: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update users set password_hash = $3 where id = $1 and password_hash = $2 and is_active",
        id.0,
        old_hash.expose_secret(),
        new_hash,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Gives a session a new token; when its person last proved who they are stays. Returns when it ends whatever happens.
pub async fn update_token(
    transaction: &mut PgTransaction<'_>,
    id: Uuid,
    user_id: UserId,
    token: &Token,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!(
        "update sessions set sid = $3 where public_id = $1 and user_id = $2 returning absolute_expires_at",
        id,
        user_id.0,
        token.hash(),
    )
    .fetch_optional(&mut **transaction)
    .await
}

/// The living sessions of a person, the one last seen first: those that gave a sign of life within `idle`.
pub async fn list_sessions(
    db: impl PgExecutor<'_>,
    user_id: UserId,
    idle: TimeDelta,
    limit: i64,
) -> sqlx::Result<Vec<SessionRow>> {
    sqlx::query_as!(
        SessionRow,
        "select public_id as id, created_at, auth_time, last_seen_at, user_agent, client_address
        from sessions
        where user_id = $1 and absolute_expires_at > now() and last_seen_at > now() - make_interval(secs => $2)
        order by last_seen_at desc, public_id limit $3",
        user_id.0,
        idle.as_seconds_f64(),
        limit,
    )
    .fetch_all(db)
    .await
}

/// How many living sessions a person has.
pub async fn count_sessions(db: impl PgExecutor<'_>, user_id: UserId, idle: TimeDelta) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from sessions
        where user_id = $1 and absolute_expires_at > now() and last_seen_at > now() - make_interval(secs => $2)"#,
        user_id.0,
        idle.as_seconds_f64(),
    )
    .fetch_one(db)
    .await
}

/// Ends one session of a person; false if they have none of this id.
pub async fn delete_session(
    transaction: &mut PgTransaction<'_>,
    user_id: UserId,
    id: Uuid,
) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from sessions where user_id = $1 and public_id = $2", user_id.0, id)
        .execute(&mut **transaction)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// The record about an account, newest first, from before `before`.
pub async fn list_events(
    db: impl PgExecutor<'_>,
    user_id: UserId,
    before: Option<i64>,
    limit: i64,
) -> sqlx::Result<Vec<EventRow>> {
    sqlx::query_as!(
        EventRow,
        "select id, event, details, client_address, user_agent, occurred_at from audit_logs
        where user_id = $1 and id < coalesce($2, 9223372036854775807) order by id desc limit $3",
        user_id.0,
        before,
        limit,
    )
    .fetch_all(db)
    .await
}

/// How often something was recorded about an account in the last hour.
pub async fn count_events(db: impl PgExecutor<'_>, user_id: UserId, event: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from audit_logs
        where user_id = $1 and event = $2 and occurred_at > now() - interval '1 hour'"#,
        user_id.0,
        event,
    )
    .fetch_one(db)
    .await
}

/// Deletes an account with everything that hangs on it; false if it is gone already.
pub async fn delete(transaction: &mut PgTransaction<'_>, id: UserId) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from users where id = $1", id.0).execute(&mut **transaction).await?;
    Ok(done.rows_affected() > 0)
}
