//! Where bytes lie: the only module that knows. Keys are ASCII paths under the storage root.

mod left;
mod reading;
mod unfinished;

pub use reading::Opened;
use std::{
    error::Error as StdError,
    fs, io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::Arc,
};

use actix_web::web::{self, Bytes};
use anyhow::Context;
use common::{Error, Result};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use object_store::{
    GetOptions, GetRange, GetResultPayload, ObjectStore, ObjectStoreExt, PutPayload, buffered::BufWriter,
    local::LocalFileSystem, path::Path as Key,
};
use rustix::pipe::PipeFlags;
use tokio::{io::AsyncWriteExt, net::unix::pipe};

/// Below this a file is written in one go, above it in parts of this size: what an upload holds in memory.
const PART_BYTES: usize = 4 << 20;
/// In the folder of the photos lies a file of this name.
const MARKER: &str = ".photos";

/// So many files are asked for at once where that takes a way through a network.
const AT_ONCE: usize = 8;

/// The store of originals and renditions.
#[derive(Clone)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    /// The same store where it is a folder of this machine.
    local: Option<Arc<LocalFileSystem>>,
    folder: PathBuf,
}

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

/// The room on the volume of the store, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Volume {
    /// What we may still write.
    pub free: i64,
    /// All of it.
    pub size: i64,
}

/// A file being written; nobody sees it before `finish`.
pub struct Writer {
    inner: BufWriter,
}

