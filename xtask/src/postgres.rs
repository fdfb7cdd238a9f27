//! A `PostgreSQL` server that belongs to this checkout: reached by a socket alone, stopped with the command.

use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::binaries::{self, ServerAccount};
use crate::checkout::Checkout;
use crate::process::{self, Group, run_quietly};
use crate::tools::Tools;
use crate::{say, sql};

const PATIENCE: Duration = Duration::from_mins(1);

/// A running server; dropping it stops it, and removes it when it was temporary.
pub struct Server {
    group: Group,
    account: ServerAccount,
    data: PathBuf,
    careful: bool,
    sockets: PathBuf,
    /// Whether the data was made by this start.
    pub fresh: bool,
    /// What to remove at the end.
    temporary: Option<PathBuf>,
}

impl Server {
    /// The server of `dev`, whose data stays.
    pub fn lasting(checkout: &Checkout, tools: &Tools) -> Result<Self> {
        let account = ServerAccount::find()?;
        let sockets = sockets_of(checkout);
        private_folder(&sockets, account)?;
        let place = data_of(checkout, account)?;
        stop_leftover(&place);
        Self::start(tools, account, &place, &sockets, None, true)
    }

    /// A server for one run: fast, and careless about power failures.
    pub fn temporary(checkout: &Checkout, tools: &Tools) -> Result<Self> {
        Self::for_one_run(checkout, tools, "", false)
    }

    /// The same, one of several in a run, each with a name of its own; syncs to the disk as in production.
    pub fn named(checkout: &Checkout, tools: &Tools, name: &str) -> Result<Self> {
        Self::for_one_run(checkout, tools, &format!("-{name}"), true)
    }

    fn for_one_run(checkout: &Checkout, tools: &Tools, suffix: &str, careful: bool) -> Result<Self> {
        let account = ServerAccount::find()?;
        sweep(checkout);
        let name = format!("{}-run-{}{suffix}", checkout.name(), std::process::id());
        let folder = temporary_folder().join(name);
        private_folder(&folder, account)?;
        Self::start(tools, account, &folder.join("data"), &folder, Some(folder.clone()), careful)
    }

    fn start(
        tools: &Tools,
        account: ServerAccount,
        data: &Path,
        sockets: &Path,
        temporary: Option<PathBuf>,
        careful: bool,
    ) -> Result<Self> {
        let programs = binaries::find(tools).context("PostgreSQL's programs are gone.")?;
        let fresh = !data.join("PG_VERSION").exists();
        if fresh {
            initialise(tools, account, &programs, data)?;
        } else {
            let (made_by, have) =
                (fs::read_to_string(data.join("PG_VERSION"))?, binaries::major_version(tools, &programs)?);
            ensure!(
                made_by.trim() == have,
                "The database was made by PostgreSQL {} and this is {have}: point PG_BIN at the older programs, or start over with `cargo xtask dev --reset`.",
                made_by.trim()
            );
        }
        let (data, sockets) = (data.to_owned(), sockets.to_owned());
        let group = launch(tools, account, &data, &sockets, careful)?;
        let mut server = Self { group, account, data, careful, sockets, fresh, temporary };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let (begun, log) = (Instant::now(), self.log());
        while let Err(error) = self.run("postgres", "select 1") {
            process::go_on()?;
            let text = || fs::read_to_string(&log).unwrap_or_default();
            if let Some(status) = self.group.ended()? {
                bail!("PostgreSQL could not start ({status}):\n{}", text().trim());
            }
            if begun.elapsed() > PATIENCE {
                bail!("PostgreSQL is not ready after a minute ({error}):\n{}", text().trim());
            }
            sleep(Duration::from_millis(30));
        }
        Ok(())
    }

    /// The end of the server as by a failure of its machine; its data stays.
    pub fn crash(&mut self) {
        self.group.stop("KILL", PATIENCE);
    }

    /// Starts it again on its data.
    pub fn start_again(&mut self, tools: &Tools) -> Result<()> {
        self.group = launch(tools, self.account, &self.data, &self.sockets, self.careful)?;
        self.wait_until_ready()
    }

    /// Whether the server has ended by itself.
    pub fn ended(&mut self) -> Result<bool> {
        Ok(self.group.ended()?.is_some())
    }

    /// Runs statements in a database.
    pub fn run(&self, database: &str, statements: &str) -> Result<()> {
        sql::run(&socket_in(&self.sockets), database, statements)
    }

    /// Makes a database unless it is there.
    pub fn ensure_database(&self, name: &str) -> Result<()> {
        match self.run("postgres", &format!("create database {name}")) {
            Err(error) if !error.to_string().contains("already exists") => Err(error),
            _ => Ok(()),
        }
    }

    /// What the server has written.
    pub fn log(&self) -> PathBuf {
        self.sockets.join("log")
    }

    /// The address of a database for sqlx.
    pub fn url(&self, database: &str) -> String {
        url(&self.sockets, database)
    }
}

