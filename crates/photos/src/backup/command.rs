//! `photos backup` and `photos restore` at the command line; `deploy/backup` and `deploy/restore` put them together.

use std::{
    io::{BufReader, Write},
    num::NonZeroUsize,
    path::PathBuf,
};

use anyhow::ensure;
use clap::{Args, Subcommand};
use common::{config::Settings, database};
use secrecy::ExposeSecret;
use sqlx::PgPool;

use super::{check, making::Making, place, pruning, restoring, store, verifying};
use crate::{config::DataConfig, storage::Storage, upload};

/// The steps of a backup.
#[derive(Subcommand)]
pub enum Backup {
    /// Keep files from being removed, before the databases are dumped.
    Hold {
        /// The name of the backup that begins.
        name: String,
    },
    /// Copy the media that the dump names and that no backup has yet, and finish the backup. Reads what
    /// `pg_restore --data-only --table=files --table=renditions --file=-` writes of the dump of photos.
    Media {
        /// The place of the backups.
        place: PathBuf,
        /// The folder in it that has the dumps.
        name: String,
    },
    /// Read a backup to its last byte and compare it with its sums.
    Verify(Which),
    /// Remove old backups, and media that no backup names any more.
    Prune {
        /// The place of the backups.
        place: PathBuf,
        /// How many of the newest stay.
        #[arg(long, default_value = "14")]
        keep: NonZeroUsize,
    },
}

/// The steps of the way back.
#[derive(Subcommand)]
pub enum Restore {
    /// Say which backup is meant, and refuse what is none.
    Choose(Which),
    /// Copy the media of a backup into an empty storage. Can be repeated; what is there is not copied again.
    Media {
        /// Which one.
        #[command(flatten)]
        which: Which,
        /// Go on although files of the backup are damaged.
        #[arg(long)]
        anyway: bool,
    },
    /// After the databases are restored: read every file that a row names, and try the secrets.
    Check(Which),
}

/// A backup.
#[derive(Args)]
pub struct Which {
    /// The place of the backups.
    place: PathBuf,
    /// Its name; without it the newest.
    name: Option<String>,
}

impl Which {
    fn name(&self) -> anyhow::Result<String> {
        place::choose(&self.place, self.name.as_deref())
    }
}

/// Does a step of a backup.
pub async fn back_up(command: &Backup, settings: Settings) -> anyhow::Result<()> {
    match command {
        Backup::Hold { name } => {
            ensure!(
                place::is_name(name),
                "{name} is no name of a backup: it is a time, such as 20261123T031500Z"
            );
            let (_, db) = connect(settings).await?;
            Ok(store::create_hold(&db, name).await?)
        }
        Backup::Media { place, name } => {
            let (data, db) = connect(settings).await?;
            let storage = Storage::at(&data.storage, upload::store::is_empty(&db).await?).await?;
            finish(&Making { place, name, db: &db, storage: &storage }).await
        }
        Backup::Verify(which) => verify(which),
        Backup::Prune { place, keep } => {
            let pruned = pruning::prune(place, keep.get())?;
            figures(&[
                (pruned.backups, "old backups removed"),
                (pruned.unfinished, "backups removed that were never finished"),
                (pruned.files, "media removed that no backup names any more"),
            ])
        }
    }
}

/// Does a step of the way back.
pub async fn restore(command: &Restore, settings: Settings) -> anyhow::Result<()> {
    match command {
        Restore::Choose(which) => Ok(writeln!(std::io::stdout(), "{}", which.name()?)?),
        Restore::Media { which, anyway } => restore_media(which, *anyway, settings).await,
        Restore::Check(which) => check_restored(which, settings).await,
    }
}

async fn connect(mut settings: Settings) -> anyhow::Result<(DataConfig, PgPool)> {
    let data = DataConfig::from_settings(&mut settings);
    let data = settings.finish(data)?;
    let db = database::connect(data.database_url.expose_secret(), 2).await?;
    Ok((data, db))
}

async fn finish(making: &Making<'_>) -> anyhow::Result<()> {
    let tally = making.finish(BufReader::new(std::io::stdin()), tell).await?;
    figures(&[
        (tally.files, "files that the dump names, of which"),
        (tally.copied, "  were copied now"),
        (tally.missing, "  are missing in the storage"),
        (tally.altered, "  have other bytes than they had"),
        (tally.unreadable, "  can't be read"),
        (tally.bytes.div_ceil(1_000_000), "megabytes in all, of which"),
        (tally.copied_bytes.div_ceil(1_000_000), "  were copied now"),
    ])?;
    ensure!(
        tally.wrong() == 0,
        "{} files are not as their rows say; all else is in the backup",
        tally.wrong()
    );
    Ok(())
}

fn verify(which: &Which) -> anyhow::Result<()> {
    let name = which.name()?;
    let verified = verifying::verify(&which.place, &name, tell)?;
    figures(&[
        (verified.files, "files in the backup, of which"),
        (verified.wrong, "  are not what they were"),
    ])?;
    ensure!(verified.wrong == 0, "{name} is damaged");
    Ok(())
}

async fn restore_media(which: &Which, anyway: bool, mut settings: Settings) -> anyhow::Result<()> {
    let data = DataConfig::from_settings(&mut settings);
    let data = settings.finish(data)?;
    let name = which.name()?;
    let storage = Storage::at(&data.storage, true).await?;
    let restored = restoring::restore((&which.place, &name), &storage, tell).await?;
    figures(&[
        (restored.files, "media in the backup, of which"),
        (restored.before, "  were there already"),
        (restored.wrong, "  are not what they were, and were left out"),
    ])?;
    ensure!(
        restored.wrong == 0 || anyway,
        "{} files of the backup are damaged; --anyway goes on without them",
        restored.wrong
    );
    Ok(())
}

async fn check_restored(which: &Which, mut settings: Settings) -> anyhow::Result<()> {
    let data = DataConfig::from_settings(&mut settings);
    let secrets = settings.secrets("PHOTOS_SECRETS");
    let (data, secrets) = settings.finish((data, secrets))?;
    let db = database::connect(data.database_url.expose_secret(), 2).await?;
    let storage = Storage::at(&data.storage, upload::store::is_empty(&db).await?).await?;
    let checked = check::check((&which.place, &which.name()?), &db, &storage, &secrets, tell).await?;
    figures(&[
        (checked.files, "files that rows name, of which"),
        (checked.wrong, "  are not what they were"),
    ])?;
    ensure!(
        checked.secrets_fit != Some(false),
        "PHOTOS_SECRETS are not those of this backup: share links open, but nobody can copy them again, and mails that \
         wait can't be sent. Put the old secrets behind the new ones."
    );
    ensure!(checked.wrong == 0, "{} files are not what they were; all else is there", checked.wrong);
    Ok(())
}

fn tell(line: String) {
    // Nobody may be reading any more.
    std::io::stdout().write_all((line + "\n").as_bytes()).ok();
}

fn figures(rows: &[(u64, &str)]) -> anyhow::Result<()> {
    let lines: Vec<String> = rows.iter().map(|(count, what)| format!("{count:>8} {what}\n")).collect();
    Ok(std::io::stdout().write_all(lines.concat().as_bytes())?)
}
