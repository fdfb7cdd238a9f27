//! One file from one storage into another, added up on its way.

use anyhow::Context;
use aws_lc_rs::digest;
use common::secrets::Digest;
use futures_util::StreamExt;

use super::place::Summing;
use crate::storage::Storage;

/// What became of a file that was to be copied.
#[derive(Debug)]
pub(super) enum Copied {
    /// It is there, with this sum.
    Whole(Digest),
    /// It has other bytes than it should have; nothing was written.
    Altered,
    /// It is not in the storage.
    Missing,
    /// It could not be read to its end; nothing was written.
    Unreadable(String),
}

/// Copies a file; what is not what it `should` be by size and sum stays where it is.
pub(super) async fn copy(
    from: &Storage,
    to: &Storage,
    key: &str,
    should: impl Fn(u64, &Digest) -> bool,
) -> anyhow::Result<Copied> {
    let file = match from.open(key).await {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(Copied::Missing),
        Err(error) => return Ok(Copied::Unreadable(error.to_string())),
    };
    let mut writer = to.writer(key);
    let mut summing = Summing(digest::Context::new(&digest::SHA256));
    let (mut parts, mut bytes) = (file.stream(0..file.size), 0);
    while let Some(part) = parts.next().await {
        match part {
            Ok(part) => {
                summing.0.update(&part);
                bytes += part.len() as u64;
                writer.write(part).await.with_context(|| format!("writing {key}"))?;
            }
            Err(error) => {
                writer.abort().await;
                return Ok(Copied::Unreadable(error.to_string()));
            }
        }
    }
    let sum = summing.finish();
    if !should(bytes, &sum) {
        writer.abort().await;
        return Ok(Copied::Altered);
    }
    writer.finish().await.with_context(|| format!("writing {key}"))?;
    Ok(Copied::Whole(sum))
}

/// The sum of a stored file, read to its end; `None` if it is not there.
pub(super) async fn sum_of(storage: &Storage, key: &str) -> common::Result<Option<Digest>> {
    let Some(file) = storage.open(key).await? else { return Ok(None) };
    let mut summing = Summing(digest::Context::new(&digest::SHA256));
    let mut parts = file.stream(0..file.size);
    while let Some(part) = parts.next().await {
        summing.0.update(&part?);
    }
    Ok(Some(summing.finish()))
}
