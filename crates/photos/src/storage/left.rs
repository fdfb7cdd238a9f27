//! Files that are left to a web server which reads the same folder.

use super::Storage;

impl Storage {
    /// Where a file lies below the folder; `None` where the name is not so plain that both understand it the same way (names
    /// of the earlier system may be anything).
    pub fn below_folder<'a>(&self, key: &'a str) -> Option<&'a str> {
        let plain = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        key.split('/').all(plain).then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, sync::Arc};

    use object_store::memory::InMemory;

    use super::*;

    #[test]
    fn only_plain_names_are_left_to_another_program() {
        let storage = Storage { store: Arc::new(InMemory::new()), folder: PathBuf::new() };
        assert_eq!(storage.below_folder("7/20261122-a_b.jpg"), Some("7/20261122-a_b.jpg"));
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
            assert_eq!(storage.below_folder(odd), None, "{odd}");
        }
    }
}
