//! The pool that hashes: as many at once as there are cores, a bounded number waiting, the next one refused.

use std::sync::Arc;

use anyhow::Context;
use common::{Error, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many cores, and so many places for those that work or wait.
pub struct Pool {
    cores: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

/// The right to run one piece of work, now or when a core is free.
pub struct Place {
    cores: Arc<Semaphore>,
    held: OwnedSemaphorePermit,
}

impl Pool {
    /// A pool for so many cores and so many that wait for one.
    pub fn new(cores: usize, queue: usize) -> Self {
        let places = Semaphore::new(cores + queue);
        Self { cores: Arc::new(Semaphore::new(cores)), places: Arc::new(places) }
    }

    /// A place; 503 if all are taken. Nothing waits here.
    pub fn place(&self) -> Result<Place> {
        let held = Arc::clone(&self.places).try_acquire_owned().map_err(|_full| Error::Unavailable {
            detail: "Too many people are signing in at this moment.".to_owned(),
            retry_after: 2,
        })?;
        Ok(Place { cores: Arc::clone(&self.cores), held })
    }
}

impl Place {
    /// Runs the work on a thread of its own. Core and place are given back when it is done, not when the client has gone
    /// away in the meantime.
    pub async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let core = self.cores.acquire_owned().await.context("the pool is never closed")?;
        let held = self.held;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop((core, held));
            result
        });
        Ok(done.await.context("hashing a password")?)
    }
}
