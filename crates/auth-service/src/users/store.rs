//! The table `users`.

use common::identity::{User, UserId};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{PgExecutor, PgTransaction};

use super::{Account, NewAccount, effective_role};

/// Every account that a typed name could mean; `users::choose` picks one. One statement, so that an unknown name takes
/// as long as a known one.
pub async fn list_for_sign_in(db: impl PgExecutor<'_>, typed: &str) -> sqlx::Result<Vec<Account>> {
    let rows = sqlx::query!(
        r#"select id, username, email, password_hash, user_type,
            coalesce(is_active, false) as "is_active!", coalesce(email_verified, false) as "email_verified!"
        from users
        where username = $1 or lower(username) = lower($1) or lower(email) = lower($1)
        limit 20"#,
        typed,
    )
    .fetch_all(db)
    .await?;
    let accounts = rows.into_iter().map(|row| Account {
        user: User {
            id: UserId(row.id),
            username: row.username,
            email: row.email,
            role: effective_role(row.user_type.as_deref(), row.email_verified),
            email_verified: row.email_verified,
        },
        password_hash: row.password_hash.into(),
        is_active: row.is_active,
    });
    Ok(accounts.collect())
}

/// One account by its id.
pub async fn find_account(db: impl PgExecutor<'_>, id: UserId) -> sqlx::Result<Option<Account>> {
    let row = sqlx::query!(
        r#"select username, email, password_hash, user_type,
            coalesce(is_active, false) as "is_active!", coalesce(email_verified, false) as "email_verified!"
        from users where id = $1"#,
        id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Account {
        user: User {
            id,
            username: row.username,
            email: row.email,
            role: effective_role(row.user_type.as_deref(), row.email_verified),
            email_verified: row.email_verified,
        },
        password_hash: row.password_hash.into(),
        is_active: row.is_active,
    }))
}

/// Makes an account; `None` if the name or the address is taken, also if only by other upper and lower case.
pub async fn create(
    db: impl PgExecutor<'_>,
    account: &NewAccount,
    password_hash: &str,
) -> sqlx::Result<Option<UserId>> {
    let id = sqlx::query_scalar!(
        "insert into users
            (username, name_key, email, email_key, password_hash, user_type, is_active, email_verified, created_at)
        values ($1::text, lower($1), $2::text, lower($2), $3, $4, true, $5, now() at time zone 'utc')
        on conflict do nothing
        returning id",
        account.username.as_str(),
        account.email.as_str(),
        password_hash,
        account.role.as_str(),
        account.email_verified,
    )
    .fetch_optional(db)
    .await?;
    Ok(id.map(UserId))
}

/// Stores another hash of the same password in place of this one, and returns the version that the account's credentials
/// have since; `None` if the hash is another one by now.
pub async fn update_hash(
    db: impl PgExecutor<'_>,
    id: UserId,
    old: &SecretString,
    new: &SecretString,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "update users set password_hash = $3 where id = $1 and password_hash = $2 returning credentials_version",
        id.0,
        old.expose_secret(),
        new.expose_secret(),
    )
    .fetch_optional(db)
    .await
}

/// Notes that somebody signed in just now.
pub async fn update_last_login(db: impl PgExecutor<'_>, id: UserId) -> sqlx::Result<()> {
    sqlx::query!("update users set last_login = now() at time zone 'utc' where id = $1", id.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Every account with this address, in any case; more than one only where the earlier system let that be.
pub async fn list_by_email(db: impl PgExecutor<'_>, email: &str) -> sqlx::Result<Vec<Account>> {
    let rows = sqlx::query!(
        r#"select id, username, email, password_hash, user_type,
            coalesce(is_active, false) as "is_active!", coalesce(email_verified, false) as "email_verified!"
        from users where lower(email) = lower($1) order by id limit 20"#,
        email,
    )
    .fetch_all(db)
    .await?;
    let accounts = rows.into_iter().map(|row| Account {
        user: User {
            id: UserId(row.id),
            username: row.username,
            email: row.email,
            role: effective_role(row.user_type.as_deref(), row.email_verified),
            email_verified: row.email_verified,
        },
        password_hash: row.password_hash.into(),
        is_active: row.is_active,
    });
    Ok(accounts.collect())
}

/// Every account that acts as an administrator at this moment, held until the transaction ends. They are locked in one
/// order, and as strongly as deleting one of them needs, so that two who wait for each other can't happen.
pub async fn lock_admins(transaction: &mut PgTransaction<'_>) -> sqlx::Result<Vec<UserId>> {
    let ids = sqlx::query_scalar!(
        "select id from users where user_type = 'admin' and is_active and email_verified order by id for update"
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(ids.into_iter().map(UserId).collect())
}
