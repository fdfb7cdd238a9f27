//! Programs of the machine that some tests run: nginx, Caddy, Python, Node.js.

use std::{
    env,
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// Where a program is. Says aloud when there is none, because then a test is skipped; with `CI=true` that is a failure.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    // Debian keeps servers out of the path of ordinary users.
    let folders = env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let found = folders.map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        assert!(env::var("CI").is_err(), "CI must run this test: install {name}");
        #[expect(clippy::print_stderr, reason = "a skipped test must not pass for one that ran")]
        {
            eprintln!("SKIPPED: a test that needs {name}, which is not installed");
        }
    }
    found
}

/// A program that listens; ended when this is dropped.
pub struct Server {
    child: Child,
    /// The port on which it answers.
    pub port: u16,
}

impl Server {
    /// Starts what `command` makes for a free port, and waits until it listens.
    pub fn start(command: impl Fn(u16) -> Command) -> Self {
        // Between our asking for a free port and its use, another test may take it.
        for _ in 0..3 {
            let (listener, port) = crate::site::listen();
            drop(listener);
            if let Some(server) = Self::at(port, &command) {
                return server;
            }
        }
        panic!("the program ended at once, three times; its reason stands above");
    }

    /// The same at this port; `None` if it ended at once.
    pub fn at(port: u16, command: impl Fn(u16) -> Command) -> Option<Self> {
        let mut command = command(port);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let child = child.unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()));
        let mut server = Self { child, port };
        server.listens().then_some(server)
    }

    /// Has it stand still with everything that it holds open.
    pub fn freeze(&self) {
        let stopped = Command::new("kill").args(["-STOP", &self.child.id().to_string()]).status();
        assert!(stopped.is_ok_and(|status| status.success()), "our own child");
    }

    fn listens(&mut self) -> bool {
        for _ in 0..600 {
            let ended = self.child.try_wait().expect("our own child").is_some();
            if ended || TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return !ended;
            }
            thread::sleep(Duration::from_millis(50));
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _may_be_gone = self.child.kill();
        let _ended = self.child.wait();
    }
}
