//! `create-admin` and `create-user`: accounts without a page.
//! With `--link` nobody learns a password: whoever opens the link, once and within an hour, chooses one.

use std::{
    io::{Read, Write},
    process::ExitCode,
};

use anyhow::Context;
use clap::Args;
use common::{
    config::{Settings, Site},
    database,
    identity::Role,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    accounts, config,
    passwords::{Cost, NewPassword, Passwords, own_words},
    server,
    users::{EmailAddress, NewAccount, Username},
    way,
};

/// The name or the address of an account to be made is taken.
const TAKEN: u8 = 3;

/// Who the account is for.
#[derive(Args)]
pub struct AccountArguments {
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

/// Makes the account; prints its password if it made one.
pub async fn create(
    mut settings: Settings,
    arguments: AccountArguments,
    role: Role,
) -> anyhow::Result<ExitCode> {
    let database_url: SecretString = config::database_url(&mut settings);
    let site = Site::from_settings(&mut settings);
    let cost = Cost::from_settings(&mut settings, site.development);
    let timezone = config::legacy_timezone(&mut settings);
    let database_url = settings.finish(database_url)?;
    let AccountArguments { username, email, password_stdin } = arguments;
    let password = if password_stdin {
        read_password(&own_words(username.as_str(), email.as_str(), &site, &site.name))?
    } else {
        NewPassword::generate()
    };
    let generated = (!password_stdin).then(|| password.reveal().to_owned());
    server::migrate(&database_url, &timezone).await?;
    let db = database::connect(database_url.expose_secret(), 1).await?;
    let account = NewAccount { username: username.clone(), email, role, email_verified: true };
    let created = accounts::create(&db, &Passwords::new(1, 0, cost)?, &account, &password).await?;
    if created.is_none() {
        return taken(&username);
    }
    if let Some(password) = generated {
        writeln!(std::io::stdout(), "password: {password}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes an administrator whose password nobody knows, and prints the link by which it is chosen. An administrator who is
/// there already with this name and address gets a new link, in the place of one that ran out.
pub async fn create_admin_by_link(
    mut settings: Settings,
    arguments: AccountArguments,
) -> anyhow::Result<ExitCode> {
    let database_url: SecretString = config::database_url(&mut settings);
    let site = Site::from_settings(&mut settings);
    let public_url = settings.public_url("AUTH_PUBLIC_URL", &site);
    let cost = Cost::from_settings(&mut settings, site.development);
    let timezone = config::legacy_timezone(&mut settings);
    let database_url = settings.finish(database_url)?;
    let AccountArguments { username, email, .. } = arguments;
    server::migrate(&database_url, &timezone).await?;
    let db = database::connect(database_url.expose_secret(), 1).await?;
    let account = NewAccount { username: username.clone(), email, role: Role::Admin, email_verified: true };
    let passwords = Passwords::new(1, 0, cost)?;
    let Some(token) = accounts::create_admin_by_link(&db, &passwords, &account).await? else {
        return taken(&username);
    };
    let link = way::link(&public_url, "/auth/reset-password", &token, None);
    writeln!(std::io::stdout(), "{link}")?;
    writeln!(std::io::stderr(), "Open it within an hour and choose the password of {}.", username.as_str())?;
    Ok(ExitCode::SUCCESS)
}

fn taken(username: &Username) -> anyhow::Result<ExitCode> {
    let name = username.as_str();
    writeln!(std::io::stderr(), "There is already an account with the name {name} or with this address.")?;
    Ok(ExitCode::from(TAKEN))
}

fn read_password(own_words: &[&str]) -> anyhow::Result<NewPassword> {
    let mut text = String::new();
    // One more byte than allowed shows that it is too long.
    std::io::stdin().take(4096).read_to_string(&mut text).context("reading the password")?;
    NewPassword::parse(text.trim_end_matches(['\r', '\n']), own_words).map_err(anyhow::Error::msg)
}
