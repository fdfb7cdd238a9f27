//! The decoders of a worker: a few processes that are used again and again, and replaced when one dies.
//!
//! A decoder reads photos of one owner only: should one of them take it over, it has nothing of anybody else's.

use std::{
    io::{self, IoSlice},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net,
    },
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use imaging::Emblem;
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, Interest},
    net::UnixStream,
    process::{Child, ChildStderr, Command},
    sync::{Semaphore, SemaphorePermit},
    task::JoinHandle,
    time::timeout,
};

use super::{
    deaths::{self, Death},
    outcome::Made,
    process::{Reply, Request, Wish, header_of},
};
use crate::{identity::AccountId, storage::Readable};

pub use super::outcome::Outcome;

/// After so many photos a decoder is replaced: what leaks in a library is given back.
const MOST_PHOTOS: u32 = 200;
/// A decoder that holds more than this of its own between two photos is replaced.
const MOST_RESIDENT: u64 = 64 << 20;
/// No reply is larger: six pictures of at most 2048 by 2048 pixels.
const MOST_REPLY: usize = 64 << 20;
/// So much of what a decoder writes on standard error is kept, in bytes.
const MOST_WORDS: usize = 2 << 10;
/// What the allocator of a decoder is told: one heap, from which also large blocks come, and which keeps up to 32 MB
/// free from one photo to the next. Giving them back to the system and taking them again, zeroed, page by page, is a
/// sixth of the time of a photo (`cargo xtask bench imaging`).
const ALLOCATOR: [(&str, &str); 3] = [
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_MMAP_THRESHOLD_", "33554432"),
    ("MALLOC_TRIM_THRESHOLD_", "33554432"),
];

/// Processes that decode, at most so many at a time.
pub struct Decoders {
    program: PathBuf,
    slots: Semaphore,
    idle: Mutex<Vec<Decoder>>,
}

/// The right to use one decoder.
pub struct Slot<'a> {
    decoders: &'a Decoders,
    _permit: SemaphorePermit<'a>,
}

/// How long a photo may take by the clock: other work may keep a decoder waiting.
pub fn patience(cpu_seconds: u64) -> Duration {
    Duration::from_secs(cpu_seconds * 4 + 30)
}

impl Decoders {
    /// Decoders that run this program; they are started when they are wanted.
    pub fn new(program: &Path, count: usize) -> Self {
        Self {
            program: program.to_owned(),
            slots: Semaphore::new(count),
            idle: Mutex::new(Vec::with_capacity(count)),
        }
    }

    /// Waits until a decoder is free.
    pub async fn slot(&self) -> Slot<'_> {
        let permit = self.slots.acquire().await.expect("the slots are never closed");
        Slot { decoders: self, _permit: permit }
    }

    fn put_back(&self, decoder: Decoder) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(decoder);
    }

    /// One that has read photos of this owner before. Where there is none, another one makes place for it.
    fn take_idle(&self, owner: AccountId) -> Option<Decoder> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = idle.iter().position(|decoder| decoder.owner == Some(owner)) {
            return Some(idle.swap_remove(place));
        }
        idle.pop();
        None
    }
}

impl Slot<'_> {
    /// Renders in a decoder that may have done other photos of this owner before.
    pub async fn render(
        &self,
        owner: AccountId,
        request: &Request,
        original: Readable,
        patience: Duration,
    ) -> anyhow::Result<Outcome> {
        let mut decoder = match self.decoders.take_idle(owner) {
            Some(decoder) => decoder,
            None => Decoder { owner: Some(owner), ..Decoder::start(&self.decoders.program)? },
        };
        let outcome = decoder.render(request, original, patience).await?;
        if !matches!(outcome, Outcome::Died(_)) && decoder.is_good_for_more() {
            self.decoders.put_back(decoder);
        }
        Ok(outcome)
    }

    /// Renders in a decoder that does nothing before and nothing after.
    pub async fn render_apart(
        &self,
        request: &Request,
        original: Readable,
        patience: Duration,
    ) -> anyhow::Result<Outcome> {
        let mut decoder = Decoder::start(&self.decoders.program)?;
        let outcome = decoder.render(request, original, patience).await?;
        decoder.end().await;
        Ok(outcome)
    }

    /// Makes a logo of a file, in a decoder that does nothing before and nothing after.
    pub async fn emblem(
        &self,
        request: &Request,
        file: Readable,
        patience: Duration,
    ) -> anyhow::Result<Outcome<Emblem>> {
        let mut decoder = Decoder::start(&self.decoders.program)?;
        let outcome = decoder.ask(Wish::Emblem, request, file, patience).await?;
        decoder.end().await;
        outcome.only(|made| if let Made::Emblem(emblem) = made { Some(emblem) } else { None })
    }
}

/// One process. Dropped, it is killed.
struct Decoder {
    /// Whose photos it reads, unless it is for one photo alone.
    owner: Option<AccountId>,
    child: Child,
    channel: UnixStream,
    /// What it wrote on standard error last.
    words: JoinHandle<Vec<u8>>,
    photos: u32,
    resident: u64,
}

