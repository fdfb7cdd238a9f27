//! The programs of `PostgreSQL` and the account that may run them.

use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::run_quietly;
use crate::tools::{self, Tools};

/// The folder that holds `initdb` and `postgres`: `$PG_BIN`, the path, Debian's folders (newest first), ours.
pub fn find(tools: &Tools) -> Option<PathBuf> {
    let asked = env::var_os("PG_BIN").map(PathBuf::from);
    // Links are followed: the server looks for its files beside the real program.
    let on_path = tools.find("postgres").and_then(|file| fs::canonicalize(file).ok());
    let on_path = on_path.and_then(|file| file.parent().map(Path::to_owned));
    let installed = versions(Path::new("/usr/lib/postgresql"));
    let unpacked = versions(&tools.unpacked().join("usr/lib/postgresql"));
    let folders = asked.into_iter().chain(on_path).chain(installed).chain(unpacked);
    folders
        .into_iter()
        .find(|folder| ["initdb", "postgres"].iter().all(|name| tools::is_program(&folder.join(name))))
}

/// The major version, such as `15`.
pub fn major_version(tools: &Tools, folder: &Path) -> Result<String> {
    let said = run_quietly(tools.command(folder.join("postgres")).arg("--version"))?;
    let version = said.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let major = version.unwrap_or_default().split(|c: char| !c.is_ascii_digit()).next();
    Ok(major.unwrap_or_default().to_owned())
}

fn versions(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, folder)| folder).collect()
}

/// The account under which the server runs: ourselves, but never root, which `PostgreSQL` refuses.
#[derive(Clone, Copy)]
pub struct ServerAccount {
    pub user: u32,
    pub group: u32,
    switch: bool,
}

impl ServerAccount {
    pub fn find() -> Result<Self> {
        if !tools::is_root() {
            let own = fs::metadata("/proc/self")?;
            return Ok(Self { user: own.uid(), group: own.gid(), switch: false });
        }
        let accounts = fs::read_to_string("/etc/passwd").context("/etc/passwd can't be read")?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| ids(&accounts, name))
            .map(|(user, group)| Self { user, group, switch: true })
            .context("PostgreSQL refuses to run as root, and there is no account `postgres` or `nobody` to run it as.")
    }

    /// Lets the command run under this account.
    pub fn apply(self, command: &mut Command) {
        if self.switch {
            command.uid(self.user).gid(self.group);
        }
    }

    /// Whether the account may enter the folder and everything above it.
    pub fn reaches(self, folder: &Path) -> bool {
        folder.ancestors().filter_map(|part| part.metadata().ok()).all(|part| {
            let needed = match () {
                () if part.uid() == self.user => 0o100,
                () if part.gid() == self.group => 0o010,
                () => 0o001,
            };
            part.mode() & needed != 0
        })
    }
}

/// User and group number of a name in the format of `/etc/passwd`.
fn ids(accounts: &str, name: &str) -> Option<(u32, u32)> {
    let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_read_by_their_whole_name() {
        let accounts = "postgres2:x:7:8::/:/bin/sh\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(ids(accounts, "postgres"), Some((101, 104)));
        assert_eq!(ids(accounts, "nobody"), None);
    }
}
