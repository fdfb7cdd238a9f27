//! What goes on beside the requests: signs of life are written, expired rows thrown away.

use std::{sync::Weak, time::Duration};

use common::{
    browser_session::{self, Store},
    mailer::Outbox,
};
use sqlx::PgPool;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    App, account, api_tokens, audit, config::Retention, events, invitations, lockout, mail_tokens,
    registration, sessions,
};

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
    app.last_used.write(app).await?;
    if round.is_multiple_of(ROUNDS_BETWEEN_PURGES) {
        let purged = purge(&app.db, app.config.retention).await?;
        tracing::debug!(?purged, "what is over is gone");
    }
    Ok(())
}

/// Throws away what is over and says how many rows of which kind. Every table whose rows end by themselves has its line.
pub async fn purge(db: &PgPool, retention: Retention) -> sqlx::Result<Vec<(&'static str, u64)>> {
    let browsers = Store::new(db.clone(), &browser_session::AUTH);
    Ok(vec![
        ("expired sessions", sessions::store::delete_expired(db).await?),
        ("expired states of browsers", browsers.purge().await?),
        ("expired counters of failures", lockout::store::delete_expired(db).await?),
        ("expired links sent by mail", mail_tokens::store::delete_expired(db).await?),
        ("expired registrations", registration::store::delete_expired(db).await?),
        ("expired changes of address", account::email::store::delete_expired(db).await?),
        ("settled invitations", invitations::store::delete_settled(db).await?),
        ("expired API tokens", api_tokens::store::delete_expired(db).await?),
        ("old events of the stream", events::store::delete_older_than(db, DAYS_OF_EVENTS).await?),
        ("old mails, sent or given up", Outbox::delete_settled(db, retention.mail.get().into()).await?),
        ("old rows of the record", audit::store::delete_older_than(db, retention.audit.get().into()).await?),
    ])
}
