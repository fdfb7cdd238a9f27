//! `cargo xtask bench`: how fast it is, against a stated baseline in the same run.

use anyhow::{Result, bail};

use crate::checkout::Checkout;
use crate::postgres::Server;
use crate::process;
use crate::tools;
use crate::{cargo, say, web};

pub fn run(checkout: &Checkout, what: &str, quick: bool) -> Result<()> {
    if what != "verify" {
        bail!("There is no benchmark `{what}`: there is `verify`.");
    }
    let tools = tools::ensure(checkout, tools::TO_BUILD_AND_RUN)?;
    web::build(checkout, &tools)?;
    say("Building for release (the first time takes many minutes).");
    let build = ["build", "--release", "-p", "auth-service", "-p", "bench"];
    process::run(&mut cargo::cargo(checkout, &tools, &build))?;
    let programs = cargo::programs(checkout, &tools)?.with_file_name("release");
    let server = Server::temporary(checkout, &tools)?;
    server.ensure_database("auth")?;
    let mut command = tools.command(programs.join("bench"));
    command.arg("verify").arg(programs.join("auth-service")).env("AUTH_DATABASE_URL", server.url("auth"));
    if quick {
        command.arg("--quick");
    }
    process::run(&mut command)
}
