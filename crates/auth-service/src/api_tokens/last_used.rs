//! When tokens were used, gathered in memory and written in batches: looking one up never writes.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, MutexGuard},
};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Presented, store};
use crate::App;

/// A younger note in the database is good enough.
const PRECISION: TimeDelta = TimeDelta::minutes(1);

/// The uses since the last batch.
#[derive(Default)]
pub struct LastUsed(Mutex<HashMap<Uuid, DateTime<Utc>>>);

impl LastUsed {
    /// Notes that a token was used.
    pub fn note(&self, token: &Presented, now: DateTime<Utc>) {
        if token.last_used_at.is_none_or(|last| now - last > PRECISION) {
            self.waiting().insert(token.id, now);
        }
    }

    /// Writes what was noted; what can't be written now is kept for the next time.
    pub async fn write(&self, app: &App) -> sqlx::Result<()> {
        let batch = mem::take(&mut *self.waiting());
        if batch.is_empty() {
            return Ok(());
        }
        let (ids, times): (Vec<_>, Vec<_>) = batch.iter().map(|(id, at)| (*id, *at)).unzip();
        let written = store::update_last_used(&app.db, &ids, &times).await;
        if written.is_err() {
            let mut waiting = self.waiting();
            for (id, at) in batch {
                waiting.entry(id).or_insert(at);
            }
        }
        written
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Uuid, DateTime<Utc>>> {
        self.0.lock().expect("no code panics while it holds the uses")
    }
}
