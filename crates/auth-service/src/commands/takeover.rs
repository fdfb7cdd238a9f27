//! `accounts import`: accounts that photos had of its own, from the file that `photos accounts export` wrote.

use std::{io::Write, process::ExitCode};

use clap::Subcommand;
use common::{
    config::Settings,
    database,
    takeover::{EarlierAccount, read_lines, write_lines},
};
use secrecy::ExposeSecret;

use crate::{config, takeover};

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Read from standard input what `photos accounts export` wrote, make the accounts that are not here, and write to
    /// standard output which one each of them is, for `photos accounts link`.
    Import {
        /// Change nothing and say what would be done and what differs.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Does it; what an operator reads goes to standard error where standard output carries the answer.
pub async fn run(mut settings: Settings, command: Command) -> anyhow::Result<ExitCode> {
    let Command::Import { dry_run } = command;
    let database_url = config::database_url(&mut settings);
    let database_url = settings.finish(database_url)?;
    let accounts: Vec<EarlierAccount> = read_lines(std::io::stdin().lock())?;
    let db = database::connect(database_url.expose_secret(), 1).await?;
    let import = takeover::import(&db, &accounts, dry_run).await?;
    if dry_run {
        std::io::stdout().write_all(import.report.as_bytes())?;
    } else {
        write_lines(std::io::stdout().lock(), &import.found)?;
        std::io::stderr().write_all(import.report.as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}
