//! What the site does not do, whoever asks.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use super::browser::Browser;
use super::places::DOMAIN;
use super::stage::Stage;
use super::walk::{Link, Work};

/// Tries at one address within a minute that the auth-service allows for forgotten passwords.
const FORGOT_LIMIT: usize = 5;

pub fn before_the_certificate(site: &impl Stage) -> Result<()> {
    let browser = site.browser()?;
    let challenge = "/.well-known/acme-challenge/trial";
    fs::write(site.places().of("acme").join(&challenge[1..]), "the answer")?;
    for service in ["photos", "auth"] {
        let plain = format!("http://{service}.{DOMAIN}:{}", site.places().http);
        let answer = browser.get(&format!("{plain}{challenge}"))?.expect(200)?;
        ensure!(answer.body == b"the answer", "the challenge is answered with {}", answer.text());
    }
    Ok(())
}

pub fn doors(site: &impl Stage) -> Result<()> {
    let browser = site.browser()?;
    for service in ["photos", "auth"] {
        let plain = format!("http://{service}.{DOMAIN}:{}", site.places().http);
        let answer = browser.get(&format!("{plain}/login?a=b"))?.expect(308)?;
        let there = format!("{}/login?a=b", site.places().url(service));
        ensure!(answer.header("location") == Some(&there), "http leads to {:?}", answer.header("location"));
        let url = site.places().url(service);
        for path in
            ["/uploads/1/a.jpg", "//uploads/1/a.jpg", "/x/../uploads/1/a.jpg", "/stored/", "/stored/.photos"]
        {
            let answer = browser.ask(&format!("{url}{path}"), &["--path-as-is"])?.expect(404)?;
            let by_service = path.contains("stored") && service == "auth";
            ensure!(by_service || answer.text().contains("<center>nginx</center>"), "{path} got past nginx");
        }
    }
    let stranger = format!("https://stranger.{DOMAIN}:{}/", site.places().https);
    ensure!(browser.get(&stranger).is_err(), "a name that is not ours got an answer");
    let elsewhere = format!("http://stranger.{DOMAIN}:{}/", site.places().http);
    browser.get(&elsewhere)?.expect(404)?;
    let version = browser.get(&format!("{}/", browser.photos))?.expect(200)?;
    ensure!(version.header("server") == Some("nginx"), "nginx tells {:?}", version.header("server"));
    // Refused by what it announces, before a byte of it is taken.
    let huge = ["--http1.1", "--header", "Content-Length: 99999999999", "--data-binary", "x"];
    browser.ask(&format!("{}/api/upload", browser.photos), &huge)?.expect(413)?;
    Ok(())
}

pub fn pictures(site: &impl Stage, ana: &Browser, work: &Work, link: &Link) -> Result<()> {
    let stranger = site.browser()?;
    for address in [&work.preview, &work.original] {
        stranger.get(address)?.expect(404)?;
    }
    for variant in ["original", "clean-original"] {
        stranger.get(&link.picture.replacen("/preview", &format!("/{variant}"), 1))?.expect(404)?;
    }
    let shares = ana.json(&format!("/api/galleries/{}/shares", work.gallery))?;
    let id = shares.pointer("/items/0/id").and_then(serde_json::Value::as_i64).context("a link has an id")?;
    let token = format!("X-CSRF-Token: {}", ana.session_token()?);
    stranger.get(&link.picture)?.expect(200)?;
    ana.ask(&format!("{}/api/shares/{id}", ana.photos), &["--request", "DELETE", "--header", &token])?
        .expect(204)?;
    stranger.get(&link.picture)?.expect(404)?;
    stranger.get(&link.url)?.expect(410)?;
    Ok(())
}

pub fn limits(site: &impl Stage) -> Result<()> {
    let browser = site.browser()?;
    let url = format!("{}/api/forgot-password", browser.auth);
    let body = json!({ "email": "nobody@rehearsal.example" }).to_string();
    // Each replica counts by itself.
    for number in 0..=2 * FORGOT_LIMIT {
        let claims = [
            format!("X-Forwarded-For: 198.51.100.{number}"),
            format!("Forwarded: for=198.51.100.{number}"),
            format!("X-Real-IP: 198.51.100.{number}"),
        ];
        let mut arguments = vec!["--header", "Content-Type: application/json", "--data-binary", &body];
        for claim in &claims {
            arguments.extend(["--header", claim]);
        }
        let answer = browser.ask(&url, &arguments)?;
        if answer.status == 429 && number >= FORGOT_LIMIT {
            return Ok(());
        }
        answer.expect(200)?;
    }
    bail!("whoever claims other addresses may try for ever")
}
