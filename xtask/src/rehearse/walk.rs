//! The main job over https: an administrator, a photographer with her gallery, her client.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::browser::{Answer, Browser};
use super::places::DOMAIN;
use super::stage::Stage;
use crate::process::{self, run_quietly};

pub const PASSWORD: &str = "a walk over every bridge";

/// What she has uploaded.
pub struct Work {
    pub gallery: i64,
    pub photos: Vec<i64>,
    /// The signed address of a preview, by her own right.
    pub preview: String,
    pub original: String,
}

/// What she has sent.
pub struct Link {
    pub url: String,
    /// A clean picture that it shows.
    pub picture: String,
}

pub fn administrator(site: &impl Stage) -> Result<()> {
    let email = "admin@rehearsal.example";
    let link = site.auth_command(&["create-admin", "--link", "--username", "admin", "--email", email])?;
    let (browser, action) = (site.browser()?, format!("{}/auth/reset-password", site.places().url("auth")));
    let page = browser.get(&link)?.expect(200)?;
    let token = link.split_once("token=").context("the link has no token")?.1;
    let fields = [("token", token), ("password", PASSWORD)];
    browser.form(&page, &action, &fields)?.expect(303)?;
    browser.get(&link)?.expect(410)?;
    let sign_in = browser.get(&format!("{}/login", browser.auth))?.expect(200)?;
    sign_in_by(&browser, &sign_in, "admin")?;
    browser.get(&format!("{}/admin", browser.photos))?.expect(200)?;
    Ok(())
}

pub fn photographer(site: &impl Stage) -> Result<Browser> {
    let browser = site.browser()?;
    let (page, before) =
        (browser.get(&format!("{}/register", browser.auth))?.expect(200)?, site.mails().len());
    browser
        .form(&page, &format!("{}/register", browser.auth), &[("email", "ana@rehearsal.example")])?
        .expect(303)?;
    let link = link_in(&site.mail_after(before)?, &format!("{}/register/finish?", browser.auth))?;
    let page = browser.get(&link)?.expect(200)?;
    let token =
        link.split_once("token=").context("the link has no token")?.1.split('&').next().unwrap_or_default();
    let fields = [("token", token), ("username", "ana"), ("password", PASSWORD)];
    let answer = browser.form(&page, &format!("{}/register/finish", browser.auth), &fields)?.expect(303)?;
    let there = browser.follow(answer)?.expect(200)?;
    ensure!(there.url == format!("{}/photos", browser.photos), "she landed at {}", there.url);
    Ok(browser)
}

pub fn upload(site: &impl Stage, ana: &Browser) -> Result<Work> {
    let gallery = ana.post("/api/galleries", &json!({ "name": "The harbour" }))?.expect(201)?.json()?;
    let gallery = gallery["id"].as_i64().context("a gallery has an id")?;
    let folder = site.places().of("samples");
    run_quietly(site.tools().command(site.programs().join("examples/sample_photos")).arg(&folder))?;
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.sort();
    files.truncate(1);
    files.push(large_picture(&folder)?);
    let answer = ana.upload(gallery, &ana.session_token()?, &files)?.expect(201)?.json()?;
    let photos: Vec<i64> = numbers(&answer["photos"]);
    ensure!(photos.len() == files.len(), "of {} files these were taken: {answer}", files.len());
    let details = photos.iter().map(|photo| ready(ana, *photo)).collect::<Result<Vec<_>>>()?;
    let address = |pointer: &str| -> Result<String> {
        let path = details[0].pointer(pointer).and_then(Value::as_str).with_context(|| pointer.to_owned())?;
        Ok(format!("{}{path}", ana.photos))
    };
    let (preview, original) = (address("/renditions/preview/url")?, address("/original_url")?);
    ana.get(&format!("{}/gallery/{gallery}", ana.photos))?.expect(200)?;
    Ok(Work { gallery, photos, preview, original })
}

