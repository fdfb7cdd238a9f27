//! Workers of the tests: processes of their own, as in production.

use std::process::{Child, Command, Stdio};

use super::TestApp;

impl TestApp {
    /// A worker of its own process, as in production.
    pub fn worker(&self) -> Worker {
        self.worker_with(&[])
    }

    pub fn worker_with(&self, own: &[(&str, &str)]) -> Worker {
        let child = Command::new(env!("CARGO_BIN_EXE_photos"))
            .args(["worker", "--while-input-open"])
            .env("PHOTOS_DATABASE_URL", &self.database.url)
            .envs(self.place.iter().map(|(name, value)| (name, value)))
            .env("WORKER_CONCURRENCY", "2")
            .env("RUST_LOG", "error")
            .envs(own.iter().copied())
            .stdin(Stdio::piped())
            .spawn()
            .expect("the worker starts");
        Worker(child)
    }
}

/// A running worker; killed when dropped.
pub struct Worker(pub Child);

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
