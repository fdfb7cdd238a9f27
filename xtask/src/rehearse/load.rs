//! People and programs at work while parts of the site come and go: two upload, one reads, visitors open a link with numbered
//! visits, one signs in and out and others register. Each goes on as a client does; at the end all is counted.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::browser::Browser;
use super::deeds::{self, Done, Uploader};
use super::insist::Desk;
use super::site::{OF_PHOTOS, Site};
use super::stage::{Stage, until, until_within};
use super::walk::sign_in;

const MOST_VISITS: i64 = 12;
/// For so long nothing may get done after a part came back, or while another of its kind is there.
const LONGEST_STANDSTILL: Duration = Duration::from_secs(40);

pub struct Load {
    desk: Arc<Desk>,
    done: Arc<Done>,
    threads: Vec<JoinHandle<()>>,
    ana: Browser,
    gallery: i64,
    pub link: String,
}

/// A thread's name and what it does again and again.
type Client = (&'static str, Box<dyn FnMut(&Desk, &Done, usize) -> Result<()> + Send>);

impl Load {
    /// Begins; whoever calls has seen to it that all is there.
    pub fn begin(site: &Site) -> Result<Self> {
        let ana = signed_in(site)?;
        let gallery = ana.post("/api/galleries", &json!({ "name": "Under load" }))?.expect(201)?.json()?;
        let gallery = gallery["id"].as_i64().context("a gallery has an id")?;
        let numbered = json!({ "access_level": "full", "expires_in_days": 7, "max_views": MOST_VISITS });
        let link = ana.post(&format!("/api/galleries/{gallery}/shares"), &numbered)?.expect(201)?.json()?;
        let link = link["url"].as_str().context("a link has an address")?.to_owned();
        let (desk, done) = (Arc::new(Desk::default()), Arc::new(Done::default()));
        let mut threads = Vec::new();
        for (number, (name, mut deed)) in clients(site, gallery, &link)?.into_iter().enumerate() {
            let (desk, done) = (Arc::clone(&desk), Arc::clone(&done));
            threads.push(thread::spawn(move || desk.work(number, name, |time| deed(&desk, &done, time))));
        }
        Ok(Self { desk, done, threads, ana, gallery, link })
    }

    /// Waits until every client has got something done that it began from now on.
    pub fn goes_on(&self) -> Result<()> {
        let before = self.desk.progress();
        let goes_on = || {
            let now = self.desk.progress();
            // What is in hand may have begun before.
            now.iter().zip(&before).take(self.threads.len()).all(|(now, before)| now - before > 1)
        };
        until_within(LONGEST_STANDSTILL, "the work of all clients", || {
            goes_on() || self.desk.check().is_err()
        })?;
        self.desk.check()
    }

    /// No session that is over opens anything, whatever is away at this moment.
    pub fn nobody_comes_back(&self) -> Result<()> {
        let thieves = self.done.thieves.lock().map_err(|_| anyhow::anyhow!("a client fell over"))?;
        for thief in thieves.iter().rev().take(3) {
            let answer = thief.ask(&format!("{}/api/photos", thief.photos), &[])?;
            ensure!(matches!(answer.status, 401 | 503), "a session that is over got {}", answer.status);
        }
        Ok(())
    }

    /// Ends the work and counts what came of it.
    pub fn finish(self, site: &Site) -> Result<String> {
        self.desk.end();
        for thread in self.threads {
            let _ = thread.join();
        }
        self.desk.check()?;
        let uploads = self.done.uploads.lock().map(|done| done.clone()).unwrap_or_default();
        each_photo_once(&self.ana, self.gallery, &uploads)?;
        let settled = "do $$ begin
            if exists (select from graphile_worker._private_jobs where key like 'render_photo:%') then
                raise exception 'a job is left';
            end if;
            if exists (select from photo left join renditions on renditions.photo_id = photo.id and encoding = 'jpeg'
                group by photo.id having count(renditions.photo_id) <> 6) then
                raise exception 'a photo has not one set of pictures';
            end if;
        end $$";
        until("the end of all jobs", || site.databases[OF_PHOTOS].run("photos", settled).is_ok())
            .context("jobs are left, or a photo has not one set of pictures")?;
        let shares = self.ana.json(&format!("/api/galleries/{}/shares", self.gallery))?;
        let views = shares.pointer("/items/0/views").and_then(Value::as_i64).context("a link has views")?;
        let (entered, unknown) = self.done.visits.lock().map(|visits| *visits).unwrap_or_default();
        ensure!(
            views >= entered && views <= (entered + unknown).min(MOST_VISITS),
            "{entered} visits began, {unknown} perhaps; {views} were counted of {MOST_VISITS}"
        );
        let mails = no_mail_twice(&site.mails())?;
        Ok(format!(
            "{} photos, {views} of {MOST_VISITS} numbered visits ({unknown} of them unknown to their clients), {mails} mails; {}",
            uploads.len(),
            self.desk.told()
        ))
    }
}

fn clients(site: &Site, gallery: i64, link: &str) -> Result<Vec<Client>> {
    let mut clients: Vec<Client> = Vec::new();
    for name in ["one who uploads", "another who uploads"] {
        let (browser, folder) = (signed_in(site)?, site.places.of("load"));
        let (token, first) = (browser.session_token()?, clients.len() * 500);
        let uploader = Uploader { browser, token, gallery, folder };
        clients.push((name, Box::new(move |desk, done, time| uploader.upload(desk, done, first + time))));
    }
    let (reader, stranger, url) = (signed_in(site)?, site.browser()?, link.to_owned());
    clients.push(("who reads", Box::new(move |desk, _, _| deeds::read(desk, &reader, gallery))));
    let visitor = stranger.another()?;
    clients.push((
        "a visitor",
        Box::new(move |desk, done, _| deeds::visit(desk, done, &visitor.another()?, &url)),
    ));
    let newcomer = stranger.another()?;
    let coming = move |desk: &Desk, done: &Done, _| deeds::in_and_out(desk, done, &newcomer.another()?);
    clients.push(("who signs in and out", Box::new(coming)));
    clients.push((
        "who registers",
        Box::new(move |desk, _, time| deeds::register(desk, &stranger.another()?, time)),
    ));
    Ok(clients)
}

fn signed_in(site: &Site) -> Result<Browser> {
    let browser = site.browser()?;
    sign_in(&browser, "ana")?.expect(200)?;
    Ok(browser)
}

/// Each photo that was answered for is there, once, and none besides.
fn each_photo_once(ana: &Browser, gallery: i64, uploads: &[(String, i64)]) -> Result<()> {
    let list = || -> Result<Vec<(String, i64, String)>> {
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let page = ana.json(&format!("/api/photos?gallery_id={gallery}&sort=newest&limit=200{after}"))?;
            for photo in page["items"].as_array().into_iter().flatten() {
                let text = |name: &str| photo[name].as_str().unwrap_or_default().to_owned();
                found.push((text("filename"), photo["id"].as_i64().unwrap_or_default(), text("status")));
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(found),
            }
        }
    };
    until_within(LONGEST_STANDSTILL, "the end of all pictures", || {
        list().is_ok_and(|photos| photos.iter().all(|(_, _, status)| status != "pending"))
    })?;
    let photos = list()?;
    ensure!(photos.iter().all(|(_, _, status)| status == "ready"), "photos failed: {photos:?}");
    let mut found: Vec<_> = photos.into_iter().map(|(name, id, _)| (name, id)).collect();
    let mut expected = uploads.to_vec();
    found.sort();
    expected.sort();
    ensure!(found == expected, "answered for were {expected:?}, there are {found:?}");
    Ok(())
}

/// How many mails went out; each has an identity of its own.
fn no_mail_twice(mails: &[String]) -> Result<usize> {
    let identity = |mail: &String| {
        let line = mail.lines().find(|line| line.to_ascii_lowercase().starts_with("message-id:"));
        line.map(str::to_owned).context("a mail without an identity")
    };
    let identities: BTreeSet<String> = mails.iter().map(identity).collect::<Result<_>>()?;
    ensure!(identities.len() == mails.len(), "{} mails went out twice", mails.len() - identities.len());
    Ok(mails.len())
}
