//! A collection of real photos, where it is at hand: sizes and facts as an independent program read them.

use std::path::Path;

use imaging::{Error, Metadata, Recipe, Refusal, Rendered, render};
use serde_json::Value;

use crate::fixtures::{each, samples};

/// What differs from the list, and why.
const DIFFERENCES: [(&str, &str, &str); 7] = [
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
];

/// What this build does not decode.
const NOT_TAKEN: [&str; 6] =
    ["HEIC", "AVIF", "DNG (RAW)", "Canon RAW (CR3)", "Kodak RAW (KDC)", "12-bit JPEG"];

#[test]
fn real_photos_have_the_sizes_and_facts_of_their_list() {
    let Some(folder) = samples("photos") else { return };
    let list = std::fs::read_to_string(folder.join("FACTS.json")).expect("the list");
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let files: Vec<_> = list["files"].as_object().expect("files").iter().collect();
    let faults: Vec<String> =
        each(&files, |(name, facts)| Some(faults_of(&folder, name, facts))).into_iter().flatten().collect();
    assert!(files.len() > 100 && faults.is_empty(), "{faults:#?}");
}

fn faults_of(folder: &Path, name: &str, facts: &Value) -> Vec<String> {
    let bytes = std::fs::read(folder.join(name)).expect("the file");
    let rendered = match render(&bytes, &Recipe::default()) {
        Ok(rendered) => rendered,
        Err(Error::Refused(Refusal::UnsupportedFormat { name })) if NOT_TAKEN.contains(&name) => {
            return Vec::new();
        }
        Err(fault) => return vec![format!("{name}: {fault}")],
    };
    compared(&rendered, facts)
        .into_iter()
        .filter(|(field, same, _)| {
            let explained = DIFFERENCES.iter().any(|(file, what, _)| file == &name && what == field);
            // A difference that is gone leaves the table.
            *same == explained
        })
        .map(|(field, _, found)| format!("{name}: {field} is {found}, listed {}", facts[field]))
        .collect()
}

fn compared(rendered: &Rendered, facts: &Value) -> Vec<(&'static str, bool, String)> {
    let Metadata {
        make,
        model,
        lens,
        iso,
        exposure_seconds,
        aperture,
        focal_length_mm,
        taken_at,
        taken_at_offset,
        gps,
    } = &rendered.metadata;
    let text = |field: &'static str, found: &Option<String>| {
        (field, found.as_deref() == facts[field].as_str(), format!("{found:?}"))
    };
    let number = |field: &'static str, found: Option<f64>| {
        // The list rounds: times to ten places, places to seven, heights to three.
        let same = match (found, facts[field].as_f64()) {
            (Some(found), Some(listed)) => {
                (found - listed).abs()
                    <= (1e-6 * listed.abs()).max(6e-4 * f64::from(u8::from(field == "gps_alt_m")))
            }
            (found, listed) => found.is_none() && listed.is_none(),
        };
        (field, same, format!("{found:?}"))
    };
    vec![
        number("displayed_width", Some(rendered.displayed.width.into())),
        number("displayed_height", Some(rendered.displayed.height.into())),
        text("make", make),
        text("model", model),
        text("lens", lens),
        number("iso", iso.map(f64::from)),
        number("exposure_s", *exposure_seconds),
        number("f_number", *aperture),
        number("focal_length_mm", *focal_length_mm),
        text("taken_at", taken_at),
        text("taken_at_offset", taken_at_offset),
        number("gps_lat", gps.map(|place| place.latitude)),
        number("gps_lon", gps.map(|place| place.longitude)),
        number("gps_alt_m", gps.and_then(|place| place.altitude)),
    ]
}
