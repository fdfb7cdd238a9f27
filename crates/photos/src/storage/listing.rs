//! Everything that is stored, for those who look after all of it.

use common::Result;
use futures_util::{StreamExt, future::ready, stream::BoxStream};
use object_store::Error;

use super::{Storage, storage_error};

impl Storage {
    /// Every stored file, its key and its bytes, in any order. Our own marks are none, nor is what can't be a key.
    pub fn list(&self) -> BoxStream<'static, Result<(String, u64)>> {
        let files = self.store.list(None).filter_map(|file| {
            ready(match file {
                Ok(file) if file.location.as_ref().starts_with('.') => None,
                Ok(file) => Some(Ok((file.location.to_string(), file.size))),
                Err(Error::InvalidPath { .. }) => None,
                Err(error) => Some(Err(storage_error(error))),
            })
        });
        files.boxed()
    }
}
