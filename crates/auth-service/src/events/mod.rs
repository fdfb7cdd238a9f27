//! What happens to sessions and accounts: written down by triggers of the database (`migrations/auth/0005_events.sql`),
//! heard of by every process, told to other services.

pub mod listener;
pub mod store;
pub mod stream;

use tokio::sync::watch;

/// Tells the open streams that there is something new, and that the service stops.
pub struct Bell(watch::Sender<Ring>);

/// What the bell said last.
#[derive(Clone, Copy, Default)]
struct Ring {
    /// The newest event that was heard of.
    newest: i64,
    stopping: bool,
}

impl Default for Bell {
    fn default() -> Self {
        Self(watch::Sender::new(Ring::default()))
    }
}

impl Bell {
    /// Ends the streams, so that a graceful stop does not wait for them.
    pub fn stop(&self) {
        self.0.send_modify(|ring| ring.stopping = true);
    }

    /// Nothing is heard any more: the streams look for themselves, at once, and end where the database is away.
    fn lose(&self) {
        self.0.send_modify(|_ring| {});
    }

    fn ring(&self, newest: i64) {
        self.0.send_modify(|ring| ring.newest = newest);
    }

    fn listen(&self) -> watch::Receiver<Ring> {
        self.0.subscribe()
    }
}
