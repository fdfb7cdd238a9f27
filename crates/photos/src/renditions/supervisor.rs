//! Keeps workers running beside `photos serve`: each is a process of its own and is started again when it ends.

use std::{path::PathBuf, process::Stdio, time::Duration};

use tokio::{
    process::{Child, ChildStdin, Command},
    sync::watch,
    task::JoinSet,
};

/// The workers of this service.
pub struct Supervisor {
    stop: watch::Sender<bool>,
    keepers: JoinSet<()>,
}

/// Starts so many workers, which share so much memory for the photos in work.
pub fn start(program: &std::path::Path, count: usize, memory_mb: u32) -> Supervisor {
    let share = memory_mb / u32::try_from(count.max(1)).unwrap_or(u32::MAX);
    let (stop, stopping) = watch::channel(false);
    let mut keepers = JoinSet::new();
    for _ in 0..count {
        keepers.spawn(keep(program.to_owned(), share, stopping.clone()));
    }
    Supervisor { stop, keepers }
}

impl Supervisor {
    /// Lets the workers finish what they have in hand.
    pub async fn stop(mut self) {
        self.stop.send(true).ok();
        while self.keepers.join_next().await.is_some() {}
    }
}

async fn keep(program: PathBuf, memory_mb: u32, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        match spawn(&program, memory_mb) {
            Ok((mut child, lifeline)) => {
                tokio::select! {
                    ended = child.wait() => tracing::warn!(?ended, "a worker ended; starting another"),
                    _ = stopping.changed() => return finish(child, lifeline).await,
                }
            }
            Err(error) => tracing::error!(%error, "a worker can't be started"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// The worker holds the other end of its input: when this process ends, however it ends, the worker stops too.
/// The input is taken out of the child, because waiting for a child closes what it holds.
fn spawn(program: &PathBuf, memory_mb: u32) -> std::io::Result<(Child, Option<ChildStdin>)> {
    let mut child = Command::new(program)
        .args(["worker", "--while-input-open"])
        // What signs, seals and opens the auth-service is not needed where files of strangers are read.
        .env_remove("PHOTOS_SECRETS")
        .env_remove("AUTH_SERVICE_TOKEN")
        .env("PROCESSING_MEMORY_MB", memory_mb.to_string())
        .stdin(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let lifeline = child.stdin.take();
    Ok((child, lifeline))
}

async fn finish(mut child: Child, lifeline: Option<ChildStdin>) {
    drop(lifeline);
    if tokio::time::timeout(Duration::from_mins(1), child.wait()).await.is_err() {
        tracing::warn!("a worker did not finish in time; its jobs are done by the next one");
    }
}
