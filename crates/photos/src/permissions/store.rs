//! Permissions in the database.

use chrono::{DateTime, Utc};
use common::identity::UserId;
use sqlx::{PgExecutor, PgTransaction};

use super::{Level, Permission};
use crate::{galleries::GalleryId, identity::AccountId};

/// The permissions of a gallery, those of accounts first.
pub async fn list(db: impl PgExecutor<'_>, gallery: GalleryId) -> sqlx::Result<Vec<Permission>> {
    let rows = sqlx::query!(
        r#"select users.auth_user_id as "user: UserId", null::bigint as pending, users.username as "name!",
            coalesce(gallery_permissions.permission_level, 'view') as "level!",
            gallery_permissions.granted_at at time zone 'utc' as "granted_at: DateTime<Utc>", 0 as "place!"
         from gallery_permissions join users on users.id = gallery_permissions.user_id
         where gallery_permissions.gallery_id = $1 and users.deleted_at is null
         union all
         select null, id, email, permission_level, granted_at, 1 from pending_permissions where gallery_id = $1
         order by 6, 3 limit 1000"#,
        gallery.0
    );
    let permission = |level: &str| Level::parse(level).unwrap_or(Level::View);
    let rows = rows.fetch_all(db).await?.into_iter();
    Ok(rows
        .map(|row| Permission {
            user: row.user,
            pending: row.pending,
            level: permission(&row.level),
            name: row.name,
            granted_at: row.granted_at,
        })
        .collect())
}

/// The account with this address, if it proved it.
pub async fn find_by_email(db: impl PgExecutor<'_>, email: &str) -> sqlx::Result<Option<AccountId>> {
    sqlx::query_scalar!(
        "select id from users
         where lower(email) = $1 and email_verified and auth_user_id is not null and deleted_at is null limit 1",
        email
    )
    .fetch_optional(db)
    .await
}

/// The account with this name: exactly, else without case if only one fits.
pub async fn find_by_name(db: impl PgExecutor<'_>, name: &str) -> sqlx::Result<Option<AccountId>> {
    let found = sqlx::query!(
        "select id, username from users
         where lower(username) = lower($1) and auth_user_id is not null and deleted_at is null limit 3",
        name
    );
    let found = found.fetch_all(db).await?;
    let exact = found.iter().find(|row| row.username == name).or(match found.as_slice() {
        [only] => Some(only),
        _ => None,
    });
    Ok(exact.map(|row| row.id))
}

/// The address of an account.
pub async fn find_email(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("select email from users where id = $1", account.0).fetch_optional(db).await
}

/// Gives an account a permission, or changes the one it has.
pub async fn create(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    account: AccountId,
    granter: AccountId,
    level: Level,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into gallery_permissions (gallery_id, user_id, permission_level, granted_by) values ($1, $2, $3, $4)
         on conflict (gallery_id, user_id) do update
         set permission_level = excluded.permission_level, granted_by = excluded.granted_by",
        gallery.0,
        account.0,
        level.as_str(),
        granter.0
    )
    .execute(db)
    .await
    .map(drop)
}

/// Keeps a permission for an address.
pub async fn create_pending(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    email: &str,
    granter: AccountId,
    level: Level,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into pending_permissions (gallery_id, email, permission_level, granted_by) values ($1, $2, $3, $4)
         on conflict (gallery_id, email) do update
         set permission_level = excluded.permission_level, granted_by = excluded.granted_by",
        gallery.0,
        email,
        level.as_str(),
        granter.0
    )
    .execute(db)
    .await
    .map(drop)
}

/// Gives an account what waits for its address. Only for one that proved it. What it has already is not lowered.
pub async fn claim_pending(
    transaction: &mut PgTransaction<'_>,
    account: AccountId,
    email: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with waiting as (delete from pending_permissions where email = lower($2) returning *)
         insert into gallery_permissions (gallery_id, user_id, permission_level, granted_by)
         select waiting.gallery_id, $1, waiting.permission_level, waiting.granted_by
         from waiting join gallery on gallery.id = waiting.gallery_id
         where gallery.user_id is distinct from $1
         on conflict (gallery_id, user_id) do nothing",
        account.0,
        email
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// Takes an account's permission away; false if it had none.
pub async fn delete(db: impl PgExecutor<'_>, gallery: GalleryId, user: UserId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from gallery_permissions using users
         where gallery_permissions.gallery_id = $1 and users.id = gallery_permissions.user_id and users.auth_user_id = $2",
        gallery.0,
        user.0
    );
    Ok(done.execute(db).await?.rows_affected() == 1)
}

/// Takes back a permission that nobody claimed; false if there is none.
pub async fn delete_pending(db: impl PgExecutor<'_>, gallery: GalleryId, id: i64) -> sqlx::Result<bool> {
    let done =
        sqlx::query!("delete from pending_permissions where gallery_id = $1 and id = $2", gallery.0, id);
    Ok(done.execute(db).await?.rows_affected() == 1)
}
