//! A collection of real photos, where it is at hand: sizes and facts as an independent program read them.

use std::path::Path;

use imaging::{Error, Kind, Metadata, Recipe, Refusal, Rendered, render};
use serde_json::Value;

use crate::fixtures::{difference, each, fine, pixels, rendition, samples};

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

/// What can't be shown, and why.
const NOT_SHOWN: [(&str, &str); 1] = [("kodak-dc50-raw.kdc", "no_preview")];

/// The nine files of one landscape, however their pixels are stored; 0 is no orientation and means 1.
const ONE_LANDSCAPE: [u8; 9] = [1, 0, 2, 3, 4, 5, 6, 7, 8];

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
        Err(Error::Refused(Refusal::NotHere { .. })) if !crate::heif::available() => return Vec::new(),
        Err(fault) => {
            let explained = NOT_SHOWN.contains(&(name, fault.reason()));
            return if explained { Vec::new() } else { vec![format!("{name}: {fault}")] };
        }
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

#[test]
fn one_landscape_looks_the_same_from_all_eight_sides() {
    let Some(folder) = samples("photos") else { return };
    let shown = |way: &str, orientation: u8| {
        let file = std::fs::read(folder.join(format!("orient-{way}-{orientation}.jpg"))).expect("the file");
        pixels(rendition(&render(&file, &fine()).expect("renditions"), Kind::Preview, false))
    };
    for (way, all) in [("landscape", &ONE_LANDSCAPE[..]), ("portrait", &[1, 3, 6, 8])] {
        let first = shown(way, all[0]);
        for orientation in &all[1..] {
            let off = difference(&shown(way, *orientation), &first);
            assert!(off < 4.0, "{way} {orientation}: {off}");
        }
    }
}

#[test]
fn one_picture_looks_the_same_in_five_formats() {
    let Some(folder) = samples("photos") else { return };
    let shown = |extension: &str| {
        let file =
            std::fs::read(folder.join(format!("pentax-k3-sunrise-gps.{extension}"))).expect("the file");
        pixels(rendition(&render(&file, &fine()).expect("renditions"), Kind::Preview, false))
    };
    let first = shown("tif");
    for extension in ["jpg", "png", "webp", "avif"] {
        if extension == "avif" && !crate::heif::available() {
            continue;
        }
        let off = difference(&shown(extension), &first);
        assert!(off < 4.0, "{extension}: {off}");
    }
}
