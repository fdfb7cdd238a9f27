//! One file of an upload: checked by its bytes, streamed to the storage, hashed on the way.

use actix_multipart::Field;
use actix_web::web::{self, Bytes};
use aws_lc_rs::digest;
use chrono::Utc;
use common::{Error, Result, secrets};
use futures_util::{StreamExt, stream::Fuse};
use imaging::{Limits, Metadata, Probe};

use super::{Refused, store};
use crate::{
    app::App,
    config::BYTES_PER_MB,
    identity::AccountId,
    storage::Writer,
    timings::{Stopwatch, TIMINGS},
};

/// So much of a file is looked at before anything is stored.
const SNIFFED_BYTES: usize = 32 << 10;
/// So much is kept to read size and camera from; camera files have both at their beginning.
const HEAD_BYTES: usize = 1 << 20;

/// A file that is in the storage, but belongs to no photo yet.
pub struct Received {
    /// The name as given.
    pub filename: String,
    /// Its key in the storage.
    pub key: String,
    /// What its bytes say it is.
    pub probe: Probe,
    /// What the camera wrote, as far as the beginning of the file tells.
    pub metadata: Metadata,
    /// Bytes.
    pub size: u64,
    /// Of all bytes.
    pub sha256: Vec<u8>,
    /// Of all bytes.
    pub crc32: u32,
}

/// The bytes of a field; unlike the field itself it may be asked again after its end.
type Chunks<'a> = Fuse<&'a mut Field>;

struct Totals {
    watch: Stopwatch,
    times: Times,
    size: u64,
    sha256: digest::Context,
    crc32: crc32fast::Hasher,
    head: Vec<u8>,
}

/// Microseconds of each stage.
#[derive(Default)]
struct Times {
    receiving: u64,
    hashing: u64,
    storing: u64,
}

/// Stores one file, or says why not; an error ends the whole request.
pub async fn receive(
    app: &App,
    owner: AccountId,
    filename: String,
    field: &mut Field,
) -> Result<Result<Received, Refused>> {
    let refused = |reason, detail| Ok(Err(Refused { filename: filename.clone(), reason, detail }));
    let mut totals = Totals::new();
    let field = &mut field.fuse();
    let sniffed = match sniff(app, field, &mut totals).await? {
        Ok(sniffed) => sniffed,
        Err(refusal) => return refused(refusal.reason(), refusal.to_string()),
    };
    let key = storage_key(owner, sniffed.format.extension());
    store::create_pending(&app.db, std::slice::from_ref(&key)).await?;
    let mut writer = app.storage.writer(&key);
    let written = write(app, field, &mut totals, &mut writer).await;
    let fault = match written {
        Ok(true) => finish(app, totals, writer, filename.clone(), key.clone()).await?,
        Ok(false) => {
            writer.abort().await;
            let most = app.settings.current().upload.max_file_bytes / BYTES_PER_MB;
            Err(("too_large", format!("This file is larger than {most} MB. Please export it smaller.")))
        }
        Err(Error::StorageFull(detail)) => {
            writer.abort().await;
            Err(("storage_full", detail))
        }
        Err(error) => {
            writer.abort().await;
            store::delete_pending(&app.db, &key).await?;
            return Err(error);
        }
    };
    match fault {
        Ok(received) => Ok(Ok(received)),
        Err((reason, detail)) => {
            app.storage.delete(&key).await?;
            store::delete_pending(&app.db, &key).await?;
            refused(reason, detail)
        }
    }
}

/// Reads the beginning and says what it is, before anything is stored.
async fn sniff(
    app: &App,
    field: &mut Chunks<'_>,
    totals: &mut Totals,
) -> Result<Result<Probe, imaging::Refusal>> {
    while totals.head.len() < SNIFFED_BYTES {
        let Some(chunk) = next(field).await? else { break };
        totals.add(&chunk);
    }
    let head = totals.head.clone();
    probed(app, head).await
}

/// Writes what is there and what still comes; false if it is more than may be.
async fn write(app: &App, field: &mut Chunks<'_>, totals: &mut Totals, writer: &mut Writer) -> Result<bool> {
    let most = app.settings.current().upload.max_file_bytes;
    writer.write(Bytes::copy_from_slice(&totals.head)).await?;
    while let Some(chunk) = next(field).await? {
        totals.add(&chunk);
        if totals.size > most {
            return Ok(false);
        }
        writer.write(chunk).await?;
        totals.times.storing += totals.watch.lap();
    }
    Ok(totals.size <= most)
}

type Fault = (&'static str, String);

async fn finish(
    app: &App,
    totals: Totals,
    writer: Writer,
    filename: String,
    key: String,
) -> Result<Result<Received, Fault>> {
    // With a megabyte at hand the size is known where 32 KB of metadata hid it.
    let head = totals.head.clone();
    let probe = match probed(app, head).await? {
        Ok(probe) => probe,
        Err(refusal) => {
            writer.abort().await;
            return Ok(Err((refusal.reason(), refusal.to_string())));
        }
    };
    match writer.finish().await {
        Ok(()) => {}
        Err(Error::StorageFull(detail)) => return Ok(Err(("storage_full", detail))),
        Err(error) => return Err(error),
    }
    let Totals { mut watch, times, size, sha256, crc32, head } = totals;
    let Times { receiving, hashing, storing } = times;
    tracing::debug!(target: TIMINGS, receiving, hashing, storing = storing + watch.lap());
    let metadata = web::block(move || imaging::read_metadata(&head)).await.map_err(anyhow::Error::from)?;
    let (sha256, crc32) = (sha256.finish().as_ref().to_vec(), crc32.finalize());
    Ok(Ok(Received { filename, key, probe, metadata, size, sha256, crc32 }))
}

async fn probed(app: &App, head: Vec<u8>) -> Result<Result<Probe, imaging::Refusal>> {
    let limits = Limits { max_megapixels: app.config.upload.max_megapixels, ..Limits::default() };
    Ok(web::block(move || imaging::probe(&head, &limits)).await.map_err(anyhow::Error::from)?)
}

async fn next(field: &mut Chunks<'_>) -> Result<Option<Bytes>> {
    let cut_off =
        |error| Error::BadRequest(format!("The upload was cut off: {error}. Please send the file again."));
    field.next().await.transpose().map_err(cut_off)
}

/// `<user_id>/<timestamp>-<random>.<ext>`.
fn storage_key(owner: AccountId, extension: &str) -> String {
    let random = secrets::hex(&secrets::random_bytes::<8>());
    format!("{}/{}-{random}.{extension}", owner.0, Utc::now().format("%Y%m%dT%H%M%S"))
}

impl Totals {
    fn new() -> Self {
        Self {
            watch: Stopwatch::start(),
            times: Times::default(),
            size: 0,
            sha256: digest::Context::new(&digest::SHA256),
            crc32: crc32fast::Hasher::new(),
            head: Vec::new(),
        }
    }

    fn add(&mut self, chunk: &[u8]) {
        self.times.receiving += self.watch.lap();
        self.size += chunk.len() as u64;
        self.sha256.update(chunk);
        self.crc32.update(chunk);
        let wanted = HEAD_BYTES.saturating_sub(self.head.len()).min(chunk.len());
        self.head.extend_from_slice(&chunk[..wanted]);
        self.times.hashing += self.watch.lap();
    }
}
