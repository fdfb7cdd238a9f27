//! What a link's door needs of the database: its password's tries, and whom to name.

use sqlx::{PgExecutor, PgTransaction};
use uuid::Uuid;

use crate::shares::ShareLinkId;

/// The name of whose gallery a link opens, also while that is in the trash.
pub async fn find_photographer(db: impl PgExecutor<'_>, id: ShareLinkId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        r#"select shown_name(gallery.user_id) as "name!" from share_links join gallery on gallery.id = share_links.gallery_id
         join users on users.id = gallery.user_id where share_links.id = $1"#,
        id.0
    )
    .fetch_optional(db)
    .await
}

/// The address of a link's sender.
pub async fn find_sender_email(db: impl PgExecutor<'_>, id: ShareLinkId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select users.email from share_links join users on users.id = share_links.sender_id
         where share_links.id = $1 and users.deleted_at is null",
        id.0
    )
    .fetch_optional(db)
    .await
}

/// Counts a try at a link's password before it is compared; false when there were too many within an hour.
pub async fn update_trying(db: impl PgExecutor<'_>, id: ShareLinkId, most: i32) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update share_links set
            failed_unlocks = case when failing_since > now() - interval '1 hour' then failed_unlocks + 1 else 1 end,
            failing_since = case when failing_since > now() - interval '1 hour' then failing_since else now() end
         where id = $1 and (failed_unlocks < $2 or failing_since is null or failing_since <= now() - interval '1 hour')",
        id.0,
        most
    );
    Ok(done.execute(db).await?.rows_affected() == 1)
}

/// Takes back the count of a try that was right.
pub async fn update_tried_well(db: impl PgExecutor<'_>, id: ShareLinkId) -> sqlx::Result<()> {
    sqlx::query!(
        "update share_links set failed_unlocks = greatest(failed_unlocks - 1, 0) where id = $1",
        id.0
    )
    .execute(db)
    .await
    .map(drop)
}

/// Links whose tokens stand in clear, as the earlier system left them.
pub async fn list_in_clear(db: impl PgExecutor<'_>, limit: i64) -> sqlx::Result<Vec<(ShareLinkId, String)>> {
    let rows = sqlx::query!("select id, token from share_links where token_sealed is null limit $1", limit);
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.token)).collect())
}

/// Puts the hash and the sealed copy in the place of a token in clear, unless somebody did; how many rows that were.
pub async fn update_token(
    db: impl PgExecutor<'_>,
    id: ShareLinkId,
    token: &str,
    hash: &str,
    sealed: &[u8],
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "update share_links set token = $3, token_sealed = $4
         where id = $1 and token = $2 and token_sealed is null",
        id.0,
        token,
        hash,
        sealed
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// Notes which mail carried a link.
pub async fn update_mail(
    transaction: &mut PgTransaction<'_>,
    id: ShareLinkId,
    mail: Uuid,
) -> sqlx::Result<()> {
    sqlx::query!("update share_links set mail_id = $2 where id = $1", id.0, mail)
        .execute(&mut **transaction)
        .await
        .map(drop)
}
