//! Where the photos of a test lie: in a folder, or in a bucket of an S3 server that keeps its files in one.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use common::config::Settings;
use photos::storage::{Storage, place::Place};
use test_support::S3Server;

use super::TestApp;

/// A place for one test.
pub struct Stored {
    pub folder: PathBuf,
    pub server: Option<S3Server>,
    pub settings: Vec<(String, String)>,
}

impl Stored {
    /// A folder, the test's own or a new one.
    pub fn in_folder(folder: Option<PathBuf>) -> Self {
        let folder = folder.unwrap_or_else(new_folder);
        let setting = ("STORAGE_DIR".to_owned(), folder.to_str().expect("a plain path").to_owned());
        Self { folder, server: None, settings: vec![setting] }
    }

    /// A bucket that is not made yet.
    pub fn in_bucket() -> Self {
        let root = new_folder();
        let server = S3Server::start(&root);
        Self { folder: root.join("photos"), settings: server.settings("photos"), server: Some(server) }
    }
}

fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("photos-test-{}-{count}", std::process::id()))
}

impl TestApp {
    /// The storage, as a program of its own would open it.
    pub async fn stored(&self) -> Storage {
        let place = Place::from_settings(&mut Settings::from_pairs(self.place.clone()));
        Storage::at(&place, false).await.expect("the storage of the test")
    }

    /// Every file of ours under the storage root, with its path below it.
    pub fn stored_files(&self) -> Vec<String> {
        fn walk(folder: &Path, root: &Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() {
                    walk(&entry.path(), root, found);
                } else {
                    found
                        .push(entry.path().strip_prefix(root).expect("below the root").display().to_string());
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.storage, &self.storage, &mut found);
        found.retain(|file| file != ".photos");
        found
    }
}
