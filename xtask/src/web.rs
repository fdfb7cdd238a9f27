//! The front end: packages by npm, then the bundle in `target/web`; both only when something changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::checkout::{Checkout, Fingerprint, fingerprint_of};
use crate::process::run;
use crate::say;
use crate::tools::Tools;

/// Builds the bundle unless the last one was made from the same sources.
pub fn build(checkout: &Checkout, tools: &Tools) -> Result<()> {
    let folder = sources(checkout);
    let bundle = checkout.root.join("target/web");
    let stamp = bundle.with_file_name("web.stamp");
    let fingerprint = fingerprint_of(&[&folder])?;
    install_packages(tools, &folder, "the front end's packages")?;
    if bundle.join("manifest.json").is_file() && holds(&stamp, &fingerprint) {
        say("The front end is up to date.");
        return Ok(());
    }
    say("Building the front end.");
    run(npm(tools, &folder).args(["run", "build"]))?;
    fs::write(&stamp, fingerprint).context("target/web.stamp can't be written")
}

/// Type-checks the scripts, and whatever else the package calls its check.
pub fn check(checkout: &Checkout, tools: &Tools) -> Result<()> {
    run(npm(tools, &sources(checkout)).args(["run", "check"]))
}

/// Fetches what a folder's lock names, unless it is there.
pub fn install_packages(tools: &Tools, folder: &Path, what: &str) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let lock = fs::read(&lock).with_context(|| lock.display().to_string())?;
    let mut hash = Fingerprint::default();
    hash.add(&lock);
    let fingerprint = format!("{:016x}", hash.value());
    let stamp = folder.join("node_modules/.lock-stamp");
    if holds(&stamp, &fingerprint) {
        return Ok(());
    }
    say(format_args!("Fetching {what}."));
    run(npm(tools, folder).args(["ci", "--ignore-scripts", "--no-fund", "--no-audit"]))?;
    fs::create_dir_all(folder.join("node_modules"))?;
    fs::write(&stamp, fingerprint).context("node_modules can't be written")
}

fn npm(tools: &Tools, folder: &Path) -> Command {
    let mut command = tools.command("npm");
    command.current_dir(folder).env("npm_config_update_notifier", "false");
    command
}

fn sources(checkout: &Checkout) -> PathBuf {
    checkout.root.join("crates/common/web")
}

fn holds(stamp: &Path, fingerprint: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|text| text == fingerprint)
}
