//! Where bytes lie: the only module that knows. Keys are ASCII paths under the storage root, a folder or a bucket.

mod bucket;
mod faults;
mod left;
mod listing;
mod pipes;
pub mod place;
mod reading;
mod trial;
mod unfinished;

use std::{fs, os::fd::OwnedFd, path::Path, sync::Arc, time::Duration};

use actix_web::web::{self, Bytes};
use anyhow::{Context, ensure};
use common::Result;
use futures_util::{StreamExt, stream};
use object_store::{
    GetOptions, GetRange, GetResultPayload, ObjectStore, ObjectStoreExt, PutPayload, buffered::BufWriter,
    local::LocalFileSystem, path::Path as Key,
};
use tokio::{io::AsyncWriteExt, time::timeout};

use self::{
    bucket::Bucket,
    faults::storage_error,
    place::{BucketSettings, Place},
};
pub use self::{pipes::Readable, reading::Opened};

/// Below this a file is written in one go, above it in parts of this size: what an upload holds in memory. S3 takes no
/// smaller ones.
const PART_BYTES: usize = 5 << 20;
/// So many of them are on their way at once.
const PARTS_AT_ONCE: usize = 2;
/// In the folder of the photos lies a file of this name.
const MARKER: &str = ".photos";
/// What it says.
const MARKED: &str = "The photos of this site lie here.\n";

/// So many files are asked for at once where that takes a way through a network.
const AT_ONCE: usize = 8;

/// A store that does not answer within this time is away.
const PATIENCE: Duration = Duration::from_secs(4);

/// The store of originals and renditions.
#[derive(Clone)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    home: Home,
}

/// What the store is besides.
#[derive(Clone)]
enum Home {
    /// A folder of this machine.
    Folder(Arc<LocalFileSystem>, Arc<Path>),
    /// A bucket of an S3 server.
    Bucket(Arc<Bucket>),
    /// Nothing but a store.
    #[cfg(test)]
    Elsewhere,
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
    /// The store at this place, made where nothing was ever stored (`is_new`).
    pub async fn at(place: &Place, is_new: bool) -> anyhow::Result<Self> {
        match place {
            Place::Folder(folder) => Self::local(folder, is_new),
            Place::Bucket(settings) => Self::in_bucket(settings, is_new).await,
        }
    }

    /// A folder of this machine, made where nothing was ever stored (`is_new`). What was written is on the disk before
    /// it is acknowledged. A marker tells the folder from the empty place where its volume should be mounted: there
    /// every photo would seem lost, and new ones would vanish under the mount.
    pub fn local(folder: &Path, is_new: bool) -> anyhow::Result<Self> {
        let marker = folder.join(MARKER);
        if is_new && !marker.exists() {
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&marker, MARKED))
                .with_context(|| format!("STORAGE_DIR {} can't be made", folder.display()))?;
        }
        ensure!(
            marker.is_file(),
            "STORAGE_DIR {} is not the folder that holds the photos in the database: {MARKER} is missing in it. \
             Is its volume mounted? If it really is the right folder, make an empty file of that name.",
            folder.display()
        );
        let store = LocalFileSystem::new_with_prefix(folder)
            .with_context(|| format!("STORAGE_DIR {} can't be used", folder.display()))?;
        let store = Arc::new(store.with_fsync(true));
        Ok(Self { store: store.clone(), home: Home::Folder(store, folder.into()) })
    }

    /// A bucket; the marker tells it from one that was named by mistake.
    async fn in_bucket(settings: &BucketSettings, is_new: bool) -> anyhow::Result<Self> {
        let storage = Self::of_bucket(settings)?;
        let asked = || format!("{settings} does not answer; check its endpoint, region and credentials");
        let is_marked = storage.has(MARKER).await.with_context(asked)?;
        if is_new && !is_marked {
            storage.mark().await?;
        }
        ensure!(
            is_new || is_marked,
            "{settings} is not the bucket that holds the photos in the database: {MARKER} is missing in it. \
             If it really is the right one, put an empty file of that name there."
        );
        Ok(storage)
    }

    fn of_bucket(settings: &BucketSettings) -> anyhow::Result<Self> {
        let bucket = Bucket::new(settings)?;
        Ok(Self { store: bucket.store(), home: Home::Bucket(Arc::new(bucket)) })
    }

    async fn mark(&self) -> anyhow::Result<()> {
        let key = Key::from(MARKER);
        let put = || self.store.put(&key, PutPayload::from_static(MARKED.as_bytes()));
        match (put().await, &self.home) {
            (Err(object_store::Error::NotFound { .. }), Home::Bucket(bucket)) => {
                bucket.make().await?;
                put().await?;
            }
            (done, _) => drop(done?),
        }
        Ok(())
    }

    /// Begins a file.
    pub fn writer(&self, key: &str) -> Writer {
        let inner = BufWriter::with_capacity(Arc::clone(&self.store), Key::from(key), PART_BYTES);
        Writer { inner: inner.with_max_concurrency(PARTS_AT_ONCE) }
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
        let Home::Folder(local, _) = self.home.clone() else {
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
            Err(error) if faults::is_beyond(&error) => Ok(Some((Bytes::new(), 0))),
            Err(error) => Err(storage_error(error)),
        }
    }

    /// Opens a file for another process, without its bytes passing through this one where that can be avoided;
    /// `None` if it is not there.
    pub async fn readable(&self, key: &str) -> Result<Option<Readable>> {
        let Some(opened) = self.open(key).await? else { return Ok(None) };
        let size = opened.size;
        let descriptor = match opened.into_file() {
            Ok(file) => OwnedFd::from(file),
            Err(opened) => pipes::piped(opened.stream(0..size)).map_err(anyhow::Error::from)?,
        };
        Ok(Some(Readable { descriptor, size }))
    }

    /// Opens a file whose parts are read one after the other; `None` if it is not there.
    pub async fn open(&self, key: &str) -> Result<Option<Opened>> {
        if !matches!(self.home, Home::Folder(..)) {
            let beginning = self.head(key, reading::FAR_BYTES).await?;
            return Ok(beginning.map(|(bytes, size)| Opened::far(&self.store, key, bytes, size)));
        }
        match self.store.get(&Key::from(key)).await {
            Ok(found) => match found.payload {
                GetResultPayload::File(file, _) => Ok(Some(Opened::here(file, found.meta.size))),
                GetResultPayload::Stream(_) => unreachable!("a folder holds files"),
            },
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
        let Home::Folder(_, folder) = &self.home else { return None };
        let found = rustix::fs::statvfs(&**folder).ok()?;
        let bytes = |blocks: u64| i64::try_from(blocks.saturating_mul(found.f_frsize)).unwrap_or(i64::MAX);
        Some(Volume { free: bytes(found.f_bavail), size: bytes(found.f_blocks) })
    }

    /// Whether the store answers, and is the one that it was at the start.
    pub async fn is_ready(&self) -> bool {
        matches!(timeout(PATIENCE, self.store.head(&Key::from(MARKER))).await, Ok(Ok(_)))
    }
}

impl Writer {
    /// Appends bytes.
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.inner.put(bytes).await.map_err(storage_error)
    }

    /// Makes the file visible; when this returns it survives a power cut.
    pub async fn finish(mut self) -> Result<()> {
        self.inner.shutdown().await.map_err(faults::write_error)
    }

    /// Throws away what was written so far.
    pub async fn abort(mut self) {
        if let Err(error) = self.inner.abort().await {
            tracing::debug!(%error, "an unfinished file could not be removed at once");
        }
    }
}

#[cfg(test)]
mod tests;
