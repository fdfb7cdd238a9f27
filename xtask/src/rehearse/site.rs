//! The site itself: two databases, Redis, both services in production mode, a worker, and nginx with the shipped files.

use std::fs::{self, File};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::browser::Browser;
use super::certificate::Authority;
use super::places::{DOMAIN, Places, text};
use crate::cargo;
use crate::checkout::Checkout;
use crate::http;
use crate::postgres::Server;
use crate::process::{self, Group, run_quietly};
use crate::say;
use crate::tools::{self, Tools};

const PATIENCE: Duration = Duration::from_secs(30);

/// All that runs; stopped from the outside in when this is dropped.
pub struct Site {
    // In the order in which they stop.
    nginx: Option<Group>,
    worker: Option<Group>,
    photos: Option<Group>,
    auth: Option<Group>,
    redis: Option<Group>,
    databases: [Server; 2],
    pub tools: Tools,
    pub programs: PathBuf,
    pub places: Places,
    authority: Authority,
    deploy: PathBuf,
}

impl Site {
    /// Starts everything; nginx has no certificate yet.
    pub fn start(checkout: &Checkout, tools: &Tools) -> Result<Self> {
        let places = Places::make()?;
        let databases = [Server::named(checkout, tools, "auth")?, Server::named(checkout, tools, "photos")?];
        databases[0].ensure_database("auth")?;
        databases[1].ensure_database("photos")?;
        let authority = Authority::make(tools, &places.of("authority"))?;
        let mut site = Self {
            nginx: None,
            worker: None,
            photos: None,
            auth: None,
            redis: None,
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

    fn bring_up(&mut self) -> Result<()> {
        self.make_secrets()?;
        self.redis = Some(self.logged("redis", &mut self.memory()?)?);
        self.until("Redis", |site| TcpStream::connect(("127.0.0.1", site.places.redis)).is_ok())?;
        self.auth = Some(self.logged("auth-service", self.auth_service().arg("serve"))?);
        self.photos = Some(self.logged("photos", self.photos().arg("serve"))?);
        self.until("the auth-service", |site| is_healthy(site.places.auth, "/api/health"))?;
        self.until("photos", |site| is_healthy(site.places.photos, "/health"))?;
        self.worker = Some(self.logged("worker", self.photos().arg("worker"))?);
        self.nginx = Some(self.logged("nginx", &mut self.proxy())?);
        self.until("nginx", |site| TcpStream::connect(("127.0.0.1", site.places.http)).is_ok())
    }

    /// Gives nginx its first certificate and waits until it serves with it.
    pub fn certify(&self) -> Result<()> {
        self.authority.certify(&self.tools, &self.places.of("certificates"))?;
        self.until("https", |site| TcpStream::connect(("127.0.0.1", site.places.https)).is_ok())
    }

    /// Gives nginx another certificate and waits until clients get it.
    pub fn renew(&self) -> Result<()> {
        let before = self.served()?;
        self.authority.certify(&self.tools, &self.places.of("certificates"))?;
        self.until("the new certificate", |site| site.served().is_ok_and(|now| now != before))
    }

    /// The end of photos, for seeing what is left without it.
    pub fn stop_photos(&mut self) {
        if let Some(mut photos) = self.photos.take() {
            photos.stop("TERM", PATIENCE);
        }
    }

    /// The end of Redis, at once and with no word.
    pub fn kill_redis(&mut self) {
        if let Some(mut redis) = self.redis.take() {
            redis.stop("KILL", PATIENCE);
        }
    }

    /// A browser that was nowhere yet.
    pub fn browser(&self) -> Result<Browser> {
        Browser::new(&self.tools, &self.places, &self.authority.certificate())
    }

    /// `auth-service` with the settings of production.
    pub fn auth_service(&self) -> Command {
        let mut command = self.common("auth-service");
        command.env("AUTH_DATABASE_URL", self.databases[0].url("auth"));
        command.env("AUTH_BIND", format!("127.0.0.1:{}", self.places.auth));
        for name in ["AUTH_SECRETS", "SERVICE_CREDENTIALS"] {
            self.secret(&mut command, name);
        }
        command.env("HOME_URL", format!("{}/photos", self.places.url("photos")));
        command.env("REGISTRATION_ROLE", "photographer");
        command
    }

    fn photos(&self) -> Command {
        let mut command = self.common("photos");
        command.env("PHOTOS_DATABASE_URL", self.databases[1].url("photos"));
        command.env("PHOTOS_BIND", format!("127.0.0.1:{}", self.places.photos));
        command.env("PHOTOS_METRICS_BIND", format!("127.0.0.1:{}", self.places.figures));
        for name in ["PHOTOS_SECRETS", "AUTH_SERVICE_TOKEN"] {
            self.secret(&mut command, name);
        }
        command.env("AUTH_INTERNAL_URL", format!("http://127.0.0.1:{}", self.places.auth));
        command.env("REDIS_URL_FILE", self.places.of("redis_url"));
        command.env("STORAGE_DIR", self.places.of("storage"));
        command.env("WORKER_PROCESSES", "0").env("MEDIA_ACCEL_PREFIX", "/stored/");
        command
    }

    /// What both are told; nothing of whoever started the rehearsal reaches them.
    fn common(&self, program: &str) -> Command {
        let mut command = self.tools.command(self.programs.join(program));
        let path = std::env::var_os("PATH").unwrap_or_default();
        command
            .env_clear()
            .env("PATH", path)
            .env("BASE_DOMAIN", DOMAIN)
            .env("TRUSTED_PROXIES", "127.0.0.1/32");
        command.env("AUTH_PUBLIC_URL", self.places.url("auth"));
        command.env("PHOTOS_PUBLIC_URL", self.places.url("photos"));
        command.env("MAIL_DIR", self.places.of("mailbox"));
        command
    }

    fn proxy(&self) -> Command {
        let mut command = self.tools.command("sh");
        command.arg(self.deploy.join("nginx/start"));
        let listen = |port: u16| format!("127.0.0.1:{port}");
        let Places { http, https, auth, photos, .. } = self.places;
        for (name, value) in [
            ("PHOTOS_HOST", format!("photos.{DOMAIN}")),
            ("AUTH_HOST", format!("auth.{DOMAIN}")),
            ("PHOTOS_UPSTREAM", listen(photos)),
            ("AUTH_UPSTREAM", listen(auth)),
            ("HTTP_LISTEN", listen(http)),
            ("HTTPS_LISTEN", listen(https)),
            ("PUBLIC_PORT", format!(":{https}")),
            ("CERTIFICATES", text(&self.places.of("certificates"))),
            ("ACME_DIR", text(&self.places.of("acme"))),
            ("STORAGE_DIR", text(&self.places.of("storage"))),
            ("ACCESS_LOG", text(&self.places.of("logs/access"))),
            ("TARGET", text(&self.places.of("nginx"))),
            ("WATCH_SECONDS", "0.3".to_owned()),
        ] {
            command.env(name, value);
        }
        if tools::is_root() {
            // Its workers must get into the folders of whoever rehearses.
            command.env("RUN_AS", "root");
        }
        command
    }

    /// By the shipped script, which is thereby tried too.
    fn make_secrets(&self) -> Result<()> {
        let folder = self.places.of("secrets");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("smtp_url"), "smtp://localhost\n")?;
        let mut command = self.tools.command("sh");
        run_quietly(command.arg(self.deploy.join("secrets")).env("SECRETS_DIR", folder)).map(drop)
    }

    /// Redis as compose.yaml runs it, and its address as photos is told it.
    fn memory(&self) -> Result<Command> {
        let password = fs::read_to_string(self.places.of("secrets/redis_password"))?;
        let (password, port) = (password.trim(), self.places.redis);
        fs::write(self.places.of("redis_url"), format!("redis://:{password}@127.0.0.1:{port}"))?;
        let configuration = self.places.of("redis.conf");
        let text = format!(
            "requirepass {password}\nsave \"\"\nappendonly no\nmaxmemory 64mb\nmaxmemory-policy allkeys-lru\n\
             bind 127.0.0.1\nport {port}\n"
        );
        fs::write(&configuration, text)?;
        let mut command = self.tools.command("redis-server");
        command.arg(configuration);
        Ok(command)
    }

    fn secret(&self, command: &mut Command, name: &str) {
        command.env(format!("{name}_FILE"), self.places.of("secrets").join(name.to_lowercase()));
    }

    fn logged(&self, name: &str, command: &mut Command) -> Result<Group> {
        let log = File::create(self.log(name))?;
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

    pub fn until(&self, what: &str, done: impl Fn(&Self) -> bool) -> Result<()> {
        let begun = Instant::now();
        while !done(self) {
            process::go_on()?;
            ensure!(begun.elapsed() < PATIENCE, "{what} did not come within {} seconds", PATIENCE.as_secs());
            sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// The only mail that came since those were counted, once it is there.
    pub fn mail_after(&self, count: usize) -> Result<String> {
        let list = || files(&self.places.of("mailbox"));
        self.until("a mail", |_| list().len() > count)?;
        let newest = list().pop().context("no mail")?;
        Ok(fs::read_to_string(newest)?)
    }

    pub fn count_mails(&self) -> usize {
        files(&self.places.of("mailbox")).len()
    }

    /// What the processes said at last, for whoever looks for the reason of a failure.
    pub fn last_lines(&self) -> String {
        let mut said = String::new();
        for name in ["auth-service", "photos", "worker", "redis", "nginx", "access"] {
            let text = fs::read_to_string(self.log(name)).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            for line in &lines[lines.len().saturating_sub(8)..] {
                said.extend([name, " | ", line, "\n"]);
            }
        }
        said
    }
}

fn is_healthy(port: u16, path: &str) -> bool {
    http::Site::new("localhost", port).is_healthy(path)
}

/// Runs a command of the auth-service and gives its one line.
pub fn told(command: &mut Command) -> Result<String> {
    let line = run_quietly(command)?;
    match line.lines().collect::<Vec<_>>().as_slice() {
        [line] => Ok((*line).to_owned()),
        other => bail!("one line was expected, not {other:?}"),
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<_> = found.filter(|file| file.extension().is_some_and(|end| end == "eml")).collect();
    found.sort();
    found
}
