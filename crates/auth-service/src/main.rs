//! The command `auth-service`.

use std::process::ExitCode;

use auth_service::commands::{Cli, run};
use clap::Parser;

#[actix_web::main]
async fn main() -> anyhow::Result<ExitCode> {
    run(Cli::parse()).await
}
