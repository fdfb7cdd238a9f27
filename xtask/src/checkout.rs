//! The checkout that the commands work on, and the folders in which they keep things.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The folder of the repository.
pub struct Checkout {
    pub root: PathBuf,
}

impl Checkout {
    /// Looks upwards from the current folder.
    pub fn find() -> Result<Self> {
        let here = std::env::current_dir().context("the current folder can't be read")?;
        match here.ancestors().find(|folder| folder.join("xtask/Cargo.toml").is_file()) {
            Some(root) => Ok(Self { root: root.to_owned() }),
            None => bail!("Run `cargo xtask` inside the checkout."),
        }
    }

    /// What `dev` keeps between runs.
    pub fn dev_folder(&self) -> PathBuf {
        self.root.join("target/dev")
    }

    /// A name that no other checkout on this machine has.
    pub fn name(&self) -> String {
        let mut hash = Fingerprint::default();
        hash.add(self.root.as_os_str().as_encoded_bytes());
        format!("photos-{:08x}", hash.value() >> 32)
    }
}

/// A fast hash (FNV-1a) that tells whether files have changed; no protection against malice.
pub struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    pub fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.0 = (self.0 ^ bytes.len() as u64).wrapping_mul(0x0100_0000_01b3);
    }

    pub fn value(&self) -> u64 {
        self.0
    }
}

/// The fingerprint of all files below `folders`, names and contents.
pub fn fingerprint_of(folders: &[&Path]) -> Result<String> {
    let mut hash = Fingerprint::default();
    for folder in folders {
        for file in files_below(folder)? {
            hash.add(file.as_os_str().as_encoded_bytes());
            hash.add(&fs::read(folder.join(&file)).with_context(|| format!("reading {}", file.display()))?);
        }
    }
    Ok(format!("{:016x}", hash.value()))
}

/// The files below a folder, relative to it and sorted, without what is fetched, built or private.
pub fn files_below(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    const SKIPPED: [&str; 6] = [".git", "target", "node_modules", "screenshots", ".env", ".lock-stamp"];
    let mut found = BTreeSet::new();
    let mut open = vec![folder.to_owned()];
    while let Some(current) = open.pop() {
        let entries = fs::read_dir(&current).with_context(|| format!("reading {}", current.display()))?;
        for entry in entries {
            let entry = entry?;
            if SKIPPED.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file()
                && let Ok(relative) = entry.path().strip_prefix(folder)
            {
                found.insert(relative.to_owned());
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_knows_where_one_piece_ends() {
        let of = |pieces: &[&[u8]]| {
            let mut hash = Fingerprint::default();
            for piece in pieces {
                hash.add(piece);
            }
            hash.value()
        };
        assert_eq!(of(&[b"a", b"bc"]), of(&[b"a", b"bc"]));
        assert_ne!(of(&[b"a", b"bc"]), of(&[b"ab", b"c"]));
    }

    #[test]
    fn two_checkouts_have_two_names() {
        let name = |root: &str| Checkout { root: root.into() }.name();
        assert_ne!(name("/one"), name("/two"));
        assert_eq!(name("/one").len(), "photos-00000000".len());
    }
}
