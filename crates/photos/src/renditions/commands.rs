//! `photos renditions`: what an operator can see of the work on pictures, and have done again.

use std::{fmt::Write as _, io::Write as _};

use anyhow::Context;
use clap::{Args, Subcommand};
use common::database;
use imaging::{Kind, RECIPE_VERSION};
use secrecy::ExposeSecret;
use sqlx::PgPool;

use super::{
    rebuild,
    store::outdated::{self, Selection},
};
use crate::{config::DataConfig, galleries::GalleryId, jobs};

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Make pictures again in the background: without an option those of an older recipe.
    Rebuild(Which),
    /// Say how far the work is.
    Status,
}

/// Which photos; several options mean those to which all of them apply.
#[derive(Args)]
pub struct Which {
    /// The photos in this gallery.
    #[arg(long, value_name = "ID")]
    gallery: Option<i32>,
    /// The photos that could not be processed.
    #[arg(long)]
    failed: bool,
    /// The photos that lack a picture of this kind, or have an older one: thumbnail, `thumbnail_2x` or preview.
    #[arg(long, value_parser = kind)]
    kind: Option<Kind>,
    /// Every photo.
    #[arg(long, conflicts_with_all = ["gallery", "failed", "kind"])]
    all: bool,
}

/// Does it, and prints what was found.
pub async fn run(command: &Command, data: &DataConfig) -> anyhow::Result<()> {
    let db = database::connect(data.database_url.expose_secret(), 2).await?;
    let text = match command {
        Command::Rebuild(which) => rebuild(&db, which).await?,
        Command::Status => status(&db).await?,
    };
    db.close().await;
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

async fn rebuild(db: &PgPool, which: &Which) -> anyhow::Result<String> {
    let selection =
        Selection { gallery: which.gallery.map(GalleryId), failed: which.failed, kind: which.kind };
    let mut text = String::new();
    if which.all || which.gallery.is_some() || which.failed || which.kind.is_some() {
        let selected = rebuild::begin_with(db, selection).await?;
        writeln!(text, "Photos that were chosen: {selected}")?;
    }
    let outdated = rebuild::begin(db).await?;
    writeln!(text, "Photos to be made again: {outdated}")?;
    if outdated > 0 {
        text += "Workers do it when nobody waits for an upload; old pictures are shown until the new ones are there.\n\
                 It goes on by itself after a restart. To see how far it is: photos renditions status\n";
    }
    Ok(text)
}

async fn status(db: &PgPool) -> anyhow::Result<String> {
    let states = outdated::list_states(db).await?;
    let mut text = String::new();
    for state in ["ready", "pending", "failed"] {
        let of_state = states.iter().filter(|(status, ..)| status == state);
        writeln!(text, "Photos {state}: {}", of_state.clone().map(|(.., count)| count).sum::<i64>())?;
        for (_, failure, count) in of_state {
            if let Some(failure) = failure {
                writeln!(text, "  {failure}: {count}")?;
            }
        }
    }
    let outdated = outdated::count_outdated(db).await?;
    writeln!(text, "Photos to be made again with recipe {RECIPE_VERSION}: {outdated}")?;
    let (waiting, rebuilds) = (jobs::count_renders(db).await?, jobs::count_rebuilds(db).await?);
    writeln!(text, "Jobs in the queue: {waiting} for people, {rebuilds} to make pictures again")?;
    Ok(text)
}

fn kind(name: &str) -> anyhow::Result<Kind> {
    let kind = Kind::all().iter().copied().find(|kind| kind.name() == name);
    let names: Vec<&str> = Kind::all().iter().map(|kind| kind.name()).collect();
    kind.with_context(|| format!("there are {}", names.join(", ")))
}
