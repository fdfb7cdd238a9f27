//! `end-sessions`: signs people out from the command line, at once and everywhere.

use std::{io::Write, process::ExitCode};

use clap::Args;
use common::{config::Settings, database};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::{
    audit::{self, Entry, Event, Origin},
    config,
    sessions::store,
    users,
};

/// Whose sessions end.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Whose {
    /// The name or the address of one person.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Everybody, administrators too.
    #[arg(long)]
    all: bool,
}

/// Ends the sessions and says how many there were.
pub async fn end(mut settings: Settings, whose: Whose) -> anyhow::Result<ExitCode> {
    let database_url = config::database_url(&mut settings);
    let db = database::connect(settings.finish(database_url)?.expose_secret(), 1).await?;
    let mut transaction = db.begin().await?;
    let origin = Origin::default();
    let (ended, entry) = if let Some(typed) = &whose.user {
        let candidates = users::store::list_for_sign_in(&mut *transaction, typed).await?;
        let Some(account) = users::choose(candidates, typed) else {
            anyhow::bail!("there is no account with the name or the address {typed}");
        };
        let ended = store::delete_of_user(&mut transaction, account.user.id, None).await?.len();
        let name = account.user.username;
        (ended, (Some((account.user.id, name))))
    } else {
        (store::delete_all(&mut transaction).await?, None)
    };
    let entry = match &entry {
        Some((id, name)) => Entry::about(Event::SessionsEnded, *id, name, &origin),
        None => Entry::about_nobody(Event::SessionsEnded, &origin),
    };
    let entry = entry.with(json!({ "sessions_ended": ended, "by": "command" }));
    audit::store::create(&mut *transaction, &entry).await?;
    transaction.commit().await?;
    writeln!(std::io::stdout(), "sessions ended: {ended}")?;
    Ok(ExitCode::SUCCESS)
}
