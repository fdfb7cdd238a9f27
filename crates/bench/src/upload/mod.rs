//! An event on its way in: 40 photos of 24 megapixels in one request, until every picture of them is there.

pub mod batch;
mod pages;
pub mod services;
mod stages;
mod watch;

use std::{
    ops::Range,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use clap::Args;
use sqlx::PgPool;
use tokio::time::timeout;

use crate::{
    figures::{aim, milliseconds, say},
    imaging::photos::Focus,
    load::Connection,
    processes::create_account,
};
use batch::Batch;
use pages::Pages;
use services::{Person, Services};
use watch::Watch;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(5);

/// What is measured, and where.
#[derive(Args)]
pub struct Arguments {
    /// The built auth-service.
    pub auth: PathBuf,
    /// The built photos.
    pub photos: PathBuf,
    /// A folder for sample photos and for the storage.
    pub folder: PathBuf,
    /// An empty PostgreSQL database for the auth-service.
    #[arg(long, env = "AUTH_DATABASE_URL", hide_env_values = true)]
    pub auth_database_url: String,
    /// An empty PostgreSQL database for photos.
    #[arg(long, env = "PHOTOS_DATABASE_URL", hide_env_values = true)]
    pub photos_database_url: String,
    /// A few small photos, to see that everything runs.
    #[arg(long)]
    pub quick: bool,
}

/// How much is uploaded and looked at.
struct Extent {
    photos: usize,
    size: (u32, u32),
    idle: Duration,
}

/// Measures and prints everything.
pub async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let extent = if arguments.quick {
        Extent { photos: 6, size: (1500, 1000), idle: Duration::from_secs(1) }
    } else {
        Extent { photos: 40, size: (6000, 4000), idle: Duration::from_secs(10) }
    };
    let batch = Batch::new(&arguments.folder.join("photos"), extent.size, Focus::All, extent.photos)?;
    let storage = fresh_folder(&arguments.folder.join("storage"))?;
    let services = Services::start(arguments, &storage).await?;
    create_account(&arguments.auth, &arguments.auth_database_url)?;
    let db = PgPool::connect(&arguments.photos_database_url).await?;
    let person = Person::sign_in(&services).await?;

    // Before anything is measured every page and picture was asked for once, and the decoders run.
    let shown = person.create_gallery(&services, "Shown").await?;
    let answer = send(&batch, &services, &person, shown, 1_000..1_008).await?;
    until_ready(&db, shown, 8).await?;
    ensure!(answer == 201, "the first photos were answered with {answer}");
    let target = person.create_gallery(&services, "Target").await?;

    let idle = Pages::ask(services.photos.port, &person, shown, tokio::time::sleep(extent.idle)).await?;
    services.forget_stages()?;
    let watch = Watch::start(services.processes());
    let begun = Instant::now();
    let work = async {
        let answer = send(&batch, &services, &person, target, 0..extent.photos).await;
        let answered = begun.elapsed();
        (answer, answered, until_ready(&db, target, extent.photos).await, begun.elapsed())
    };
    let mut outcome = None;
    let busy = Pages::ask(services.photos.port, &person, shown, async { outcome = Some(work.await) }).await?;
    let (answer, answered, ready, took) = outcome.context("the work is over")?;
    let memory = watch.end();
    let answer = answer?;
    ensure!(answer == 201, "the photos were answered with {answer}");
    ready?;

    say(format_args!(
        "\n{} photos of {} MP, {:.0} MB in one request; the machine has {} cores",
        extent.photos,
        extent.size.0 * extent.size.1 / 1_000_000,
        batch.megabytes(extent.photos),
        std::thread::available_parallelism()?
    ));
    say(format_args!("  {:<52} {:>8.2} s", "from the first byte to the answer", answered.as_secs_f64()));
    aim("from the first byte to all ready", took.as_secs_f64(), "s", 20.0, false);
    aim("memory of all processes at its peak, shared once", memory.proportional, "MB", 256.0, false);
    say(format_args!("  {:<52} {:>8.2} MB", "the same, shared pages in each", memory.resident));
    for (name, megabytes) in &memory.at_peak {
        say(format_args!("    {name:<50} {megabytes:>8.2} MB"));
    }
    let (alone, meanwhile) = (idle.percentile(95), busy.percentile(95));
    say(format_args!(
        "  a gallery page, p95: alone {:.2} ms ({} pages), meanwhile {:.2} ms ({} pages)",
        milliseconds(alone),
        idle.latencies.len(),
        milliseconds(meanwhile),
        busy.latencies.len()
    ));
    aim("p95 of a gallery page, times that alone", meanwhile.div_duration_f64(alone), "", 3.0, false);
    stages::print(&services.stages()?);
    Ok(())
}

/// A service that answers before it has read everything would keep the sender waiting for ever.
async fn send(
    batch: &Batch,
    services: &Services,
    person: &Person,
    gallery: i64,
    numbers: Range<usize>,
) -> anyhow::Result<u16> {
    timeout(PATIENCE, batch.send(services.photos.port, person, gallery, numbers)).await?
}

/// Looks at the rows, which is what pages would show.
pub async fn until_ready(db: &PgPool, gallery: i64, count: usize) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (ready, failed): (i64, i64) = sqlx::query_as(
            "select count(*) filter (where status = 'ready'), count(*) filter (where status = 'failed')
             from photo where gallery_id = $1",
        )
        .bind(i32::try_from(gallery)?)
        .fetch_one(db)
        .await?;
        ensure!(failed == 0, "{failed} photos failed");
        if usize::try_from(ready)? == count {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "only {ready} of {count} photos are ready after five minutes");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// An empty folder.
pub fn fresh_folder(path: &Path) -> anyhow::Result<PathBuf> {
    if path.exists() {
        std::fs::remove_dir_all(path)?;
    }
    std::fs::create_dir_all(path)?;
    Ok(path.to_owned())
}

/// A GET as a browser sends it.
async fn page(connection: &mut Connection, path: &str, cookies: &str) -> anyhow::Result<u16> {
    let head =
        format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nCookie: {cookies}\r\n\r\n");
    connection.ask(head.as_bytes()).await
}
