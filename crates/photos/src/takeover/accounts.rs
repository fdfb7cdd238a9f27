//! `photos accounts`: accounts of the earlier system go to the auth-service as lines of JSON, and come back linked.

use std::io::{IsTerminal, Write};

use anyhow::ensure;
use clap::Subcommand;
use common::{
    database,
    takeover::{FoundAccount, read_lines, write_lines},
};
use secrecy::ExposeSecret;
use sqlx::PgPool;

use super::store;
use crate::config::DataConfig;

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Write all accounts to standard output, with what their passwords are checked against, for
    /// `auth-service accounts import`.
    Export,
    /// Read from standard input what `auth-service accounts import` wrote: from then on each account is the
    /// auth-service's, and its password is forgotten here.
    Link {
        /// Change nothing and say what would be done.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Does it.
pub async fn run(command: &Command, data: &DataConfig) -> anyhow::Result<()> {
    let db = database::connect(data.database_url.expose_secret(), 1).await?;
    match command {
        Command::Export => export(&db).await?,
        Command::Link { dry_run } => link(&db, *dry_run).await?,
    }
    db.close().await;
    Ok(())
}

async fn export(db: &PgPool) -> anyhow::Result<()> {
    let output = std::io::stdout();
    ensure!(
        !output.is_terminal(),
        "this writes what passwords are checked against: send it into a file that only you can read, as in \
         `(umask 077; photos accounts export > accounts.jsonl)`"
    );
    let accounts = store::list_accounts(db).await?;
    write_lines(output.lock(), &accounts)?;
    let linked = accounts.iter().filter(|account| account.auth_user_id.is_some()).count();
    let mut report = std::io::stderr();
    writeln!(report, "{:>8} accounts, of which", accounts.len())?;
    Ok(writeln!(report, "{linked:>8}   are linked to the auth-service already")?)
}

async fn link(db: &PgPool, dry_run: bool) -> anyhow::Result<()> {
    let found: Vec<FoundAccount> = read_lines(std::io::stdin().lock())?;
    let mut transaction = db.begin().await?;
    let linked = store::update_linked(&mut transaction, &found).await?;
    let forgotten = store::delete_passwords(&mut transaction).await?;
    let accounts = store::list_accounts(&mut *transaction).await?;
    let unlinked: Vec<_> = accounts.iter().filter(|account| account.auth_user_id.is_none()).collect();
    let mut report = std::io::stdout().lock();
    for account in &unlinked {
        writeln!(
            report,
            "not linked: account {} “{}”, {}",
            account.photos_id, account.username, account.email
        )?;
    }
    writeln!(report, "{:>8} accounts in the file, of which", found.len())?;
    writeln!(report, "{:>8}   {} linked", linked.len(), if dry_run { "would be" } else { "are now" })?;
    writeln!(report, "{forgotten:>8} passwords forgotten here")?;
    writeln!(report, "{:>8} accounts without a link", unlinked.len())?;
    if dry_run {
        transaction.rollback().await?;
        return Ok(writeln!(report, "Nothing was changed.")?);
    }
    Ok(transaction.commit().await?)
}
