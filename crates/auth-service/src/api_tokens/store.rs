//! The table `api_tokens`.

use chrono::{DateTime, Utc};
use common::identity::{ApiScope, User, UserId};
use sqlx::{PgExecutor, PgTransaction};
use uuid::Uuid;

use super::{ApiToken, Listed, NewToken, Presented};
use crate::users;

/// Makes a token; `None` if the person has `most` of them already, or the account is gone or disabled. The account's
/// row is held meanwhile, so that two requests at once can't both find the last place.
pub async fn create(
    transaction: &mut PgTransaction<'_>,
    user_id: UserId,
    token: &ApiToken,
    new: &NewToken,
    most: i64,
) -> sqlx::Result<Option<Uuid>> {
    sqlx::query!("select id from users where id = $1 for update", user_id.0)
        .fetch_optional(&mut **transaction)
        .await?;
    let scopes: Vec<String> = new.scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
    sqlx::query_scalar!(
        "insert into api_tokens (api_token_id, user_id, name, token_hash, scopes, expires_at)
        select $1, id, $2, $3, $4, now() + make_interval(secs => $5) from users
        where id = $6 and is_active
            and (select count(*) from api_tokens where user_id = $6 and expires_at > now()) < $7
        returning api_token_id",
        Uuid::new_v4(),
        new.name,
        token.hash(),
        &scopes,
        new.lifetime.as_seconds_f64(),
        user_id.0,
        most,
    )
    .fetch_optional(&mut **transaction)
    .await
}

/// The token of this hash, expired or not, with the account as it is now.
pub async fn find(db: impl PgExecutor<'_>, hash: &str) -> sqlx::Result<Option<Presented>> {
    let row = sqlx::query!(
        r#"select api_token_id, scopes, api_tokens.created_at, expires_at, last_used_at,
            users.id as user_id, username, email, user_type,
            coalesce(is_active, false) as "is_active!", coalesce(email_verified, false) as "email_verified!"
        from api_tokens join users on users.id = api_tokens.user_id
        where token_hash = $1"#,
        hash,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Presented {
        id: row.api_token_id,
        user: User {
            id: UserId(row.user_id),
            username: row.username,
            email: row.email,
            role: users::effective_role(row.user_type.as_deref(), row.email_verified),
            email_verified: row.email_verified,
        },
        is_active: row.is_active,
        scopes: known(&row.scopes),
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    }))
}

/// The tokens of a person, newest first; those that expired are among them until they are thrown away.
pub async fn list(db: impl PgExecutor<'_>, user_id: UserId) -> sqlx::Result<Vec<Listed>> {
    let rows = sqlx::query!(
        "select api_token_id, name, scopes, created_at, expires_at, last_used_at
        from api_tokens where user_id = $1 order by created_at desc, api_token_id limit 100",
        user_id.0,
    )
    .fetch_all(db)
    .await?;
    let listed = rows.into_iter().map(|row| Listed {
        id: row.api_token_id,
        name: row.name,
        scopes: known(&row.scopes),
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    });
    Ok(listed.collect())
}

/// How many living tokens a person has.
pub async fn count(db: impl PgExecutor<'_>, user_id: UserId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from api_tokens where user_id = $1 and expires_at > now()"#,
        user_id.0,
    )
    .fetch_one(db)
    .await
}

/// Takes one token of a person back; false if they have none of this id.
pub async fn delete(transaction: &mut PgTransaction<'_>, user_id: UserId, id: Uuid) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from api_tokens where user_id = $1 and api_token_id = $2", user_id.0, id)
        .execute(&mut **transaction)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Takes every token of a person back, as a reset of the password by mail does; returns their public ids.
pub async fn delete_of_user(transaction: &mut PgTransaction<'_>, user_id: UserId) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!("delete from api_tokens where user_id = $1 returning api_token_id", user_id.0)
        .fetch_all(&mut **transaction)
        .await
}

/// Writes down uses, many at once.
pub async fn update_last_used(
    db: impl PgExecutor<'_>,
    ids: &[Uuid],
    used_at: &[DateTime<Utc>],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update api_tokens set last_used_at = greatest(last_used_at, used.at)
        from unnest($1::uuid[], $2::timestamptz[]) as used (id, at)
        where api_token_id = used.id",
        ids,
        used_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Throws away what expired a month ago; until then its person can see why a program stopped. Returns how many rows.
pub async fn delete_expired(db: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    let done = sqlx::query!("delete from api_tokens where expires_at < now() - interval '30 days'")
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

fn known(words: &[String]) -> Vec<ApiScope> {
    words.iter().filter_map(|word| word.parse().ok()).collect()
}
