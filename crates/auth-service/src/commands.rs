//! What an operator can do at the command line.

use std::{
    io::{Read, Write},
    net::TcpListener,
    process::ExitCode,
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use common::{
    config::{Settings, Site},
    database,
    identity::Role,
    telemetry,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    accounts, config,
    config::Config,
    passwords::{Cost, NewPassword, Passwords, own_words},
    server::{migrate, start},
    users::{EmailAddress, NewAccount, Username},
};

/// The name or the address of an account to be made is taken.
const TAKEN: u8 = 3;

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
    CreateAdmin(AccountArguments),
    /// Make an account with a role.
    CreateUser {
        #[command(flatten)]
        account: AccountArguments,
        /// admin, photographer, user or viewer
        #[arg(long)]
        role: Role,
    },
    /// Ask the running service whether it is ready; the exit status says so.
    Health,
}

#[derive(Args)]
struct AccountArguments {
    /// The name for signing in.
    #[arg(long, value_parser = Username::parse)]
    username: Username,
    /// The address of e-mail.
    #[arg(long, value_parser = EmailAddress::parse)]
    email: EmailAddress,
    /// Read the password from standard input; without this one is made and printed once.
    #[arg(long)]
    password_stdin: bool,
}

/// Does what the command line says.
pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let mut settings = Settings::from_process();
    match cli.command {
        Command::Serve => serve(settings).await,
        Command::Migrate => {
            let database_url = config::database_url(&mut settings);
            migrate(&settings.finish(database_url)?).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::CreateAdmin(account) => create_account(settings, account, Role::Admin).await,
        Command::CreateUser { account, role } => create_account(settings, account, role).await,
        Command::Health => {
            let bind = config::bind_address(&mut settings);
            crate::health::ask(settings.finish(bind)?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn serve(mut settings: Settings) -> anyhow::Result<ExitCode> {
    let config = Config::from_settings(&mut settings);
    telemetry::start(&settings);
    let config = settings.finish(config)?;
    migrate(&config.database_url).await?;
    let listener =
        TcpListener::bind(config.bind).with_context(|| format!("{} can't be listened at", config.bind))?;
    let public_url = config.public_url.to_string();
    let (server, app) = start(config, listener).await?;
    tracing::info!(%public_url, "ready");
    let (handle, state) = (server.handle(), app.clone());
    tokio::spawn(async move {
        stop_signal().await;
        state.events.stop();
        tracing::info!("stopping: requests under way are finished first");
        handle.stop(true).await;
    });
    server.await?;
    app.courier.stop().await;
    app.last_seen.write(&app).await?;
    Ok(ExitCode::SUCCESS)
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).expect("a process may listen to its signals");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

async fn create_account(
    mut settings: Settings,
    arguments: AccountArguments,
    role: Role,
) -> anyhow::Result<ExitCode> {
    let database_url: SecretString = config::database_url(&mut settings);
    let site = Site::from_settings(&mut settings);
    let cost = Cost::from_settings(&mut settings, site.development);
    let database_url = settings.finish(database_url)?;
    let AccountArguments { username, email, password_stdin } = arguments;
    let password = if password_stdin {
        read_password(&own_words(username.as_str(), email.as_str(), &site))?
    } else {
        NewPassword::generate()
    };
    let generated = (!password_stdin).then(|| password.reveal().to_owned());
    migrate(&database_url).await?;
    let db = database::connect(database_url.expose_secret(), 1).await?;
    let account = NewAccount { username: username.clone(), email, role, email_verified: true };
    let created = accounts::create(&db, &Passwords::new(1, 0, cost)?, &account, &password).await?;
    if created.is_none() {
        let name = username.as_str();
        writeln!(
            std::io::stderr(),
            "There is already an account with the name {name} or with this address."
        )?;
        return Ok(ExitCode::from(TAKEN));
    }
    if let Some(password) = generated {
        writeln!(std::io::stdout(), "password: {password}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn read_password(own_words: &[&str]) -> anyhow::Result<NewPassword> {
    let mut text = String::new();
    // One more byte than allowed shows that it is too long.
    std::io::stdin().take(4096).read_to_string(&mut text).context("reading the password")?;
    NewPassword::parse(text.trim_end_matches(['\r', '\n']), own_words).map_err(anyhow::Error::msg)
}
