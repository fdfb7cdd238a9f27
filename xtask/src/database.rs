//! `cargo xtask database`: a database against which an editor or a build checks SQL while it is written.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::checkout::Checkout;
use crate::postgres::{self, Server};
use crate::{dev, process, say, sql, tools};

/// The databases with the variables by which builds know them.
pub const DATABASES: [(&str, &str); 2] = [("auth", "AUTH_DATABASE_URL"), ("photos", "PHOTOS_DATABASE_URL")];

pub fn run(checkout: &Checkout) -> Result<()> {
    let tools = tools::ensure(checkout, &[tools::POSTGRES])?;
    let lock = dev::lock(&checkout.dev_folder())?;
    let sockets = postgres::sockets_of(checkout);
    if lock.is_none() {
        show(checkout, &sockets)?;
        say("\nThis is the server of the running `cargo xtask dev`, and it ends with that.");
        return Ok(());
    }
    let mut server = Server::lasting(checkout, &tools)?;
    show(checkout, &sockets)?;
    say("\nCtrl-C stops it.");
    while process::go_on().is_ok() {
        if server.ended()? {
            bail!("PostgreSQL ended by itself. Its log: {}", server.log().display());
        }
        sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Makes the databases for checks anew (never those with the data of `dev`) and prints their addresses.
fn show(checkout: &Checkout, sockets: &Path) -> Result<()> {
    let run =
        |database: &str, statements: &str| sql::run(&postgres::socket_in(sockets), database, statements);
    for (name, variable) in DATABASES {
        let database = format!("{name}_check");
        run("postgres", &format!("drop database if exists {database} with (force)"))?;
        run("postgres", &format!("create database {database}"))?;
        migrate(checkout, name, |statements| run(&database, statements))?;
        say(format_args!("export {variable}='{}'", postgres::url(sockets, &database)));
    }
    Ok(())
}

/// Applies a service's migrations in their order.
pub fn migrate(checkout: &Checkout, name: &str, run: impl Fn(&str) -> Result<()>) -> Result<()> {
    for file in migrations(checkout, name)? {
        let shown = file.strip_prefix(&checkout.root).unwrap_or(&file).display();
        run(&fs::read_to_string(&file)?).with_context(|| format!("{shown}"))?;
    }
    Ok(())
}

fn migrations(checkout: &Checkout, name: &str) -> Result<BTreeSet<PathBuf>> {
    let folder = checkout.root.join("migrations").join(name);
    let entries = fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
    let files: Vec<_> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    Ok(files
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "sql"))
        .collect())
}
