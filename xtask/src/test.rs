//! `cargo xtask test`: everything that must pass, and a table of it at the end.

use std::env;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::cargo::{build, cargo};
use crate::checkout::Checkout;
use crate::phases::Phases;
use crate::postgres::Server;
use crate::process::{self, Group, wait};
use crate::tools::{self, Tools};
use crate::{binaries, rehearse, say, tidy, web};

pub fn run(checkout: &Checkout, filter: Option<&str>) -> Result<()> {
    let everything = filter.is_none();
    let tools = Tools::of(checkout);
    let mut phases = Phases::default();
    let mut totals = Totals::default();

    let ready = phases.run("tools", || prepare(checkout))?
        && phases.run("front end", || {
            web::build(checkout, &tools)?;
            if everything { web::check(checkout, &tools) } else { Ok(()) }
        })?;
    if everything {
        phases.run("format", || process::run(&mut cargo(checkout, &tools, &["fmt", "--check"])))?;
        phases.run("tidy", || tidy::run(checkout))?;
    }
    let built = ready && phases.run("build", || process::run(&mut build(checkout, &tools)))?;
    if built {
        if everything {
            let lint = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
            phases.run("clippy", || process::run(&mut cargo(checkout, &tools, &lint)))?;
        }
        phases.run("tests", || tests(checkout, &tools, filter, &mut totals))?;
        if everything && tools::are_met(&tools, &rehearse::NEEDS) {
            phases.run("rehearsal", || rehearse::walk(checkout, &tools))?;
        }
        say(format_args!("\n{totals}"));
    } else {
        phases.skip("tests");
    }
    phases.finish()
}

fn prepare(checkout: &Checkout) -> Result<()> {
    let tools = tools::ensure(checkout, tools::TO_BUILD_AND_RUN)?;
    tools::check_node(&tools)?;
    for (needs, left_out) in [
        (&[tools::BROWSER][..], "THE BROWSER TESTS ARE"),
        (&[tools::NGINX, tools::CADDY], "THE TESTS BEHIND WHAT IS MISSING ARE"),
        (&[tools::REDIS], "THE TESTS OF REPLICAS THAT REMEMBER TOGETHER ARE"),
        (&rehearse::NEEDS, "THE REHEARSAL OF THE SHIPPED SITE IS"),
        (&[tools::PYTHON], "THE TEST OF THE PYTHON EXAMPLE IS"),
        (&[tools::HEIF], "THE TESTS OF HEIC AND AVIF ARE"),
    ] {
        match tools::ensure(checkout, needs) {
            Err(error) if !error.is::<process::Interrupted>() && !in_ci() => {
                say(format_args!("{error:#}\n{left_out} LEFT OUT this time."));
            }
            other => drop(other?),
        }
    }
    Ok(())
}

fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true")
}

/// Runs the tests against a database server of their own, showing what the runner prints.
fn tests(checkout: &Checkout, tools: &Tools, filter: Option<&str>, totals: &mut Totals) -> Result<()> {
    let server = Server::temporary(checkout, tools)?;
    let mut command = cargo(checkout, tools, &["test", "--workspace", "--all-targets", "--no-fail-fast"]);
    command.args(filter).env("TEST_DATABASE_URL", server.url("postgres"));
    if let Some(programs) = binaries::find(tools) {
        command.env("PG_BIN", programs);
    }
    match tools::browser(tools) {
        Some((chromium, driver)) => command.env("CHROMIUM", chromium).env("CHROMEDRIVER", driver),
        None => command.env("BROWSER_TESTS", "skip"),
    };
    if !tools::heif() {
        command.env("HEIF_TESTS", "skip");
    }
    let mut group = Group::start(command.stdout(Stdio::piped()))?;
    let output = group.child().stdout.take().context("the tests have no output")?;
    let reader = thread::spawn(move || {
        let mut totals = Totals::default();
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            say(&line);
            totals.add(&line);
        }
        totals
    });
    let outcome = wait(&mut group);
    // Whatever a failed test left running goes before its database does.
    group.stop("TERM", Duration::ZERO);
    *totals = reader.join().unwrap_or_default();
    if outcome?.success() { Ok(()) } else { bail!("Some tests failed; the lines above name them.") }
}

/// The sums of the runner's `test result:` lines.
#[derive(Default, Debug, PartialEq)]
struct Totals {
    programs: u32,
    passed: u32,
    failed: u32,
    ignored: u32,
}

impl Totals {
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        self.programs += 1;
        for part in result.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let Some(count) = words.next().and_then(|word| word.parse::<u32>().ok()) else { continue };
            match words.next() {
                Some("passed") => self.passed += count,
                Some("failed") => self.failed += count,
                Some("ignored") => self.ignored += count,
                _ => {}
            }
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { programs, passed, failed, ignored } = self;
        write!(
            formatter,
            "Tests: {passed} passed, {failed} failed, {ignored} ignored, in {programs} programs."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runners_lines_are_summed() {
        let mut totals = Totals::default();
        totals.add("running 3 tests");
        totals.add(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.01s",
        );
        totals.add("test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s");
        assert_eq!(totals, Totals { programs: 2, passed: 5, failed: 1, ignored: 1 });
    }
}
