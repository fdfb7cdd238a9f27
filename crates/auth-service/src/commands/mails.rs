//! `mails`: mails that wait are kept from being sent after a restore, until somebody decides about them.

use std::{io::Write, process::ExitCode};

use clap::Subcommand;
use common::{config::Settings, database, mailer::held};
use secrecy::ExposeSecret;

use crate::config;

/// What to do with them.
#[derive(Clone, Copy, Subcommand)]
pub enum Command {
    /// Keep all that wait from being sent.
    Hold,
    /// Have those that are kept sent.
    Release,
    /// Give those that are kept up.
    Discard,
}

/// Does it, and says how many there were.
pub async fn run(mut settings: Settings, command: Command) -> anyhow::Result<ExitCode> {
    let database_url = config::database_url(&mut settings);
    let database_url = settings.finish(database_url)?;
    let db = database::connect(database_url.expose_secret(), 1).await?;
    let (count, what) = match command {
        Command::Hold => (held::hold(&db).await?, "mails of the auth-service wait and are kept"),
        Command::Release => (held::release(&db).await?, "mails of the auth-service are sent now"),
        Command::Discard => (held::discard(&db).await?, "mails of the auth-service given up"),
    };
    writeln!(std::io::stdout(), "{count:>8} {what}")?;
    Ok(ExitCode::SUCCESS)
}
