//! `cargo xtask dev`: everything on this machine, from nothing to the first page, until Ctrl-C.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::accounts::{ACCOUNTS, State, write_private};
use crate::checkout::Checkout;
use crate::phases::seconds;
use crate::postgres::{self, Server};
use crate::process::{self, Interrupted};
use crate::service::{AUTH, PHOTOS, Service};
use crate::tools::{self, Tools};
use crate::{cargo, ports, say, seed, service, web};

/// The answer of `create-user` when the name is taken.
const ALREADY_THERE: i32 = 3;

pub fn run(checkout: &Checkout, reset: bool, details: Option<&Path>) -> Result<()> {
    let begun = Instant::now();
    let folder = checkout.dev_folder();
    let Some(_lock) = lock(&folder)? else {
        bail!("Another `cargo xtask dev` or `database` of this checkout is running: stop it first.");
    };
    // A script that waits for this file must not read the last run's.
    if let Some(file) = details {
        let _ = fs::remove_file(file);
    }
    let tools = tools::ensure(checkout, tools::TO_BUILD_AND_RUN)?;
    tools::check_node(&tools)?;
    let programs = cargo::programs(checkout, &tools)?;
    ports::ensure_free(AUTH.port, &programs)?;
    ports::ensure_free(PHOTOS.port, &programs)?;
    if reset {
        say("Deleting the database and the stored photos.");
        postgres::delete(checkout)?;
        let _ = fs::remove_file(folder.join("state.json"));
    }
    web::build(checkout, &tools)?;
    say("Building both services (the first time takes minutes).");
    process::run(&mut cargo::build(checkout, &tools))?;

    let mut server = Server::lasting(checkout, &tools)?;
    let mut state = State::load(&folder)?;
    if server.fresh {
        state.forget_steps()?;
        for part in ["storage", "mailbox"] {
            let _ = fs::remove_dir_all(folder.join(part));
        }
    }
    for name in ["auth", "photos"] {
        server.ensure_database(name)?;
    }
    for part in ["storage", "mailbox"] {
        fs::create_dir_all(folder.join(part))?;
    }

    // Dropped in the opposite order: photos stops before what it asks.
    let mailbox = folder.join("mailbox");
    let mut auth_command = service::auth(&tools, &programs, &server, &state, &mailbox);
    let mut auth = Service::start(&AUTH, auth_command.arg("serve"))?;
    let mut photos_command =
        service::photos(&tools, &programs, &server, &state, &folder.join("storage"), &mailbox);
    let mut photos = Service::start(&PHOTOS, photos_command.arg("serve"))?;
    let services = &mut [&mut auth, &mut photos];
    until_healthy(services)?;
    let first_run = make_accounts(&tools, &programs, &server, &mut state, &mailbox)?;
    welcome(&state, first_run, begun.elapsed());
    add_samples(&tools, &programs.join("examples/sample_photos"), &folder, &mut state)?;
    if let Some(file) = details {
        let told = json!({
            "photos_url": PHOTOS.url(), "auth_url": AUTH.url(),
            "accounts": state.accounts(), "mailbox": mailbox,
        });
        write_private(file, &told)?;
    }
    watch(&mut server, services)
}

/// Only one command at a time uses the lasting database; the lock goes with the process, however it ends.
pub fn lock(folder: &Path) -> Result<Option<File>> {
    fs::create_dir_all(folder)?;
    let file = File::create(folder.join("lock")).context("target/dev/lock can't be written")?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error).context("target/dev/lock can't be locked"),
    }
}

fn until_healthy(services: &mut [&mut Service]) -> Result<()> {
    let begun = Instant::now();
    while !services.iter().all(|service| service.is_healthy()) {
        process::go_on()?;
        for service in &mut *services {
            service.still_runs()?;
        }
        if begun.elapsed() > Duration::from_mins(1) {
            bail!(
                "The services run but did not become healthy within a minute; their lines above may say why."
            );
        }
        sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Makes the accounts on the first run; answers whether it was the first.
fn make_accounts(
    tools: &Tools,
    programs: &Path,
    server: &Server,
    state: &mut State,
    mailbox: &Path,
) -> Result<bool> {
    if state.is_done("accounts") {
        return Ok(false);
    }
    // After an interruption between the two, an account that is there has the password that we keep.
    let resumed = state.is_done("accounts begun");
    state.set_done("accounts begun")?;
    for name in ACCOUNTS {
        let mut command = service::auth(tools, programs, server, state, mailbox);
        command.args(["create-user", "--username", name, "--email", &format!("{name}@example.org")]);
        command.args(["--role", name, "--password-stdin"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        if let Some(mut input) = child.stdin.take() {
            writeln!(input, "{}", state.password(name))?;
        }
        let status = child.wait()?;
        if status.code() == Some(ALREADY_THERE) && resumed {
            continue;
        }
        if status.code() == Some(ALREADY_THERE) {
            state.forget_steps()?;
            bail!(
                "The account `{name}` is there, but its password isn't kept: start over with `cargo xtask dev --reset`."
            );
        }
        if !status.success() {
            bail!("The account `{name}` could not be made ({status}).");
        }
    }
    state.set_done("accounts")?;
    Ok(true)
}

fn welcome(state: &State, first_run: bool, took: Duration) {
    say(format_args!(
        "\n  Photos    {}\n  Sign-in   {}\n  Mailbox   {}/mailbox\n",
        PHOTOS.url(),
        AUTH.url(),
        AUTH.url()
    ));
    if first_run {
        for name in ACCOUNTS {
            say(format_args!("  {name:<14} password {}", state.password(name)));
        }
    } else {
        say(format_args!(
            "  Accounts {}: the passwords were printed at the first start; `--reset` makes new ones.",
            ACCOUNTS.join(" and ")
        ));
    }
    say(format_args!("\n  {} to the first page. Ctrl-C stops everything.\n", seconds(took)));
}

/// Fills the library on the first run. Without samples all else works, so a failure is told and tried again next time.
fn add_samples(tools: &Tools, program: &Path, folder: &Path, state: &mut State) -> Result<()> {
    if state.is_done("samples") {
        return Ok(());
    }
    let mut sites = (AUTH.site(), PHOTOS.site());
    let password = state.password("photographer");
    match seed::upload(tools, program, &folder.join("samples"), &mut sites.0, &mut sites.1, password) {
        Ok(count) => {
            say(format_args!("{count} sample photos are in the gallery “{}”.", seed::GALLERY));
            state.set_done("samples")
        }
        Err(error) if error.is::<Interrupted>() => Err(error),
        Err(error) => {
            say(format_args!("The sample photos could not be added: {error:#}"));
            Ok(())
        }
    }
}

/// Waits for Ctrl-C, or for the first process that ends by itself.
fn watch(server: &mut Server, services: &mut [&mut Service]) -> Result<()> {
    while process::go_on().is_ok() {
        for service in &mut *services {
            service.still_runs()?;
        }
        if server.ended()? {
            bail!("PostgreSQL ended by itself; all is stopped. Its log: {}", server.log().display());
        }
        sleep(Duration::from_millis(100));
    }
    say("");
    Ok(())
}
