//! The load: connections that stay open, each asking as soon as it was answered, or in a fixed rhythm.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{MissedTickBehavior, interval},
};

/// Requests as they go over the wire; they are sent in turn.
pub type Requests = Arc<Vec<Vec<u8>>>;

/// How the connections ask.
#[derive(Clone, Copy)]
pub struct Manner {
    /// How many connections.
    pub connections: usize,
    /// For how long.
    pub duration: Duration,
    /// One request of each connection in this time; `None` means one after the other.
    pub every: Option<Duration>,
}

/// What came back.
pub struct Load {
    /// Times from sending a request to the end of its answer, ascending.
    pub latencies: Vec<Duration>,
    /// How long it took in all.
    pub took: Duration,
}

impl Load {
    /// Requests a second.
    pub fn rate(&self) -> f64 {
        u32::try_from(self.latencies.len()).map_or(f64::INFINITY, f64::from) / self.took.as_secs_f64()
    }

    /// The latency below which this share of the requests was answered.
    pub fn percentile(&self, percent: usize) -> Duration {
        percentile(&self.latencies, percent)
    }
}

/// The value at a percentage of ascending values.
pub fn percentile(ascending: &[Duration], percent: usize) -> Duration {
    let at = (ascending.len() * percent / 100).min(ascending.len().saturating_sub(1));
    ascending.get(at).copied().unwrap_or_default()
}

/// Asks a server of this machine; every answer must have this status.
pub async fn run(port: u16, requests: &Requests, status: u16, manner: Manner) -> anyhow::Result<Load> {
    let begun = Instant::now();
    let connections: Vec<_> = (0..manner.connections)
        .map(|number| tokio::spawn(ask_repeatedly(port, Arc::clone(requests), number, status, manner)))
        .collect();
    let mut latencies = Vec::new();
    for connection in connections {
        latencies.extend(connection.await??);
    }
    let took = begun.elapsed();
    latencies.sort_unstable();
    Ok(Load { latencies, took })
}

async fn ask_repeatedly(
    port: u16,
    requests: Requests,
    number: usize,
    status: u16,
    manner: Manner,
) -> anyhow::Result<Vec<Duration>> {
    let mut connection = Connection::open(port).await?;
    let mut rhythm = manner.every.map(interval);
    if let Some(rhythm) = &mut rhythm {
        rhythm.set_missed_tick_behavior(MissedTickBehavior::Skip);
    }
    let mut latencies = Vec::with_capacity(64 * 1024);
    let begun = Instant::now();
    for round in 0.. {
        if begun.elapsed() >= manner.duration {
            break;
        }
        if let Some(rhythm) = &mut rhythm {
            rhythm.tick().await;
        }
        let request = &requests[(number + round * manner.connections) % requests.len()];
        let asked = Instant::now();
        let answered = connection.ask(request).await?;
        latencies.push(asked.elapsed());
        ensure!(answered == status, "an answer had the status {answered}");
    }
    Ok(latencies)
}

/// A connection that stays open. It understands as much of HTTP as our servers speak.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// Connects to a server of this machine.
    pub async fn open(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(8 * 1024) })
    }

    /// Sends a request and reads the whole answer; returns its status.
    pub async fn ask(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        self.send(request).await?;
        self.answer().await
    }

    /// Reads the whole answer to what was sent; returns its status.
    pub async fn answer(&mut self) -> anyhow::Result<u16> {
        let (head, length) = loop {
            if let Some(head) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break (head + 4, content_length(&self.read[..head]));
            }
            self.fill().await?;
        };
        while self.read.len() < head + length {
            self.fill().await?;
        }
        std::str::from_utf8(&self.read[9..12])?.parse().context("an answer begins with its status")
    }

    /// Sends a request whose answer is read piece by piece.
    pub async fn send(&mut self, request: &[u8]) -> anyhow::Result<()> {
        self.read.clear();
        Ok(self.stream.write_all(request).await?)
    }

    /// Reads more of the answer.
    pub async fn fill(&mut self) -> anyhow::Result<()> {
        ensure!(self.stream.read_buf(&mut self.read).await? > 0, "the server hung up");
        Ok(())
    }

    /// What was read since the last request.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.read).into_owned()
    }

    /// The document of the last answer.
    pub fn document(&self) -> String {
        self.text().split_once("\r\n\r\n").map_or_else(String::new, |(_, document)| document.to_owned())
    }
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head);
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    let mut lengths = fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths.find_map(|(_, value)| value.parse().ok()).unwrap_or_default()
}
