//! Cargo, called in one shape everywhere so that nothing is compiled twice.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::checkout::Checkout;
use crate::process::run_quietly;
use crate::tools::Tools;

/// Variables that would let a build ask a live database, or that `cargo run` set for us alone.
const NOT_FOR_BUILDS: [&str; 4] =
    ["DATABASE_URL", "AUTH_DATABASE_URL", "PHOTOS_DATABASE_URL", "SQLX_OFFLINE_DIR"];
const SET_BY_CARGO_RUN: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];

/// A cargo command that checks SQL against the committed `.sqlx/`.
pub fn cargo(checkout: &Checkout, tools: &Tools, arguments: &[&str]) -> Command {
    let mut command = tools.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(&checkout.root).args(arguments).env("SQLX_OFFLINE", "true");
    for name in NOT_FOR_BUILDS {
        command.env_remove(name);
    }
    for (name, _) in env::vars_os() {
        if SET_BY_CARGO_RUN.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

/// The one build.
pub fn build(checkout: &Checkout, tools: &Tools) -> Command {
    cargo(checkout, tools, &["build", "--workspace", "--all-targets"])
}

/// The folder of the built programs.
pub fn programs(checkout: &Checkout, tools: &Tools) -> Result<PathBuf> {
    let arguments = ["metadata", "--no-deps", "--format-version", "1", "--offline"];
    let metadata: serde_json::Value =
        serde_json::from_str(&run_quietly(&mut cargo(checkout, tools, &arguments))?)?;
    let folder = metadata["target_directory"].as_str().context("cargo doesn't tell its target folder")?;
    Ok(PathBuf::from(folder).join("debug"))
}