impl Storage {
    /// A folder of this machine, made where nothing was ever stored (`is_new`). What was written is on the disk before
    /// it is acknowledged. A marker tells the folder from the empty place where its volume should be mounted: there
    /// every photo would seem lost, and new ones would vanish under the mount.
    pub fn local(folder: &Path, is_new: bool) -> anyhow::Result<Self> {
        let marker = folder.join(MARKER);
        if is_new && !marker.exists() {
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&marker, "The photos of this site lie here.\n"))
                .with_context(|| format!("STORAGE_DIR {} can't be made", folder.display()))?;
        }
        anyhow::ensure!(
            marker.is_file(),
            "STORAGE_DIR {} is not the folder that holds the photos in the database: {MARKER} is missing in it. \
             Is its volume mounted? If it really is the right folder, make an empty file of that name.",
            folder.display()
        );
        let store = LocalFileSystem::new_with_prefix(folder)
            .with_context(|| format!("STORAGE_DIR {} can't be used", folder.display()))?;
        let store = Arc::new(store.with_fsync(true));
        Ok(Self { store: store.clone(), local: Some(store), folder: folder.to_owned() })
    }

    /// Begins a file.
    pub fn writer(&self, key: &str) -> Writer {
        Writer { inner: BufWriter::with_capacity(Arc::clone(&self.store), Key::from(key), PART_BYTES) }
    }

    /// Writes a whole small file.
    pub async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<()> {
        self.store.put(&Key::from(key), PutPayload::from(bytes)).await.map(drop).map_err(storage_error)
    }

    /// Reads a whole file; `None` if it is not there.
    pub async fn read(&self, key: &str) -> Result<Option<Bytes>> {
        match self.store.get(&Key::from(key)).await {
            Ok(found) => found.bytes().await.map(Some).map_err(storage_error),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(storage_error(error)),
        }
    }

    /// Reads whole small files, in the order of their keys, each as [`read`](Self::read) does. One thread reads them all
    /// where they lie on this machine: handing over takes longer than reading.
    pub async fn read_many(&self, keys: Vec<String>) -> Vec<Result<Option<Bytes>>> {
        let Some(local) = self.local.clone() else {
            let reads = keys.into_iter().map(|key| async move { self.read(&key).await });
            return stream::iter(reads).buffered(AT_ONCE).collect().await;
        };
        let count = keys.len();
        let read = move || keys.iter().map(|key| reading::read_local(&local, key)).collect();
        web::block(read).await.unwrap_or_else(|error| {
            let failed = |_| Err(anyhow::anyhow!("{error}").context("storage").into());
            (0..count).map(failed).collect()
        })
    }

    /// The first bytes of a file, at most so many, and the size of the whole; `None` if it is not there.
    pub async fn head(&self, key: &str, most: u64) -> Result<Option<(Bytes, u64)>> {
        let options = GetOptions { range: Some(GetRange::Bounded(0..most)), ..GetOptions::default() };
        match self.store.get_opts(&Key::from(key), options).await {
            Ok(found) => {
                let size = found.meta.size;
                Ok(Some((found.bytes().await.map_err(storage_error)?, size)))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(storage_error(error)),
        }
    }

    /// Opens a file for another process, without its bytes passing through this one where that can be avoided;
    /// `None` if it is not there.
    pub async fn readable(&self, key: &str) -> Result<Option<Readable>> {
        let found = match self.store.get(&Key::from(key)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(storage_error(error)),
        };
        let size = found.meta.size;
        let descriptor = match found.payload {
            GetResultPayload::File(file, _) => OwnedFd::from(file),
            GetResultPayload::Stream(bytes) => piped(bytes).map_err(anyhow::Error::from)?,
        };
        Ok(Some(Readable { descriptor, size }))
    }

    /// Opens a file whose parts are read one after the other; `None` if it is not there.
    pub async fn open(&self, key: &str) -> Result<Option<Opened>> {
        match self.store.get(&Key::from(key)).await {
            Ok(found) => Ok(Some(Opened::of(&self.store, key, found))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(storage_error(error)),
        }
    }

    /// Whether a file is there.
    pub async fn has(&self, key: &str) -> Result<bool> {
        Ok(self.size(key).await?.is_some())
    }

    /// Bytes of a file; `None` if it is not there.
    pub async fn size(&self, key: &str) -> Result<Option<u64>> {
        match self.store.head(&Key::from(key)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(storage_error(error)),
        }
    }

    /// Deletes a file; one that is not there is as good as deleted.
    pub async fn delete(&self, key: &str) -> Result<()> {
        match self.store.delete(&Key::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(storage_error(error)),
        }
    }

    /// The volume that the store is on; `None` where that has no end that could be known.
    pub fn volume(&self) -> Option<Volume> {
        let found = rustix::fs::statvfs(&self.folder).ok()?;
        let bytes = |blocks: u64| i64::try_from(blocks.saturating_mul(found.f_frsize)).unwrap_or(i64::MAX);
        Some(Volume { free: bytes(found.f_bavail), size: bytes(found.f_blocks) })
    }

    /// Whether the store answers, and is the one that it was at the start.
    pub async fn is_ready(&self) -> bool {
        self.store.head(&Key::from(MARKER)).await.is_ok()
    }
}

impl Writer {
    /// Appends bytes.
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.inner.put(bytes).await.map_err(storage_error)
    }

    /// Makes the file visible; when this returns it survives a power cut.
    pub async fn finish(mut self) -> Result<()> {
        self.inner
            .shutdown()
            .await
            .map_err(|error| io_error(&error).unwrap_or_else(|| Error::Internal(error.into())))
    }

    /// Throws away what was written so far.
    pub async fn abort(mut self) {
        if let Err(error) = self.inner.abort().await {
            tracing::debug!(%error, "an unfinished file could not be removed at once");
        }
    }
}

/// The end of a pipe from which these bytes come; a reader that expects more than came knows that they broke off.
fn piped(mut bytes: BoxStream<'static, object_store::Result<Bytes>>) -> io::Result<OwnedFd> {
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

fn storage_error(error: object_store::Error) -> Error {
    io_error(&error).unwrap_or_else(|| Error::Internal(anyhow::Error::new(error).context("storage")))
}

/// A full disk is told to the person; everything else is ours to mend.
fn io_error(error: &(dyn StdError + 'static)) -> Option<Error> {
    let mut cause = Some(error);
    while let Some(current) = cause {
        let kind = current.downcast_ref::<io::Error>().map(io::Error::kind);
        if matches!(kind, Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)) {
            return Some(Error::StorageFull("There is no room left to store photos.".to_owned()));
        }
        cause = current.source();
    }
    None
}

#[cfg(test)]
mod tests;
