//! The mails of photos and what became of them.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::shares::ShareLinkId;

/// A mail.
pub struct Mail {
    /// The mail.
    pub id: Uuid,
    /// What sort of mail it is.
    pub kind: String,
    /// To whom it goes.
    pub recipient: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it is tried again, if it waits.
    pub next_attempt_at: DateTime<Utc>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it went out.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was given up.
    pub failed_at: Option<DateTime<Utc>>,
    /// The link that it carried.
    pub link: Option<ShareLinkId>,
}

/// Mails in a state (`waiting`, `sent`, `failed`; empty for all), the newest first, before this one.
pub async fn list(
    db: impl PgExecutor<'_>,
    state: &str,
    before: Option<Uuid>,
    limit: u16,
) -> sqlx::Result<Vec<Mail>> {
    sqlx::query_as!(
        Mail,
        r#"select mail_id as id, kind, recipient, created_at, next_attempt_at, last_error, sent_at, failed_at,
            (select max(share_links.id) from share_links where share_links.mail_id = mails.mail_id) as "link?: ShareLinkId"
         from mails
         where ($1 = '' or $1 = case when sent_at is not null then 'sent' when failed_at is not null then 'failed'
                else 'waiting' end)
           and ($2::uuid is null or mail_id < $2)
         order by mail_id desc limit $3"#,
        state,
        before,
        i64::from(limit)
    )
    .fetch_all(db)
    .await
}

/// One mail.
pub async fn find(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<Mail>> {
    sqlx::query_as!(
        Mail,
        r#"select mail_id as id, kind, recipient, created_at, next_attempt_at, last_error, sent_at, failed_at,
            (select max(share_links.id) from share_links where share_links.mail_id = mails.mail_id) as "link?: ShareLinkId"
         from mails where mail_id = $1"#,
        id
    )
    .fetch_optional(db)
    .await
}
