//! The table `identities`: which account at a provider signs which account in.

use chrono::{DateTime, Utc};
use common::identity::{User, UserId};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{PgExecutor, PgTransaction};
use uuid::Uuid;

use super::Kind;
use crate::users::{Account, effective_role};

/// A link to be made.
pub struct Link<'a> {
    /// Whose.
    pub user: UserId,
    /// Which provider.
    pub kind: Kind,
    /// The issuer that knows the subject.
    pub issuer: &'a str,
    /// Whose account it is there.
    pub subject: &'a str,
    /// The address that the provider vouches for.
    pub email: &'a str,
}

/// A link as its owner sees it.
pub struct Identity {
    /// The issuer that knows the subject.
    pub issuer: String,
    /// The address that the provider vouched for then.
    pub email: String,
    /// When the link was made.
    pub created_at: DateTime<Utc>,
    /// When it last signed somebody in.
    pub last_used_at: DateTime<Utc>,
}

/// The account that a subject of an issuer is linked to.
pub async fn find_account(
    db: impl PgExecutor<'_>,
    issuer: &str,
    subject: &str,
) -> sqlx::Result<Option<Account>> {
    let row = sqlx::query!(
        r#"select users.id, username, users.email, password_hash, user_type,
            coalesce(is_active, false) as "is_active!", coalesce(email_verified, false) as "email_verified!"
        from identities join users on users.id = identities.user_id
        where issuer = $1 and subject = $2"#,
        issuer,
        subject,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Account {
        user: User {
            id: UserId(row.id),
            username: row.username,
            email: row.email,
            role: effective_role(row.user_type.as_deref(), row.email_verified),
            email_verified: row.email_verified,
        },
        password_hash: row.password_hash.into(),
        is_active: row.is_active,
    }))
}

/// The links of an account; one for each issuer, so they are few.
pub async fn list_of_user(db: impl PgExecutor<'_>, user: UserId) -> sqlx::Result<Vec<Identity>> {
    sqlx::query_as!(
        Identity,
        "select issuer, email, created_at, last_used_at from identities where user_id = $1 order by identity_id",
        user.0,
    )
    .fetch_all(db)
    .await
}

/// Whether the account is still as it was when its person proved something: usable, with this stored password and, where
/// one is named, this session. Its row stays locked until the transaction ends.
pub async fn is_unchanged_locked(
    transaction: &mut PgTransaction<'_>,
    account: &Account,
    session: Option<Uuid>,
) -> sqlx::Result<bool> {
    let found = sqlx::query!(
        "select id from users where id = $1 and is_active and password_hash = $2
            and ($3::uuid is null or exists (select from sessions where public_id = $3 and user_id = $1))
        for update",
        account.user.id.0,
        account.password_hash.expose_secret(),
        session,
    )
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(found.is_some())
}

/// Makes a link; false if the subject is linked already, or the account to another subject of the issuer.
pub async fn create(db: impl PgExecutor<'_>, link: &Link<'_>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into identities (user_id, provider, issuer, subject, email) values ($1, $2, $3, $4, $5)
        on conflict do nothing",
        link.user.0,
        link.kind.as_str(),
        link.issuer,
        link.subject,
        link.email,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that a link signed somebody in just now.
pub async fn update_last_used(db: impl PgExecutor<'_>, issuer: &str, subject: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update identities set last_used_at = now() where issuer = $1 and subject = $2",
        issuer,
        subject,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The stored password of an account, whose row is locked until the transaction ends: two requests that each take a
/// way of signing in away come one after the other.
pub async fn find_password_locked(
    transaction: &mut PgTransaction<'_>,
    user: UserId,
) -> sqlx::Result<Option<SecretString>> {
    let stored = sqlx::query_scalar!("select password_hash from users where id = $1 for update", user.0)
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(stored.map(SecretString::from))
}

/// Takes a link away; false if there was none.
pub async fn delete(db: impl PgExecutor<'_>, user: UserId, issuer: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from identities where user_id = $1 and issuer = $2", user.0, issuer)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes every link of an account away; returns how many there were.
pub async fn delete_of_user(db: impl PgExecutor<'_>, user: UserId) -> sqlx::Result<u64> {
    let done = sqlx::query!("delete from identities where user_id = $1", user.0).execute(db).await?;
    Ok(done.rows_affected())
}
