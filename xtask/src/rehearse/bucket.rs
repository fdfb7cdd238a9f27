//! What is stored moves from the folder to an S3 server while the site runs, and then that goes and comes again.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::browser::Browser;
use super::insist::clear;
use super::outages::refused;
use super::places::text;
use super::site::{BOTH, Part, Site};
use super::stage::{Stage, until};
use super::walk::{Work, client, numbers, picture, ready};
use crate::process::run_quietly;

/// Copies, changes the settings of one after the other, copies what came meanwhile: as docs/OPERATIONS.md says.
pub fn moves(site: &mut Site, ana: &Browser, work: &Work) -> Result<()> {
    let archive = format!("{}/download.zip", client(site, ana, work)?.url);
    let addresses = [&work.preview, &work.original, &archive];
    let seen = |browser: &Browser| -> Result<Vec<Vec<u8>>> {
        addresses.map(|url| Ok(browser.get(url)?.expect(200)?.body)).into_iter().collect()
    };
    let before = seen(ana)?;
    site.start_s3()?;
    until("how photos stores in the bucket", || site.bucket_settings().is_file())?;
    let to = text(&site.bucket_settings());
    run_quietly(site.photos(0).args(["storage", "move", "--to", &to]))?;
    let late = send(site, ana, work, 1)?.expect(201)?.json()?;

    site.in_bucket = true;
    for which in BOTH {
        for part in [Part::Photos, Part::Worker] {
            site.end(part, which, "TERM");
            site.begin(part, which)?;
            site.until_healthy(part, which)?;
        }
    }
    let from = text(&site.places.of("storage"));
    run_quietly(site.photos(0).args(["storage", "move", "--from", &from]))?;
    for photo in numbers(&late["photos"]) {
        ready(ana, photo)?;
    }
    let after = seen(ana)?;
    ensure!(before[..2] == after[..2], "what is served from the bucket is not what the folder had");
    let part = ana.ask(&archive, &["--range", "1000-20999"])?.expect(206)?;
    ensure!(part.body == after[2][1000..21000], "the part of an archive is not of the whole");
    Ok(())
}

/// Pictures and uploads are refused clearly, pages go on; and all of it is there again with the server.
pub fn goes(site: &mut Site, ana: &Browser, work: &Work) -> Result<()> {
    site.kill_s3();
    refused(ana, &[&work.preview])?;
    clear(&send(site, ana, work, 2)?)?;
    ana.get(&format!("{}/photos", ana.photos))?.expect(200)?;
    site.start_s3()?;
    ana.get(&work.preview)?.expect(200)?;
    for photo in numbers(&send(site, ana, work, 3)?.expect(201)?.json()?["photos"]) {
        ready(ana, photo)?;
    }
    Ok(())
}

fn send(site: &Site, ana: &Browser, work: &Work, seed: u32) -> Result<super::browser::Answer> {
    let file: PathBuf = picture(&site.places().of(&format!("samples/late-{seed}.bmp")), (300, 200), seed)?;
    ana.upload(work.gallery, &ana.session_token()?, &[file])
}
