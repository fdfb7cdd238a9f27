//! The phases of a long command: what runs, how long it took, how it ended.

use std::time::{Duration, Instant};

use anyhow::{Error, Result, bail};

use crate::process::Interrupted;
use crate::say;

/// What has run so far.
#[derive(Default)]
pub struct Phases {
    rows: Vec<(&'static str, Duration, Outcome)>,
}

enum Outcome {
    Passed,
    Failed,
    Skipped,
}

impl Phases {
    /// Runs one phase. A failure is told and remembered (the answer is false); only an interruption ends all.
    pub fn run(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) -> Result<bool> {
        say(format_args!("\n== {name}"));
        let begun = Instant::now();
        let outcome = work();
        match self.note(name, begun.elapsed(), outcome)? {
            None => Ok(true),
            Some(failure) => {
                say(format_args!("{failure:#}"));
                Ok(false)
            }
        }
    }

    /// Remembers how a phase ended and hands its failure back.
    fn note(&mut self, name: &'static str, took: Duration, outcome: Result<()>) -> Result<Option<Error>> {
        let failure = match outcome {
            Err(error) if error.is::<Interrupted>() => return Err(error),
            other => other.err(),
        };
        self.rows.push((name, took, if failure.is_none() { Outcome::Passed } else { Outcome::Failed }));
        Ok(failure)
    }

    /// Notes a phase that could not run because an earlier one failed.
    pub fn skip(&mut self, name: &'static str) {
        self.rows.push((name, Duration::ZERO, Outcome::Skipped));
    }

    /// Prints the table; an error when any phase failed.
    pub fn finish(self) -> Result<()> {
        say("\nPhases");
        for (name, took, outcome) in &self.rows {
            let word = match outcome {
                Outcome::Passed => "passed",
                Outcome::Failed => "FAILED",
                Outcome::Skipped => "not run",
            };
            say(format_args!("  {name:<12} {word:<8} {:>8}", seconds(*took)));
        }
        let total: Duration = self.rows.iter().map(|(_, took, _)| *took).sum();
        say(format_args!("  {:<21} {:>8}", "in all", seconds(total)));
        self.verdict()?;
        say("\nEverything passed.");
        Ok(())
    }

    fn verdict(&self) -> Result<()> {
        let failed = self.rows.iter().filter(|row| !matches!(row.2, Outcome::Passed)).map(|row| row.0);
        match failed.collect::<Vec<_>>() {
            none if none.is_empty() => Ok(()),
            some => bail!("Not passed: {}.", some.join(", ")),
        }
    }
}

/// A time as people read it: `0.4 s`, `83 s`.
pub fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 10.0 { format!("{seconds:.1} s") } else { format!("{seconds:.0} s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn times_are_short() {
        assert_eq!(seconds(Duration::from_millis(440)), "0.4 s");
        assert_eq!(seconds(Duration::from_millis(83_200)), "83 s");
    }

    #[test]
    fn one_failure_fails_the_whole() -> Result<()> {
        let mut phases = Phases::default();
        assert!(phases.note("good", Duration::ZERO, Ok(()))?.is_none());
        assert!(phases.verdict().is_ok());
        assert!(phases.note("bad", Duration::ZERO, Err(anyhow!("no")))?.is_some());
        phases.skip("later");
        let told = phases.verdict().map_err(|error| error.to_string());
        assert_eq!(told, Err("Not passed: bad, later.".to_owned()));
        Ok(())
    }

    #[test]
    fn an_interruption_ends_everything() {
        let mut phases = Phases::default();
        assert!(phases.note("any", Duration::ZERO, Err(Interrupted.into())).is_err());
    }
}
