//! The table `users`, as a takeover reads and fills it.

use common::{
    identity::{Role, UserId},
    takeover::EarlierAccount,
};
use sqlx::{PgExecutor, PgTransaction};

use super::Known;

/// Every account, the eldest first.
pub(super) async fn list_known(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Known>> {
    let rows = sqlx::query!(
        r#"select id, username, email, password_hash, user_type, coalesce(is_active, false) as "is_active!"
         from users order by id"#
    );
    let rows = rows.fetch_all(db).await?;
    Ok(rows
        .into_iter()
        .map(|row| Known {
            id: UserId(row.id),
            username: row.username,
            email: row.email,
            password_hash: row.password_hash,
            user_type: row.user_type,
            is_active: row.is_active,
        })
        .collect())
}

/// Makes an account as it was, under this name; `None` if its name or its address is taken. Where somebody has them in
/// other upper and lower case, it holds no key to them, as accounts of the earlier system do.
pub(super) async fn create(
    transaction: &mut PgTransaction<'_>,
    account: &EarlierAccount,
    username: &str,
    role: Role,
) -> sqlx::Result<Option<UserId>> {
    let id = sqlx::query_scalar!(
        "insert into users (username, name_key, email, email_key, password_hash, user_type, is_active, email_verified,
            created_at, last_login)
         select $1::text, case when not exists (select from users where name_key = lower($1)) then lower($1) end,
            $2::text, case when not exists (select from users where email_key = lower($2)) then lower($2) end,
            $3, $4, $5, $6, $7, $8
         on conflict do nothing
         returning id",
        username,
        account.email,
        account.password_hash,
        role.as_str(),
        account.is_active,
        account.email_verified,
        account.created_at,
        account.last_login
    )
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(id.map(UserId))
}
