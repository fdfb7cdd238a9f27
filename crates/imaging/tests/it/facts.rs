//! A collection of real photos, where it is at hand: what stands beside each picture, as an independent program
//! read it.

use std::path::Path;

use imaging::{Limits, Metadata, probe, read_metadata};
use serde_json::{Map, Value, json};

use crate::fixtures::{each, samples};

/// What differs from the lists, and why.
const DIFFERENCES: [(&str, &str, &str); 23] = [
    ("flir-vue-pro-thermal-gps.jpg", "gps_lat", "0, 0 is what a camera writes that has no fix yet: no place"),
    ("flir-vue-pro-thermal-gps.jpg", "gps_lon", "as its latitude"),
    ("flir-vue-pro-thermal-gps.jpg", "gps_alt_m", "as its latitude"),
    (
        "nikon-d5000-444-srgb.jpg",
        "gps_lat",
        "seconds are 0/0, but degrees and decimal minutes tell the place",
    ),
    ("nikon-d5000-444-srgb.jpg", "gps_lon", "as its latitude"),
    ("nikon-d5000-444-srgb.jpg", "gps_alt_m", "as its latitude"),
    (
        "nikon-d800e-iceland-displayp3.jpg",
        "gps_alt_m",
        "says not whether above or below the sea; EXIF means above",
    ),
    ("nature-prairie-falcon.jpg", "lens", "EXIF names no lens; XMP does (aux:Lens)"),
    ("samsung-galaxy-s9plus-12mp-444.jpg", "lens", "EXIF names no lens; XMP does (aux:Lens)"),
    ("thompson-springs-gps.jpg", "lens", "EXIF names no lens; XMP does (aux:Lens)"),
    ("nature-el-torcal-rocks.jpg", "lens", "EXIF names no lens; XMP does (aux:Lens)"),
    ("nature-tanners-ridge.jpg", "lens", "EXIF names no lens; XMP does (aux:Lens)"),
    ("nikon-d5000-444-srgb.jpg", "lens", "EXIF names no lens; XMP does (aux:Lens)"),
    ("nikon-d800e-iceland-displayp3.jpg", "lens", "EXIF names no lens; XMP does (aux:Lens)"),
    ("canon-eos-5d-mk3-22mp-444-srgb.jpg", "caption", "`null` is a program's word for nothing"),
    ("canon-eos-5d-mk3-22mp-444-srgb.jpg", "keywords", "as its caption"),
    ("canon-eos-5d-mk3-22mp-444-srgb.jpg", "creator", "as its caption"),
    ("kodak-pixpro-fz201-16mp-moon.jpg", "caption", "written by the camera, not by a person"),
    ("minolta-dimage-x.jpg", "caption", "written by the camera, not by a person"),
    ("nature-el-torcal-rocks.jpg", "caption", "written by the camera, not by a person"),
    ("olympus-pen-ep3.jpg", "caption", "written by the camera, not by a person"),
    ("samsung-c200-panorama360.jpg", "caption", "written by the camera, not by a person"),
    ("sanyo-s1-zero-date.jpg", "caption", "written by the camera, not by a person"),
];

/// The words in the files of the collection as `ExifTool` 12.57 read them: of each the first of XMP, IPTC and EXIF.
const WORDS: &str = include_str!("words.json");

#[test]
fn real_photos_have_the_facts_and_words_of_their_lists() {
    let Some(folder) = samples("photos") else { return };
    let list = std::fs::read_to_string(folder.join("FACTS.json")).expect("the list");
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let words: Value = serde_json::from_str(WORDS).expect("JSON");
    let files = list["files"].as_object().expect("files");
    let listed: Vec<(&String, Map<String, Value>)> = files
        .iter()
        .map(|(name, facts)| {
            let mut all = facts.as_object().expect("facts").clone();
            all.extend(words[name].as_object().cloned().unwrap_or_default());
            (name, all)
        })
        .collect();
    // A format that is not taken yet joins as soon as it is.
    let outcomes = each(&listed, |(name, facts)| faults_of(&folder, name, facts));
    let faults: Vec<&String> = outcomes.iter().flatten().collect();
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(outcomes.len() > 80, "only {} files were looked at", outcomes.len());
    for (name, ..) in DIFFERENCES {
        assert!(files.contains_key(name), "{name} is in the table and not in the list");
    }
}

fn faults_of(folder: &Path, name: &str, facts: &Map<String, Value>) -> Option<Vec<String>> {
    let bytes = std::fs::read(folder.join(name)).expect("the file");
    probe(&bytes, &Limits::default()).ok()?;
    let found = found(&read_metadata(&bytes));
    let fields: Vec<&str> = found.iter().map(|(field, _)| *field).collect();
    let unknown = DIFFERENCES
        .iter()
        .filter(|(file, field, _)| *file == name && !fields.contains(field))
        .map(|(_, field, _)| format!("{name}: {field} is no field"));
    let faults = found
        .iter()
        .filter(|(field, value)| {
            let explained = DIFFERENCES.iter().any(|(file, what, _)| *file == name && what == field);
            // A difference that is gone leaves the table.
            same(field, value, facts.get(*field).unwrap_or(&Value::Null)) == explained
        })
        .map(|(field, value)| {
            format!("{name}: {field} is {value}, listed {}", facts.get(*field).unwrap_or(&Value::Null))
        });
    Some(unknown.chain(faults).collect())
}

/// Facts under their names in the lists.
fn found(metadata: &Metadata) -> Vec<(&'static str, Value)> {
    let Metadata {
        make,
        model,
        lens,
        iso,
        exposure_seconds,
        aperture,
        focal_length_mm,
        taken_at,
        taken_at_fraction,
        taken_at_offset,
        gps,
        title,
        caption,
        keywords,
        rating,
        label,
        creator,
        credit,
        copyright,
    } = metadata;
    vec![
        ("make", json!(make)),
        ("model", json!(model)),
        ("lens", json!(lens)),
        ("iso", json!(iso)),
        ("exposure_s", json!(exposure_seconds)),
        ("f_number", json!(aperture)),
        ("focal_length_mm", json!(focal_length_mm)),
        ("taken_at", json!(taken_at)),
        ("taken_at_subsec", json!(taken_at_fraction)),
        ("taken_at_offset", json!(taken_at_offset)),
        ("gps_lat", json!(gps.map(|place| place.latitude))),
        ("gps_lon", json!(gps.map(|place| place.longitude))),
        ("gps_alt_m", json!(gps.and_then(|place| place.altitude))),
        ("title", json!(title)),
        ("caption", json!(caption)),
        ("keywords", if keywords.is_empty() { Value::Null } else { json!(keywords) }),
        ("rating", json!(rating)),
        ("label", json!(label)),
        ("creator", json!(creator)),
        ("credit", json!(credit)),
        ("copyright", json!(copyright)),
    ]
}

/// The list rounds: times to ten places, places to seven, heights to three.
fn same(field: &str, found: &Value, listed: &Value) -> bool {
    match (found.as_f64(), listed.as_f64()) {
        (Some(found), Some(listed)) => {
            let height = 6e-4 * f64::from(u8::from(field == "gps_alt_m"));
            (found - listed).abs() <= (1e-6 * listed.abs()).max(height)
        }
        _ => found == listed,
    }
}
