//! What goes on beside the requests: signs of life are written, expired rows thrown away.

use std::{sync::Weak, time::Duration};

use common::browser_session::{self, Store};
use tokio::time::{MissedTickBehavior, interval};

use crate::{App, events, lockout, sessions};

const EVERY: Duration = Duration::from_secs(10);
/// Expired rows open nothing; once in ten minutes is soon enough.
const ROUNDS_BETWEEN_PURGES: u32 = 60;
/// A service that was away for longer starts anew.
const DAYS_OF_EVENTS: i32 = 7;

/// Runs until the service is gone.
pub async fn run(app: Weak<App>) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for round in 0_u32.. {
        ticks.tick().await;
        let Some(app) = app.upgrade() else { return };
        if let Err(error) = one_round(&app, round).await {
            tracing::warn!(%error, "housekeeping waits for the database");
        }
    }
}

async fn one_round(app: &App, round: u32) -> sqlx::Result<()> {
    app.last_seen.write(app).await?;
    if round.is_multiple_of(ROUNDS_BETWEEN_PURGES) {
        let sessions = sessions::store::delete_expired(&app.db).await?;
        let browsers = Store::new(app.db.clone(), &browser_session::AUTH).purge().await?;
        let counters = lockout::store::delete_expired(&app.db).await?;
        let events = events::store::delete_older_than(&app.db, DAYS_OF_EVENTS).await?;
        tracing::debug!(counters, sessions, browsers, events, "expired rows are gone");
    }
    Ok(())
}
