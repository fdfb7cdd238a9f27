//! The table `mail_tokens`. A row counts while its time is not over and the account still has the version of its
//! credentials for which the row was made.

use common::identity::UserId;
use sqlx::{PgExecutor, PgTransaction};

use super::{MailToken, Proof, Purpose};

/// Makes the one link of this purpose for an account, to be sent to this address; an older one dies. `None` if the
/// account is gone or disabled.
pub async fn create(
    transaction: &mut PgTransaction<'_>,
    purpose: Purpose,
    user_id: UserId,
    email: &str,
) -> sqlx::Result<Option<MailToken>> {
    let token = MailToken::generate();
    let made = sqlx::query_scalar!(
        "insert into mail_tokens (token_hash, purpose, user_id, email, credentials_version, expires_at)
        select $1, $2, id, $3, credentials_version, now() + make_interval(secs => $4)
        from users where id = $5 and is_active
        on conflict on constraint mail_tokens_user_id_purpose_key do update set
            token_hash = excluded.token_hash, email = excluded.email,
            credentials_version = excluded.credentials_version,
            created_at = now(), expires_at = excluded.expires_at
        returning user_id",
        token.hash(),
        purpose.as_str(),
        email,
        purpose.lifetime().as_seconds_f64(),
        user_id.0,
    )
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(made.map(|_| token))
}

/// What a link would prove, without using it up: GET and HEAD look, mail scanners follow links.
pub async fn find(
    db: impl PgExecutor<'_>,
    purpose: Purpose,
    token: &MailToken,
) -> sqlx::Result<Option<Proof>> {
    let row = sqlx::query!(
        "select users.id, username, mail_tokens.email
        from mail_tokens join users on users.id = mail_tokens.user_id
        where token_hash = $1 and purpose = $2 and expires_at > now() and is_active
            and mail_tokens.credentials_version = users.credentials_version",
        token.hash(),
        purpose.as_str(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Proof { user_id: UserId(row.id), username: row.username, email: row.email }))
}

/// Uses a link up and says what it proved. Of two uses at once one finds nothing. The account's row stays locked until
/// the transaction ends, so that what was proven is still true then.
pub async fn consume(
    transaction: &mut PgTransaction<'_>,
    purpose: Purpose,
    token: &MailToken,
) -> sqlx::Result<Option<Proof>> {
    let Some(proof) = find(&mut **transaction, purpose, token).await? else { return Ok(None) };
    sqlx::query!("select id from users where id = $1 for update", proof.user_id.0)
        .fetch_optional(&mut **transaction)
        .await?;
    let row = sqlx::query!(
        "delete from mail_tokens using users
        where users.id = mail_tokens.user_id and token_hash = $1 and purpose = $2
            and expires_at > now() and is_active
            and mail_tokens.credentials_version = users.credentials_version
        returning mail_tokens.user_id",
        token.hash(),
        purpose.as_str(),
    )
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(row.map(|_| proof))
}

/// Withdraws the links of these purposes of an account.
pub async fn delete(db: impl PgExecutor<'_>, purposes: &[Purpose], user_id: UserId) -> sqlx::Result<()> {
    let purposes: Vec<String> = purposes.iter().map(|purpose| purpose.as_str().to_owned()).collect();
    sqlx::query!("delete from mail_tokens where user_id = $1 and purpose = any($2)", user_id.0, &purposes)
        .execute(db)
        .await?;
    Ok(())
}

/// Keeps the links of an account good whose password was hashed anew and stayed the same: those of the version before
/// are now of this one.
pub async fn update_version(db: impl PgExecutor<'_>, user_id: UserId, version: i32) -> sqlx::Result<()> {
    sqlx::query!(
        "update mail_tokens set credentials_version = $2 where user_id = $1 and credentials_version = $2 - 1",
        user_id.0,
        version,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Withdraws every link of an account.
pub async fn delete_of_user(db: impl PgExecutor<'_>, user_id: UserId) -> sqlx::Result<()> {
    sqlx::query!("delete from mail_tokens where user_id = $1", user_id.0).execute(db).await?;
    Ok(())
}

/// Throws away what has expired; returns how many rows.
pub async fn delete_expired(db: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    Ok(sqlx::query!("delete from mail_tokens where expires_at < now()").execute(db).await?.rows_affected())
}
