//! Signs of life, gathered in memory and written in batches: verifying a session never writes.

use std::{collections::HashMap, mem, sync::Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Session, store};
use crate::App;

/// A younger note in the database is good enough.
const PRECISION: TimeDelta = TimeDelta::minutes(1);

/// The signs of life since the last batch.
#[derive(Default)]
pub struct LastSeen(Mutex<HashMap<Uuid, DateTime<Utc>>>);

impl LastSeen {
    /// Notes that a session was used.
    pub fn note(&self, session: &Session, now: DateTime<Utc>) {
        if now - session.last_seen_at > PRECISION {
            self.waiting().insert(session.id, now);
        }
    }

    /// Writes what was noted; what can't be written now is kept for the next time.
    pub async fn write(&self, app: &App) -> sqlx::Result<()> {
        let batch = mem::take(&mut *self.waiting());
        if batch.is_empty() {
            return Ok(());
        }
        let (ids, times): (Vec<_>, Vec<_>) = batch.iter().map(|(id, at)| (*id, *at)).unzip();
        let written = store::update_last_seen(&app.db, &ids, &times, &app.config.lifetimes).await;
        if written.is_err() {
            let mut waiting = self.waiting();
            for (id, at) in batch {
                waiting.entry(id).or_insert(at);
            }
        }
        written
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, DateTime<Utc>>> {
        self.0.lock().expect("no code panics while it holds the signs of life")
    }
}
