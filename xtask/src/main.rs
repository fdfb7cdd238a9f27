//! The project's commands: what `cargo xtask` can do.

mod accounts;
mod api;
mod bench;
mod binaries;
mod cargo;
mod checkout;
mod database;
mod dev;
mod fuzz;
mod http;
mod install;
mod lighthouse;
mod phases;
mod ports;
mod postgres;
mod process;
mod rehearse;
mod schemathesis;
mod seed;
mod service;
mod sql;
mod sqlx;
mod templates;
mod test;
mod tidy;
mod tools;
mod web;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use checkout::Checkout;

const USAGE: &str = "\
cargo xtask COMMAND

  dev [--reset] [--details FILE]   everything on this machine: database, both services, sample photos
                                   --reset   deletes the database and the stored photos first
                                   --details writes the addresses and accounts as JSON once all answers
  test [FILTER]                    everything that must pass; with FILTER only the build and those tests
  tidy                             the rules of the house that no compiler knows
  api                              docs/API.md from what the services say of themselves
  schemathesis --details FILE      made-up requests against a running `dev --details FILE`, by its descriptions
               [--examples N]      so many for each address and phase (20)
  sqlx                             refreshes .sqlx/, which lets builds check SQL without a database
  bench verify [--quick]           how fast sessions are verified, against a bare route; builds for release
  bench imaging [--quick]          renditions in processor time, memory and likeness, against sharp
  bench upload [--quick]           40 photos in one batch until all is ready: time, memory, pages meanwhile
  bench stats [--quick]            how fast a dashboard's figures are told after a year of a million events
  bench gallery [--quick]          galleries of 100 to 10,000 photos as a client sees them: time and bytes
  lighthouse [--quick] [--programs FOLDER]
                                   how Lighthouse judges home, sign-in, a gallery of 1,000 photos and its client's view;
                                   builds for release, or takes the services that lie built in FOLDER
  fuzz [TARGET] [--minutes N]      hostile bytes for the picture code: one target or all, 5 minutes each
  rehearse                         the shipped topology on this machine, walked over https through nginx: two of each,
                                   with people at work while parts of it are killed and come back
           --containers            the shipped compose.yaml and images, by podman; builds for release, or takes the
           [--programs FOLDER]     services that lie built in FOLDER
  database                         a database for live SQL checks while writing, until Ctrl-C";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<process::Interrupted>() => ExitCode::from(130),
        Err(error) => {
            let _ = writeln!(io::stderr(), "\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = pico_args::Arguments::from_env();
    if arguments.contains(["-h", "--help"]) {
        say(USAGE);
        return Ok(());
    }
    let command = arguments.subcommand()?;
    let checkout = Checkout::find()?;
    process::listen_for_stop()?;
    match command.as_deref() {
        Some("dev") => {
            let reset = arguments.contains("--reset");
            let details: Option<PathBuf> =
                arguments.opt_value_from_os_str("--details", |file| Ok::<_, String>(PathBuf::from(file)))?;
            nothing_more(arguments)?;
            dev::run(&checkout, reset, details.as_deref())
        }
        Some("test") => {
            let filter: Option<String> = arguments.opt_free_from_str()?;
            nothing_more(arguments)?;
            test::run(&checkout, filter.as_deref())
        }
        Some("bench") => {
            let quick = arguments.contains("--quick");
            let what: Option<String> = arguments.opt_free_from_str()?;
            nothing_more(arguments)?;
            bench::run(&checkout, what.as_deref().unwrap_or_default(), quick)
        }
        Some("lighthouse") => {
            let quick = arguments.contains("--quick");
            let programs: Option<PathBuf> = arguments
                .opt_value_from_os_str("--programs", |folder| Ok::<_, String>(PathBuf::from(folder)))?;
            nothing_more(arguments)?;
            lighthouse::run(&checkout, programs.as_deref(), quick)
        }
        Some("fuzz") => {
            let minutes = arguments.opt_value_from_str("--minutes")?.unwrap_or(5);
            let target: Option<String> = arguments.opt_free_from_str()?;
            nothing_more(arguments)?;
            fuzz::run(&checkout, target.as_deref(), minutes)
        }
        Some("schemathesis") => {
            let details: PathBuf =
                arguments.value_from_os_str("--details", |file| Ok::<_, String>(PathBuf::from(file)))?;
            let examples = arguments.opt_value_from_str("--examples")?.unwrap_or(20);
            nothing_more(arguments)?;
            schemathesis::run(&checkout, &details, examples)
        }
        Some("rehearse") => {
            let containers = arguments.contains("--containers");
            let programs: Option<PathBuf> = arguments
                .opt_value_from_os_str("--programs", |folder| Ok::<_, String>(PathBuf::from(folder)))?;
            nothing_more(arguments)?;
            if containers {
                return rehearse::run_containers(&checkout, programs.as_deref());
            }
            rehearse::run(&checkout)
        }
        Some("tidy") => nothing_more(arguments).and_then(|()| tidy::run(&checkout)),
        Some("api") => nothing_more(arguments).and_then(|()| api::run(&checkout)),
        Some("sqlx") => nothing_more(arguments).and_then(|()| sqlx::run(&checkout)),
        Some("database") => nothing_more(arguments).and_then(|()| database::run(&checkout)),
        Some(other) => bail!("There is no command `{other}`.\n\n{USAGE}"),
        None => bail!("{USAGE}"),
    }
}

fn nothing_more(arguments: pico_args::Arguments) -> Result<()> {
    match arguments.finish().first() {
        Some(extra) => bail!("`{}` means nothing here.\n\n{USAGE}", extra.to_string_lossy()),
        None => Ok(()),
    }
}

/// Tells the person at the terminal something; a closed pipe is no reason to stop.
fn say(text: impl std::fmt::Display) {
    let _ = writeln!(io::stdout(), "{text}");
}
