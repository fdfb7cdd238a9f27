//! Hears of every event by PostgreSQL's NOTIFY, for the kept answers of `verify-session` and the open streams.
//!
//! Answers are kept only while this listens. Whether it still does is tried every two seconds by a notification of its
//! own: PostgreSQL delivers in the order of commits, so hearing it means that everything before was heard.

use std::{sync::Weak, time::Duration};

use anyhow::{Context, bail};
use common::identity::UserId;
use secrecy::ExposeSecret;
use serde::Deserialize;
use sqlx::postgres::PgListener;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use super::store;
use crate::App;

/// The channel of the triggers.
const CHANNEL: &str = "events";
const TRY_EVERY: Duration = Duration::from_secs(2);
/// Without a sign of life for so long nothing is believed to be heard.
const PATIENCE: Duration = Duration::from_secs(6);
const RECONNECT_AFTER: Duration = Duration::from_millis(500);

/// What comes over the channel: an event, or our own trial, which names nobody.
#[derive(Deserialize)]
struct Payload {
    id: i64,
    user_id: Option<i32>,
}

/// Runs until the service is gone; a lost connection is made anew, and meanwhile no answer is kept.
pub async fn run(app: Weak<App>) {
    while let Some(url) = app.upgrade().map(|app| app.config.database_url.clone()) {
        let outcome = listen(&app, url.expose_secret()).await;
        let Some(app) = app.upgrade() else { return };
        app.verdicts.end();
        app.events.lose();
        if let Err(error) = outcome {
            tracing::warn!(error = format!("{error:#}"), "events can't be heard; every session is looked up");
        }
        drop(app);
        sleep(RECONNECT_AFTER).await;
    }
}

/// Listens on a connection of its own, so that a busy pool does not make it deaf. Ends with the connection.
async fn listen(app: &Weak<App>, url: &str) -> anyhow::Result<()> {
    let mut listener = PgListener::connect(url).await?;
    listener.listen(CHANNEL).await?;
    // What commits from here on is heard; what was there before is in this answer.
    let newest = store::find_bounds(&mut listener).await?.newest;
    let Some(service) = app.upgrade() else { return Ok(()) };
    service.verdicts.begin(newest, PATIENCE);
    service.events.ring(newest);
    drop(service);
    let mut last_trial = Instant::now();
    let mut trials = interval(TRY_EVERY);
    trials.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            heard = listener.try_recv() => {
                let Some(service) = app.upgrade() else { return Ok(()) };
                let payload = heard?.context("the connection is lost")?;
                if hear(&service, payload.payload())? {
                    last_trial = Instant::now();
                }
            }
            _ = trials.tick() => {
                if last_trial.elapsed() > PATIENCE {
                    bail!("our own notifications don't come back: is there a pooler in between?");
                }
                if app.strong_count() == 0 {
                    return Ok(());
                }
                timeout(PATIENCE, store::notify_ourselves(&mut listener)).await.context("no answer")??;
            }
        }
    }
}

/// Takes one notification in; says whether it was our own.
fn hear(app: &App, payload: &str) -> anyhow::Result<bool> {
    let Payload { id, user_id } = serde_json::from_str(payload).context("not written by our triggers")?;
    match user_id {
        Some(user) => {
            app.verdicts.heard(id, UserId(user));
            app.events.ring(id);
        }
        None => app.verdicts.still_hearing(id, PATIENCE),
    }
    Ok(user_id.is_none())
}
