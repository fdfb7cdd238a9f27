//! `cargo xtask lighthouse`: how fast and how fit for everybody the main pages are on a phone, as Lighthouse judges.

use std::path::Path;

use anyhow::{Context, Result};

use crate::checkout::Checkout;
use crate::postgres::Server;
use crate::{bench, cargo, process, tools, web};

/// Judges the release build, or the services that lie built in a folder.
pub fn run(checkout: &Checkout, services: Option<&Path>, quick: bool) -> Result<()> {
    tools::ensure(checkout, &[tools::BROWSER])?;
    let tools = tools::ensure(checkout, tools::TO_BUILD_AND_RUN)?;
    tools::check_node(&tools)?;
    let (chromium, _) = tools::browser(&tools).context("Chromium")?;
    let folder = checkout.root.join("crates/bench/lighthouse");
    web::install_packages(&tools, &folder, "Lighthouse")?;
    let programs = if services.is_none() {
        bench::build(checkout, &tools, &["auth-service", "photos"])?
    } else {
        web::build(checkout, &tools)?;
        process::run(&mut cargo::cargo(checkout, &tools, &["build", "-p", "bench"]))?;
        cargo::programs(checkout, &tools)?
    };
    let services = services.unwrap_or(&programs);
    let server = Server::temporary(checkout, &tools)?;
    for name in ["auth", "photos"] {
        server.ensure_database(name)?;
    }
    let mut command = tools.command(programs.join("bench"));
    command.arg("lighthouse").args(["auth-service", "photos"].map(|service| services.join(service)));
    command.arg(checkout.root.join("target/bench-lighthouse"));
    command.arg("--judge").arg(folder.join("judge.mjs")).env("CHROMIUM", chromium);
    command.env("AUTH_DATABASE_URL", server.url("auth")).env("PHOTOS_DATABASE_URL", server.url("photos"));
    if quick {
        command.arg("--quick");
    }
    process::run(&mut command)
}
