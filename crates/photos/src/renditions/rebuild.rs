//! Renditions that are made again: because the recipe is a better one, or because somebody wants it.
//!
//! A row remembers the recipe that its photo was last processed with. Photos of an older one are put into the queue a
//! few at a time, behind everything that people wait for; until a photo's new renditions are there, its old ones are
//! shown. Nothing is held anywhere but in the database, so that it goes on after whatever dies.

use std::time::Duration;

use sqlx::PgPool;

use super::store::outdated::{self, Selection};
use crate::jobs;

/// Photos that wait in the queue at a time.
const AT_ONCE: i64 = 100;
/// How often more are put there.
const PAUSE: Duration = Duration::from_secs(2);

/// Sees to it that photos of an older recipe are made again. Says how many there are.
pub async fn begin(db: &PgPool) -> anyhow::Result<i64> {
    let count = outdated::count_outdated(db).await?;
    if count > 0 {
        jobs::add_roll_out(db, Duration::ZERO).await?;
    }
    Ok(count)
}

/// Has these photos made again, however new their recipe. Says how many.
pub async fn begin_with(db: &PgPool, selection: Selection) -> anyhow::Result<u64> {
    let mut transaction = db.begin().await?;
    let selected = outdated::update_outdated(&mut *transaction, selection).await?;
    jobs::add_roll_out(&mut *transaction, Duration::ZERO).await?;
    transaction.commit().await?;
    Ok(selected)
}

/// Fills the queue up, and comes again as long as there is something to do.
pub async fn feed(db: &PgPool) -> anyhow::Result<()> {
    let mut transaction = db.begin().await?;
    let room = AT_ONCE - jobs::count_rebuilds(&mut *transaction).await?;
    if room > 0 {
        jobs::add_rebuilds(&mut *transaction, room).await?;
    }
    if outdated::count_outdated(&mut *transaction).await? > 0 {
        jobs::add_roll_out(&mut *transaction, PAUSE).await?;
    }
    Ok(transaction.commit().await?)
}
