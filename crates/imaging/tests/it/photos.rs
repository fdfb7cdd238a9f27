//! A collection of real photos, where it is at hand: sizes as an independent program read them.

use std::path::Path;

use imaging::{Error, Recipe, Refusal, render};
use serde_json::{Value, json};

use crate::fixtures::{each, samples};

/// What this build does not decode.
const NOT_TAKEN: [&str; 6] =
    ["HEIC", "AVIF", "DNG (RAW)", "Canon RAW (CR3)", "Kodak RAW (KDC)", "12-bit JPEG"];

#[test]
fn real_photos_have_the_sizes_of_their_list() {
    let Some(folder) = samples("photos") else { return };
    let list = std::fs::read_to_string(folder.join("FACTS.json")).expect("the list");
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let files: Vec<_> = list["files"].as_object().expect("files").iter().collect();
    let faults = each(&files, |(name, facts)| fault_of(&folder, name, facts));
    assert!(files.len() > 100 && faults.is_empty(), "{faults:#?}");
}

fn fault_of(folder: &Path, name: &str, facts: &Value) -> Option<String> {
    let bytes = std::fs::read(folder.join(name)).expect("the file");
    let rendered = match render(&bytes, &Recipe::default()) {
        Ok(rendered) => rendered,
        Err(Error::Refused(Refusal::UnsupportedFormat { name })) if NOT_TAKEN.contains(&name) => return None,
        Err(fault) => return Some(format!("{name}: {fault}")),
    };
    let found = [json!(rendered.displayed.width), json!(rendered.displayed.height)];
    let listed = [facts["displayed_width"].clone(), facts["displayed_height"].clone()];
    (found != listed).then(|| format!("{name}: {found:?}, listed {listed:?}"))
}
