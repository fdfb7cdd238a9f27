//! The pool that hashes: as many at once as there are cores, a bounded number waiting, the next one refused.
//!
//! Its threads are its own and stay. Each hashing takes many megabytes, which the system's allocator keeps for the thread
//! that asked: on threads that come and go a flood of sign-ins would hold hundreds of them for ever.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, mpsc},
    thread,
};

use anyhow::Context;
use common::{Error, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

type Work = Box<dyn FnOnce() + Send>;

/// A thread for each core, and so many places for those that work or wait.
pub struct Pool {
    work: mpsc::Sender<Work>,
    places: Arc<Semaphore>,
}

/// The right to run one piece of work, now or when a core is free.
pub struct Place {
    work: mpsc::Sender<Work>,
    held: OwnedSemaphorePermit,
}

impl Pool {
    /// A pool for so many cores and so many that wait for one. Its threads end with it.
    pub fn new(cores: usize, queue: usize) -> Self {
        let (work, waiting) = mpsc::channel();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..cores {
            let waiting = Arc::clone(&waiting);
            thread::spawn(move || work_off(&waiting));
        }
        Self { work, places: Arc::new(Semaphore::new(cores + queue)) }
    }

    /// A place; 503 if all are taken. Nothing waits here.
    pub fn place(&self) -> Result<Place> {
        let held = Arc::clone(&self.places).try_acquire_owned().map_err(|_full| Error::Unavailable {
            detail: "Too many people are signing in at this moment.".to_owned(),
            retry_after: 2,
        })?;
        Ok(Place { work: self.work.clone(), held })
    }
}

impl Place {
    /// Runs the work on a thread of the pool. The place is given back when it is done, not when the client has gone away
    /// in the meantime; of a client who goes while waiting nothing is done.
    pub async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let (done, result) = oneshot::channel();
        let held = self.held;
        let work = move || {
            let result = (!done.is_closed()).then(work);
            drop(held);
            if let Some(result) = result {
                done.send(result).ok();
            }
        };
        self.work.send(Box::new(work)).ok().context("the threads of the pool are there as long as it is")?;
        Ok(result.await.context("hashing a password")?)
    }
}

fn work_off(waiting: &Mutex<mpsc::Receiver<Work>>) {
    loop {
        let next = waiting.lock().expect("nothing is done while the lock is held").recv();
        let Ok(work) = next else { return };
        // Whoever waits for a result is told by its absence; the thread goes on.
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            tracing::error!("a hashing panicked");
        }
    }
}
