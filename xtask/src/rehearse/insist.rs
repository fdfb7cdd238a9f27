//! How a client goes on when a part of the site is away: it reads what it is told, waits a little and asks again.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::browser::Answer;

/// For so long an answer may be waited for, whatever is away.
const LONGEST_ANSWER: Duration = Duration::from_secs(15);
/// For so long a client goes on asking.
const LONGEST_OUTAGE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(250);

/// What all clients report to.
#[derive(Default)]
pub struct Desk {
    over: AtomicBool,
    /// What each client has got done, by its number.
    done: [AtomicUsize; 8],
    refused: AtomicUsize,
    broken: AtomicUsize,
    slowest: Mutex<Duration>,
    faults: Mutex<Vec<String>>,
}

impl Desk {
    /// Works until all is over; the first fault ends it.
    pub fn work(&self, client: usize, name: &str, mut deed: impl FnMut(usize) -> Result<()>) {
        let mut number = 0;
        while !self.over.load(Ordering::Relaxed) {
            if let Err(error) = deed(number) {
                if !self.over.load(Ordering::Relaxed) {
                    self.note(format!("{name}, number {number}: {error:#}"));
                }
                return;
            }
            number += 1;
            self.done[client].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Asks until there is an answer that is about the question. Whatever else comes must be clear: 503 with the time to wait
    /// and a sentence, soon. A connection that breaks is asked again too.
    pub fn insist(&self, what: &str, mut ask: impl FnMut() -> Result<Answer>) -> Result<Answer> {
        let begun = Instant::now();
        loop {
            let asked = Instant::now();
            match ask() {
                Ok(answer) if answer.status != 503 => {
                    self.took(asked.elapsed(), what)?;
                    return Ok(answer);
                }
                Ok(answer) => {
                    self.took(asked.elapsed(), what)?;
                    clear(&answer).with_context(|| what.to_owned())?;
                    self.refused.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) if self.over.load(Ordering::Relaxed) => return Err(error),
                Err(error) if begun.elapsed() > LONGEST_OUTAGE => return Err(error),
                Err(_) => {
                    self.broken.fetch_add(1, Ordering::Relaxed);
                }
            }
            ensure!(begun.elapsed() < LONGEST_OUTAGE, "{what}: nobody was there for a minute");
            sleep(PAUSE);
        }
    }

    fn took(&self, time: Duration, what: &str) -> Result<()> {
        ensure!(time < LONGEST_ANSWER, "{what}: the answer took {} seconds", time.as_secs());
        if let Ok(mut slowest) = self.slowest.lock() {
            *slowest = time.max(*slowest);
        }
        Ok(())
    }

    pub fn note(&self, fault: String) {
        if let Ok(mut faults) = self.faults.lock() {
            faults.push(fault);
        }
    }

    /// An error as soon as any client met something that must not be.
    pub fn check(&self) -> Result<()> {
        let faults = self.faults.lock().map(|faults| faults.join("\n")).unwrap_or_default();
        if faults.is_empty() { Ok(()) } else { bail!("{faults}") }
    }

    pub fn progress(&self) -> Vec<usize> {
        self.done.iter().map(|count| count.load(Ordering::Relaxed)).collect()
    }

    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// What the clients met, in a line.
    pub fn told(&self) -> String {
        let slowest = self.slowest.lock().map(|slowest| slowest.as_millis()).unwrap_or_default();
        format!(
            "{} times a client was told to wait, {} times a connection broke, the slowest answer took {slowest} ms",
            self.refused.load(Ordering::Relaxed),
            self.broken.load(Ordering::Relaxed)
        )
    }
}

/// Whether an answer that refuses says so as a person and a program can use it.
pub fn clear(answer: &Answer) -> Result<()> {
    let (url, text) = (&answer.url, answer.text());
    ensure!(answer.status == 503, "{url} answered {}, not 503: {text:.300}", answer.status);
    let wait = answer.header("retry-after").unwrap_or_default();
    ensure!(wait.parse::<u32>().is_ok_and(|seconds| seconds <= 30), "{url} does not say when to come again");
    ensure!(text.contains("moment") || text.contains("seconds"), "{url} has no sentence: {text:.300}");
    Ok(())
}
