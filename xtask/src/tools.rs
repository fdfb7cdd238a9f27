//! The programs that building and running need: found, or installed before anything is built.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::checkout::Checkout;
use crate::process::run_quietly;
use crate::{install, say};

mod needs;

pub use needs::*;

const OLDEST_NODE: u32 = 20;

/// Where programs are looked for: the usual path, and what was unpacked for this checkout.
#[derive(Clone)]
pub struct Tools {
    unpacked: PathBuf,
}

impl Tools {
    pub fn of(checkout: &Checkout) -> Self {
        Self { unpacked: checkout.root.join("target/tools/root") }
    }

    /// The folder into which packages are unpacked where nothing may be installed.
    pub fn unpacked(&self) -> &Path {
        &self.unpacked
    }

    /// The address of a program on the search path.
    pub fn find(&self, program: &str) -> Option<PathBuf> {
        env::split_paths(&self.search_path()).map(|folder| folder.join(program)).find(|file| is_program(file))
    }

    /// A command that sees the unpacked programs and their libraries too.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        if self.unpacked.is_dir() {
            command.env("PATH", self.search_path()).env("LD_LIBRARY_PATH", self.library_path());
        }
        command
    }

    fn has(&self, program: &str) -> bool {
        self.find(program).is_some()
    }

    fn search_path(&self) -> OsString {
        let usual = env::var_os("PATH").unwrap_or_default();
        // Debian keeps servers out of the path of ordinary users.
        let more =
            [PathBuf::from("/usr/sbin"), self.unpacked.join("usr/bin"), self.unpacked.join("usr/sbin")];
        let folders = env::split_paths(&usual).chain(more);
        env::join_paths(folders).unwrap_or(usual)
    }

    fn library_path(&self) -> OsString {
        let usual = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
        let triple = format!("{}-linux-gnu", env::consts::ARCH);
        let unpacked = ["usr/lib", "lib"].map(|folder| self.unpacked.join(folder).join(&triple));
        let folders =
            env::split_paths(&usual).filter(|folder| !folder.as_os_str().is_empty()).chain(unpacked);
        env::join_paths(folders).unwrap_or(usual)
    }
}

/// Makes sure that all needs are met: by apt as root, else by unpacking Debian's packages under `target/tools`.
pub fn ensure(checkout: &Checkout, needs: &[Need]) -> Result<Tools> {
    let tools = Tools::of(checkout);
    let missing = missing(&tools, needs);
    if missing.is_empty() {
        return Ok(tools);
    }
    say(format_args!("Not here yet: {}.", names(&missing)));
    let root = is_root();
    let (to_install, others): (Vec<&Need>, Vec<&Need>) =
        missing.iter().copied().partition(|need| root && !need.serves);
    let to_unpack: Vec<_> = others.into_iter().filter(|need| need.unpacks).collect();
    let attempt = install::with_apt(&packages(&to_install))
        .and_then(|()| install::unpack(&tools, &packages(&to_unpack)));
    if let Err(error) = attempt {
        say(format_args!("{error:#}"));
    }
    let missing = self::missing(&tools, needs);
    if missing.is_empty() {
        return Ok(tools);
    }
    bail!(
        "Still missing: {}. On Debian this line installs it: apt-get install -y --no-install-recommends {}",
        names(&missing),
        packages(&missing).into_iter().collect::<Vec<_>>().join(" "),
    )
}

/// Whether all needs are met already.
pub fn are_met(tools: &Tools, needs: &[Need]) -> bool {
    missing(tools, needs).is_empty()
}

/// The front end's tools need a Node.js newer than Debian's own, so it can't be installed here.
pub fn check_node(tools: &Tools) -> Result<()> {
    let said = run_quietly(tools.command("node").arg("--version")).unwrap_or_default();
    let major: Option<u32> =
        said.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    let found = match major {
        Some(OLDEST_NODE..) if tools.has("npm") => return Ok(()),
        Some(OLDEST_NODE..) => "npm is missing".to_owned(),
        Some(_) => format!("found {}", said.trim()),
        None => "none was found".to_owned(),
    };
    bail!("Node.js {OLDEST_NODE} or newer with npm is needed ({found}): see https://nodejs.org/en/download.")
}

/// Chromium and its driver, where both are there.
pub fn browser(tools: &Tools) -> Option<(PathBuf, PathBuf)> {
    let chromium =
        ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| tools.find(name))?;
    Some((chromium, tools.find("chromedriver")?))
}

/// Whether libheif is where the system looks for libraries.
pub fn heif() -> bool {
    let triple = format!("{}-linux-gnu", env::consts::ARCH);
    ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib"]
        .iter()
        .flat_map(|folder| [PathBuf::from(folder), Path::new(folder).join(&triple)])
        .any(|folder| folder.join("libheif.so.1").exists())
}

pub fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

pub fn is_program(file: &Path) -> bool {
    file.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

fn missing<'a>(tools: &Tools, needs: &'a [Need]) -> Vec<&'a Need> {
    needs.iter().filter(|need| !(need.is_there)(tools)).collect()
}

fn names(needs: &[&Need]) -> String {
    needs.iter().map(|need| need.name).collect::<Vec<_>>().join(", ")
}

fn packages(needs: &[&Need]) -> BTreeSet<&'static str> {
    needs.iter().flat_map(|need| need.packages).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_need_names_its_packages() {
        let more = [&BROWSER, &NGINX, &CADDY, &REDIS, &PYTHON, &PODMAN, &CURL, &OPENSSL, &CLANG, &HEIF];
        for need in TO_BUILD_AND_RUN.iter().chain(more) {
            assert!(!need.packages.is_empty(), "{} can't be installed", need.name);
        }
    }

    #[test]
    fn a_program_is_found_on_the_path() {
        let tools = Tools { unpacked: "/nowhere".into() };
        assert!(tools.find("sh").is_some());
        assert!(tools.find("no-such-program-anywhere").is_none());
    }
}
