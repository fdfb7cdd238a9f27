//! Where bytes lie: the only module that knows. Keys are ASCII paths under the storage root.

use std::{
    error::Error as StdError,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use actix_web::web::{self, Bytes};
use anyhow::Context;
use common::{Error, Result};
use futures_util::stream::BoxStream;
use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutPayload, buffered::BufWriter,
    local::LocalFileSystem, path::Path as Key,
};
use tokio::io::AsyncWriteExt;

/// Below this a file is written in one go, above it in parts of this size: what an upload holds in memory.
const PART_BYTES: usize = 4 << 20;
/// In the folder of the photos lies a file of this name.
const MARKER: &str = ".photos";

/// The store of originals and renditions.
#[derive(Clone)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    folder: PathBuf,
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
        Ok(Self { store: Arc::new(store.with_fsync(true)), folder: folder.to_owned() })
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

    /// Streams a range of a file; `None` if the file is not there.
    pub async fn stream(
        &self,
        key: &str,
        range: std::ops::Range<u64>,
    ) -> Result<Option<BoxStream<'static, object_store::Result<Bytes>>>> {
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        match self.store.get_opts(&Key::from(key), options).await {
            Ok(found) => Ok(Some(found.into_stream())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(storage_error(error)),
        }
    }

    /// Whether a file is there.
    pub async fn has(&self, key: &str) -> Result<bool> {
        match self.store.head(&Key::from(key)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
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

    /// Removes what processes that were killed left half-written, if nothing was added for this long.
    pub async fn remove_unfinished(&self, age: Duration) -> Result<()> {
        let folder = self.folder.clone();
        let removed =
            web::block(move || remove_unfinished(&folder, age)).await.map_err(anyhow::Error::from)?;
        Ok(removed.map_err(anyhow::Error::from)?)
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

/// A file is written under its name with `#` and a number behind it, and gets its name when it is whole.
fn remove_unfinished(folder: &Path, age: Duration) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.rsplit_once('#')).map(|(_, number)| number);
        if entry.file_type()?.is_dir() {
            remove_unfinished(&entry.path(), age)?;
        } else if number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit())) {
            match entry.metadata().and_then(|facts| facts.modified()) {
                Ok(changed) if SystemTime::now().duration_since(changed).unwrap_or_default() < age => {}
                // Whoever was writing it has finished meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
                Ok(_) => fs::remove_file(entry.path())?,
            }
        }
    }
    Ok(())
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
