//! Getting what is missing: Debian packages, installed by root or unpacked for this checkout alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::process::{Group, go_on, run_quietly};
use crate::say;
use crate::tools::Tools;

/// A file that keeps Debian's `PostgreSQL` packages from making and starting a server of the machine's own.
const NO_CLUSTER: &str = "/etc/postgresql-common/createcluster.d/only-programs.conf";

/// Installs packages as root.
pub fn with_apt(packages: &BTreeSet<&str>) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let tools_of_apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command.args(["-q", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=300"]);
        command
    };
    say(format_args!("Installing with apt: {}", listed(packages)));
    if run_quietly(tools_of_apt().arg("update")).is_err() {
        say("The package lists could not all be refreshed; trying with what is there.");
    }
    let keep_out =
        packages.contains("postgresql").then(|| Temporary::file(NO_CLUSTER, "create_main_cluster = false\n"));
    // Not ended halfway by Ctrl-C: that would leave the machine's packages broken.
    let mut command = tools_of_apt();
    command.args(["-y", "--no-install-recommends", "install"]).args(packages);
    let status = Group::start(&mut command).and_then(|mut group| Ok(group.child().wait()?));
    drop(keep_out);
    go_on()?;
    ensure!(status?.success(), "apt could not install the packages; its lines above say why.");
    Ok(())
}

/// Fetches packages with all that they need and the machine lacks, and unpacks them; needs no rights at all.
pub fn unpack(tools: &Tools, packages: &BTreeSet<&str>) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let folder = tools.unpacked().with_file_name("packages");
    say(format_args!("Unpacking under target/tools (nothing is installed): {}", listed(packages)));
    for part in ["state/lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(folder.join(part))?;
    }
    let apt = || {
        let mut command = Command::new("apt-get");
        command.args(["-q", "-o", "Dir::State::status=/var/lib/dpkg/status", "-o", "Debug::NoLocking=1"]);
        for (setting, part) in [("Dir::State", "state"), ("Dir::Cache", "cache")] {
            command.arg("-o").arg(format!("{setting}={}", folder.join(part).display()));
        }
        command
    };
    // The machine's own hooks for root may fail here; what counts is whether the packages arrive.
    let _ = run_quietly(apt().arg("update"));
    run_quietly(apt().args(["-y", "--no-install-recommends", "--download-only", "install"]).args(packages))
        .context("The packages could not be fetched")?;
    fs::create_dir_all(tools.unpacked())?;
    for archive in archives(&folder)? {
        run_quietly(Command::new("dpkg-deb").arg("-x").arg(archive).arg(tools.unpacked()))?;
    }
    fs::remove_dir_all(&folder).context("target/tools/packages can't be removed")
}

fn archives(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder.join("cache/archives"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            found.push(path);
        }
    }
    if found.is_empty() {
        bail!("No package arrived.");
    }
    Ok(found)
}

fn listed(packages: &BTreeSet<&str>) -> String {
    packages.iter().copied().collect::<Vec<_>>().join(" ")
}

/// A file that is there only for a while.
struct Temporary(&'static str);

impl Temporary {
    fn file(path: &'static str, text: &str) -> Self {
        if let Some(folder) = Path::new(path).parent() {
            let _ = fs::create_dir_all(folder);
        }
        let _ = fs::write(path, text);
        Self(path)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.0);
    }
}
