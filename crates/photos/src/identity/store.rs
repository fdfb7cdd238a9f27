//! The mirror of the auth-service's accounts: written from its answers, never read for a decision.

use common::identity::User;
use sqlx::{PgExecutor, PgPool};

use super::AccountId;

/// The mirror's id of an account; made or refreshed where it differs from what the auth-service says.
pub async fn mirror(db: &PgPool, user: &User) -> sqlx::Result<AccountId> {
    if let Some(id) = find_unchanged(db, user).await? {
        return Ok(id);
    }
    let mut transaction = db.begin().await?;
    // Another account may have carried this name or address before; the auth-service says who has it now.
    sqlx::query!(
        "update users set username = username || '#' || id, email = email || '#' || id
         where (username = $1 or email = $2) and auth_user_id is not null and auth_user_id <> $3",
        user.username,
        user.email,
        user.id.0
    )
    .execute(&mut *transaction)
    .await?;
    let id = sqlx::query_scalar!(
        "insert into users (auth_user_id, username, email, password_hash, user_type, email_verified)
         values ($1, $2, $3, '', $4, $5)
         on conflict (auth_user_id) do update
         set username = excluded.username, email = excluded.email, user_type = excluded.user_type,
             email_verified = excluded.email_verified
         returning id",
        user.id.0,
        user.username,
        user.email,
        user.role.as_str(),
        user.email_verified
    )
    .fetch_one(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(id)
}

async fn find_unchanged(db: impl PgExecutor<'_>, user: &User) -> sqlx::Result<Option<AccountId>> {
    sqlx::query_scalar!(
        "select id from users
         where auth_user_id = $1 and username = $2 and email = $3 and user_type = $4 and email_verified = $5",
        user.id.0,
        user.username,
        user.email,
        user.role.as_str(),
        user.email_verified
    )
    .fetch_optional(db)
    .await
}
