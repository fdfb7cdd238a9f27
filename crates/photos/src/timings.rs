//! Where the time of a photo goes, in microseconds: logged at the level of debug alone, where `cargo xtask bench upload`
//! reads it.

use std::time::Instant;

/// What such lines of the log have as their target.
pub const TIMINGS: &str = "photos::timings";

/// Measures one stage after the other.
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// The first stage begins.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Microseconds of the stage that ends here; the next begins.
    pub fn lap(&mut self) -> u64 {
        let now = Instant::now();
        let took = now.duration_since(self.0);
        self.0 = now;
        u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
    }
}
