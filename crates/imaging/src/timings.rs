//! Where the time of one photo goes.

use std::time::Instant;

use serde::{Deserialize, Serialize};

/// Microseconds of each stage.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Timings {
    /// From the file to planes.
    pub decoding: u64,
    /// Making smaller, and turning.
    pub resizing: u64,
    /// Sharpening and marking.
    pub marking: u64,
    /// From planes to files.
    pub encoding: u64,
    /// Reading what the camera wrote.
    pub reading: u64,
}

/// What is made of a photo is the same, however long it took.
impl PartialEq for Timings {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Measures one stage after the other.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// The first stage begins.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Adds the stage that ends here; the next begins.
    pub(crate) fn lap(&mut self, stage: &mut u64) {
        let now = Instant::now();
        *stage += u64::try_from(now.duration_since(self.0).as_micros()).unwrap_or(u64::MAX);
        self.0 = now;
    }
}