pub fn pictures(ana: &Browser, work: &Work) -> Result<()> {
    for (address, kind) in [(&work.preview, "image/jpeg"), (&work.original, "image/jpeg")] {
        let whole = ana.get(address)?.expect(200)?;
        let size = whole.body.len();
        ensure!(
            whole.header("content-type") == Some(kind),
            "{address} is {:?}",
            whole.header("content-type")
        );
        ensure!(whole.header("x-accel-redirect").is_none(), "{address} tells where the file is");
        ensure!(whole.header("last-modified").is_none(), "{address} tells a date");
        ensure!(whole.header("cache-control").is_some_and(|said| said.starts_with("private")), "{address}");
        let tag = whole.header("etag").with_context(|| format!("{address} has no tag"))?;
        let part = ana.ask(address, &["--range", "5-104"])?.expect(206)?;
        ensure!(part.body == whole.body[5..105], "{address}: the part is not of the whole");
        ensure!(part.header("content-range") == Some(&format!("bytes 5-104/{size}")), "{address}");
        let condition = |name: &str, tag: &str| format!("{name}: {tag}");
        let known = condition("If-None-Match", tag);
        ana.ask(address, &["--header", &known])?.expect(304)?;
        let same = condition("If-Range", tag);
        ana.ask(address, &["--range", "5-104", "--header", &same])?.expect(206)?;
        let other = condition("If-Range", "\"another\"");
        ana.ask(address, &["--range", "5-104", "--header", &other])?.expect(200)?;
        ana.ask(address, &["--range", &format!("{size}-")])?.expect(416)?;
        let several = ana.ask(address, &["--range", "0-1,4-5"])?.expect(200)?;
        ensure!(several.body.len() == size, "{address}: of several parts all is sent");
        let head = ana.ask(address, &["--head"])?.expect(200)?;
        ensure!(
            head.header("content-length") == Some(&size.to_string()),
            "{address}: HEAD tells another size"
        );
    }
    let name = ana.get(&work.original)?;
    let disposition = name.header("content-disposition").unwrap_or_default();
    ensure!(disposition.starts_with("attachment"), "an original is no attachment: {disposition}");
    Ok(())
}

pub fn events(ana: &Browser) -> Result<()> {
    let stream =
        ana.ask(&format!("{}/events", ana.photos), &["--no-buffer", "--max-time", "1"])?.expect(200)?;
    ensure!(stream.text().starts_with("retry:"), "nothing came within a second: {}", stream.text());
    Ok(())
}

pub fn client(site: &impl Stage, ana: &Browser, work: &Work) -> Result<Link> {
    let path = format!("/api/galleries/{}/shares", work.gallery);
    let made =
        ana.post(&path, &json!({ "access_level": "full", "expires_in_days": 7 }))?.expect(201)?.json()?;
    let url = made["url"].as_str().context("a link has an address")?.to_owned();
    ensure!(url.starts_with(&format!("{}/view/", ana.photos)), "the link leads to {url}");
    let client = site.browser()?;
    let page = client.get(&url)?.expect(200)?;
    ensure!(page.header("referrer-policy") == Some("no-referrer"), "the link would be told to others");
    let path = url.strip_prefix(&ana.photos).context("the link leads elsewhere")?;
    let items = client.json(&format!("/api{path}"))?;
    let picture = items.pointer("/items/0/renditions/preview/url").and_then(Value::as_str);
    let picture = format!("{}{}", ana.photos, picture.context("the link shows no picture")?);
    client.get(&picture)?.expect(200)?;
    let download = format!("{url}/photos/{}/download", work.photos[0]);
    let whole = client.get(&download)?.expect(200)?;
    let rest = client.ask(&download, &["--range", "1000-"])?.expect(206)?;
    ensure!(rest.body == whole.body[1000..], "a download that went on is not the same file");
    let archive = client.get(&format!("{url}/download.zip"))?.expect(200)?;
    let told: usize = archive.header("content-length").unwrap_or_default().parse()?;
    ensure!(archive.body.starts_with(b"PK") && archive.body.len() == told, "the archive is not whole");
    Ok(Link { url, picture })
}

