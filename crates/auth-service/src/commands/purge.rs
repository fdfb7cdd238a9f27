//! `purge`: what the running service throws away every ten minutes, now and with figures.

use std::{io::Write, process::ExitCode};

use common::{config::Settings, database};
use secrecy::ExposeSecret;

use crate::{
    config::{self, Retention},
    housekeeping,
};

/// Deletes what is over and prints a line for each kind of rows.
pub async fn run(mut settings: Settings) -> anyhow::Result<ExitCode> {
    let database_url = config::database_url(&mut settings);
    let retention = Retention::from_settings(&mut settings);
    let database_url = settings.finish(database_url)?;
    let db = database::connect(database_url.expose_secret(), 1).await?;
    let mut output = std::io::stdout();
    for (what, count) in housekeeping::purge(&db, retention).await? {
        writeln!(output, "{count:>8} {what}")?;
    }
    Ok(ExitCode::SUCCESS)
}
