//! The table `sessions`: `sid` is the hash of a token, `sess` says how the person proved who they are, `expire` is when
//! the row may be thrown away.

use chrono::{DateTime, Utc};
use common::identity::{User, UserId};
use secrecy::ExposeSecret;
use serde_json::json;
use sqlx::{PgExecutor, PgTransaction};
use uuid::Uuid;

use super::{Session, Token};
use crate::{
    audit::Origin,
    config::Lifetimes,
    users::{self, Account},
};

/// The sessions of these hashes, valid or not, with the accounts as they are now.
pub async fn list_by_hashes(
    db: impl PgExecutor<'_>,
    hashes: &[String],
) -> sqlx::Result<Vec<(String, Session)>> {
    let rows = sqlx::query!(
        r#"select sessions.sid, public_id, auth_time, last_seen_at, absolute_expires_at,
            sess -> 'methods' as "methods: sqlx::types::Json<Vec<String>>",
            users.id as user_id, username, email, user_type,
            coalesce(is_active, false) as "is_active!", coalesce(email_verified, false) as "email_verified!"
        from sessions join users on users.id = sessions.user_id
        where sessions.sid = any($1)"#,
        hashes,
    )
    .fetch_all(db)
    .await?;
    let sessions = rows.into_iter().map(|row| {
        let user = User {
            id: UserId(row.user_id),
            username: row.username,
            email: row.email,
            role: users::effective_role(row.user_type.as_deref(), row.email_verified),
            email_verified: row.email_verified,
        };
        let session = Session {
            id: row.public_id,
            user,
            is_active: row.is_active,
            methods: row.methods.map(|methods| methods.0).unwrap_or_default(),
            auth_time: row.auth_time,
            last_seen_at: row.last_seen_at,
            absolute_expires_at: row.absolute_expires_at,
        };
        (row.sid, session)
    });
    Ok(sessions.collect())
}

/// Makes the session of somebody who proved a moment ago who they are. `None` if the account was disabled or its
/// password changed since.
pub async fn create(
    transaction: &mut PgTransaction<'_>,
    token: &Token,
    account: &Account,
    methods: &[&str],
    lifetimes: &Lifetimes,
    origin: &Origin,
) -> sqlx::Result<Option<Uuid>> {
    let now = Utc::now();
    sqlx::query_scalar!(
        "insert into sessions
            (sid, sess, expire, public_id, user_id, created_at, auth_time, last_seen_at, absolute_expires_at,
             user_agent, client_address)
        select $1, $2, $3, $4, users.id, $5, $5, $5, $6, $7, $8
        from users where users.id = $9 and is_active and password_hash = $10
        returning public_id",
        token.hash(),
        json!({ "methods": methods }),
        (now + lifetimes.idle.min(lifetimes.absolute)).naive_utc(),
        Uuid::new_v4(),
        now,
        now + lifetimes.absolute,
        origin.user_agent.as_deref(),
        origin.client_address.as_deref(),
        account.user.id.0,
        account.password_hash.expose_secret(),
    )
    .fetch_optional(&mut **transaction)
    .await
}

/// Gives a session a new token because its person proved anew who they are: the old token is dead with the end of the
/// transaction. Returns when the session ends whatever happens; `None` if it ended, or the account was disabled or its
/// password changed, since.
pub async fn rotate(
    transaction: &mut PgTransaction<'_>,
    id: Uuid,
    token: &Token,
    account: &Account,
    methods: &[&str],
) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!(
        "update sessions set sid = $1, sess = sess || $2, auth_time = now(), last_seen_at = now()
        from users
        where public_id = $3 and users.id = sessions.user_id and users.id = $4
            and is_active and password_hash = $5
        returning absolute_expires_at",
        token.hash(),
        json!({ "methods": methods }),
        id,
        account.user.id.0,
        account.password_hash.expose_secret(),
    )
    .fetch_optional(&mut **transaction)
    .await
}

/// Ends the sessions of a person, but for one that may go on; returns their public ids.
pub async fn delete_of_user(
    transaction: &mut PgTransaction<'_>,
    user_id: UserId,
    except: Option<Uuid>,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "delete from sessions where user_id = $1 and public_id is distinct from $2 returning public_id",
        user_id.0,
        except,
    )
    .fetch_all(&mut **transaction)
    .await
}

/// Ends everybody's sessions; returns how many there were.
pub async fn delete_all(transaction: &mut PgTransaction<'_>) -> sqlx::Result<usize> {
    let done = sqlx::query!("delete from sessions").execute(&mut **transaction).await?;
    Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
}

/// Ends the sessions of these hashes; returns whose they were.
pub async fn delete_by_hashes(
    transaction: &mut PgTransaction<'_>,
    hashes: &[String],
) -> sqlx::Result<Vec<(UserId, String, Uuid)>> {
    let rows = sqlx::query!(
        "delete from sessions using users
        where users.id = sessions.user_id and sessions.sid = any($1)
        returning users.id, users.username, sessions.public_id",
        hashes,
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(rows.into_iter().map(|row| (UserId(row.id), row.username, row.public_id)).collect())
}

/// Writes down signs of life, many at once. A session that is being ended or renewed at this moment goes without: waiting
/// for one while holding others could wait for ever.
pub async fn update_last_seen(
    db: impl PgExecutor<'_>,
    ids: &[Uuid],
    seen_at: &[DateTime<Utc>],
    lifetimes: &Lifetimes,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with free as (
            select public_id from sessions where public_id = any($1) order by public_id for update skip locked
        )
        update sessions set
            last_seen_at = greatest(last_seen_at, seen.at),
            expire = least(absolute_expires_at, seen.at + make_interval(secs => $3)) at time zone 'utc'
        from unnest($1::uuid[], $2::timestamptz[]) as seen (id, at) join free on free.public_id = seen.id
        where sessions.public_id = seen.id",
        ids,
        seen_at,
        lifetimes.idle.as_seconds_f64(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Throws away what has expired; returns how many rows.
pub async fn delete_expired(db: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    let done =
        sqlx::query!("delete from sessions where expire < now() at time zone 'utc'").execute(db).await?;
    Ok(done.rows_affected())
}
