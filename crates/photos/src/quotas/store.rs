//! Quotas and what is in use of them, in the database.

use sqlx::{PgExecutor, PgTransaction};

use crate::identity::AccountId;

/// The quota that an owner has instead of everybody's; 0 without a limit.
pub async fn find(db: impl PgExecutor<'_>, owner: AccountId) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!("select quota_bytes from quotas where owner_id = $1", owner.0)
        .fetch_optional(db)
        .await
}

/// Gives an owner a quota of their own.
pub async fn update(db: impl PgExecutor<'_>, owner: AccountId, bytes: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into quotas (owner_id, quota_bytes) values ($1, $2)
         on conflict (owner_id) do update set quota_bytes = excluded.quota_bytes",
        owner.0,
        bytes
    )
    .execute(db)
    .await
    .map(drop)
}

/// Takes it away: the owner has what everybody has.
pub async fn delete(db: impl PgExecutor<'_>, owner: AccountId) -> sqlx::Result<()> {
    sqlx::query!("delete from quotas where owner_id = $1", owner.0).execute(db).await.map(drop)
}

/// Bytes of an owner's originals, also of those whose photos are in the trash.
pub async fn sum_used(db: impl PgExecutor<'_>, owner: AccountId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select coalesce(sum(size_bytes), 0)::bigint as "used!" from files where owner_id = $1"#,
        owner.0
    )
    .fetch_one(db)
    .await
}

/// Makes those who add files for the same owner wait for each other until the transaction ends.
pub async fn lock(transaction: &mut PgTransaction<'_>, owner: AccountId) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('quota', $1))", i64::from(owner.0))
        .fetch_one(&mut **transaction)
        .await
        .map(drop)
}
