//! Both services as they run in production, and a photographer who is signed in.

use std::{
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};

use super::{Arguments, stages::Stages};
use crate::{
    load::Connection,
    processes::{ACCOUNT, Process, SERVICE_TOKEN, free_port, get},
};

/// Both services, running.
pub struct Services {
    auth: Process,
    /// The one that is measured.
    pub photos: Process,
    log: PathBuf,
}

/// Somebody signed in, with what their browser sends.
pub struct Person {
    /// The value of the header.
    pub cookies: String,
    /// What every change brings along.
    pub csrf_token: String,
}

impl Services {
    /// Starts both; photos with a worker beside it, as by default.
    pub async fn start(arguments: &Arguments, storage: &Path) -> anyhow::Result<Self> {
        let auth = Process::auth(&arguments.auth, &arguments.auth_database_url, 5).await?;
        let port = free_port()?;
        let log = arguments.folder.join("log");
        let mut command = Command::new(&arguments.photos);
        command
            .arg("serve")
            .env("PHOTOS_DATABASE_URL", &arguments.photos_database_url)
            .env("PHOTOS_PUBLIC_URL", format!("http://photos.stsgym.localhost:{port}"))
            .env("PHOTOS_BIND", format!("127.0.0.1:{port}"))
            .env("PHOTOS_SECRETS", "another-secret-of-the-benchmark-that-protects-nothing")
            .env("AUTH_PUBLIC_URL", format!("http://auth.stsgym.localhost:{}", auth.port))
            .env("AUTH_INTERNAL_URL", format!("http://127.0.0.1:{}", auth.port))
            .env("AUTH_SERVICE_TOKEN", SERVICE_TOKEN)
            .env("STORAGE_DIR", storage)
            .env("MAIL_DIR", arguments.folder.join("mails"))
            .env("BASE_DOMAIN", "stsgym.localhost")
            .env("DEVELOPMENT", "true")
            .env("LOG_FORMAT", "json")
            .env("RUST_LOG", "warn,photos::timings=debug")
            .stderr(Stdio::from(File::create(&log)?));
        let photos = Process::start(&mut command, port, "/health").await?;
        Ok(Self { auth, photos, log })
    }

    /// Where the auth-service listens.
    pub fn auth_port(&self) -> u16 {
        self.auth.port
    }

    /// The processes whose memory counts, with what they start.
    pub fn processes(&self) -> Vec<u32> {
        vec![self.auth.id(), self.photos.id()]
    }

    /// Begins to count anew.
    pub fn forget_stages(&self) -> anyhow::Result<()> {
        Ok(OpenOptions::new().write(true).open(&self.log)?.set_len(0)?)
    }

    /// Where the time went since then.
    pub fn stages(&self) -> anyhow::Result<Stages> {
        Stages::read(&fs::read_to_string(&self.log)?)
    }
}

impl Person {
    /// Signs in at the auth-service, and asks photos for what a browser would have.
    pub async fn sign_in(services: &Services) -> anyhow::Result<Self> {
        let (name, password) = ACCOUNT;
        let body = format!(r#"{{"username":"{name}","password":"{password}"}}"#);
        let mut auth = Connection::open(services.auth.port).await?;
        let status = auth.ask(&post("/api/login", "", &body)).await?;
        ensure!(status == 200, "the sign-in was answered with {status}");
        let session = cookies(&auth.text()).into_iter().find(|cookie| cookie.starts_with("photos_session="));
        let session = session.context("a session")?;
        let mut photos = Connection::open(services.photos.port).await?;
        let status = photos.ask(&get("/auth/session", &format!("Cookie: {session}\r\n"))).await?;
        ensure!(status == 200, "who is signed in was answered with {status}");
        let document: serde_json::Value = serde_json::from_str(&photos.document())?;
        let csrf_token = document["csrf_token"].as_str().context("a token")?.to_owned();
        let mut all = cookies(&photos.text());
        all.push(session);
        Ok(Self { cookies: all.join("; "), csrf_token })
    }

    /// Makes a gallery; its id.
    pub async fn create_gallery(&self, services: &Services, name: &str) -> anyhow::Result<i64> {
        let mut connection = Connection::open(services.photos.port).await?;
        let headers = format!("Cookie: {}\r\nX-CSRF-Token: {}\r\n", self.cookies, self.csrf_token);
        let status =
            connection.ask(&post("/api/galleries", &headers, &format!(r#"{{"name":"{name}"}}"#))).await?;
        ensure!(status == 201, "a gallery was answered with {status}: {}", connection.document());
        let document: serde_json::Value = serde_json::from_str(&connection.document())?;
        document["id"].as_i64().context("an id")
    }

    /// Makes a share link of a gallery, of this access level; its token.
    pub async fn share(&self, services: &Services, gallery: i64, level: &str) -> anyhow::Result<String> {
        let mut connection = Connection::open(services.photos.port).await?;
        let headers = format!("Cookie: {}\r\nX-CSRF-Token: {}\r\n", self.cookies, self.csrf_token);
        let path = format!("/api/galleries/{gallery}/shares");
        let status =
            connection.ask(&post(&path, &headers, &format!(r#"{{"access_level":"{level}"}}"#))).await?;
        ensure!(status == 201, "a link was answered with {status}: {}", connection.document());
        let document: serde_json::Value = serde_json::from_str(&connection.document())?;
        Ok(document["token"].as_str().context("a token")?.to_owned())
    }
}

fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

/// What an answer sets, as a browser sends it back.
pub fn cookies(answer: &str) -> Vec<String> {
    let head = answer.split_once("\r\n\r\n").map_or(answer, |(head, _)| head);
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let set = lines.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    set.filter_map(|(_, value)| value.split(';').next()).map(str::to_owned).collect()
}
