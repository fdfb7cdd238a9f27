//! A trial of a bucket, for whoever looks for what is wrong with it.

use object_store::{ObjectStoreExt, PutPayload, path::Path as Key};

use super::{MARKER, Storage, place::BucketSettings};

impl Storage {
    /// Writes a file into a bucket and removes it; whether the bucket is marked as a site's.
    pub async fn try_bucket(settings: &BucketSettings) -> anyhow::Result<bool> {
        let storage = Self::of_bucket(settings)?;
        let trial = Key::from(format!(".doctor-{}", std::process::id()));
        storage.store.put(&trial, PutPayload::from_static(b"Can be deleted.\n")).await?;
        storage.store.delete(&trial).await?;
        Ok(storage.has(MARKER).await?)
    }
}
