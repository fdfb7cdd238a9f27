//! `photos storage` at the command line.

use std::io::Write;

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use common::database;
use secrecy::ExposeSecret;
use sqlx::PgPool;

use super::{checking::Check, moving::Move, places, store};
use crate::{
    config::DataConfig,
    storage::{Storage, place::Place},
    upload,
};

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Copies every file from one storage to another and reads it there, while the site runs; can be repeated.
    Move(Between),
    /// Says which files are missing, altered, or nobody's; ends with 0 if none are.
    Check(How),
}

/// From where to where; the other end is the storage of the settings.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Between {
    /// Before the settings are changed: to this folder, or to the storage whose settings are in this file.
    #[arg(long, value_name = "DIR|FILE|-")]
    to: Option<String>,
    /// After they were changed: what came in between, from the storage that they named before.
    #[arg(long, value_name = "DIR|FILE|-")]
    from: Option<String>,
}

/// How much is looked at, and what is done about it.
#[derive(Args)]
pub struct How {
    /// Look at the lengths of files alone, and don't read them.
    #[arg(long)]
    quick: bool,
    /// Have pictures that are missing or altered made again, and files of nobody removed a day from now.
    #[arg(long)]
    repair: bool,
    /// With --repair: fetch originals from this folder, or from the storage whose settings are in this file.
    #[arg(long, value_name = "DIR|FILE|-", requires = "repair")]
    from: Option<String>,
}

/// Does it, and prints what was found.
pub async fn run(command: &Command, data: &DataConfig) -> anyhow::Result<()> {
    let db = database::connect(data.database_url.expose_secret(), 8).await?;
    let mut holder = db.acquire().await?;
    ensure!(store::lock_run(&mut holder).await?, "another `photos storage` is at work on this database");
    match command {
        Command::Move(between) => move_between(between, data, &db).await,
        Command::Check(how) => check(how, data, &db).await,
    }
}

async fn move_between(between: &Between, data: &DataConfig, db: &PgPool) -> anyhow::Result<()> {
    let other = places::place(between.to.as_ref().or(between.from.as_ref()).context("--to or --from")?)?;
    ensure!(!places::is_same(&other, &data.storage), "{other} is the storage that the settings name");
    let is_new = upload::store::is_empty(db).await?;
    let ours = Storage::at(&data.storage, is_new).await?;
    let is_target = between.to.is_some();
    // What nobody stored anything in yet becomes the site's by this.
    let theirs = Storage::at(&other, is_target || is_new).await?;
    let place = if is_target { other.to_string() } else { data.storage.to_string() };
    let (from, to) = if is_target { (ours, theirs) } else { (theirs, ours) };
    let tally = Move { db: db.clone(), from, to, place }.run().await?;
    tally.tell()?;
    ensure!(
        tally.wrong == 0,
        "{} files were not copied: see the lines above, and run it again after that was mended",
        tally.wrong
    );
    let next = if is_target {
        next_after(&other)
    } else {
        "All of it is in the storage of the settings.\n".to_owned()
    };
    Ok(std::io::stdout().write_all(next.as_bytes())?)
}

fn next_after(place: &Place) -> String {
    let settings = match place {
        Place::Folder(folder) => {
            format!("STORAGE_DIR={} and no STORAGE_S3_… at all", folder.display())
        }
        Place::Bucket(bucket) => {
            format!(
                "STORAGE_DIR= (empty), STORAGE_S3_BUCKET={} and the other lines of that file",
                bucket.name
            )
        }
    };
    format!(
        "Everything that was there is there now. Next, in .env: {settings}. Start the services anew, and then copy what \
         came in between: photos storage move --from the storage of now\n"
    )
}

async fn check(how: &How, data: &DataConfig, db: &PgPool) -> anyhow::Result<()> {
    let other = match &how.from {
        Some(text) => Some(Storage::at(&places::place(text)?, false).await?),
        None => None,
    };
    let storage = Storage::at(&data.storage, upload::store::is_empty(db).await?).await?;
    let check = Check { db: db.clone(), storage, quick: how.quick, repair: how.repair, other };
    let tally = check.run().await?;
    tally.tell()?;
    let advice = if how.repair { "see the lines above" } else { "`--repair` mends what can be" };
    ensure!(tally.wrong == 0, "{} files are not as they should be: {advice}", tally.wrong);
    Ok(())
}
