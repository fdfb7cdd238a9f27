//! The command `auth-service`.

use std::process::ExitCode;

use auth_service::commands::{Cli, run};
use clap::Parser;

#[actix_web::main]
async fn main() -> ExitCode {
    run(Cli::parse()).await.unwrap_or_else(|error| complain(&error))
}

#[expect(
    clippy::print_stderr,
    reason = "a fault of the start is told to the operator, also before logging works"
)]
fn complain(error: &anyhow::Error) -> ExitCode {
    eprintln!("auth-service: {error:#}");
    ExitCode::FAILURE
}
