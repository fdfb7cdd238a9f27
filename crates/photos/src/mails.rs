//! `photos mails`: mails that wait are kept from being sent after a restore, until somebody decides about them.

use std::io::Write;

use clap::Subcommand;
use common::{database, mailer::held};
use secrecy::ExposeSecret;

use crate::config::DataConfig;

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
pub async fn run(command: &Command, data: &DataConfig) -> anyhow::Result<()> {
    let db = database::connect(data.database_url.expose_secret(), 1).await?;
    let (count, what) = match command {
        Command::Hold => (held::hold(&db).await?, "mails of photos wait and are kept"),
        Command::Release => (held::release(&db).await?, "mails of photos are sent now"),
        Command::Discard => (held::discard(&db).await?, "mails of photos given up"),
    };
    Ok(writeln!(std::io::stdout(), "{count:>8} {what}")?)
}
