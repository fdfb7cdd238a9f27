//! A service as `dev` runs it: its address, its settings, its output.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::accounts::State;
use crate::http::Site;
use crate::postgres::Server;
use crate::process::Group;
use crate::say;
use crate::tools::Tools;

pub const AUTH: Address =
    Address { name: "auth", host: "auth.stsgym.localhost", port: 5007, health: "/api/health" };
pub const PHOTOS: Address =
    Address { name: "photos", host: "photos.stsgym.localhost", port: 5009, health: "/health" };

/// Where a service is reached.
pub struct Address {
    name: &'static str,
    host: &'static str,
    pub port: u16,
    health: &'static str,
}

impl Address {
    /// As a browser reaches it, which resolves every name under `localhost`.
    pub fn url(&self) -> String {
        format!("http://{}:{}", self.host, self.port)
    }

    pub fn site(&self) -> Site {
        Site::new(self.host, self.port)
    }

    fn bind(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

/// A running service; dropping it stops it in an orderly way.
pub struct Service {
    address: &'static Address,
    group: Group,
}

impl Service {
    /// Starts it, with each line of its output marked by its name.
    pub fn start(address: &'static Address, command: &mut Command) -> Result<Self> {
        let mut group = Group::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
        let (output, errors) = (group.child().stdout.take(), group.child().stderr.take());
        let streams: [Option<Box<dyn Read + Send>>; 2] =
            [output.map(|stream| Box::new(stream) as _), errors.map(|stream| Box::new(stream) as _)];
        for stream in streams.into_iter().flatten() {
            thread::spawn(move || show(address.name, stream));
        }
        Ok(Self { address, group })
    }

    pub fn is_healthy(&self) -> bool {
        self.address.site().is_healthy(self.address.health)
    }

    /// An error once the service has ended, which it never should by itself.
    pub fn still_runs(&mut self) -> Result<()> {
        match self.group.ended()? {
            None => Ok(()),
            Some(status) => {
                bail!(
                    "{} ended by itself ({status}); its lines above say why. All is stopped.",
                    self.address.name
                )
            }
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Ok(None) = self.group.ended() {
            say(format_args!("Stopping {}.", self.address.name));
        }
        self.group.stop("TERM", Duration::from_secs(15));
    }
}

fn show(name: &str, stream: impl Read) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        say(format_args!("{name:<6} | {}", String::from_utf8_lossy(&line).trim_end()));
        line.clear();
    }
}

/// `auth-service` with its settings.
pub fn auth(tools: &Tools, programs: &Path, server: &Server, state: &State, mailbox: &Path) -> Command {
    let mut command = common(tools, &programs.join("auth-service"));
    command.env("AUTH_DATABASE_URL", server.url("auth"));
    command.env("AUTH_BIND", AUTH.bind());
    command.env("AUTH_SECRETS", state.auth_secrets());
    command.env(
        "SERVICE_CREDENTIALS",
        format!("photos {} events users:read users:role settings", state.service_token()),
    );
    command.env("HOME_URL", format!("{}/photos", PHOTOS.url()));
    command.env("MAIL_DIR", mailbox);
    command
}

/// `photos` with its settings.
pub fn photos(
    tools: &Tools,
    programs: &Path,
    server: &Server,
    state: &State,
    storage: &Path,
    mailbox: &Path,
) -> Command {
    let mut command = common(tools, &programs.join("photos"));
    command.env("PHOTOS_DATABASE_URL", server.url("photos"));
    command.env("PHOTOS_BIND", PHOTOS.bind());
    command.env("PHOTOS_SECRETS", state.photos_secrets());
    command.env("MAIL_DIR", mailbox);
    command.env("AUTH_SERVICE_TOKEN", state.service_token());
    command.env("AUTH_INTERNAL_URL", format!("http://{}", AUTH.bind()));
    command.env("STORAGE_DIR", storage);
    command
}

fn common(tools: &Tools, program: &Path) -> Command {
    let mut command = tools.command(program);
    if env::var_os("LOG_FORMAT").is_none() {
        command.env("LOG_FORMAT", "text");
    }
    command.env("BASE_DOMAIN", "stsgym.localhost").env("DEVELOPMENT", "true");
    command.env("AUTH_PUBLIC_URL", AUTH.url()).env("PHOTOS_PUBLIC_URL", PHOTOS.url());
    command
}
