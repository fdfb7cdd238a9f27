//! A value that people change while processes run: each process keeps it, reads it without asking anybody, and loads it
//! anew when the database says that it changed.

use std::{
    sync::{Arc, RwLock},
    time::Duration,
};

use sqlx::{PgPool, postgres::PgListener};
use tokio::time::{sleep, timeout};

/// Where no notice arrives, the value is at most this old.
const LOOK_EVERY: Duration = Duration::from_mins(1);
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// The value as this process knows it.
#[derive(Debug)]
pub struct Live<T>(Arc<RwLock<Arc<T>>>);

impl<T> Clone for Live<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Live<T> {
    /// Begins with this value.
    pub fn new(value: T) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(value))))
    }

    /// The value of this moment.
    pub fn current(&self) -> Arc<T> {
        Arc::clone(&self.0.read().expect("no panic while it is held"))
    }

    /// Another value, for everybody who asks from now on.
    pub fn replace(&self, value: T) {
        *self.0.write().expect("no panic while it is held") = Arc::new(value);
    }
}

/// Calls `load` at every notice on a channel, and whenever one may have been missed, until it says that there is nobody
/// left to load for.
pub async fn follow<F, Loading>(db: PgPool, channel: &'static str, load: F)
where
    F: Fn() -> Loading,
    Loading: Future<Output = sqlx::Result<bool>>,
{
    loop {
        match listen(&db, channel, &load).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(%error, channel, "settings can't be heard of for a moment"),
        }
        sleep(RECONNECT_AFTER).await;
    }
}

/// Ends with the connection (true), or when there is nobody left.
async fn listen<F, Loading>(db: &PgPool, channel: &str, load: &F) -> sqlx::Result<bool>
where
    F: Fn() -> Loading,
    Loading: Future<Output = sqlx::Result<bool>>,
{
    let mut listener = PgListener::connect_with(db).await?;
    listener.listen(channel).await?;
    loop {
        if !load().await? {
            return Ok(false);
        }
        match timeout(LOOK_EVERY, listener.try_recv()).await {
            // The connection was lost, and with it perhaps a notice.
            Ok(Ok(None)) => return Ok(true),
            Ok(heard) => drop(heard?),
            Err(_quiet) => {}
        }
    }
}
