//! How figures are printed: what was measured, and what was aimed at.

use std::{fmt::Display, io::Write, time::Duration};

/// Prints a line; a closed pipe is no reason to stop.
pub fn say(line: impl Display) {
    writeln!(std::io::stdout(), "{line}").ok();
}

/// Prints a figure with its aim and whether it was met.
pub fn aim(what: &str, value: f64, unit: &str, aim: f64, at_least: bool) {
    let (met, sign) = if at_least { (value >= aim, "at least") } else { (value <= aim, "at most") };
    let verdict = if met { "met" } else { "NOT MET" };
    say(format_args!("  {what:<52} {value:>8.2} {unit:<5} aim: {sign} {aim} ({verdict})"));
}

/// Milliseconds with fractions.
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The middle one of some values.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
