//! Stored files for other processes: the file itself, or a pipe into which it is streamed.

use std::{io, os::fd::OwnedFd};

use actix_web::web::Bytes;
use common::Result;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use rustix::pipe::PipeFlags;
use tokio::{io::AsyncWriteExt, net::unix::pipe};

/// A stored file that another process reads, from its beginning to its end.
pub struct Readable {
    /// The file itself where it lies on this machine, else a pipe into which it is streamed.
    pub descriptor: OwnedFd,
    /// Bytes.
    pub size: u64,
}

impl Readable {
    /// What is in memory already, as if it were a stored file.
    pub fn of(bytes: Bytes) -> io::Result<Self> {
        let size = bytes.len() as u64;
        Ok(Self { descriptor: piped(Box::pin(stream::once(async { Ok(bytes) })))?, size })
    }
}

/// The end of a pipe from which these bytes come; a reader that expects more than came knows that they broke off.
pub(super) fn piped(mut bytes: BoxStream<'static, Result<Bytes>>) -> io::Result<OwnedFd> {
    let (reading, writing) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(&writing, true)?;
    let mut writing = pipe::Sender::from_owned_fd(writing)?;
    tokio::spawn(async move {
        while let Some(chunk) = bytes.next().await {
            let written = match chunk {
                Ok(chunk) => writing.write_all(&chunk).await.map_err(anyhow::Error::from),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = written {
                tracing::debug!(%error, "a file could not be streamed to its end");
                return;
            }
        }
    });
    Ok(reading)
}
