//! `cargo xtask api`: docs/API.md from what both services say of themselves.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::checkout::Checkout;
use crate::tools::{self, Tools};
use crate::{cargo, process, say};

/// What stands before and after the chapters of the services.
const FOLDER: &str = "crates/common/src/openapi";

/// Builds both services and writes the document anew.
pub fn run(checkout: &Checkout) -> Result<()> {
    let tools = Tools::of(checkout);
    tools::ensure(checkout, tools::TO_BUILD_AND_RUN)?;
    process::run(&mut cargo::build(checkout, &tools))?;
    let programs = cargo::programs(checkout, &tools)?;
    let part = |name: &str| {
        let file = checkout.root.join(FOLDER).join(name);
        fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))
    };
    let chapters = |program: &str| {
        let mut command = Command::new(programs.join(program));
        let output = command.args(["openapi", "--markdown"]).output().context("starting a service")?;
        if !output.status.success() {
            bail!("{program} doesn't say what its API is:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8(output.stdout)?)
    };
    let parts = [
        "# API\n".to_owned(),
        part("introduction.md")?,
        chapters("auth-service")?,
        chapters("photos")?,
        part("walk.md")?,
    ];
    fs::write(checkout.root.join("docs/API.md"), parts.join("\n")).context("writing docs/API.md")?;
    say("docs/API.md is what the services say.");
    Ok(())
}
