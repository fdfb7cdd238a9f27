//! What the walk needs of the site that it goes through, however that site runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::browser::Browser;
use super::places::Places;
use crate::process;
use crate::tools::Tools;

pub const PATIENCE: Duration = Duration::from_secs(30);

pub trait Stage {
    fn tools(&self) -> &Tools;

    fn places(&self) -> &Places;

    /// The folder of what cargo built.
    fn programs(&self) -> &Path;

    /// A browser that was nowhere yet.
    fn browser(&self) -> Result<Browser>;

    /// The one line that a command of the auth-service prints.
    fn auth_command(&self, arguments: &[&str]) -> Result<String>;

    /// The mails that went out, the oldest first.
    fn mails(&self) -> Vec<String>;

    /// The newest mail, once there are more than this.
    fn mail_after(&self, count: usize) -> Result<String> {
        until("a mail", || self.mails().len() > count)?;
        Ok(self.mails().pop().unwrap_or_default())
    }
}

/// The mails that lie in a folder, the oldest first.
pub fn mails_in(folder: &Path) -> Vec<String> {
    let found = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = found.map(|entry| entry.path()).collect();
    found.retain(|file| file.extension().is_some_and(|end| end == "eml"));
    found.sort();
    found.iter().filter_map(|file| fs::read_to_string(file).ok()).collect()
}

/// Waits for what must come.
pub fn until(what: &str, done: impl FnMut() -> bool) -> Result<()> {
    until_within(PATIENCE, what, done)
}

pub fn until_within(patience: Duration, what: &str, mut done: impl FnMut() -> bool) -> Result<()> {
    let begun = Instant::now();
    while !done() {
        process::go_on()?;
        ensure!(begun.elapsed() < patience, "{what} did not come within {} seconds", patience.as_secs());
        sleep(Duration::from_millis(50));
    }
    Ok(())
}
