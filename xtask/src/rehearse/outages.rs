//! Parts of the site that are killed or pulled away while people work, and come back.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::browser::{Answer, Browser};
use super::insist::clear;
use super::load::Load;
use super::site::{BOTH, OF_AUTH, OF_PHOTOS, Part, Site};
use super::stage::{Stage, until};
use super::walk::Work;
use crate::http;
use crate::process;

const EACH: [Part; 3] = [Part::Photos, Part::Worker, Part::Auth];
/// For so long it may take until an outage is told as one.
const UNTIL_TOLD: Duration = Duration::from_secs(10);

/// Of each kind one is killed and comes back, and another is stopped as for an upgrade.
pub fn replicas(site: &mut Site, load: &Load) -> Result<()> {
    for part in EACH {
        site.end(part, 0, "KILL");
        load.goes_on()?;
        site.begin(part, 0)?;
        site.until_healthy(part, 0)?;
    }
    for part in EACH {
        site.end(part, 1, "TERM");
    }
    load.goes_on()?;
    for part in EACH {
        site.begin(part, 1)?;
        site.until_healthy(part, 1)?;
    }
    load.nobody_comes_back()
}

/// Redis goes: nobody but Prometheus notices.
pub fn without_redis(site: &mut Site, load: &Load) -> Result<()> {
    site.kill_redis();
    let away =
        |line: &str| line.starts_with("shared_answers_total{outcome=\"away\"}") && !line.ends_with(" 0");
    until("that Redis is missed", || {
        BOTH.iter().any(|which| figures_of(site, *which).unwrap_or_default().lines().any(away))
    })?;
    load.goes_on()?;
    load.nobody_comes_back()?;
    site.start_redis()?;
    load.goes_on()
}

/// Both replicas of the auth-service go: nobody is let in or taken for nobody; what needs no account goes on.
pub fn without_auth_service(site: &mut Site, load: &Load, ana: &Browser) -> Result<()> {
    let stranger = site.browser()?;
    for which in BOTH {
        site.end(Part::Auth, which, "KILL");
    }
    refused(ana, &[&ana.photos, "/photos"])?;
    refused(ana, &[&ana.photos, "/api/photos"])?;
    refused(&stranger, &[&ana.auth, "/login"])?;
    open_or_used_up(&stranger.get(&load.link)?)?;
    load.nobody_comes_back()?;
    for which in BOTH {
        site.begin(Part::Auth, which)?;
    }
    back(site, load)
}

/// The database of photos goes: all of photos says so, the auth-service goes on.
pub fn without_photos_database(site: &mut Site, load: &Load, ana: &Browser, work: &Work) -> Result<()> {
    let stranger = site.browser()?;
    site.databases[OF_PHOTOS].crash();
    for path in ["/photos", "/api/photos", "/"] {
        refused(ana, &[&ana.photos, path])?;
    }
    refused(&stranger, &[&load.link])?;
    refused(ana, &[&work.preview])?;
    stranger.get(&format!("{}/login", stranger.auth))?.expect(200)?;
    load.nobody_comes_back()?;
    let tools = site.tools.clone();
    site.databases[OF_PHOTOS].start_again(&tools)?;
    back(site, load)
}

/// The database of the accounts goes: what needs no account goes on.
pub fn without_auth_database(site: &mut Site, load: &Load, ana: &Browser) -> Result<()> {
    let stranger = site.browser()?;
    site.databases[OF_AUTH].crash();
    refused(&stranger, &[&stranger.auth, "/login"])?;
    refused(ana, &[&ana.auth, "/api/verify-session"])?;
    refused(ana, &[&ana.photos, "/photos"])?;
    open_or_used_up(&stranger.get(&load.link)?)?;
    load.nobody_comes_back()?;
    let tools = site.tools.clone();
    site.databases[OF_AUTH].start_again(&tools)?;
    back(site, load)
}

/// The end of photos: nginx itself says so.
pub fn away(site: &mut Site) -> Result<()> {
    let browser = site.browser()?;
    for which in BOTH {
        site.end(Part::Photos, which, "TERM");
    }
    let page = browser.get(&format!("{}/", browser.photos))?.expect(503)?;
    clear(&page)?;
    ensure!(page.text().contains("Back in a moment"), "nginx shows no page: {}", page.text());
    let problem = browser.ask(&format!("{}/api/photos", browser.photos), &[])?.expect(503)?;
    clear(&problem)?;
    ensure!(problem.json()?["status"] == 503, "a program is told {}", problem.text());
    browser.get(&format!("{}/login", browser.auth))?.expect(200)?;
    Ok(())
}

/// Both together have answered one upload, and tell the same of what is in the database.
pub fn figures(site: &Site, ana: &Browser) -> Result<()> {
    let told = BOTH.map(|which| figures_of(site, which));
    let mut uploads = 0;
    for told in told {
        let told = told?;
        let upload = r#"http_requests_total{method="POST",route="/api/upload",status="201"} "#;
        let count = told.lines().find_map(|line| line.strip_prefix(upload)?.parse::<u64>().ok());
        uploads += count.unwrap_or_default();
        for line in [
            r#"photos{state="ready"} 2"#,
            r#"jobs_waiting{of="new"} 0"#,
            "database_up 1",
            "storage_up 1",
            r#"shared_answers_total{outcome="away"} 0"#,
        ] {
            ensure!(told.lines().any(|found| found == line), "{line} is not among the figures:\n{told}");
        }
    }
    ensure!(uploads == 1, "of one upload the figures tell {uploads}");
    ana.get(&format!("{}/metrics", ana.photos))?.expect(404)?;
    Ok(())
}

/// photos itself leaves the bytes to nginx, so whoever reaches it past nginx gets none.
pub fn past_nginx(site: &Site, ana: &Browser, picture: &str) -> Result<()> {
    let path = picture.strip_prefix(&ana.photos).context("a picture of ours")?;
    let beside = http::Site::new("localhost", site.places.photos[0]).page(path)?;
    ensure!(beside.is_empty(), "photos sends pictures by itself, not nginx");
    Ok(())
}

/// Whether a link shows what it should, or that it was opened as often as it may be.
fn open_or_used_up(answer: &Answer) -> Result<()> {
    ensure!(matches!(answer.status, 200 | 410), "a link answered {}", answer.status);
    Ok(())
}

/// Waits until this is refused for a moment, and clearly; until then it may have been answered.
pub fn refused(browser: &Browser, address: &[&str]) -> Result<()> {
    let (url, begun) = (address.concat(), Instant::now());
    loop {
        process::go_on()?;
        let answer = browser.get(&url)?;
        if answer.status != 200 {
            return clear(&answer);
        }
        ensure!(begun.elapsed() < UNTIL_TOLD, "{url} goes on as if nothing had happened");
        sleep(Duration::from_millis(100));
    }
}

/// All is well again, in the same processes.
fn back(site: &mut Site, load: &Load) -> Result<()> {
    load.goes_on()?;
    load.nobody_comes_back()?;
    for part in EACH {
        for which in BOTH {
            ensure!(site.runs(part, which), "one of the processes ended by itself");
        }
    }
    Ok(())
}

fn figures_of(site: &Site, which: usize) -> Result<String> {
    http::Site::new("localhost", site.places.figures[which]).page("/metrics")
}
