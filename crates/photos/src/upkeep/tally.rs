//! What became of the files, in figures, and a line about each that an operator may want to look at.

use std::io::Write;

use super::Expected;

/// How many there were of each, in the order in which they are told.
#[derive(Default)]
pub(super) struct Tally {
    counts: Vec<(&'static str, u64)>,
    /// What an operator has to look at.
    pub wrong: u64,
}

impl Tally {
    /// With these words and no file of any.
    pub fn of(words: &[&'static str]) -> Self {
        Self { counts: words.iter().map(|words| (*words, 0)).collect(), wrong: 0 }
    }

    /// Counts one.
    pub fn count(&mut self, words: &'static str) {
        self.add(words, 1);
    }

    /// Counts some.
    pub fn add(&mut self, words: &'static str, some: u64) {
        match self.counts.iter_mut().find(|(known, _)| *known == words) {
            Some((_, count)) => *count += some,
            None => self.counts.push((words, some)),
        }
    }

    /// Counts one that is not as it should be, and tells about it.
    pub fn complain(&mut self, words: &'static str, file: &Expected, detail: &str) -> std::io::Result<()> {
        self.wrong += 1;
        self.count(words);
        say(&format!("{words}: {}{detail}", file.shown()))
    }

    /// All of it.
    pub fn tell(&self) -> std::io::Result<()> {
        let mut output = std::io::stdout();
        for (words, count) in &self.counts {
            writeln!(output, "{count:>8} {words}")?;
        }
        Ok(())
    }
}

/// Tells a line.
pub(super) fn say(line: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{line}")
}
