//! How each part of the site is started: with the settings of production and nothing of whoever rehearses.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::places::{DOMAIN, Places, text};
use super::site::Site;
use crate::process::run_quietly;
use crate::tools;

impl Site {
    /// `auth-service` with the settings of production.
    pub fn auth_service(&self, which: usize) -> Command {
        let mut command = self.common("auth-service");
        command.env("AUTH_DATABASE_URL", self.databases[0].url("auth"));
        command.env("AUTH_BIND", format!("127.0.0.1:{}", self.places.auth[which]));
        for name in ["AUTH_SECRETS", "SERVICE_CREDENTIALS"] {
            self.secret(&mut command, name);
        }
        command.env("HOME_URL", format!("{}/photos", self.places.url("photos")));
        command.env("REGISTRATION_ROLE", "photographer");
        // Everybody of the rehearsal comes from one address.
        command.env("LOGIN_LIMIT_PER_MINUTE", "100");
        command
    }

    pub fn photos(&self, which: usize) -> Command {
        let mut command = self.common("photos");
        command.env("PHOTOS_DATABASE_URL", self.databases[1].url("photos"));
        command.env("PHOTOS_BIND", format!("127.0.0.1:{}", self.places.photos[which]));
        command.env("PHOTOS_METRICS_BIND", format!("127.0.0.1:{}", self.places.figures[which]));
        for name in ["PHOTOS_SECRETS", "AUTH_SERVICE_TOKEN"] {
            self.secret(&mut command, name);
        }
        let auth = self.places.auth.map(|port| format!("http://127.0.0.1:{port}"));
        command.env("AUTH_INTERNAL_URL", auth.join(","));
        command.env("REDIS_URL_FILE", self.places.of("redis_url"));
        command.env("WORKER_PROCESSES", "0");
        if self.in_bucket {
            let settings = fs::read_to_string(self.bucket_settings()).unwrap_or_default();
            command.envs(settings.lines().filter_map(|line| line.split_once('=')));
        } else {
            command.env("STORAGE_DIR", self.places.of("storage")).env("MEDIA_ACCEL_PREFIX", "/stored/");
        }
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

    pub fn proxy(&self) -> Command {
        let mut command = self.tools.command("sh");
        command.arg(self.deploy.join("nginx/start"));
        let listen = |port: u16| format!("127.0.0.1:{port}");
        let Places { http, https, auth, photos, .. } = self.places;
        for (name, value) in [
            ("PHOTOS_HOST", format!("photos.{DOMAIN}")),
            ("AUTH_HOST", format!("auth.{DOMAIN}")),
            ("PHOTOS_UPSTREAM", photos.map(listen).join(" ")),
            ("AUTH_UPSTREAM", auth.map(listen).join(" ")),
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
    pub fn make_secrets(&self) -> Result<()> {
        let folder = self.places.of("secrets");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("smtp_url"), "smtp://localhost\n")?;
        let mut command = self.tools.command("sh");
        run_quietly(command.arg(self.deploy.join("secrets")).env("SECRETS_DIR", folder)).map(drop)
    }

    /// Redis as compose.yaml runs it, and its address as photos is told it.
    pub fn memory(&self) -> Result<Command> {
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

    /// An S3 server, where it is started again too.
    pub fn s3_server(&self) -> Command {
        let mut command = self.tools.command(self.programs.join("examples/s3_server"));
        command.arg(self.places.s3.to_string()).arg(self.places.of("s3")).arg(self.bucket_settings());
        command
    }

    /// How photos stores in the bucket, a setting a line.
    pub fn bucket_settings(&self) -> PathBuf {
        self.places.of("bucket.env")
    }

    fn secret(&self, command: &mut Command, name: &str) {
        command.env(format!("{name}_FILE"), self.places.of("secrets").join(name.to_lowercase()));
    }
}
