//! A collection of real photos, where it is at hand: sizes as an independent program read them.

use std::path::Path;

use imaging::{Error, Kind, Recipe, Refusal, render};
use serde_json::{Value, json};

use crate::fixtures::{difference, each, fine, pixels, rendition, samples};

/// What can't be shown, and why: a RAW file of 1996 without a picture inside, and one whose decoding takes 26
/// bytes a pixel (AV1, 10 bits, 4:4:4).
const NOT_SHOWN: [(&str, &str); 2] =
    [("kodak-dc50-raw.kdc", "no_preview"), ("immich-10bit-hdr-p3.avif", "too_much_memory")];

/// RAW files are as large as the picture inside, not as their sensor.
const SHOWN_BY_PICTURE: [(&str, [u32; 2]); 2] =
    [("canon-eos-6d-raw.dng", [1024, 683]), ("canon-eos-r6-preview.cr3", [1620, 1080])];

/// The nine files of one landscape, however their pixels are stored; 0 is no orientation and means 1.
const ONE_LANDSCAPE: [u8; 9] = [1, 0, 2, 3, 4, 5, 6, 7, 8];

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
        Err(Error::Refused(Refusal::NotHere { .. })) if !crate::heif::available() => return None,
        Err(fault) => {
            let explained = NOT_SHOWN.contains(&(name, fault.reason()));
            return (!explained).then(|| format!("{name}: {fault}"));
        }
    };
    let found = [json!(rendered.displayed.width), json!(rendered.displayed.height)];
    let inside =
        SHOWN_BY_PICTURE.iter().find(|(file, _)| *file == name).map(|(_, size)| size.map(Value::from));
    let listed =
        inside.unwrap_or_else(|| [facts["displayed_width"].clone(), facts["displayed_height"].clone()]);
    (found != listed).then(|| format!("{name}: {found:?}, listed {listed:?}"))
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