pub fn signed_out(site: &impl Stage, ana: &Browser, work: &Work) -> Result<()> {
    ana.get(&work.preview)?.expect(200)?;
    let page = ana.get(&format!("{}/auth/logout", ana.photos))?.expect(200)?;
    let answer = ana.form(&page, &format!("{}/auth/logout", ana.photos), &[])?.expect(303)?;
    ana.follow(answer)?.expect(200)?;
    ana.get(&work.preview)?.expect(404)?;
    let answer = ana.get(&format!("{}/photos", ana.photos))?;
    let form = ana.follow(answer)?.expect(200)?;
    ensure!(
        form.url.starts_with(&format!("{}/login", site.places().url("auth"))),
        "she was sent to {}",
        form.url
    );
    let there = sign_in_by(ana, &form, "ana")?;
    ensure!(there.url == format!("{}/photos", ana.photos), "she landed at {}", there.url);
    Ok(())
}

/// Signs in from the start, unless this browser is signed in by now, and ends at a page of photos.
pub fn sign_in(browser: &Browser, name: &str) -> Result<Answer> {
    let there = browser.get(&format!("{}/auth/login?return_to=/photos", browser.photos))?;
    let there = browser.follow(there)?;
    if there.status != 200 || there.url == format!("{}/photos", browser.photos) {
        return Ok(there);
    }
    let answer = send_sign_in(browser, &there, name)?;
    browser.follow(answer)
}

/// Sends the form of the sign-in page and goes where that leads.
fn sign_in_by(browser: &Browser, form: &Answer, name: &str) -> Result<Answer> {
    let answer = send_sign_in(browser, form, name)?.expect(303)?;
    browser.follow(answer)?.expect(200)
}

fn send_sign_in(browser: &Browser, form: &Answer, name: &str) -> Result<Answer> {
    let text = form.text();
    let back = text.split_once("name=\"return_to\" value=\"").map(|(_, rest)| rest);
    let back = back.and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let back = back.replace("&amp;", "&").replace("&#x2F;", "/");
    let fields = [("username", name), ("password", PASSWORD), ("return_to", back.as_str())];
    browser.form(form, &format!("{}/login", browser.auth), &fields)
}

/// Waits until a photo is ready, and gives what is told of it.
pub fn ready(ana: &Browser, photo: i64) -> Result<Value> {
    let begun = Instant::now();
    loop {
        let told = ana.json(&format!("/api/photos/{photo}"))?;
        match told["status"].as_str() {
            Some("ready") => return Ok(told),
            Some("pending") if begun.elapsed() < Duration::from_mins(2) => sleep(Duration::from_millis(200)),
            other => anyhow::bail!("photo {photo} is {other:?}: {}", told["failure"]),
        }
        process::go_on()?;
    }
}

/// More than nginx lets through where it is not told.
fn large_picture(folder: &Path) -> Result<PathBuf> {
    picture(&folder.join("large.bmp"), (3000, 2000), 0)
}

/// A picture that nothing has made smaller; each seed gives another one.
pub fn picture(path: &Path, (width, height): (u32, u32), seed: u32) -> Result<PathBuf> {
    let bytes = width * height * 3;
    let mut head = b"BM".to_vec();
    for number in [54 + bytes, 0, 54, 40, width, height, 24 << 16 | 1, 0, bytes, 2835, 2835, 0, 0] {
        head.extend(number.to_le_bytes());
    }
    let mut file = File::create(path)?;
    file.write_all(&head)?;
    let row: Vec<u8> = (0..width * 3).map(|at| (at + seed * 59).to_le_bytes()[1]).collect();
    for _ in 0..height {
        file.write_all(&row)?;
    }
    Ok(path.to_owned())
}

/// The address in a mail that begins like this; the text part is quoted-printable.
fn link_in(mail: &str, begins: &str) -> Result<String> {
    let text = mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=");
    let at = text.find(begins).with_context(|| format!("no {begins} in the mail about {DOMAIN}"))?;
    let link: String =
        text[at..].chars().take_while(|c| !c.is_whitespace() && !"\"<>".contains(*c)).collect();
    Ok(link.replace("&amp;", "&"))
}

pub fn numbers(items: &Value) -> Vec<i64> {
    items.as_array().into_iter().flatten().filter_map(|item| item["id"].as_i64()).collect()
}
