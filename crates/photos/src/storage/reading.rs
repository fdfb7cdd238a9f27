//! Files of this machine, read in parts that are large enough for a fast line, one part ahead of what is sent.

use std::{fs::File, io, iter, ops::Range, sync::Arc};

use actix_web::web::Bytes;
use common::Result;
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path as Key};
use rustix::{buffer::spare_capacity, io::pread};
use tokio::task::JoinHandle;

/// What one transfer holds twice in memory: the part that is sent and the one that is read meanwhile. Larger ones no longer
/// fit the processor's nearest memory on their way.
const CHUNK_BYTES: u64 = 256 * 1024;

/// The same of a file that lies elsewhere: each part is a request of its own, so that neither a slow receiver nor a broken
/// connection ends a transfer.
pub(super) const FAR_BYTES: u64 = 1 << 20;
/// So many of these are on their way at once.
const FAR_AT_ONCE: usize = 2;

type Chunk = io::Result<Bytes>;

/// A stored file that is open.
pub struct Opened {
    /// Bytes.
    pub size: u64,
    place: Place,
}

enum Place {
    Here(Arc<File>),
    Elsewhere(Far),
}

/// A file of another machine, and its beginning.
struct Far {
    store: Arc<dyn ObjectStore>,
    key: Key,
    beginning: Bytes,
}

impl Opened {
    pub(super) fn here(file: File, size: u64) -> Self {
        Self { size, place: Place::Here(Arc::new(file)) }
    }

    pub(super) fn far(store: &Arc<dyn ObjectStore>, key: &str, beginning: Bytes, size: u64) -> Self {
        let far = Far { store: Arc::clone(store), key: Key::from(key), beginning };
        Self { size, place: Place::Elsewhere(far) }
    }

    /// The file itself, if it lies here.
    pub(super) fn into_file(self) -> Result<File, Self> {
        let Self { size, place } = self;
        match place {
            Place::Here(file) => {
                Arc::try_unwrap(file).map_err(|file| Self { size, place: Place::Here(file) })
            }
            far @ Place::Elsewhere(_) => Err(Self { size, place: far }),
        }
    }

    /// Streams a range. A file that ends before the range does ends the stream early.
    pub fn stream(&self, range: Range<u64>) -> BoxStream<'static, Result<Bytes>> {
        match &self.place {
            Place::Here(file) => chunks(Arc::clone(file), range)
                .map_err(|error| anyhow::Error::new(error).context("storage").into())
                .boxed(),
            Place::Elsewhere(far) => far.chunks(range.start..range.end.min(self.size)),
        }
    }
}

impl Far {
    /// What is at hand, and the rest in parts.
    fn chunks(&self, range: Range<u64>) -> BoxStream<'static, Result<Bytes>> {
        let known = self.beginning.len() as u64;
        let place = |place: u64| usize::try_from(place).unwrap_or(usize::MAX);
        let own = place(range.start.min(known))..place(range.end.min(known));
        let beginning = (!own.is_empty()).then(|| Ok(self.beginning.slice(own)));
        let (mut at, end) = (range.start.max(known), range.end);
        let parts = iter::from_fn(move || {
            let part = at..end.min(at.saturating_add(FAR_BYTES));
            at = part.end;
            (part.start < part.end).then_some(part)
        });
        let (store, key) = (Arc::clone(&self.store), self.key.clone());
        let rest = stream::iter(parts).map(move |part| {
            let (store, key) = (Arc::clone(&store), key.clone());
            async move { store.get_range(&key, part).await.map_err(super::storage_error) }
        });
        stream::iter(beginning).chain(rest.buffered(FAR_AT_ONCE)).boxed()
    }
}

/// What is read next, and the file.
struct Reading {
    file: Arc<File>,
    left: Range<u64>,
    ahead: Option<JoinHandle<Chunk>>,
}

/// A range of a file. No thread waits for whoever receives it.
fn chunks(file: Arc<File>, range: Range<u64>) -> BoxStream<'static, object_store::Result<Bytes>> {
    let mut reading = Reading { file, left: range, ahead: None };
    reading.read_ahead();
    let chunks = stream::try_unfold(reading, |mut reading| async move {
        let Some(ahead) = reading.ahead.take() else { return Ok(None) };
        let chunk = ahead.await.map_err(io::Error::other).and_then(|chunk| chunk).map_err(failed)?;
        if chunk.is_empty() {
            return Ok(None);
        }
        reading.left.start += chunk.len() as u64;
        reading.read_ahead();
        Ok(Some((chunk, reading)))
    });
    chunks.boxed()
}

impl Reading {
    fn read_ahead(&mut self) {
        let length = (self.left.end - self.left.start).min(CHUNK_BYTES);
        if length > 0 {
            let (file, at) = (Arc::clone(&self.file), self.left.start);
            self.ahead = Some(tokio::task::spawn_blocking(move || read(&file, at, length)));
        }
    }
}

fn read(file: &File, at: u64, length: u64) -> Chunk {
    let length = usize::try_from(length).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        let before = bytes.len();
        let read = pread(file, spare_capacity(&mut bytes), at + before as u64);
        match read {
            Ok(_) if bytes.len() == before => break,
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // A vector may have got more room than it was asked for.
    bytes.truncate(length);
    Ok(Bytes::from(bytes))
}

/// Reads a whole file of a folder; `None` if it is not there.
pub(super) fn read_local(local: &LocalFileSystem, key: &str) -> Result<Option<Bytes>> {
    let path = local.path_to_filesystem(&Key::from(key)).map_err(super::storage_error)?;
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(super::storage_error(failed(error))),
    }
}

fn failed(error: io::Error) -> object_store::Error {
    object_store::Error::Generic { store: "LocalFileSystem", source: Box::new(error) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use futures_util::TryStreamExt;

    use super::*;

    #[tokio::test]
    async fn any_part_of_a_file_comes_whole_and_a_file_that_ends_early_ends_the_stream() {
        let path = std::env::temp_dir().join(format!("photos-reading-{}", std::process::id()));
        let bytes: Vec<u8> = (0..600_000_u32).map(|number| number.to_le_bytes()[1]).collect();
        File::create(&path).and_then(|mut file| file.write_all(&bytes)).expect("a temporary file");
        let read = async |range: Range<u64>| {
            let parts: Vec<Bytes> = chunks(Arc::new(File::open(&path).expect("it is there")), range)
                .try_collect()
                .await
                .expect("it can be read");
            parts.concat()
        };
        for range in [0..600_000, 0..1, 262_143..262_145, 262_144..524_288, 599_999..600_000, 5..5] {
            let place = |place: u64| usize::try_from(place).expect("small");
            assert!(read(range.clone()).await == bytes[place(range.start)..place(range.end)], "{range:?}");
        }
        assert_eq!(read(599_990..600_050).await.len(), 10);
        std::fs::remove_file(path).expect("our own file");
    }
}
