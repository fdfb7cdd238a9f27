//! `photos render`: decodes photos (and now and then a logo) one after the other, in a process that dies without taking anything with it.
//!
//! Its standard input is a socket whose other end a worker holds (`decoders`). For each photo comes a request, and
//! with its first byte the descriptor of the original; the answer is a reply and the finished files. Request and reply
//! are JSON behind their length (four bytes, little-endian).

use std::{
    fs::{self, File},
    io::{self, IoSliceMut, Read, Write},
    mem::{self, MaybeUninit},
    os::{fd::AsFd, unix::net::UnixStream},
};

use anyhow::Context;
use imaging::{Emblem, EmblemFault, Recipe, Rendered, Stamps};
use rustix::{
    net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg},
    process::{Resource, Rlimit, Signal, getrlimit, set_parent_process_death_signal, setrlimit},
    time::{ClockId, clock_gettime},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// What becomes of a photo beside its pixels: stacks, tables, what the allocator leaves unused.
const BESIDE_BYTES: u64 = 32 << 20;

/// What the process is to do with the file that comes along.
#[derive(Clone, Serialize, Deserialize)]
pub struct Request {
    /// What to make.
    pub recipe: Recipe,
    /// Bytes of the original.
    pub size: u64,
    /// Processor time, in whole seconds.
    pub cpu_seconds: u64,
    /// Bytes of memory beyond the original.
    pub memory: u64,
}

/// What is to become of a file. It travels before the request.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub enum Wish {
    /// Renditions by the request's recipe.
    Renditions,
    /// A logo for pages; the recipe does not matter.
    Emblem,
}

/// What came out.
#[derive(Serialize, Deserialize)]
pub enum Reply {
    /// Followed by the files, which have these lengths in bytes.
    Rendered {
        /// All but the files.
        rendered: Box<Rendered>,
        /// Bytes of each file.
        lengths: Vec<usize>,
        /// Bytes of its own that the process holds after its work.
        resident: u64,
    },
    /// Followed by the file.
    Emblem {
        /// All but the file.
        emblem: Emblem,
        /// Bytes of the file.
        length: usize,
    },
    /// The file itself is at fault.
    Failed(Failure),
}

/// Why there are no renditions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A fixed word.
    pub reason: String,
    /// A sentence for the photographer.
    pub detail: String,
}

/// Answers until the worker at the other end is gone. An error is the machine's fault, never the photo's.
pub fn run() -> anyhow::Result<()> {
    // A worker that is killed in the midst of a photo leaves nobody who would want it.
    set_parent_process_death_signal(Some(Signal::KILL)).context("following the worker's fate")?;
    // A dump would leave somebody's picture on the disk.
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).context("forgoing dumps")?;
    // What this looks for is mapped before memory is limited.
    imaging::Capabilities::of_this_machine();
    let mut channel = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut stamps = Stamps::new();
    while let Some(((wish, request), original)) = receive(&mut channel)? {
        limit(&request)?;
        let original = read(original, request.size)?;
        match wish {
            Wish::Renditions => {
                answer(&mut channel, imaging::render_with(&original, &request.recipe, &mut stamps))?;
            }
            Wish::Emblem => answer_emblem(&mut channel, Emblem::read(&original))?,
        }
    }
    Ok(())
}

/// The next photo; none when the worker is done.
fn receive(channel: &mut UnixStream) -> anyhow::Result<Option<((Wish, Request), File)>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut length = [0; 4];
    let flags = RecvFlags::CMSG_CLOEXEC;
    let received = recvmsg(&*channel, &mut [IoSliceMut::new(&mut length)], &mut control, flags)?.bytes;
    if received == 0 {
        return Ok(None);
    }
    channel.read_exact(&mut length[received..])?;
    let descriptor = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    let original = File::from(descriptor.context("no file came along")?);
    Ok(Some((read_body(channel, length)?, original)))
}

/// Both limits are counted from what the process has used so far; only the lower of the system's two is set, because
/// the upper could not be raised again for the next photo.
fn limit(request: &Request) -> anyhow::Result<()> {
    let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec)?;
    let memory = Memory::now()?.mapped + request.size + request.memory + BESIDE_BYTES;
    for (resource, current) in [(Resource::Cpu, used + request.cpu_seconds), (Resource::As, memory)] {
        let maximum = getrlimit(resource).maximum;
        let current = Some(maximum.map_or(current, |maximum| current.min(maximum)));
        setrlimit(resource, Rlimit { current, maximum }).context("limiting time and memory")?;
    }
    Ok(())
}

fn read(original: File, size: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(size)?);
    original.take(size).read_to_end(&mut bytes).context("reading the original")?;
    anyhow::ensure!(bytes.len() as u64 == size, "the original came in short");
    Ok(bytes)
}

fn answer(channel: &mut UnixStream, outcome: Result<Rendered, imaging::Error>) -> anyhow::Result<()> {
    match outcome {
        Ok(mut rendered) => {
            let files: Vec<Vec<u8>> =
                rendered.renditions.iter_mut().map(|rendition| mem::take(&mut rendition.file)).collect();
            let lengths = files.iter().map(Vec::len).collect();
            let (rendered, resident) = (Box::new(rendered), Memory::now()?.resident);
            channel.write_all(&header_of(&Reply::Rendered { rendered, lengths, resident })?)?;
            for file in &files {
                channel.write_all(file)?;
            }
        }
        Err(error) => {
            let failure = Failure { reason: error.reason().to_owned(), detail: error.to_string() };
            channel.write_all(&header_of(&Reply::Failed(failure))?)?;
        }
    }
    Ok(())
}

fn answer_emblem(channel: &mut UnixStream, outcome: Result<Emblem, EmblemFault>) -> anyhow::Result<()> {
    match outcome {
        Ok(mut emblem) => {
            let png = mem::take(&mut emblem.png);
            channel.write_all(&header_of(&Reply::Emblem { emblem, length: png.len() })?)?;
            channel.write_all(&png)?;
        }
        Err(fault) => {
            let failure = Failure { reason: "no_logo".to_owned(), detail: fault.to_string() };
            channel.write_all(&header_of(&Reply::Failed(failure))?)?;
        }
    }
    Ok(())
}

/// Bytes of memory as the system counts them.
struct Memory {
    mapped: u64,
    resident: u64,
}

impl Memory {
    fn now() -> anyhow::Result<Self> {
        let pages = fs::read_to_string("/proc/self/statm").context("how much memory is used")?;
        let mut pages = pages.split(' ').map(str::parse::<u64>);
        let mut bytes = || -> anyhow::Result<u64> {
            Ok(pages.next().context("three numbers")?? * rustix::param::page_size() as u64)
        };
        let (mapped, resident, shared) = (bytes()?, bytes()?, bytes()?);
        // The pages of the program are one and the same for all decoders.
        Ok(Self { mapped, resident: resident.saturating_sub(shared) })
    }
}

/// A request or reply as it travels.
pub fn header_of(value: &impl Serialize) -> anyhow::Result<Vec<u8>> {
    let json = serde_json::to_vec(value)?;
    let length = u32::try_from(json.len()).context("a header is never this long")?;
    Ok([length.to_le_bytes().as_slice(), &json].concat())
}

fn read_body<T: DeserializeOwned>(input: &mut impl Read, length: [u8; 4]) -> anyhow::Result<T> {
    let mut json = Vec::new();
    input.take(u32::from_le_bytes(length).into()).read_to_end(&mut json)?;
    serde_json::from_slice(&json).context("the request can't be understood")
}
