//! One photo, one process: the worker sends the original down a pipe and gets the renditions back.
//!
//! The child limits its own time and memory before it reads a byte. Both directions carry a length (four bytes,
//! little-endian), a JSON header of that length, and raw bytes.

use std::{
    io::{self, Read, Write},
    mem,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::Context;
use imaging::{Recipe, Rendered};
use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::{io::AsyncWriteExt, process::Command};

/// What the child is to do.
#[derive(Serialize, Deserialize)]
pub struct Request {
    /// What to make.
    pub recipe: Recipe,
    /// Processor time.
    pub cpu_seconds: u64,
    /// Address space.
    pub memory_mb: u64,
}

/// What came out.
pub enum Outcome {
    /// All renditions.
    Rendered(Box<Rendered>),
    /// The file itself is at fault.
    Failed(Failure),
    /// The decoder did not survive the file.
    Died(Failure),
}

/// Why there are no renditions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// A fixed word.
    pub reason: String,
    /// A sentence for the photographer.
    pub detail: String,
}

#[derive(Serialize, Deserialize)]
enum Reply {
    /// Followed by the files, which have these lengths in bytes.
    Rendered {
        rendered: Box<Rendered>,
        lengths: Vec<usize>,
    },
    Failed(Failure),
}

/// Renders in a process of its own.
pub async fn render(program: &Path, request: &Request, original: &[u8]) -> anyhow::Result<Outcome> {
    let mut child = Command::new(program)
        .arg("render")
        // A decoder gets nothing but the picture: no secrets, no addresses.
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("the process that decodes a photo can't be started")?;
    let mut input = child.stdin.take().context("the child has an input")?;
    let header = header_of(request)?;
    let wall = Duration::from_secs(request.cpu_seconds * 4 + 30);
    let work = async {
        // A child that died closes the pipe early; its exit status tells the rest.
        let sent = async { input.write_all(&header).await.and(input.write_all(original).await) }.await;
        drop(input);
        tracing::trace!(?sent, "sent the original");
        child.wait_with_output().await
    };
    let Ok(output) = tokio::time::timeout(wall, work).await else { return Ok(Outcome::Died(too_long())) };
    let output = output.context("waiting for the process that decodes a photo")?;
    if !output.status.success() {
        return death(output.status).map(Outcome::Died);
    }
    parse_reply(&output.stdout)
}

/// `photos render`: the child's side. Reads the request and the original, writes the reply.
pub fn run_child() -> anyhow::Result<()> {
    let mut input = io::stdin().lock();
    let request: Request = read_header(&mut input)?;
    limit(&request)?;
    let mut original = Vec::new();
    input.read_to_end(&mut original)?;
    let mut output = io::stdout().lock();
    match imaging::render(&original, &request.recipe) {
        Ok(mut rendered) => {
            let files: Vec<Vec<u8>> =
                rendered.renditions.iter_mut().map(|rendition| mem::take(&mut rendition.jpeg)).collect();
            let lengths = files.iter().map(Vec::len).collect();
            output.write_all(&header_of(&Reply::Rendered { rendered: Box::new(rendered), lengths })?)?;
            for file in &files {
                output.write_all(file)?;
            }
        }
        Err(error) => {
            let failure = Failure { reason: error.reason().to_owned(), detail: error.to_string() };
            output.write_all(&header_of(&Reply::Failed(failure))?)?;
        }
    }
    Ok(output.flush()?)
}

fn limit(request: &Request) -> anyhow::Result<()> {
    let cpu = Rlimit { current: Some(request.cpu_seconds), maximum: Some(request.cpu_seconds + 1) };
    setrlimit(Resource::Cpu, cpu).context("limiting processor time")?;
    let memory = Some(request.memory_mb << 20);
    setrlimit(Resource::As, Rlimit { current: memory, maximum: memory }).context("limiting memory")
}

fn parse_reply(mut output: &[u8]) -> anyhow::Result<Outcome> {
    match read_header(&mut output)? {
        Reply::Failed(failure) => Ok(Outcome::Failed(failure)),
        Reply::Rendered { mut rendered, lengths } => {
            anyhow::ensure!(
                lengths.len() == rendered.renditions.len(),
                "the reply of the decoder is cut off"
            );
            for (rendition, length) in rendered.renditions.iter_mut().zip(lengths) {
                let (jpeg, rest) =
                    output.split_at_checked(length).context("the reply of the decoder is cut off")?;
                output = rest;
                rendition.jpeg = jpeg.to_vec();
            }
            Ok(Outcome::Rendered(rendered))
        }
    }
}

fn header_of(value: &impl Serialize) -> anyhow::Result<Vec<u8>> {
    let json = serde_json::to_vec(value)?;
    let length = u32::try_from(json.len()).context("a header is never this long")?;
    Ok([length.to_le_bytes().as_slice(), &json].concat())
}

fn read_header<T: DeserializeOwned>(input: &mut impl Read) -> anyhow::Result<T> {
    let mut length = [0; 4];
    input.read_exact(&mut length).context("the header is missing")?;
    let mut json = Vec::new();
    input.by_ref().take(u32::from_le_bytes(length).into()).read_to_end(&mut json)?;
    serde_json::from_slice(&json).context("the header can't be understood")
}

/// What a death says about the file. One from outside (the machine out of memory or going down) says nothing: the job
/// is tried again later.
fn death(status: ExitStatus) -> anyhow::Result<Failure> {
    const SIGINT: i32 = 2;
    const SIGKILL: i32 = 9;
    const SIGTERM: i32 = 15;
    const SIGXCPU: i32 = 24;
    match status.signal() {
        Some(SIGXCPU) => Ok(too_long()),
        Some(signal @ (SIGINT | SIGKILL | SIGTERM)) => {
            anyhow::bail!("the decoder was ended by signal {signal}")
        }
        _ => Ok(Failure {
            reason: "decoder_crashed".to_owned(),
            detail:
                "This file breaks the program that reads it. Please export it again, as JPEG if possible."
                    .to_owned(),
        }),
    }
}

fn too_long() -> Failure {
    Failure {
        reason: "took_too_long".to_owned(),
        detail: "Reading this file takes too long. Please export it again, as JPEG if possible.".to_owned(),
    }
}
