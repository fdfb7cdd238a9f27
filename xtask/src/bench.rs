//! `cargo xtask bench`: how fast it is, against a stated baseline in the same run.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::checkout::Checkout;
use crate::postgres::Server;
use crate::process;
use crate::tools::{self, Tools};
use crate::{cargo, say, web};

pub fn run(checkout: &Checkout, what: &str, quick: bool) -> Result<()> {
    match what {
        "verify" => verify(checkout, quick),
        "imaging" => imaging(checkout, quick),
        "upload" | "zip" | "stats" | "gallery" => with_both_services(checkout, what, quick),
        other => bail!(
            "There is no benchmark `{other}`: there are `verify`, `imaging`, `upload`, `zip`, `stats` and `gallery`."
        ),
    }
}

fn verify(checkout: &Checkout, quick: bool) -> Result<()> {
    let tools = tools::ensure(checkout, tools::TO_BUILD_AND_RUN)?;
    let programs = build(checkout, &tools, &["auth-service"])?;
    let server = Server::temporary(checkout, &tools)?;
    server.ensure_database("auth")?;
    let mut command = tools.command(programs.join("bench"));
    command.arg("verify").arg(programs.join("auth-service")).env("AUTH_DATABASE_URL", server.url("auth"));
    if quick {
        command.arg("--quick");
    }
    process::run(&mut command)
}

fn imaging(checkout: &Checkout, quick: bool) -> Result<()> {
    let tools = tools::ensure(checkout, tools::TO_BUILD_AND_RUN)?;
    let sharp = checkout.root.join("crates/bench/sharp");
    web::install_packages(&tools, &sharp, "the packages of sharp")?;
    let programs = build(checkout, &tools, &["photos"])?;
    let mut command = tools.command(programs.join("bench"));
    command.arg("imaging").arg(programs.join("photos")).arg(sharp.join("job.mjs"));
    command.arg(checkout.root.join("target/bench-photos"));
    if quick {
        command.arg("--quick");
    }
    process::run(&mut command)
}

/// A benchmark of photos beside a real auth-service.
fn with_both_services(checkout: &Checkout, what: &str, quick: bool) -> Result<()> {
    let tools = tools::ensure(checkout, tools::TO_BUILD_AND_RUN)?;
    let programs = build(checkout, &tools, &["auth-service", "photos"])?;
    let server = Server::named(checkout, &tools, "measured")?;
    server.ensure_database("auth")?;
    server.ensure_database("photos")?;
    let mut command = tools.command(programs.join("bench"));
    command.arg(what).args(["auth-service", "photos"].map(|service| programs.join(service)));
    command.arg(checkout.root.join("target").join(format!("bench-{what}")));
    command.env("AUTH_DATABASE_URL", server.url("auth")).env("PHOTOS_DATABASE_URL", server.url("photos"));
    if quick {
        command.arg("--quick");
    }
    process::run(&mut command)
}

/// Builds what is measured and what measures; answers the folder of both.
pub fn build(checkout: &Checkout, tools: &Tools, services: &[&str]) -> Result<PathBuf> {
    web::build(checkout, tools)?;
    say("Building for release (the first time takes many minutes).");
    let packages = services.iter().chain(&["bench"]).flat_map(|package| ["-p", package]);
    let build: Vec<&str> = ["build", "--release"].into_iter().chain(packages).collect();
    process::run(&mut cargo::cargo(checkout, tools, &build))?;
    Ok(cargo::programs(checkout, tools)?.with_file_name("release"))
}
