//! What the clients of the load do: one deed each, again and again.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;

use super::browser::Browser;
use super::insist::Desk;
use super::walk::{numbers, picture, sign_in};

/// Between two deeds, so that a small machine keeps its breath.
const BREATH: Duration = Duration::from_millis(300);
/// Longer than any answer about a session is kept.
const LONGEST_KEPT: Duration = Duration::from_secs(8);
/// Registrations are for the first times; after that their limit would be met.
const REGISTRATIONS: usize = 3;

/// What was done, and what may have been.
#[derive(Default)]
pub struct Done {
    /// Name and id of each photo that was answered for.
    pub uploads: Mutex<Vec<(String, i64)>>,
    /// Visits that began, and further tries of which nobody knows.
    pub visits: Mutex<(i64, i64)>,
    /// Browsers that kept the cookies of sessions that are over.
    pub thieves: Mutex<Vec<Browser>>,
}

/// Somebody with a program that uploads.
pub struct Uploader {
    pub browser: Browser,
    pub token: String,
    pub gallery: i64,
    pub folder: PathBuf,
}

impl Uploader {
    pub fn upload(&self, desk: &Desk, done: &Done, number: usize) -> Result<()> {
        let name = format!("{number}.bmp");
        let file = picture(&self.folder.join(&name), (240, 160), u32::try_from(number)?)?;
        let send = || self.browser.upload(self.gallery, &self.token, std::slice::from_ref(&file));
        let answer = desk.insist("an upload", send)?.expect(201)?.json()?;
        fs::remove_file(&file)?;
        let [id] = numbers(&answer["photos"])[..] else { return Err(anyhow!("for one file: {answer}")) };
        done.uploads.lock().map_err(poisoned)?.push((name, id));
        sleep(BREATH);
        Ok(())
    }
}

pub fn read(desk: &Desk, reader: &Browser, gallery: i64) -> Result<()> {
    for path in ["/photos".to_owned(), format!("/gallery/{gallery}"), "/dashboard".to_owned()] {
        let url = format!("{}{path}", reader.photos);
        desk.insist(&path, || reader.get(&url))?.expect(200)?;
    }
    let photos = desk.insist("a list", || {
        reader.ask(
            &format!("{}/api/photos?limit=5&status=ready", reader.photos),
            &["--header", "Accept: application/json"],
        )
    })?;
    let photos = photos.expect(200)?.json()?;
    if let Some(preview) = photos.pointer("/items/0/renditions/preview/url").and_then(Value::as_str) {
        let url = format!("{}{preview}", reader.photos);
        let picture = desk.insist("a picture", || reader.get(&url))?.expect(200)?;
        ensure!(picture.body.starts_with(b"\xff\xd8"), "{url} is no picture");
    }
    let url = format!("{}/api/verify-session", reader.auth);
    let verified = desk.insist("verify-session", || reader.ask(&url, &[]))?.expect(200)?.json()?;
    ensure!(verified["user"]["username"] == "ana", "verify-session told of {verified}");
    sleep(BREATH);
    Ok(())
}

/// A link whose visits are numbered: a button begins one.
pub fn visit(desk: &Desk, done: &Done, visitor: &Browser, link: &str) -> Result<()> {
    sleep(BREATH);
    let door = desk.insist("a link", || visitor.get(link))?;
    if door.status == 410 {
        return Ok(());
    }
    let (door, visits, mut tries) = (door.expect(200)?, format!("{link}/visits"), 0);
    let entered = desk.insist("a numbered visit", || {
        tries += 1;
        visitor.form(&door, &visits, &[])
    })?;
    let (begun, unknown) = (i64::from(entered.status == 303), tries - 1);
    ensure!(matches!(entered.status, 303 | 410), "a visit was answered with {}", entered.status);
    {
        let mut counted = done.visits.lock().map_err(poisoned)?;
        *counted = (counted.0 + begun, counted.1 + unknown);
    }
    if begun == 1 {
        let inside = desk.insist("a visit that has begun", || visitor.get(link))?.expect(200)?;
        ensure!(!inside.text().contains("/visits\""), "a visit that has begun is to begin again");
    }
    Ok(())
}

/// Signs in, out, and leaves a browser that kept the cookies.
pub fn in_and_out(desk: &Desk, done: &Done, browser: &Browser) -> Result<()> {
    let there = desk.insist("signing in", || sign_in(browser, "ana"))?.expect(200)?;
    ensure!(there.url == format!("{}/photos", browser.photos), "signed in, at {}", there.url);
    let thief = browser.twin()?;
    let (url, mut tries) = (format!("{}/auth/logout", browser.photos), 0);
    let page = desk.insist("the page for signing out", || browser.get(&url))?.expect(200)?;
    let answer = desk.insist("signing out", || {
        tries += 1;
        browser.form(&page, &url, &[])
    })?;
    // A first try that did it and whose answer was lost has changed the form's secret too.
    ensure!(
        answer.status == 303 || (answer.status == 403 && tries > 1),
        "signing out was answered with {}",
        answer.status
    );
    let api = format!("{}/api/photos", thief.photos);
    // A database that dies right after the commit tells nobody of it: what photos keeps is then good for its five seconds.
    let (asked, over) = (Instant::now(), || desk.insist("a session that is over", || thief.ask(&api, &[])));
    while over()?.status != 401 {
        ensure!(asked.elapsed() < LONGEST_KEPT, "a session that is over still opens photos");
        sleep(BREATH);
    }
    done.thieves.lock().map_err(poisoned)?.push(thief);
    sleep(3 * BREATH);
    Ok(())
}

pub fn register(desk: &Desk, browser: &Browser, time: usize) -> Result<()> {
    sleep(3 * BREATH);
    if time >= REGISTRATIONS {
        return Ok(());
    }
    let (url, email) = (format!("{}/register", browser.auth), format!("new{time}@rehearsal.example"));
    let page = desk.insist("the page for registering", || browser.get(&url))?.expect(200)?;
    let sent = desk.insist("registering", || browser.form(&page, &url, &[("email", &email)]))?;
    sent.expect(303).context("registering")?;
    Ok(())
}

fn poisoned<T>(_: std::sync::PoisonError<T>) -> anyhow::Error {
    anyhow!("another client fell over")
}
