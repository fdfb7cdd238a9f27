//! The processes that are measured, and what the system says of them.

use std::{
    fs,
    io::Write,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, ensure};

use crate::load::Connection;

/// A secret that protects nothing.
const SECRET: &str = "a-secret-of-the-benchmark-that-protects-nothing";
/// The service that follows events here.
pub const SERVICE_TOKEN: &str = "a-service-token-of-the-benchmark-that-opens-nothing";
/// The account that signs in, and its password.
pub const ACCOUNT: (&str, &str) = ("bench", "a password of the benchmark");

/// A running server; killed when dropped.
pub struct Process {
    child: Child,
    /// Where it listens on this machine.
    pub port: u16,
}

impl Process {
    /// An auth-service that keeps answers for so many seconds.
    pub async fn auth(program: &Path, database_url: &str, keep_seconds: u32) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut command = settled(program, database_url, port);
        let command = command.arg("serve").env("VERIFY_CACHE_SECONDS", keep_seconds.to_string());
        Self::start(command, port, "/api/health").await
    }

    /// The bare server.
    pub async fn bare(document: &str) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bare", &port.to_string(), document]);
        Self::start(&mut command, port, "/api/verify-session").await
    }

    /// Starts a server that answers at this address as soon as it is ready.
    pub async fn start(command: &mut Command, port: u16, ready_at: &str) -> anyhow::Result<Self> {
        let process = Self { child: command.stdin(Stdio::null()).spawn()?, port };
        for _ in 0..300 {
            if let Ok(mut connection) = Connection::open(port).await
                && connection.ask(&get(ready_at, "")).await? == 200
            {
                return Ok(process);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("a server did not become ready");
    }

    /// Its number in the system.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Processor time used so far.
    pub fn processor_time(&self) -> anyhow::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields = stat.rsplit_once(')').context("the name ends with a bracket")?.1;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        // User and system time, in hundredths of a second on Linux.
        let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Megabytes of resident memory.
    pub fn resident_mb(&self) -> anyhow::Result<f64> {
        resident_mb(self.child.id())
    }
}

/// Megabytes of resident memory of a process.
pub fn resident_mb(id: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u32 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(f64::from(kilobytes) / 1024.0)
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Makes the account that signs in.
pub fn create_account(program: &Path, database_url: &str) -> anyhow::Result<()> {
    let mut command = settled(program, database_url, free_port()?);
    let (name, password) = ACCOUNT;
    command.args([
        "create-user",
        "--username",
        name,
        "--email",
        "bench@example.org",
        "--role",
        "photographer",
    ]);
    let mut child = command.arg("--password-stdin").stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    writeln!(child.stdin.take().context("its input")?, "{password}")?;
    ensure!(child.wait()?.success(), "the account could not be made");
    Ok(())
}

/// A GET over HTTP/1.1 with these header lines.
pub fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n{headers}\r\n")
        .into_bytes()
}

/// The auth-service with the settings of the benchmark.
fn settled(program: &Path, database_url: &str, port: u16) -> Command {
    let mut command = Command::new(program);
    let url = format!("http://auth.stsgym.localhost:{port}");
    command
        .env("AUTH_DATABASE_URL", database_url)
        .env("AUTH_PUBLIC_URL", url)
        .env("AUTH_BIND", format!("127.0.0.1:{port}"))
        .env("AUTH_SECRETS", SECRET)
        .env("BASE_DOMAIN", "stsgym.localhost")
        .env("DEVELOPMENT", "true")
        .env("MAIL_DIR", std::env::temp_dir().join("bench-mails"))
        .env("LOGIN_LIMIT_PER_MINUTE", "100000")
        .env("SERVICE_CREDENTIALS", format!("bench {SERVICE_TOKEN} events users:read users:role"))
        // What production logs.
        .env("LOG_FORMAT", "json")
        .env_remove("RUST_LOG");
    command
}

/// A port that nobody listens on.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