impl Decoder {
    fn start(program: &Path) -> anyhow::Result<Self> {
        let (ours, its) = net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut child = Command::new(program)
            .arg("render")
            // A decoder gets nothing but the picture: no secrets, no addresses.
            .env_clear()
            .envs(ALLOCATOR)
            .stdin(OwnedFd::from(its))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the process that decodes photos can't be started")?;
        let words = tokio::spawn(last_words(child.stderr.take().context("the child has an output")?));
        let channel = UnixStream::from_std(ours)?;
        Ok(Self { owner: None, child, channel, words, photos: 0, resident: 0 })
    }

    async fn render(
        &mut self,
        request: &Request,
        original: Readable,
        patience: Duration,
    ) -> anyhow::Result<Outcome> {
        let outcome = self.ask(Wish::Renditions, request, original, patience).await?;
        outcome.only(|made| if let Made::Renditions(rendered) = made { Some(rendered) } else { None })
    }

    async fn ask(
        &mut self,
        wish: Wish,
        request: &Request,
        original: Readable,
        patience: Duration,
    ) -> anyhow::Result<Outcome<Made>> {
        let header = header_of(&(wish, request))?;
        match timeout(patience, self.exchange(&header, original.descriptor)).await {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(error)) => {
                tracing::debug!(error = format!("{error:#}"), "a decoder broke off");
                self.death().await.map(Outcome::Died)
            }
            Err(_) => {
                self.child.kill().await?;
                Ok(Outcome::Died(Death::OfPhoto(deaths::too_long())))
            }
        }
    }

    async fn exchange(&mut self, header: &[u8], original: OwnedFd) -> anyhow::Result<Outcome<Made>> {
        let sent =
            self.channel.async_io(Interest::WRITABLE, || send(&self.channel, header, &original)).await?;
        drop(original);
        self.channel.write_all(&header[sent..]).await?;
        let length = usize::try_from(self.channel.read_u32_le().await?)?;
        let reply =
            serde_json::from_slice(&self.take(length).await?).context("the reply can't be understood")?;
        self.photos += 1;
        let (mut rendered, lengths) = match reply {
            Reply::Failed(failure) => return Ok(Outcome::Failed(failure)),
            Reply::Emblem { mut emblem, length } => {
                emblem.png = self.take(length).await?;
                return Ok(Outcome::Rendered(Made::Emblem(emblem)));
            }
            Reply::Rendered { rendered, lengths, resident } => {
                self.resident = resident;
                (rendered, lengths)
            }
        };
        anyhow::ensure!(lengths.len() == rendered.renditions.len(), "a file for each rendition");
        let whole = lengths.iter().fold(0_usize, |sum, length| sum.saturating_add(*length));
        anyhow::ensure!(whole <= MOST_REPLY, "a reply of this size is none of ours");
        for (rendition, length) in rendered.renditions.iter_mut().zip(lengths) {
            rendition.file = self.take(length).await?;
        }
        Ok(Outcome::Rendered(Made::Renditions(rendered)))
    }

    async fn take(&mut self, length: usize) -> anyhow::Result<Vec<u8>> {
        anyhow::ensure!(length <= MOST_REPLY, "a reply of this size is none of ours");
        let mut bytes = vec![0; length];
        self.channel.read_exact(&mut bytes).await?;
        Ok(bytes)
    }

    /// Lets it end by itself, as it does when nothing more can come.
    async fn end(self) {
        let Self { mut child, channel, .. } = self;
        drop(channel);
        timeout(Duration::from_secs(5), child.wait()).await.ok();
    }

    fn is_good_for_more(&self) -> bool {
        self.photos < MOST_PHOTOS && self.resident < MOST_RESIDENT
    }

    /// Why it no longer answers.
    async fn death(&mut self) -> anyhow::Result<Death> {
        let ended = timeout(Duration::from_secs(5), self.child.wait()).await;
        let Ok(status) = ended else {
            self.child.kill().await?;
            return Ok(Death::OfPhoto(deaths::crashed()));
        };
        let words = (&mut self.words).await.unwrap_or_default();
        deaths::cause(status.context("waiting for a decoder")?, &String::from_utf8_lossy(&words))
    }
}

/// The descriptor goes with the first byte.
fn send(channel: &UnixStream, header: &[u8], original: &OwnedFd) -> io::Result<usize> {
    let descriptors = [original.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(io::Error::other("there is room for one descriptor"));
    }
    Ok(sendmsg(channel, &[IoSlice::new(header)], &mut control, SendFlags::NOSIGNAL)?)
}

/// Reads to the end, so that nobody waits for a full pipe, and keeps what came last.
async fn last_words(mut output: ChildStderr) -> Vec<u8> {
    let (mut last, mut chunk) = (Vec::new(), [0; 1024]);
    while let Ok(length @ 1..) = output.read(&mut chunk).await {
        last.extend_from_slice(&chunk[..length]);
        last.drain(..last.len().saturating_sub(MOST_WORDS));
    }
    last
}
