//! The mirror of the auth-service's accounts: written from its answers and events, never read for a decision but one,
//! that an account is gone.

use common::{
    events::AccountState,
    identity::{User, UserId},
};
use sqlx::{PgExecutor, PgPool, PgTransaction};

use super::AccountId;
use crate::permissions;

/// The mirror's id of an account; made or refreshed where it differs from what the auth-service says. `None` if the
/// account is gone: an answer from before its end must not bring it back.
pub async fn mirror(db: &PgPool, user: &User) -> sqlx::Result<Option<AccountId>> {
    if let Some(id) = find_unchanged(db, user).await? {
        return Ok(Some(id));
    }
    let mut transaction = db.begin().await?;
    free_names(&mut transaction, user).await?;
    let id = sqlx::query_scalar!(
        "insert into users (auth_user_id, username, email, password_hash, user_type, email_verified)
         values ($1, $2, $3, '', $4, $5)
         on conflict (auth_user_id) do update
         set username = excluded.username, email = excluded.email, user_type = excluded.user_type,
             email_verified = excluded.email_verified, is_active = true
         where users.deleted_at is null
         returning id",
        user.id.0,
        user.username,
        user.email,
        user.role.as_str(),
        user.email_verified
    )
    .fetch_optional(&mut *transaction)
    .await?;
    if let Some(id) = id {
        claim(&mut transaction, id, user).await?;
        transaction.commit().await?;
    }
    Ok(id)
}

/// What was granted to an address becomes the account's that proves it.
async fn claim(transaction: &mut PgTransaction<'_>, account: AccountId, user: &User) -> sqlx::Result<()> {
    if user.email_verified {
        permissions::store::claim_pending(transaction, account, &user.email).await?;
    }
    Ok(())
}

/// Refreshes the mirror of an account that was here before. A name that somebody of the earlier system still holds is
/// left for the takeover to settle.
pub async fn update_mirror(db: &PgPool, account: &AccountState) -> sqlx::Result<()> {
    let user = &account.user;
    let mut transaction = db.begin().await?;
    free_names(&mut transaction, user).await?;
    let done = sqlx::query_scalar!(
        "update users set username = $2, email = $3, user_type = $4, email_verified = $5, is_active = $6
         where auth_user_id = $1 and deleted_at is null returning id",
        user.id.0,
        user.username,
        user.email,
        user.role.as_str(),
        user.email_verified,
        account.is_active
    )
    .fetch_optional(&mut *transaction)
    .await;
    match done {
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
            tracing::warn!(user = user.id.0, "the name of an account is held by one of the earlier system");
            transaction.rollback().await
        }
        Err(error) => Err(error),
        Ok(None) => transaction.rollback().await,
        Ok(Some(id)) => {
            claim(&mut transaction, id, user).await?;
            transaction.commit().await
        }
    }
}

/// Notes that an account is gone; its name and address are free for somebody else.
pub async fn update_deleted(db: impl PgExecutor<'_>, user: UserId) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set deleted_at = now(), is_active = false,
            username = left(username, 240) || '#' || id, email = left(email, 240) || '#' || id
         where auth_user_id = $1 and deleted_at is null",
        user.0
    )
    .execute(db)
    .await
    .map(drop)
}

/// How far the auth-service's events were followed.
pub async fn find_cursor(db: impl PgExecutor<'_>) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!("select event_id from event_cursors where source = 'auth'").fetch_optional(db).await
}

/// Notes how far. Several processes follow the stream, each by itself; the furthest counts, because whoever is there has
/// written everything before.
pub async fn update_cursor(db: impl PgExecutor<'_>, event: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into event_cursors (source, event_id) values ('auth', $1)
         on conflict (source) do update
         set event_id = greatest(event_cursors.event_id, excluded.event_id), updated_at = now()",
        event
    )
    .execute(db)
    .await
    .map(drop)
}

/// Starts over with the next connection.
pub async fn delete_cursor(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!("delete from event_cursors where source = 'auth'").execute(db).await.map(drop)
}

/// Another account may have carried this name or address before; the auth-service says who has it now.
async fn free_names(transaction: &mut PgTransaction<'_>, user: &User) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set username = left(username, 240) || '#' || id, email = left(email, 240) || '#' || id
         where (username = $1 or email = $2) and auth_user_id is not null and auth_user_id <> $3",
        user.username,
        user.email,
        user.id.0
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

async fn find_unchanged(db: impl PgExecutor<'_>, user: &User) -> sqlx::Result<Option<AccountId>> {
    sqlx::query_scalar!(
        "select id from users
         where auth_user_id = $1 and username = $2 and email = $3 and user_type = $4 and email_verified = $5
            and is_active and deleted_at is null",
        user.id.0,
        user.username,
        user.email,
        user.role.as_str(),
        user.email_verified
    )
    .fetch_optional(db)
    .await
}
