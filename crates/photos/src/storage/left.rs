//! Files that are left to others: to a web server which reads the same folder, or to the S3 server.

use std::time::Duration;

use common::Result;
use object_store::path::Path as Key;

use url::Url;

use super::{Home, Storage};

impl Storage {
    /// Where a file lies below the folder; `None` where there is no folder, or the name is not so plain that both understand
    /// it the same way (names of the earlier system may be anything).
    pub fn below_folder<'a>(&self, key: &'a str) -> Option<&'a str> {
        (matches!(self.home, Home::Folder(..)) && is_plain(key)).then_some(key)
    }

    /// An address at which whoever has it may read a file for a while, and what the answer there says; `None` where there
    /// is no server that knows such addresses.
    pub async fn address(&self, key: &str, time: Duration, says: &[(&str, String)]) -> Result<Option<Url>> {
        match &self.home {
            Home::Bucket(bucket) => Ok(Some(bucket.address(key, time, says).await?)),
            Home::Folder(..) => Ok(None),
            #[cfg(test)]
            Home::Elsewhere => Ok(None),
        }
    }

    /// Whether a file of this name below the folder can be reached by its name as a key. Others are there, but keys are
    /// written in other letters.
    pub fn is_key(name: &str) -> bool {
        Key::from(name).as_ref() == name
    }
}

fn is_plain(key: &str) -> bool {
    key.split('/').all(|part| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_left_to_another_program() {
        assert!(is_plain("7/20261122-a_b.jpg"));
        assert!(Storage::is_key("7/a b.jpg") && !Storage::is_key("7/ä.jpg") && !Storage::is_key("7/a#1"));
        let odd = [
            "",
            "/a.jpg",
            "7//a.jpg",
            "7/../8/a.jpg",
            ".photos",
            "7/a b.jpg",
            "7/ä.jpg",
            "7/a%2e.jpg",
            "a\r\nb",
        ];
        for odd in odd {
            assert!(!is_plain(odd), "{odd}");
        }
    }
}
