//! What an operator can do at the command line.

mod accounts;
mod doctor;
mod mails;
mod purge;
mod serve;
mod sessions;
mod takeover;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use common::{config::Settings, identity::Role};

use crate::config;

/// Signs people in once for every application under a domain. Settings come from the environment.
#[derive(Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Bring the database up to date and answer requests.
    Serve,
    /// Bring the database up to date.
    Migrate,
    /// Make an administrator.
    CreateAdmin {
        #[command(flatten)]
        account: accounts::AccountArguments,
        /// Print a link in the place of a password: it works once, for an hour. Asked for again it makes a new one.
        #[arg(long, conflicts_with = "password_stdin")]
        link: bool,
    },
    /// Make an account with a role.
    CreateUser {
        #[command(flatten)]
        account: accounts::AccountArguments,
        /// admin, photographer, user or viewer
        #[arg(long)]
        role: Role,
    },
    /// Take over the accounts that photos had of its own.
    Accounts {
        #[command(subcommand)]
        command: takeover::Command,
    },
    /// End the sessions of one person or of everybody: they sign in again.
    EndSessions(sessions::Whose),
    /// Delete what is over: expired rows, mails that were sent, the record's old rows. Prints how many of each.
    Purge,
    /// Keep mails that wait from being sent, or have them sent.
    Mails {
        #[command(subcommand)]
        command: mails::Command,
    },
    /// Check settings, database, mail, cookie domain and clock; the exit status says whether all is well.
    Doctor,
    /// Ask the running service whether it is ready; the exit status says so.
    Health,
    /// Print what the API says of itself as JSON, or as its part of docs/API.md.
    Openapi {
        /// As Markdown.
        #[arg(long)]
        markdown: bool,
    },
}

/// Does what the command line says.
pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let mut settings = Settings::from_process();
    match cli.command {
        Command::Serve => serve::run(settings).await,
        Command::Migrate => serve::migrate(settings).await,
        Command::CreateAdmin { account, link: true } => {
            accounts::create_admin_by_link(settings, account).await
        }
        Command::CreateAdmin { account, link: false } => {
            accounts::create(settings, account, Role::Admin).await
        }
        Command::CreateUser { account, role } => accounts::create(settings, account, role).await,
        Command::Accounts { command } => takeover::run(settings, command).await,
        Command::EndSessions(whose) => sessions::end(settings, whose).await,
        Command::Purge => purge::run(settings).await,
        Command::Mails { command } => mails::run(settings, command).await,
        Command::Doctor => doctor::run(settings).await,
        Command::Openapi { markdown } => {
            crate::openapi::DESCRIPTION.print(markdown)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Health => {
            let bind = config::bind_address(&mut settings);
            crate::health::ask(settings.finish(bind)?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
