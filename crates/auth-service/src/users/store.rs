//! The table `users`.

use common::identity::{User, UserId};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{PgExecutor, PgTransaction};

use super::{Account, NewAccount, Username, effective_role};

/// The columns that make an account.
struct AccountRow {
    id: i32,
    username: String,
    email: String,
    password_hash: String,
    user_type: Option<String>,
    is_active: bool,
    email_verified: bool,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let user = User {
            id: UserId(row.id),
            username: row.username,
            email: row.email,
            role: effective_role(row.user_type.as_deref(), row.email_verified),
            email_verified: row.email_verified,
        };
        Self { user, password_hash: row.password_hash.into(), is_active: row.is_active }
    }
}

/// Every account that a typed name could mean; `users::choose` picks one. One statement, so that an unknown name takes
/// as long as a known one.
pub async fn list_for_sign_in(db: impl PgExecutor<'_>, typed: &str) -> sqlx::Result<Vec<Account>> {
    let rows = sqlx::query_as!(
        AccountRow,
        r#"select id, username, email, password_hash, user_type,
            coalesce(is_active, false) as "is_active!", coalesce(email_verified, false) as "email_verified!"
        from users
        where username = $1 or lower(username) = lower($1) or lower(email) = lower($1)
        limit 20"#,
        typed,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Account::from).collect())
}

/// One account by its id.
pub async fn find_account(db: impl PgExecutor<'_>, id: UserId) -> sqlx::Result<Option<Account>> {
    let row = sqlx::query_as!(
        AccountRow,
        r#"select id, username, email, password_hash, user_type,
            coalesce(is_active, false) as "is_active!", coalesce(email_verified, false) as "email_verified!"
        from users where id = $1"#,
        id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(Account::from))
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

/// Locks an account's row until the transaction ends.
pub async fn lock(transaction: &mut PgTransaction<'_>, id: UserId) -> sqlx::Result<()> {
    sqlx::query!("select id from users where id = $1 for update", id.0)
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(())
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

/// The account with this address: the one with exactly it, else the eldest with it in other upper and lower case.
pub async fn find_by_address(db: impl PgExecutor<'_>, email: &str) -> sqlx::Result<Option<Account>> {
    Ok(list_by_email(db, email).await?.into_iter().next())
}

/// Every account with this address, in any case, the one with exactly it first; more than one only where the earlier
/// system let that be.
pub async fn list_by_email(db: impl PgExecutor<'_>, email: &str) -> sqlx::Result<Vec<Account>> {
    let rows = sqlx::query_as!(
        AccountRow,
        r#"select id, username, email, password_hash, user_type,
            coalesce(is_active, false) as "is_active!", coalesce(email_verified, false) as "email_verified!"
        from users where lower(email) = lower($1) order by email = $1 desc, id limit 20"#,
        email,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Account::from).collect())
}

/// Whether somebody has a name, perhaps in other upper and lower case.
pub async fn is_name_taken(db: impl PgExecutor<'_>, name: &Username) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from users where lower(username) = lower($1)) as "exists!""#,
        name.as_str(),
    )
    .fetch_one(db)
    .await
}

/// Sets a new password; links sent by mail before are dead.
pub async fn update_password(db: impl PgExecutor<'_>, id: UserId, password_hash: &str) -> sqlx::Result<()> {
    sqlx::query!("update users set password_hash = $2 where id = $1", id.0, password_hash)
        .execute(db)
        .await?;
    Ok(())
}

/// Notes that the address is the person's own; false if that was known.
pub async fn update_verified(db: impl PgExecutor<'_>, id: UserId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update users set email_verified = true where id = $1 and email_verified is not true",
        id.0
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether there is an administrator who can sign in.
pub async fn has_active_admin(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    let found = sqlx::query_scalar!(
        r#"select exists (
            select 1 from users where user_type = 'admin' and is_active and email_verified
        ) as "found!""#
    );
    found.fetch_one(db).await
}
