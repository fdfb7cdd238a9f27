//! The table `site_settings`, one row, and who changed what in it.

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, PgTransaction};

use super::{Given, change::Difference};

/// A change of one setting, in words.
pub struct Changed {
    /// When.
    pub at: DateTime<Utc>,
    /// The name of the administrator.
    pub by: String,
    /// Which setting.
    pub setting: String,
    /// What it was.
    pub before: String,
    /// What it became.
    pub after: String,
}

/// What was set.
pub async fn find(db: impl PgExecutor<'_>) -> sqlx::Result<Given> {
    sqlx::query_as!(
        Given,
        "select site_name, upload_max_files, upload_max_file_mb, watermark_text, trash_days, event_days, quota_bytes
         from site_settings"
    )
    .fetch_one(db)
    .await
}

/// The same; nobody else changes it until the transaction ends.
pub async fn lock(transaction: &mut PgTransaction<'_>) -> sqlx::Result<Given> {
    sqlx::query_as!(
        Given,
        "select site_name, upload_max_files, upload_max_file_mb, watermark_text, trash_days, event_days, quota_bytes
         from site_settings for update"
    )
    .fetch_one(&mut **transaction)
    .await
}

/// Sets it; every process hears of that when the transaction commits.
pub async fn update(db: impl PgExecutor<'_>, given: &Given) -> sqlx::Result<()> {
    sqlx::query!(
        "update site_settings set site_name = $1, upload_max_files = $2, upload_max_file_mb = $3, watermark_text = $4,
            trash_days = $5, event_days = $6, quota_bytes = $7, updated_at = now()",
        given.site_name,
        given.upload_max_files,
        given.upload_max_file_mb,
        given.watermark_text,
        given.trash_days,
        given.event_days,
        given.quota_bytes
    )
    .execute(db)
    .await
    .map(drop)
}

/// Makes this text, or their names, the mark of those who chose none; false if it is that already. No photo is finished
/// until the transaction ends, so that each is either made with it or known to be made with another.
pub async fn update_mark(transaction: &mut PgTransaction<'_>, text: Option<&str>) -> sqlx::Result<bool> {
    sqlx::query!("select pg_advisory_xact_lock($1)", MARK_LOCK).fetch_one(&mut **transaction).await?;
    let done = sqlx::query!(
        "update site_settings set mark_text = $1,
            mark_version = case when $1::text is null then 0 else nextval('watermark_versions') end
         where mark_text is distinct from $1",
        text
    );
    Ok(done.execute(&mut **transaction).await?.rows_affected() > 0)
}

/// Until the transaction ends the mark of those who chose none stays what it is; any number of photos may be finished.
pub async fn hold_mark(transaction: &mut PgTransaction<'_>) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock_shared($1)", MARK_LOCK)
        .fetch_one(&mut **transaction)
        .await
        .map(drop)
}

/// The database's own number for this lock.
const MARK_LOCK: i64 = 5_009_019;

/// Notes what an administrator changed.
pub async fn create_changes(
    db: impl PgExecutor<'_>,
    by: &str,
    differences: &[Difference],
) -> sqlx::Result<()> {
    let settings: Vec<String> = differences.iter().map(|(setting, ..)| setting.clone()).collect();
    let before: Vec<String> = differences.iter().map(|(_, before, _)| before.clone()).collect();
    let after: Vec<String> = differences.iter().map(|(.., after)| after.clone()).collect();
    sqlx::query!(
        "insert into setting_changes (changed_by, setting, value_before, value_after)
         select $1, setting, value_before, value_after
         from unnest($2::text[], $3::text[], $4::text[]) as changed (setting, value_before, value_after)",
        by,
        &settings,
        &before,
        &after
    )
    .execute(db)
    .await
    .map(drop)
}

/// What was changed, the latest first.
pub async fn list_changes(db: impl PgExecutor<'_>, limit: i64) -> sqlx::Result<Vec<Changed>> {
    sqlx::query_as!(
        Changed,
        "select changed_at as at, changed_by as by, setting, value_before as before, value_after as after
         from setting_changes order by setting_change_id desc limit $1",
        limit
    )
    .fetch_all(db)
    .await
}
