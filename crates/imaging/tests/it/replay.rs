//! All that fuzzing kept: the corpus of each target, and every file that ever broke a promise.

use std::path::Path;

use crate::fixtures::each;

#[path = "../../fuzz/src/targets/mod.rs"]
mod targets;

use targets::{TARGETS, Target};

const FUZZ: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz");

/// The files of a target in a folder, each with its name; none where there is no folder.
fn files(folder: &str, target: &str) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = Path::new(FUZZ).join(folder).join(target).read_dir() else { return Vec::new() };
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("a file");
        (path.file_name().expect("a name").to_string_lossy().into_owned(), bytes)
    };
    entries.map(read).collect()
}

fn replay(folder: &str) -> usize {
    let tries: Vec<(&str, Target, String, Vec<u8>)> = TARGETS
        .into_iter()
        .flat_map(|(name, target)| {
            files(folder, name).into_iter().map(move |(file, bytes)| (name, target, file, bytes))
        })
        .collect();
    let broken = each(&tries, |(name, target, file, bytes)| {
        let outcome = std::panic::catch_unwind(|| target(bytes));
        outcome.is_err().then(|| format!("{folder}/{name}/{file}"))
    });
    assert!(broken.is_empty(), "{broken:#?}");
    tries.len()
}

#[test]
fn promises_hold_for_all_that_fuzzing_collected() {
    assert!(replay("corpus") > 100, "the corpora are there");
}

#[test]
fn what_once_broke_a_promise_stays_mended() {
    replay("regressions");
}

#[test]
fn every_target_has_a_corpus_and_a_program() {
    for (name, _) in TARGETS {
        assert!(!files("corpus", name).is_empty(), "{name} has no corpus");
        assert!(Path::new(FUZZ).join(format!("fuzz_targets/{name}.rs")).is_file(), "{name} has no program");
    }
}
