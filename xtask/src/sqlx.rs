//! `cargo xtask sqlx`: refreshes `.sqlx/`, by which builds check SQL without a database.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::cargo;
use crate::checkout::{Checkout, fingerprint_of};
use crate::database::{DATABASES, migrate};
use crate::postgres::Server;
use crate::{process, say, tools, web};

/// Notes the migrations for which `.sqlx/` was made.
const STAMP: &str = "migrations";

pub fn run(checkout: &Checkout) -> Result<()> {
    let tools = tools::ensure(checkout, tools::TO_BUILD_AND_RUN)?;
    tools::check_node(&tools)?;
    web::build(checkout, &tools)?;
    let server = Server::temporary(checkout, &tools)?;
    let cache = checkout.root.join(".sqlx");
    let mut build = cargo::build(checkout, &tools);
    build.env_remove("SQLX_OFFLINE").env("SQLX_OFFLINE_DIR", &cache);
    for (name, variable) in DATABASES {
        server.ensure_database(name)?;
        migrate(checkout, name, |statements| server.run(name, statements))?;
        build.env(variable, server.url(name));
    }
    let before = set_aside(&cache)?;
    touch_queries(checkout)?;
    if let Err(error) = process::run(&mut build) {
        put_back(&cache, before)?;
        return Err(error.context("`.sqlx/` is as it was"));
    }
    fs::write(cache.join(STAMP), stamp(checkout)?)?;
    say(format_args!("`.sqlx/` describes {} queries.", queries(&cache)?.len()));
    Ok(())
}

/// An error when the migrations have changed since `.sqlx/` was made.
pub fn check(checkout: &Checkout) -> Result<()> {
    let noted = fs::read_to_string(checkout.root.join(".sqlx").join(STAMP)).unwrap_or_default();
    if noted == stamp(checkout)? {
        return Ok(());
    }
    bail!(
        "The migrations have changed since .sqlx/ was made: run `cargo xtask sqlx` and commit what it writes."
    )
}

fn stamp(checkout: &Checkout) -> Result<String> {
    Ok(fingerprint_of(&[&checkout.root.join("migrations")])? + "\n")
}

type Contents = Vec<(PathBuf, Vec<u8>)>;

/// Empties the cache, so that queries which are gone don't stay in it.
fn set_aside(cache: &Path) -> Result<Contents> {
    fs::create_dir_all(cache)?;
    let mut contents = Vec::new();
    for file in queries(cache)? {
        contents.push((file.clone(), fs::read(&file)?));
        fs::remove_file(file)?;
    }
    Ok(contents)
}

fn put_back(cache: &Path, contents: Contents) -> Result<()> {
    set_aside(cache)?;
    contents
        .into_iter()
        .try_for_each(|(file, text)| fs::write(&file, text).context("`.sqlx/` can't be written"))
}

fn queries(cache: &Path) -> Result<Vec<PathBuf>> {
    let files: Vec<_> =
        fs::read_dir(cache)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    Ok(files
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "json"))
        .collect())
}

/// The compiler asks the database only about what it compiles anew.
fn touch_queries(checkout: &Checkout) -> Result<()> {
    for entry in fs::read_dir(checkout.root.join("crates"))? {
        let folder = entry?.path();
        for file in ["src/lib.rs", "src/main.rs", "tests/it/main.rs"] {
            if let Ok(file) = File::options().append(true).open(folder.join(file)) {
                file.set_modified(SystemTime::now())?;
            }
        }
    }
    Ok(())
}