fn launch(
    tools: &Tools,
    account: ServerAccount,
    data: &Path,
    sockets: &Path,
    careful: bool,
) -> Result<Group> {
    let programs = binaries::find(tools).context("PostgreSQL's programs are gone.")?;
    let mut command = tools.command(programs.join("postgres"));
    account.apply(&mut command);
    command.arg("-D").arg(data).arg("-k").arg(sockets).current_dir(data);
    command.args([
        "-c",
        "listen_addresses=",
        "-c",
        "unix_socket_permissions=0700",
        "-c",
        "max_connections=300",
    ]);
    if !careful {
        command.args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]);
    }
    let output = File::create(sockets.join("log")).context("PostgreSQL's log can't be written")?;
    command.stdout(Stdio::from(output.try_clone()?)).stderr(Stdio::from(output));
    Group::start(&mut command)
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.temporary.is_none() {
            say("Stopping PostgreSQL.");
        }
        self.group.stop("INT", PATIENCE);
        if let Some(folder) = &self.temporary {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// The address of a database on the server whose socket lies in this folder.
pub fn url(sockets: &Path, database: &str) -> String {
    format!("postgres://app@localhost/{database}?host={}", sockets.display())
}

/// The socket in a folder.
pub fn socket_in(folder: &Path) -> PathBuf {
    folder.join(".s.PGSQL.5432")
}

/// The folder of the lasting server's socket. Its path is short: the system allows 107 bytes.
pub fn sockets_of(checkout: &Checkout) -> PathBuf {
    temporary_folder().join(checkout.name())
}

/// Deletes the lasting server's data.
pub fn delete(checkout: &Checkout) -> Result<()> {
    let data = data_of(checkout, ServerAccount::find()?)?;
    stop_leftover(&data);
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| format!("{} can't be deleted", data.display()))?;
    }
    Ok(())
}

/// Under target/ where the server's account gets that far, else beside the socket.
fn data_of(checkout: &Checkout, account: ServerAccount) -> Result<PathBuf> {
    let folder = checkout.dev_folder();
    fs::create_dir_all(&folder)?;
    Ok(if account.reaches(&folder) { folder.join("postgres") } else { sockets_of(checkout).join("data") })
}

fn initialise(tools: &Tools, account: ServerAccount, programs: &Path, data: &Path) -> Result<()> {
    // What a broken first attempt left would stop initdb for ever.
    if data.exists() {
        fs::remove_dir_all(data)?;
    }
    private_folder(data, account)?;
    let mut command = tools.command(programs.join("initdb"));
    account.apply(&mut command);
    command.current_dir(data).arg("-D").arg(data);
    command.args(["-U", "app", "--auth=trust", "--no-locale", "-E", "UTF8", "--no-sync"]);
    run_quietly(&mut command).map(drop)
}

/// Makes a folder that nobody but the account enters, or makes sure that an existing one is such.
fn private_folder(folder: &Path, account: ServerAccount) -> Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => chown(folder, Some(account.user), Some(account.group))?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).with_context(|| format!("{} can't be made", folder.display())),
    }
    let found = fs::symlink_metadata(folder)?;
    ensure!(
        found.is_dir() && found.uid() == account.user && found.mode() & 0o777 == 0o700,
        "{} belongs to another account: run this as that account, or delete the folder.",
        folder.display()
    );
    Ok(())
}

/// Stops a server that an earlier, killed run left on this data.
fn stop_leftover(data: &Path) {
    let Ok(text) = fs::read_to_string(data.join("postmaster.pid")) else { return };
    let Some(id) = text.lines().next().and_then(|line| line.trim().parse().ok()) else { return };
    let arguments = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    if process::is_alive(id) && String::from_utf8_lossy(&arguments).contains(&*data.to_string_lossy()) {
        say("Stopping the PostgreSQL that an earlier run left behind.");
        process::end(id, "INT", PATIENCE);
    }
}

/// Removes temporary servers whose command was killed before it could.
fn sweep(checkout: &Checkout) {
    let prefix = format!("{}-run-", checkout.name());
    for entry in fs::read_dir(temporary_folder()).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(&prefix));
        let owner = owner.and_then(|rest| rest.split('-').next()?.parse().ok());
        if owner.is_some_and(|id| !process::is_alive(id)) {
            stop_leftover(&entry.path().join("data"));
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The system's temporary folder; a private one may be too long for a socket, or closed to the server.
fn temporary_folder() -> PathBuf {
    let own = std::env::temp_dir();
    let fits = own.as_os_str().len() < 60
        && own.is_absolute()
        && own
            .to_str()
            .is_some_and(|path| path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b)))
        && ServerAccount::find().is_ok_and(|account| account.reaches(&own));
    if fits { own } else { "/tmp".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_path_fits_into_the_systems_limit() {
        let checkout = Checkout { root: "/a/very/long/path".repeat(20).into() };
        let longest = temporary_folder().join(format!("{}-run-{}-photos", checkout.name(), u32::MAX));
        assert!(socket_in(&longest).as_os_str().len() < 108);
        assert!(socket_in(&sockets_of(&checkout)).as_os_str().len() < 108);
    }

    #[test]
    fn an_address_names_the_socket_folder() {
        assert_eq!(url(Path::new("/tmp/x"), "auth"), "postgres://app@localhost/auth?host=/tmp/x");
    }
}
