//! What the originals and renditions of everybody take.

use common::identity::UserId;
use sqlx::PgExecutor;

use crate::identity::AccountId;

/// Bytes and files.
pub struct Taken {
    /// Originals.
    pub originals: i64,
    /// Of originals.
    pub original_files: i64,
    /// Renditions.
    pub renditions: i64,
    /// Of renditions.
    pub rendition_files: i64,
    /// Files that are removed in a day, because nothing names them any more.
    pub leaving: i64,
}

/// What one account takes.
pub struct Owner {
    /// Its mirror.
    pub id: AccountId,
    /// The account; none of the earlier system that never signed in here.
    pub user: Option<UserId>,
    /// Its name.
    pub name: String,
    /// Bytes of originals.
    pub used: i64,
    /// Originals.
    pub files: i64,
    /// The quota that it has instead of everybody's.
    pub quota: Option<i64>,
}

/// All of it.
pub async fn find_taken(db: impl PgExecutor<'_>) -> sqlx::Result<Taken> {
    sqlx::query_as!(
        Taken,
        r#"select originals.bytes as "originals!", originals.files as "original_files!",
            renditions.bytes as "renditions!", renditions.files as "rendition_files!",
            (select count(*) from pending_files) as "leaving!"
         from (select coalesce(sum(size_bytes), 0)::bigint as bytes, count(*) as files from files) as originals,
            (select coalesce(sum(size_bytes), 0)::bigint as bytes, count(*) as files from renditions) as renditions"#
    )
    .fetch_one(db)
    .await
}

/// Accounts, whoever takes most first, after this place. Without a text those that take or were given something; with one
/// those whose name holds it.
pub async fn list(
    db: impl PgExecutor<'_>,
    text: &str,
    after: Option<(i64, AccountId)>,
    limit: u16,
) -> sqlx::Result<Vec<Owner>> {
    let (used, id) = after.map_or((i64::MAX, i32::MAX), |(used, id)| (used, id.0));
    sqlx::query_as!(
        Owner,
        r#"select id as "id!: AccountId", auth_user_id as "user?: UserId", name as "name!", used as "used!", files as "files!", quota
         from (
            select users.id, users.auth_user_id, coalesce(users.username, '') as name,
                (select coalesce(sum(size_bytes), 0)::bigint from files where files.owner_id = users.id) as used,
                (select count(*) from files where files.owner_id = users.id) as files,
                (select quota_bytes from quotas where quotas.owner_id = users.id) as quota
            from users where users.deleted_at is null or exists (select from files where files.owner_id = users.id)
         ) as owned
         where (used, id) < ($2, $3)
           and case when $1 = '' then files > 0 or quota is not null else position(lower($1) in lower(name)) > 0 end
         order by used desc, id desc limit $4"#,
        text,
        used,
        id,
        i64::from(limit)
    )
    .fetch_all(db)
    .await
}

/// The mirror of an account and its name.
pub async fn find_account(
    db: impl PgExecutor<'_>,
    user: UserId,
) -> sqlx::Result<Option<(AccountId, String)>> {
    let row = sqlx::query!(
        r#"select id, coalesce(username, '') as "name!" from users where auth_user_id = $1"#,
        user.0
    );
    Ok(row.fetch_optional(db).await?.map(|row| (row.id, row.name)))
}
