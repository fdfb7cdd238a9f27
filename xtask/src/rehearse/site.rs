//! The site itself as processes: two databases, Redis, two of each service and of the worker, and nginx with the shipped
//! files.

use std::fs::{self, File};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::browser::Browser;
use super::certificate::Authority;
use super::places::{DOMAIN, Places};
use super::stage::{PATIENCE, Stage, mails_in, until};
use crate::cargo;
use crate::checkout::Checkout;
use crate::http;
use crate::postgres::Server;
use crate::process::{Group, run_quietly};
use crate::say;
use crate::tools::Tools;

/// A part of which there are several.
#[derive(Clone, Copy)]
pub enum Part {
    Auth,
    Photos,
    Worker,
}

/// Each of them.
pub const BOTH: [usize; 2] = [0, 1];
/// The databases.
pub const OF_AUTH: usize = 0;
pub const OF_PHOTOS: usize = 1;

/// All that runs; stopped from the outside in when this is dropped.
pub struct Site {
    // In the order in which they stop.
    nginx: Option<Group>,
    workers: [Option<Group>; 2],
    photos: [Option<Group>; 2],
    auth: [Option<Group>; 2],
    redis: Option<Group>,
    s3: Option<Group>,
    /// Whether photos stores in the bucket by now.
    pub in_bucket: bool,
    pub databases: [Server; 2],
    pub tools: Tools,
    pub programs: PathBuf,
    pub places: Places,
    authority: Authority,
    pub deploy: PathBuf,
}

impl Site {
    /// Starts everything; nginx has no certificate yet.
    pub fn start(checkout: &Checkout, tools: &Tools) -> Result<Self> {
        let places = Places::make()?;
        let databases = [Server::named(checkout, tools, "auth")?, Server::named(checkout, tools, "photos")?];
        databases[OF_AUTH].ensure_database("auth")?;
        databases[OF_PHOTOS].ensure_database("photos")?;
        let authority = Authority::make(tools, &places.of("authority"))?;
        let mut site = Self {
            nginx: None,
            workers: [None, None],
            photos: [None, None],
            auth: [None, None],
            redis: None,
            s3: None,
            in_bucket: false,
            databases,
            tools: tools.clone(),
            programs: cargo::programs(checkout, tools)?,
            places,
            authority,
            deploy: checkout.root.join("deploy"),
        };
        if let Err(error) = site.bring_up() {
            say(site.last_lines());
            return Err(error);
        }
        Ok(site)
    }

    /// Both of each begin at the same moment on an empty database.
    fn bring_up(&mut self) -> Result<()> {
        self.make_secrets()?;
        self.start_redis()?;
        for part in [Part::Auth, Part::Photos] {
            for which in BOTH {
                self.begin(part, which)?;
            }
        }
        for which in BOTH {
            self.until_healthy(Part::Auth, which)?;
            self.until_healthy(Part::Photos, which)?;
            self.begin(Part::Worker, which)?;
        }
        self.nginx = Some(self.logged("nginx", &mut self.proxy())?);
        until("nginx", || TcpStream::connect(("127.0.0.1", self.places.http)).is_ok())
    }

    /// Starts one of them, without waiting for it.
    pub fn begin(&mut self, part: Part, which: usize) -> Result<()> {
        let (name, mut command) = match part {
            Part::Auth => ("auth-service", self.auth_service(which)),
            Part::Photos => ("photos", self.photos(which)),
            Part::Worker => ("worker", self.photos(which)),
        };
        command.arg(if matches!(part, Part::Worker) { "worker" } else { "serve" });
        let group = self.logged(&format!("{name}-{which}"), &mut command)?;
        *self.slot(part, which) = Some(group);
        Ok(())
    }

    pub fn until_healthy(&self, part: Part, which: usize) -> Result<()> {
        match part {
            Part::Auth => until("the auth-service", || is_healthy(self.places.auth[which], "/api/health")),
            Part::Photos => until("photos", || is_healthy(self.places.photos[which], "/health")),
            Part::Worker => Ok(()),
        }
    }

    /// The end of one of them: `TERM` asks, `KILL` does not.
    pub fn end(&mut self, part: Part, which: usize, signal: &str) {
        if let Some(mut group) = self.slot(part, which).take() {
            group.stop(signal, PATIENCE);
        }
    }

