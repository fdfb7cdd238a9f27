//! `cargo xtask fuzz`: hostile bytes for `imaging`, by a program that learns from what they reach.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::checkout::Checkout;
use crate::process;
use crate::tools::{self, Tools};
use crate::{cargo, say};

/// Where the targets are, from the root.
const FOLDER: &str = "crates/imaging/fuzz";

/// For one try. The limits of the targets are so small that this is plenty.
const MEGABYTES: u32 = 1024;
const SECONDS: u32 = 10;

/// The C of libjpeg-turbo is watched and learnt from like the rest. Only clang can do that.
const C_FLAGS: &str = "-fsanitize=address,fuzzer-no-link -g1";

/// Runs one target, or each in turn, for some minutes.
pub fn run(checkout: &Checkout, target: Option<&str>, minutes: u64) -> Result<()> {
    let targets = targets(checkout)?;
    let chosen: Vec<&str> = match target {
        None => targets.iter().map(String::as_str).collect(),
        Some(name) if targets.iter().any(|target| target == name) => vec![name],
        Some(name) => bail!("There is no target `{name}`: there are {}.", targets.join(", ")),
    };
    let tools = tools::ensure(checkout, tools::TO_FUZZ)?;
    if process::run_quietly(&mut fuzz(checkout, &tools, &["--version"])).is_err() {
        say("Installing cargo-fuzz.");
        process::run(&mut cargo::cargo(checkout, &tools, &["install", "--locked", "cargo-fuzz"]))?;
    }
    say("Building with the address sanitizer (the first time takes many minutes).");
    process::run(&mut fuzz(checkout, &tools, &["build"]))?;
    for name in chosen {
        say(format_args!("{name}, {minutes} minutes:"));
        let new = learnt(checkout, name);
        fs::create_dir_all(&new).with_context(|| format!("making {}", new.display()))?;
        let mut command = fuzz(checkout, &tools, &["run", name]);
        // What is learnt goes to the first folder; the second is the committed corpus.
        command.arg(&new).arg(checkout.root.join(FOLDER).join("corpus").join(name));
        command.arg("--").args(settings(minutes));
        if name == "heif" {
            // Debian's libheif and dav1d lose a few bytes of pictures that they refuse.
            command.env("ASAN_OPTIONS", "detect_leaks=0");
        }
        process::run(&mut command)
            .with_context(|| format!("A promise was broken. The file lies in {FOLDER}/artifacts/{name}."))?;
    }
    Ok(())
}

/// The names of the targets, each of which is a program.
fn targets(checkout: &Checkout) -> Result<Vec<String>> {
    let folder = checkout.root.join(FOLDER).join("fuzz_targets");
    let entries = fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.path().file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

fn learnt(checkout: &Checkout, target: &str) -> PathBuf {
    checkout.root.join("target/fuzz").join(target)
}

fn settings(minutes: u64) -> Vec<String> {
    vec![
        format!("-max_total_time={}", minutes * 60),
        format!("-rss_limit_mb={MEGABYTES}"),
        format!("-timeout={SECONDS}"),
        "-print_final_stats=1".to_owned(),
    ]
}

/// A command of cargo-fuzz, made to get along with a stable compiler.
fn fuzz(checkout: &Checkout, tools: &Tools, arguments: &[&str]) -> Command {
    let mut command = cargo::cargo(checkout, tools, &[&["fuzz"], arguments].concat());
    command.current_dir(checkout.root.join("crates/imaging")).env("RUSTC_BOOTSTRAP", "1");
    let triple = format!("{}_unknown_linux_gnu", env::consts::ARCH);
    command.env(format!("CC_{triple}"), "clang").env(format!("CFLAGS_{triple}"), C_FLAGS);
    command
}
