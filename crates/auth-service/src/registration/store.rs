//! The table `registrations`.

use anyhow::Context;
use chrono::TimeDelta;
use common::Result;
use sqlx::{PgExecutor, PgTransaction};

use crate::{mail_tokens::MailToken, users::EmailAddress};

/// How long a link counts.
const LIFETIME: TimeDelta = TimeDelta::hours(24);

/// Makes the one link for an address; an older one dies.
pub async fn create(db: impl PgExecutor<'_>, email: &EmailAddress) -> sqlx::Result<MailToken> {
    let token = MailToken::generate();
    sqlx::query!(
        "insert into registrations (token_hash, email, expires_at)
        values ($1, $2, now() + make_interval(secs => $3))
        on conflict (lower(email)) do update set
            token_hash = excluded.token_hash, email = excluded.email,
            created_at = now(), expires_at = excluded.expires_at",
        token.hash(),
        email.as_str(),
        LIFETIME.as_seconds_f64(),
    )
    .execute(db)
    .await?;
    Ok(token)
}

/// The address that a link proves, without using it up.
pub async fn find(db: impl PgExecutor<'_>, token: &MailToken) -> Result<Option<EmailAddress>> {
    let email = sqlx::query_scalar!(
        "select email from registrations where token_hash = $1 and expires_at > now()",
        token.hash(),
    )
    .fetch_optional(db)
    .await?;
    email.map(|email| stored(&email)).transpose()
}

/// Uses a link up; of two uses at once one finds nothing.
pub async fn consume(transaction: &mut PgTransaction<'_>, token: &MailToken) -> Result<Option<EmailAddress>> {
    let email = sqlx::query_scalar!(
        "delete from registrations where token_hash = $1 and expires_at > now() returning email",
        token.hash(),
    )
    .fetch_optional(&mut **transaction)
    .await?;
    email.map(|email| stored(&email)).transpose()
}

/// Throws away what has expired; returns how many rows.
pub async fn delete_expired(db: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    let done = sqlx::query!("delete from registrations where expires_at < now()").execute(db).await?;
    Ok(done.rows_affected())
}

fn stored(email: &str) -> Result<EmailAddress> {
    let parsed = EmailAddress::parse(email).map_err(anyhow::Error::msg);
    Ok(parsed.context("an address in the table registrations")?)
}
