//! `photos serve` as a process that can be killed.

use std::{
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};
use test_support::{
    reqwest::{self, StatusCode},
    site,
};

use crate::harness::TestApp;

/// `photos serve` as a process, in a group of its own with its workers and their decoders.
pub struct Service<'a> {
    app: &'a TestApp,
    pub url: String,
    port: u16,
    child: Child,
    killed: Vec<u32>,
}

impl<'a> Service<'a> {
    pub async fn start(app: &'a TestApp) -> Self {
        let (listener, port) = site::listen();
        drop(listener);
        let url = site::url("photos", port);
        let child = spawn(app, &url, port);
        let mut service = Self { app, url, port, child, killed: Vec::new() };
        service.wait_until_ready().await;
        service
    }

    /// Kills the service, or its workers and their decoders with it as a power cut does, and starts it again.
    pub async fn kill(&mut self, with_workers: bool) {
        self.end(with_workers);
        self.begin();
        self.wait_until_ready().await;
    }

    /// Kills the service, or its workers and their decoders with it as a power cut does.
    pub fn end(&mut self, with_workers: bool) {
        if with_workers {
            kill_group(&self.child);
        } else {
            self.child.kill().unwrap();
        }
        self.child.wait().unwrap();
        self.killed.push(self.child.id());
    }

    /// Starts it after its end, without waiting for it.
    pub fn begin(&mut self) {
        self.child = spawn(self.app, &self.url, self.port);
    }

    /// Nobody of a killed service's process group goes on for long: its workers see that it is gone.
    pub async fn wait_for_the_end_of_the_killed(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let left = processes().filter(|(_, group, _)| self.killed.contains(group));
            let left: Vec<String> = left.map(|(.., name)| name).collect();
            if left.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "still running: {left:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The workers that run beside it.
    pub fn workers(&self) -> Vec<u32> {
        let of_group = processes().filter(|(_, group, _)| *group == self.child.id());
        let ids = of_group.map(|(id, ..)| id);
        ids.filter(|id| argument(*id).as_deref() == Some("worker")).collect()
    }

    /// Begins to look at the memory that it holds with its workers and their decoders.
    pub fn watch(&self) -> Watch {
        Watch::start(self.child.id())
    }

    /// Returns when it answers.
    pub async fn wait_until_ready(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        let health = format!("http://127.0.0.1:{}/health", self.port);
        while !reqwest::get(&health).await.is_ok_and(|answer| answer.status() == StatusCode::OK) {
            assert!(Instant::now() < deadline, "the service does not start");
            if self.child.try_wait().unwrap().is_some() {
                // Somebody else on this machine may have been given the port for a moment.
                self.child = spawn(self.app, &self.url, self.port);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Service<'_> {
    fn drop(&mut self) {
        kill_group(&self.child);
        self.child.wait().ok();
    }
}

fn spawn(app: &TestApp, url: &str, port: u16) -> Child {
    let (bind, auth_port) = (format!("127.0.0.1:{port}"), app.auth_url.rsplit(':').next().unwrap());
    let internal = format!("http://127.0.0.1:{auth_port}");
    let mails = app.storage.with_extension("mails");
    let own = [
        ("PHOTOS_DATABASE_URL", app.database.url.as_str()),
        ("PHOTOS_PUBLIC_URL", url),
        ("PHOTOS_BIND", &bind),
        ("PHOTOS_SECRETS", site::SECRET),
        ("AUTH_PUBLIC_URL", &app.auth_url),
        ("AUTH_SERVICE_TOKEN", site::SERVICE_TOKEN),
        ("AUTH_INTERNAL_URL", &internal),
        ("WORKER_PROCESSES", "1"),
        ("MAIL_DIR", mails.to_str().unwrap()),
        ("WORKER_CONCURRENCY", "2"),
        ("RUST_LOG", "error"),
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_photos"));
    command.envs(app.place.iter().map(|(name, value)| (name, value)));
    command.arg("serve").envs(site::settings(&own)).process_group(0).stdin(Stdio::null());
    command.spawn().unwrap()
}

fn kill_group(leader: &Child) {
    let group = i32::try_from(leader.id()).ok().and_then(Pid::from_raw).unwrap();
    kill_process_group(group, Signal::KILL).ok();
}

/// Looks at the memory of a process group, in a thread of its own.
pub struct Watch {
    over: Arc<AtomicBool>,
    thread: JoinHandle<f64>,
}

impl Watch {
    fn start(group: u32) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&over);
        let thread = thread::spawn(move || {
            let mut most = 0.0_f64;
            while !seen.load(Ordering::Relaxed) {
                let of_group = processes().filter(|(_, of, _)| *of == group);
                most = most.max(of_group.filter_map(|(id, ..)| proportional_megabytes(id)).sum());
                thread::sleep(Duration::from_millis(20));
            }
            most
        });
        Self { over, thread }
    }

    /// The most megabytes that were seen at once, shared pages counted once.
    pub fn end(self) -> f64 {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

/// The command that a process of ours was started with.
fn argument(id: u32) -> Option<String> {
    let words = std::fs::read_to_string(format!("/proc/{id}/cmdline")).ok()?;
    words.split('\0').nth(1).map(str::to_owned)
}

fn proportional_megabytes(id: u32) -> Option<f64> {
    let rollup = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    Some(f64::from(line.trim().trim_end_matches(" kB").parse::<u32>().ok()?) / 1024.0)
}

/// Id, process group and name of everything that runs.
fn processes() -> impl Iterator<Item = (u32, u32, String)> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| {
        let id = entry.file_name().to_str()?.parse().ok()?;
        let line = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        // After the name, which may hold spaces: state, parent, group.
        let (name, rest) = line.rsplit_once(") ")?;
        let mut fields = rest.split(' ');
        let (state, group) = (fields.next()?, fields.nth(1)?.parse().ok()?);
        (state != "Z").then(|| (id, group, name.to_owned()))
    })
}
