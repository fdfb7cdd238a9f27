//! `photos adopt` at the command line: what it found, line by line and in figures.

use std::{fs, io::Write, path::PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use common::database;
use imaging::Limits;
use secrecy::ExposeSecret;

use super::{adopt::Adoption, tally::Tally};
use crate::{config::DataConfig, storage::Storage, upload};

/// What to take over.
#[derive(Args)]
pub struct Arguments {
    /// The folder in which the earlier system kept uploads; without it the storage itself.
    #[arg(long, value_name = "DIR")]
    uploads: Option<PathBuf>,
    /// Change nothing and say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// Go on although not one of the newest photos has its file.
    #[arg(long)]
    anyway: bool,
}

/// Does it, and prints what was found.
pub async fn run(arguments: &Arguments, data: &DataConfig, max_megapixels: u32) -> anyhow::Result<()> {
    let here = data.storage.folder();
    let uploads = arguments.uploads.as_deref().or(here);
    let uploads =
        uploads.context("--uploads is missing: the storage is a bucket, so say where the files lie")?;
    let folder = fs::canonicalize(uploads).with_context(|| format!("--uploads {}", uploads.display()))?;
    ensure!(folder.is_dir(), "--uploads {} is no folder", uploads.display());
    let db = database::connect(data.database_url.expose_secret(), 4).await?;
    let storage = if arguments.dry_run {
        None
    } else {
        Some(Storage::at(&data.storage, upload::store::is_empty(&db).await?).await?)
    };
    let adoption = Adoption {
        db,
        storage,
        // It may be made only when something is stored in it.
        storage_dir: here.map(|folder| fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())),
        uploads: folder,
        limits: Limits { max_megapixels, ..Limits::default() },
        anyway: arguments.anyway || arguments.dry_run,
    };
    let mut output = std::io::stdout().lock();
    let mut written = Ok(());
    let told = |line: String| {
        if written.is_ok() {
            written = writeln!(output, "{line}");
        }
    };
    let tally = adoption.run(told).await?;
    written?;
    output.write_all(summary(&tally, arguments.dry_run).as_bytes())?;
    adoption.db.close().await;
    ensure!(
        tally.unreadable == 0,
        "{} files could not be read: their photos stayed as they were; mend the rights and run it again",
        tally.unreadable
    );
    Ok(())
}

fn summary(tally: &Tally, dry_run: bool) -> String {
    let Tally { photos, adopted_before, adopted, copied, broken, missing, .. } = tally;
    let Tally { unreadable, ownerless, old_pictures, orphans, .. } = tally;
    let rows = [
        (photos, "photos in the database, of which"),
        (adopted_before, "  had their file already"),
        (adopted, if dry_run { "  would get their file" } else { "  got their file" }),
        (copied, "    of these from outside of the storage, or with a name that can't stay: copied"),
        (broken, "    of these broken or of an unknown kind: kept for their owners, shown as failed"),
        (missing, "  have no file: shown as failed until it is uploaded"),
        (unreadable, "  have a file that can't be read: left as they are"),
        (ownerless, "  belong to nobody: left as they are"),
        (old_pictures, "small pictures of the earlier system: not needed any more"),
        (orphans, "files without a photo: left as they are"),
    ];
    let mut text: String = rows.map(|(count, what)| format!("{count:>8} {what}\n")).concat();
    text += if dry_run {
        "Nothing was changed.\n"
    } else {
        "Workers make the pictures, the newest photos first. How far they are: photos renditions status\n"
    };
    text
}
