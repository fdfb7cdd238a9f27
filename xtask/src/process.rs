//! Child processes: each in a process group of its own, so that stopping one leaves nothing behind.

use std::fmt;
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

const TICK: Duration = Duration::from_millis(20);

static STOP: AtomicBool = AtomicBool::new(false);

/// The person pressed Ctrl-C, or the process was asked to end.
#[derive(Debug)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// From here on Ctrl-C, SIGTERM and SIGHUP end the command in an orderly way.
pub fn listen_for_stop() -> Result<()> {
    ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed)).context("Ctrl-C can't be watched")
}

/// An error once the command has been asked to end.
pub fn go_on() -> Result<()> {
    if STOP.load(Ordering::Relaxed) { Err(Interrupted.into()) } else { Ok(()) }
}

/// A running child and everything it started; dropping it stops them.
pub struct Group {
    child: Child,
    ended: Option<ExitStatus>,
}

impl Group {
    pub fn start(command: &mut Command) -> Result<Self> {
        go_on()?;
        let program = command.get_program().to_string_lossy().into_owned();
        // A group of its own: Ctrl-C at the terminal reaches this command alone, which then decides the order.
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("`{program}` can't be started"))?;
        Ok(Self { child, ended: None })
    }

    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// How the child ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait()?;
        }
        Ok(self.ended)
    }

    /// Asks the child to end, waits, and then removes whatever is left of its group.
    pub fn stop(&mut self, request: &str, patience: Duration) {
        if let Ok(None) = self.ended() {
            signal(request, &self.child.id().to_string());
            let asked = Instant::now();
            while asked.elapsed() < patience && matches!(self.ended(), Ok(None)) {
                sleep(TICK);
            }
        }
        signal("KILL", &format!("-{}", self.child.id()));
        if self.ended.is_none() {
            self.ended = self.child.wait().ok();
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.ended.is_none() {
            self.stop("TERM", Duration::from_secs(10));
        }
    }
}

/// Runs a command to its end with its output shown.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = wait(&mut Group::start(command)?)?;
    if status.success() { Ok(()) } else { bail!("`{shown}` failed ({status}).") }
}

/// Waits for the end of a child; an interruption stops it with all that it started.
pub fn wait(group: &mut Group) -> Result<ExitStatus> {
    loop {
        if let Some(status) = group.ended()? {
            return Ok(status);
        }
        if let Err(interrupted) = go_on() {
            // The whole group is asked: compilers and test programs don't forward signals.
            signal("TERM", &format!("-{}", group.child.id()));
            group.stop("TERM", Duration::from_secs(5));
            return Err(interrupted);
        }
        sleep(TICK);
    }
}

/// Runs a command to its end; its output is in the error when it fails, else in the answer.
pub fn run_quietly(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("`{shown}` can't be started"))?;
    go_on()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    bail!("`{shown}` failed ({}):\n{}", output.status, said.trim());
}

/// Sends a signal to a process, or to a group when the number is negative; a vanished one is no error.
pub fn signal(name: &str, target: &str) {
    // The shell's own `kill`: small machines have no program of that name.
    let _ = Command::new("sh")
        .args(["-c", "kill -s \"$1\" -- \"$2\" 2>/dev/null", "sh", name, target])
        .stdin(Stdio::null())
        .status();
}

/// Whether a process is there and not merely waiting to be collected.
pub fn is_alive(id: u32) -> bool {
    let state = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    state.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

/// Ends a process that isn't our child (one that an earlier run left behind).
pub fn end(id: u32, request: &str, patience: Duration) {
    signal(request, &id.to_string());
    let asked = Instant::now();
    while is_alive(id) && asked.elapsed() < patience {
        sleep(TICK);
    }
    if is_alive(id) {
        signal("KILL", &id.to_string());
    }
}

fn shown(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
