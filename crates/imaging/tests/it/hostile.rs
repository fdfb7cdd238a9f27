//! A collection of hostile files, where it is at hand: each ends as its list says, and soon.

use std::time::{Duration, Instant};

use imaging::{Recipe, render};
use serde_json::Value;

use crate::fixtures::{each, samples};

/// The list allows a few files to be refused although it calls them acceptable; none needs it so far.
const REFUSED_ANYWAY: [&str; 0] = [];

#[test]
fn hostile_files_end_as_their_list_says() {
    let Some(folder) = samples("hostile") else { return };
    let list = std::fs::read_to_string(folder.join("MANIFEST.json")).expect("the list");
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let files = list["files"].as_array().expect("files");
    let faults = each(files, |entry| {
        let name = entry["file"].as_str().expect("a name");
        let bytes = std::fs::read(folder.join(name)).expect("the file");
        let began = Instant::now();
        let outcome = render(&bytes, &Recipe::default());
        let took = began.elapsed();
        let right = match entry["expected"].as_str() {
            Some("reject") => outcome.is_err(),
            Some("accept-with-warning") => outcome.is_ok() || REFUSED_ANYWAY.contains(&name),
            _ => true,
        };
        let soon = took < Duration::from_secs(5);
        (!right || !soon)
            .then(|| format!("{name}: {:?} in {took:?}", outcome.map(|rendered| rendered.displayed)))
    });
    assert!(files.len() > 100 && faults.is_empty(), "{faults:#?}");
}
