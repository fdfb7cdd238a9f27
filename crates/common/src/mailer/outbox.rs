//! The table `mails`: what waits to be sent, sealed, and what became of it.
//!
//! The statements are not checked at compile time: each service has the table in its own database, and this crate has
//! none to check them against. The tests of the services run every one of them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, PgPool, Row, postgres::PgRow};
use uuid::Uuid;

use super::Mail;
use crate::secrets::Secrets;

/// The channel on which the table tells that mails were added.
pub const CHANNEL: &str = "mails";

/// What the secrets seal a mail for.
const PURPOSE: &str = "mail in the outbox";

/// Mails of one service on their way.
#[derive(Clone)]
pub struct Outbox {
    pool: PgPool,
    secrets: Secrets,
}

/// A mail that one courier took and now tries to send.
pub struct Claimed {
    /// The row.
    pub id: Uuid,
    /// What sort of mail it is; fit for a log.
    pub kind: String,
    /// How often it was taken, this time included.
    pub attempts: i32,
    /// When the mail was written.
    pub created_at: DateTime<Utc>,
    /// What it says; none if no secret that we still have opens it.
    pub mail: Option<Mail>,
}

/// How the outbox stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Mails that wait to be sent.
    pub waiting: i64,
    /// When the eldest of them was written.
    pub oldest: Option<DateTime<Utc>>,
    /// Mails given up in the last seven days.
    pub failed: i64,
}

impl Outbox {
    /// The outbox in a service's database, sealed under the service's secrets.
    pub fn new(pool: PgPool, secrets: Secrets) -> Self {
        Self { pool, secrets }
    }

    /// The database that it is in.
    pub(super) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Puts a mail in, as part of the caller's transaction: it goes out when that commits, and never otherwise.
    pub async fn create(
        &self,
        executor: impl PgExecutor<'_>,
        kind: &'static str,
        mail: &Mail,
    ) -> sqlx::Result<()> {
        self.create_as(executor, Uuid::now_v7(), kind, mail).await
    }

    /// The same under an id by which the caller finds out what became of it.
    pub async fn create_as(
        &self,
        executor: impl PgExecutor<'_>,
        id: Uuid,
        kind: &'static str,
        mail: &Mail,
    ) -> sqlx::Result<()> {
        let content = serde_json::to_string(mail).expect("a mail is four texts");
        sqlx::query("insert into mails (mail_id, kind, recipient, sealed) values ($1, $2, $3, $4)")
            .bind(id)
            .bind(kind)
            .bind(&mail.to)
            .bind(self.secrets.seal(PURPOSE, &content))
            .execute(executor)
            .await?;
        Ok(())
    }

    /// Takes up to `limit` mails that are due; nobody else gets them before `lease` has passed, so that one whose
    /// courier died comes back by itself.
    pub async fn claim(&self, limit: i64, lease: Duration) -> sqlx::Result<Vec<Claimed>> {
        let rows = sqlx::query(
            "update mails set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $2) \
             where mail_id in ( \
                 select mail_id from mails where sealed is not null and next_attempt_at <= now() \
                 order by next_attempt_at limit $1 for update skip locked \
             ) \
             returning mail_id, kind, attempts, created_at, sealed",
        )
        .bind(limit)
        .bind(lease.as_secs_f64())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| self.claimed(row)).collect()
    }

    fn claimed(&self, row: &PgRow) -> sqlx::Result<Claimed> {
        let sealed: Vec<u8> = row.try_get("sealed")?;
        // What is sealed says whom it goes to; the column beside it is for people who look.
        let mail = self.secrets.open(PURPOSE, &sealed).and_then(|text| serde_json::from_str(&text).ok());
        Ok(Claimed {
            id: row.try_get("mail_id")?,
            kind: row.try_get("kind")?,
            attempts: row.try_get("attempts")?,
            created_at: row.try_get("created_at")?,
            mail,
        })
    }

    /// Has a mail that waits tried at once.
    pub async fn update_due(executor: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<()> {
        sqlx::query(
            "with due as (update mails set next_attempt_at = now() where mail_id = $1 and sealed is not null) \
             select pg_notify($2, '')",
        )
        .bind(id)
        .bind(CHANNEL)
        .execute(executor)
        .await?;
        Ok(())
    }

    /// The mail was taken over by the next server: what it said is erased.
    pub async fn update_sent(&self, id: Uuid) -> sqlx::Result<()> {
        sqlx::query(
            "update mails set sent_at = now(), sealed = null, last_error = null \
             where mail_id = $1 and sealed is not null",
        )
        .bind(id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The mail could not be sent this time and is due again after `delay`; a claim that somebody else took over
    /// meanwhile stays as it is.
    pub async fn update_delayed(&self, mail: &Claimed, error: &str, delay: Duration) -> sqlx::Result<()> {
        sqlx::query(
            "update mails set last_error = $3, next_attempt_at = now() + make_interval(secs => $4) \
             where mail_id = $1 and attempts = $2 and sealed is not null",
        )
        .bind(mail.id)
        .bind(mail.attempts)
        .bind(error)
        .bind(delay.as_secs_f64())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The mail is given up: what it said is erased, why is kept.
    pub async fn update_failed(&self, mail: &Claimed, error: &str) -> sqlx::Result<()> {
        sqlx::query(
            "update mails set failed_at = now(), sealed = null, last_error = $3 \
             where mail_id = $1 and attempts = $2 and sealed is not null",
        )
        .bind(mail.id)
        .bind(mail.attempts)
        .bind(error)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// How the outbox stands.
    pub async fn find_standing(executor: impl PgExecutor<'_>) -> sqlx::Result<Standing> {
        let row = sqlx::query(
            "select count(*) filter (where sealed is not null) as waiting, \
             min(created_at) filter (where sealed is not null) as oldest, \
             count(*) filter (where failed_at > now() - interval '7 days') as failed from mails",
        )
        .fetch_one(executor)
        .await?;
        Ok(Standing {
            waiting: row.try_get("waiting")?,
            oldest: row.try_get("oldest")?,
            failed: row.try_get("failed")?,
        })
    }

    /// Deletes the rows of mails whose outcome is older than so many days; returns how many there were.
    pub async fn delete_settled(executor: impl PgExecutor<'_>, days: i32) -> sqlx::Result<u64> {
        let settled = sqlx::query(
            "delete from mails where coalesce(sent_at, failed_at) < now() - make_interval(days => $1)",
        )
        .bind(days)
        .execute(executor)
        .await?;
        Ok(settled.rows_affected())
    }
}
