//! Home, sign-in, a gallery of 1,000 photos and the client's view of it, as Lighthouse judges them on a phone.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    gallery,
    imaging::photos::Focus,
    processes::create_account,
    upload::{
        self,
        batch::Batch,
        fresh_folder,
        services::{Person, Services},
        until_ready,
    },
};

/// Lying, upright and wide photos, four of each.
const SHAPES: [(u32, u32); 3] = [(2400, 1600), (1600, 2400), (2400, 1350)];
const EACH: usize = 4;

/// What is judged, and by what.
#[derive(Args)]
#[group(id = "judged")]
pub struct Arguments {
    #[command(flatten)]
    services: upload::Arguments,
    /// The script that judges, run by Node.js.
    #[arg(long)]
    judge: PathBuf,
    /// The browser.
    #[arg(long, env = "CHROMIUM")]
    chromium: PathBuf,
}

/// Makes the gallery, has the pages judged, and fails where an aim is not met.
pub async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let Arguments { services: settings, judge, chromium } = arguments;
    let (photos, runs) = if settings.quick { (200, 1) } else { (1_000, 5) };
    let storage = fresh_folder(&settings.folder.join("storage"))?;
    let services = Services::start(settings, &storage).await?;
    create_account(&settings.auth, &settings.auth_database_url)?;
    let person = Person::sign_in(&services).await?;
    let db = PgPool::connect(&settings.photos_database_url).await?;
    let base = person.create_gallery(&services, "Base").await?;
    for size in SHAPES {
        let batch = Batch::new(&settings.folder.join("photos"), size, Focus::Subject, EACH)?;
        let status = batch.send(services.photos.port, &person, base, 0..EACH).await?;
        ensure!(status == 201, "the photos were answered with {status}");
    }
    until_ready(&db, base, SHAPES.len() * EACH).await?;
    let gallery = person.create_gallery(&services, "Anna and Ben").await?;
    gallery::fill(&db, base, gallery, photos).await?;
    for statement in [
        "update gallery set is_public = true, event_date = '2026-06-13', cover_photo_id =
            (select min(id) from photo where photo.gallery_id = gallery.id) where name = 'Anna and Ben'",
        "vacuum analyze",
    ] {
        sqlx::query(statement).execute(&db).await?;
    }
    let token = person.share(&services, gallery, "full").await?;
    let pages = pages(&services, &person, gallery, &token);
    let wanted = json!({ "chromium": chromium, "runs": runs, "pages": pages });

    let mut command = Command::new("node");
    let mut child = command.arg(judge).stdin(Stdio::piped()).spawn().context("Node.js")?;
    child.stdin.take().context("its input")?.write_all(wanted.to_string().as_bytes())?;
    ensure!(child.wait()?.success(), "not every page is as it should be");
    Ok(())
}

/// The gallery is judged twice: as everybody sees it, and as its photographer does.
fn pages(services: &Services, person: &Person, gallery: i64, token: &str) -> Value {
    let photos = format!("http://photos.stsgym.localhost:{}", services.photos.port);
    let auth = format!("http://auth.stsgym.localhost:{}", services.auth_port());
    json!([
        { "name": "home", "url": format!("{photos}/") },
        { "name": "login", "url": format!("{auth}/login") },
        { "name": "gallery", "url": format!("{photos}/gallery/{gallery}"), "pictures": true },
        { "name": "gallery, its photographer", "url": format!("{photos}/gallery/{gallery}"), "pictures": true,
          "cookies": person.cookies },
        { "name": "client’s view", "url": format!("{photos}/view/{token}"), "pictures": true, "client": true },
    ])
}