    /// Whether one of them still runs.
    pub fn runs(&mut self, part: Part, which: usize) -> bool {
        self.slot(part, which).as_mut().is_some_and(|group| matches!(group.ended(), Ok(None)))
    }

    fn slot(&mut self, part: Part, which: usize) -> &mut Option<Group> {
        match part {
            Part::Auth => &mut self.auth[which],
            Part::Photos => &mut self.photos[which],
            Part::Worker => &mut self.workers[which],
        }
    }

    /// Gives nginx its first certificate and waits until it serves with it.
    pub fn certify(&self) -> Result<()> {
        self.authority.certify(&self.tools, &self.places.of("certificates"))?;
        until("https", || TcpStream::connect(("127.0.0.1", self.places.https)).is_ok())
    }

    /// Gives nginx another certificate and waits until clients get it.
    pub fn renew(&self) -> Result<()> {
        let before = self.served()?;
        self.authority.certify(&self.tools, &self.places.of("certificates"))?;
        until("the new certificate", || self.served().is_ok_and(|now| now != before))
    }

    pub fn start_redis(&mut self) -> Result<()> {
        self.redis = Some(self.logged("redis", &mut self.memory()?)?);
        until("Redis", || TcpStream::connect(("127.0.0.1", self.places.redis)).is_ok())
    }

    /// The end of Redis, at once and with no word.
    pub fn kill_redis(&mut self) {
        if let Some(mut redis) = self.redis.take() {
            redis.stop("KILL", PATIENCE);
        }
    }

    pub fn start_s3(&mut self) -> Result<()> {
        self.s3 = Some(self.logged("s3", &mut self.s3_server())?);
        until("the S3 server", || TcpStream::connect(("127.0.0.1", self.places.s3)).is_ok())
    }

    /// The end of the S3 server, at once and with no word.
    pub fn kill_s3(&mut self) {
        if let Some(mut s3) = self.s3.take() {
            s3.stop("KILL", PATIENCE);
        }
    }

    fn logged(&self, name: &str, command: &mut Command) -> Result<Group> {
        let log = File::options().create(true).append(true).open(self.log(name))?;
        Group::start(command.stdout(Stdio::from(log.try_clone()?)).stderr(Stdio::from(log)))
    }

    fn log(&self, name: &str) -> PathBuf {
        self.places.of("logs").join(name)
    }

    /// The certificate that clients are shown.
    fn served(&self) -> Result<String> {
        let (address, name) = (format!("127.0.0.1:{}", self.places.https), format!("photos.{DOMAIN}"));
        let mut command = self.tools.command("openssl");
        command.args(["s_client", "-connect", &address, "-servername", &name]);
        let said = run_quietly(&mut command)?;
        let begins = said.find("-----BEGIN CERTIFICATE").context("nginx showed no certificate")?;
        Ok(said[begins..].split("-----END").next().unwrap_or_default().to_owned())
    }

    /// What the processes said at last, for whoever looks for the reason of a failure.
    pub fn last_lines(&self) -> String {
        let mut said = String::new();
        for name in [
            "auth-service-0",
            "auth-service-1",
            "photos-0",
            "photos-1",
            "worker-0",
            "worker-1",
            "redis",
            "s3",
            "nginx",
            "access",
        ] {
            let text = fs::read_to_string(self.log(name)).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            for line in &lines[lines.len().saturating_sub(8)..] {
                said.extend([name, " | ", line, "\n"]);
            }
        }
        said
    }
}

impl Stage for Site {
    fn tools(&self) -> &Tools {
        &self.tools
    }

    fn places(&self) -> &Places {
        &self.places
    }

    fn programs(&self) -> &Path {
        &self.programs
    }

    fn browser(&self) -> Result<Browser> {
        Browser::new(&self.tools, &self.places, &self.authority.certificate())
    }

    fn auth_command(&self, arguments: &[&str]) -> Result<String> {
        only_line(&run_quietly(self.auth_service(0).args(arguments))?)
    }

    fn mails(&self) -> Vec<String> {
        mails_in(&self.places.of("mailbox"))
    }
}

fn is_healthy(port: u16, path: &str) -> bool {
    http::Site::new("localhost", port).is_healthy(path)
}

pub fn only_line(text: &str) -> Result<String> {
    match text.lines().collect::<Vec<_>>().as_slice() {
        [line] => Ok((*line).to_owned()),
        other => bail!("one line was expected, not {other:?}"),
    }
}
