//! Where the time of the photos went, out of the services' own log.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::figures::say;

/// Seconds of each stage, of all photos together.
pub struct Stages(BTreeMap<String, f64>);

#[derive(Deserialize)]
struct Line {
    target: String,
    fields: BTreeMap<String, serde_json::Value>,
}

/// What is told apart, in the order in which a photo meets it.
const ORDER: [(&str, &str); 11] = [
    ("receiving", "waiting for bytes of the upload"),
    ("hashing", "hashing"),
    ("storing", "storing originals and renditions, synced to the disk"),
    ("database", "database"),
    ("waiting", "waiting for a decoder and for memory"),
    ("rendering", "with a decoder, from asking to the last byte, of it:"),
    ("decoding", "  decoding"),
    ("resizing", "  resizing and turning"),
    ("marking", "  sharpening and marking"),
    ("encoding", "  encoding"),
    ("reading", "  reading the camera's facts"),
];

impl Stages {
    /// Sums up what the log says; lines of another kind are passed over.
    pub fn read(log: &str) -> anyhow::Result<Self> {
        let mut stages = BTreeMap::new();
        for line in log.lines() {
            let Ok(line) = serde_json::from_str::<Line>(line.trim_start_matches('\0')) else { continue };
            if line.target != photos::timings::TIMINGS {
                continue;
            }
            for (stage, time) in line.fields {
                if let Some(microseconds) = time.as_f64() {
                    *stages.entry(stage).or_insert(0.0) += microseconds / 1e6;
                }
            }
        }
        anyhow::ensure!(!stages.is_empty(), "the log tells no times");
        Ok(Self(stages))
    }
}

/// Prints each stage and its share of all of them; several photos are in work at once.
pub fn print(stages: &Stages) {
    let of = |stage: &str| stages.0.get(stage).copied().unwrap_or_default();
    let parts = ["decoding", "resizing", "marking", "encoding", "reading"];
    let all: f64 =
        stages.0.iter().filter(|(name, _)| !parts.contains(&name.as_str())).map(|(_, time)| time).sum();
    say("\nWhere the time of the photos went, added up over all that are in work at once");
    for (stage, words) in ORDER {
        say(format_args!("  {words:<60} {:>8.2} s {:>6.1} %", of(stage), of(stage) / all * 100.0));
    }
}
