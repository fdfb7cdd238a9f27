//! Archives on their way out: one of 5 GB and one of 70,000 photos, against nginx sending a file of the same size.

mod fill;
mod programs;
mod transfer;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, ensure};
use sqlx::PgPool;

use crate::{
    figures::{aim, median, milliseconds, say},
    load::Connection,
    processes::create_account,
    upload::{
        Arguments,
        services::{Person, Services},
    },
};
use fill::Extent;
use programs::Nginx;
use transfer::{Sink, get};

/// How often the memory is looked at.
const GLANCE: Duration = Duration::from_millis(5);

/// Measures and prints everything.
pub async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let (large, many, rounds) = if arguments.quick {
        (Extent { photos: 30, bytes: 4 << 20 }, Extent { photos: 2_000, bytes: 4 << 10 }, 1)
    } else {
        (Extent { photos: 640, bytes: 8 << 20 }, Extent { photos: 70_000, bytes: 10 << 10 }, 5)
    };
    fs::create_dir_all(&arguments.folder)?;
    let (storage, served) =
        (fresh(&arguments.folder.join("storage"))?, fresh(&arguments.folder.join("served"))?);
    let services = Services::start(arguments, &storage).await?;
    create_account(&arguments.auth, &arguments.auth_database_url)?;
    let db = PgPool::connect(&arguments.photos_database_url).await?;
    let person = Person::sign_in(&services).await?;
    let nginx = Nginx::start(&served).await?;
    say("Writing photos.");
    for (name, extent) in [("of 5 GB", large), ("of 70,000 photos", many)] {
        let gallery = person.create_gallery(&services, name).await?;
        fill::fill(&db, &storage, gallery, extent).await?;
        let link = share(&services, &person, gallery).await?;
        let path = format!("{link}/download.zip");
        measure(&services, nginx.as_ref(), &served, name, &path, rounds).await?;
    }
    for folder in [storage, served] {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

async fn measure(
    services: &Services,
    nginx: Option<&Nginx>,
    served: &Path,
    name: &str,
    path: &str,
    rounds: usize,
) -> anyhow::Result<()> {
    let port = services.photos.port;
    // Whatever is made once is made before anything is measured, and a link has counted its photos.
    get(port, path, 0, Sink::Count, Some(1 << 20))?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut firsts = Vec::new();
    for _ in 0..rounds.max(5) {
        firsts.push(milliseconds(get(port, path, 0, Sink::Count, Some(1))?.first_byte));
        // What goes on behind a download that was hung up, its counting, is not the next one's.
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let first = median(firsts);

    let before = services.photos.resident_mb()?;
    let growth = Growth::watch(services.photos.id(), before);
    let file = served.join("archive.zip");
    let whole = get(port, path, 0, Sink::file(&file, false)?, None)?;
    let grown = growth.end();
    say(format_args!(
        "\nAn archive {name}: {:.2} GB, as a client with a link gets it",
        gigabytes(whole.bytes)
    ));
    ensure!(whole.status == 200 && whole.bytes == fs::metadata(&file)?.len(), "it did not come whole");
    aim("first byte, median", first, "ms", 100.0, false);
    aim("growth of resident memory", grown, "MB", 16.0, false);

    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let speed = get(port, path, 0, Sink::Count, None)?.speed();
        ours.push(speed);
        if let Some(nginx) = nginx {
            let baseline = get(nginx.port(), "/archive.zip", 0, Sink::Count, None)?.speed();
            theirs.push(baseline);
            ratios.push(speed / baseline);
        }
    }
    say(format_args!("  {:<52} {:>8.0} MB/s", "throughput, median", median(ours)));
    if nginx.is_some() {
        say(format_args!("  {:<52} {:>8.0} MB/s", "nginx with one file of that size", median(theirs)));
        aim("throughput, times nginx's, median", median(ratios), "", 0.8, true);
    } else {
        say("  nginx is not installed, so there is nothing to compare with");
    }
    resume(port, path, &whole, &file)?;
    programs::check(&file);
    Ok(())
}

/// Half of it, and the rest later, by ourselves and by curl.
fn resume(port: u16, path: &str, whole: &transfer::Received, file: &Path) -> anyhow::Result<()> {
    let half = file.with_extension("half");
    get(port, path, 0, Sink::file(&half, false)?, Some(whole.bytes / 2))?;
    let at = fs::metadata(&half)?.len();
    ensure!(at < whole.bytes, "it was not cut");
    let rest = get(port, path, at, Sink::file(&half, true)?, None)?;
    ensure!(rest.status == 206 && rest.tag == whole.tag, "it could not go on");
    let same = programs::sha256(&half)? == programs::sha256(file)?;
    say(format_args!(
        "  {:<52} {:>8}",
        "cut at half and resumed",
        if same { "the same" } else { "NOT THE SAME" }
    ));
    get(port, path, 0, Sink::file(&half, false)?, Some(whole.bytes / 2))?;
    if programs::curl(port, path, &half)? {
        let same = programs::sha256(&half)? == programs::sha256(file)?;
        say(format_args!(
            "  {:<52} {:>8}",
            "the same with `curl -C -`",
            if same { "the same" } else { "NOT THE SAME" }
        ));
    }
    fs::remove_file(half)?;
    Ok(())
}

/// A full link to a gallery; its path.
async fn share(services: &Services, person: &Person, gallery: i64) -> anyhow::Result<String> {
    let mut connection = Connection::open(services.photos.port).await?;
    let body = r#"{"access_level":"full"}"#;
    let request = format!(
        "POST /api/galleries/{gallery}/shares HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nCookie: {}\r\nX-CSRF-Token: {}\r\n\r\n{body}",
        body.len(),
        person.cookies,
        person.csrf_token
    );
    let status = connection.ask(request.as_bytes()).await?;
    ensure!(status == 201, "a link was answered with {status}");
    let document: serde_json::Value = serde_json::from_str(&connection.document())?;
    let token = document["token"].as_str().context("a token")?;
    Ok(format!("/view/{token}"))
}

/// How much larger a process ever is than at the beginning.
struct Growth {
    stop: Arc<AtomicBool>,
    thread: thread::JoinHandle<f64>,
}

impl Growth {
    fn watch(process: u32, before: f64) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut most = before;
            while !stopped.load(Ordering::Relaxed) {
                most = crate::processes::resident_mb(process).map_or(most, |now| most.max(now));
                thread::sleep(GLANCE);
            }
            most - before
        });
        Self { stop, thread }
    }

    fn end(self) -> f64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or(f64::NAN)
    }
}

fn fresh(path: &Path) -> anyhow::Result<PathBuf> {
    if path.exists() {
        fs::remove_dir_all(path)?;
    }
    fs::create_dir_all(path)?;
    Ok(path.to_owned())
}

fn gigabytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes >> 20).unwrap_or(u32::MAX)) / 1024.0
}
