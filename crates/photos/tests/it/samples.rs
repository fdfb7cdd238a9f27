//! Collections of real photos and of hostile files, where they are at hand, through the whole service.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{Duration, Instant},
};

use aws_lc_rs::digest::{SHA256, digest};
use common::{identity::Role, secrets::hex};
use futures_util::{StreamExt, stream};
use image::{DynamicImage, ImageFormat};
use imaging::Capabilities;
use serde_json::Value;
use test_support::{Answer, reqwest::StatusCode};

use crate::harness::{Person, TestApp, jpeg};

/// As many as the upload page sends at a time.
const AT_ONCE: usize = 3;
/// What is refused where the library is missing.
const BY_LIBRARY: [&str; 2] = ["AVIF", "HEIC"];
/// RAW files are shown by the picture inside, whose size is not that of the sensor; the CR3's is found only in the
/// whole file, because a larger one is said to be where its copy was cut off.
const SHOWN_BY_PICTURE: [(&str, [u32; 2]); 2] =
    [("canon-eos-6d-raw.dng", [1024, 683]), ("canon-eos-r6-preview.cr3", [1620, 1080])];
/// A RAW file of 1996, which has no picture inside; and one whose decoding takes 26 bytes a pixel.
const NOT_SHOWN: [(&str, &str); 2] =
    [("kodak-dc50-raw.kdc", "no_preview"), ("immich-10bit-hdr-p3.avif", "too_much_memory")];
/// Its boxes follow its pixels, beyond what is looked at before the whole file is there.
const SIZE_AT_THE_END: &str = "samsung-galaxy-s10plus-12mp-orient6.heic";

#[tokio::test]
async fn real_photos_are_kept_byte_for_byte_and_shown_upright_or_refused_with_the_reason() {
    let Some((folder, list)) = collection("photos", "FACTS.json") else { return };
    let facts = list["files"].as_object().unwrap();
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let answers = upload_all(&ana, &folder, facts.keys()).await;
    let mut taken = BTreeMap::new();
    let mut faults = Vec::new();
    for (name, answer) in &answers {
        let format = facts[name]["format"].as_str().unwrap();
        match outcome(answer) {
            Ok(id) => drop(taken.insert(id, name.as_str())),
            Err(reason) if reason == "unsupported_format" && refused_here(format) => {}
            Err(reason) => faults.push(format!("{name}: {format} refused: {reason}")),
        }
    }
    let expected = facts.values().filter(|facts| !refused_here(facts["format"].as_str().unwrap()));
    assert_eq!(taken.len(), expected.count(), "{faults:#?}");

    // The size is known before the picture, so that a page does not jump.
    for photo in photos(&ana).await {
        let name = taken[&photo["id"].as_i64().unwrap()];
        let is_late = is_not_shown(name) || name == SIZE_AT_THE_END || by_picture(name).is_some();
        let hidden = photo["width"].is_null() && is_late;
        faults.extend(size_fault("before processing", name, &photo, &facts[name]).filter(|_| !hidden));
    }
    let _worker = app.worker();
    for photo in settled(&ana, Duration::from_mins(4)).await {
        let name = taken[&photo["id"].as_i64().unwrap()];
        if NOT_SHOWN.contains(&(name, reason_of(&photo["failure"]).as_str())) {
            continue;
        }
        if photo["status"] != "ready" {
            faults.push(format!("{name}: {}", photo["failure"]));
            continue;
        }
        faults.extend(size_fault("at the end", name, &photo, &facts[name]));
        if sha256_on_disk(&app, &photo).await != facts[name]["sha256"].as_str().unwrap() {
            faults.push(format!("{name}: other bytes were stored"));
        }
        faults.extend(rendition_faults(&ana, name, &photo).await);
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

fn is_not_shown(name: &str) -> bool {
    NOT_SHOWN.iter().any(|(file, _)| *file == name)
}

#[tokio::test]
async fn hostile_files_are_refused_or_fail_and_disturb_nobody() {
    let Some((folder, list)) = collection("hostile", "MANIFEST.json") else { return };
    let entries = list["files"].as_array().unwrap();
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    let began = Instant::now();
    let names: Vec<String> = entries.iter().map(|entry| entry["file"].as_str().unwrap().to_owned()).collect();
    let answers = upload_all(&ana, &folder, names.iter()).await;
    let photos: BTreeMap<i64, Value> = settled(&ana, Duration::from_mins(2))
        .await
        .into_iter()
        .map(|photo| (photo["id"].as_i64().unwrap(), photo))
        .collect();
    let took = began.elapsed();
    let mut faults = Vec::new();
    for entry in entries {
        let name = entry["file"].as_str().unwrap();
        let outcome = outcome(&answers[name]).and_then(|id| {
            let photo = &photos[&id];
            if photo["status"] == "ready" { Ok(photo) } else { Err(reason_of(&photo["failure"])) }
        });
        match (entry["expected"].as_str().unwrap(), outcome) {
            ("reject", Ok(_)) => faults.push(format!("{name}: was taken")),
            ("accept-with-warning", Err(reason)) => faults.push(format!("{name}: {reason}")),
            (_, Err(reason)) if reason.is_empty() => faults.push(format!("{name}: no reason")),
            (_, Err(_)) => {}
            (_, Ok(photo)) => faults.extend(rendition_faults(&ana, name, photo).await),
        }
    }
    faults.extend(original_faults(&ana).await);
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(took < Duration::from_mins(2), "{took:?}");

    assert_eq!(ana.browser.get("/health").await.status, StatusCode::OK);
    let ben = app.person("ben", Role::Photographer).await;
    ben.photo(None, "after all that.jpg", jpeg(1, 300, 200)).await;
    let photos_of_ben = settled(&ben, Duration::from_secs(30)).await;
    assert_eq!(
        (photos_of_ben.len(), &photos_of_ben[0]["status"]),
        (1, &Value::from("ready")),
        "the worker still works"
    );
}

/// A collection and its list; nothing where this checkout has none beside it.
fn collection(name: &str, list: &str) -> Option<(PathBuf, Value)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).join(name);
    let list = std::fs::read_to_string(folder.join(list)).ok()?;
    Some((folder, serde_json::from_str(&list).unwrap()))
}

/// Each file in a request of its own, as the page does it.
async fn upload_all(
    person: &Person,
    folder: &std::path::Path,
    names: impl Iterator<Item = &String>,
) -> BTreeMap<String, Answer> {
    let answers = stream::iter(names).map(async |name| {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        (name.clone(), person.upload(None, &[(name, bytes)]).await)
    });
    answers.buffer_unordered(AT_ONCE).collect().await
}

/// The id of the photo that was made, or the reason why there is none.
fn outcome(answer: &Answer) -> Result<i64, String> {
    let body: Value = answer.json();
    match answer.status {
        StatusCode::CREATED => Ok(body["photos"][0]["id"].as_i64().unwrap()),
        StatusCode::UNPROCESSABLE_ENTITY => Err(reason_of(&body["refused"][0])),
        other => panic!("{other}: {body}"),
    }
}

/// The word for a refusal or failure, if there is a sentence with it.
fn reason_of(refusal: &Value) -> String {
    let sentence = refusal["detail"].as_str().is_some_and(|detail| detail.contains(' '));
    if sentence { refusal["reason"].as_str().unwrap_or_default().to_owned() } else { String::new() }
}

async fn photos(person: &Person) -> Vec<Value> {
    let page = person.browser.get_json("/api/photos?limit=200").await.json::<Value>();
    assert_eq!(page["next"], Value::Null, "all of them on one page");
    page["items"].as_array().unwrap().clone()
}

/// All photos, as soon as none is pending.
async fn settled(person: &Person, patience: Duration) -> Vec<Value> {
    let deadline = Instant::now() + patience;
    loop {
        let photos = photos(person).await;
        let pending: Vec<&Value> = photos
            .iter()
            .filter(|photo| photo["status"] == "pending")
            .map(|photo| &photo["filename"])
            .collect();
        if pending.is_empty() {
            return photos;
        }
        assert!(Instant::now() < deadline, "still pending: {pending:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Whether a format is one that this machine lacks a library for.
fn refused_here(format: &str) -> bool {
    let names = Capabilities::of_this_machine().names();
    BY_LIBRARY.contains(&format) && !names.split(", ").any(|name| name == format)
}

fn by_picture(name: &str) -> Option<[u32; 2]> {
    SHOWN_BY_PICTURE.iter().find(|(file, _)| *file == name).map(|(_, size)| *size)
}

fn size_fault(when: &str, name: &str, photo: &Value, facts: &Value) -> Option<String> {
    let listed = [&facts["displayed_width"], &facts["displayed_height"]].map(Clone::clone);
    let listed = by_picture(name).map_or(listed, |size| size.map(Value::from));
    let found = [photo["width"].clone(), photo["height"].clone()];
    (found != listed).then(|| format!("{name}: {found:?} {when}, listed {listed:?}"))
}

async fn sha256_on_disk(app: &TestApp, photo: &Value) -> String {
    let key = "select storage_key from files join photo on photo.file_id = files.id where photo.id = $1";
    let id = i32::try_from(photo["id"].as_i64().unwrap()).unwrap();
    let key: String = sqlx::query_scalar(key).bind(id).fetch_one(&app.db).await.unwrap();
    let bytes = std::fs::read(app.storage.join(key)).unwrap();
    hex(digest(&SHA256, &bytes).as_ref())
}

/// Every rendition must come as a JPEG of the size that was said, in the proportions of the photo.
async fn rendition_faults(person: &Person, name: &str, photo: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for kind in ["thumbnail", "thumbnail_2x", "preview"] {
        let said = &photo["renditions"][kind];
        let answer = person.browser.get(said["url"].as_str().unwrap_or("/missing")).await;
        let decoded = match (answer.status, answer.header("content-type")) {
            (StatusCode::OK, "image/jpeg") => {
                image::load_from_memory_with_format(&answer.body, ImageFormat::Jpeg)
            }
            other => {
                faults.push(format!("{name}: {kind}: {other:?}"));
                continue;
            }
        };
        let size = decoded.as_ref().ok().map(|picture: &DynamicImage| (picture.width(), picture.height()));
        let number =
            |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
        let (width, height) = (number(&said["width"]), number(&said["height"]));
        if size != Some((width, height)) {
            faults.push(format!("{name}: {kind}: {size:?}, said {width} × {height}"));
        }
        // The shorter edge is a rounded number of pixels.
        let whole = f64::from(number(&photo["width"])) / f64::from(number(&photo["height"]));
        let (wide, high) = (f64::from(width), f64::from(height));
        if (wide - high * whole).abs() > 1.0 + whole && (high - wide / whole).abs() > 1.0 + 1.0 / whole {
            faults.push(format!("{name}: {kind}: {width} × {height} of a photo of {whole:.3}"));
        }
    }
    faults
}

/// A file that was taken is given back to its owner as a picture to save, whatever it pretends to be.
async fn original_faults(person: &Person) -> Vec<String> {
    let mut faults = Vec::new();
    let mut next = Some("/photos".to_owned());
    while let Some(page) = next {
        let page = person.browser.get(&page).await;
        let addresses = page.attributes(".tile-link", "data-original");
        for address in addresses.into_iter().chain(page.attributes(".tile-original", "href")) {
            let answer = person.browser.get(&address).await;
            let header = |name| answer.header(name);
            if !(header("content-type").starts_with("image/")
                && header("content-disposition").starts_with("attachment")
                && header("x-content-type-options") == "nosniff"
                && header("content-security-policy").contains("sandbox"))
            {
                faults.push(format!("{address}: {:?}", answer.headers));
            }
        }
        next = page.attributes("[data-more]", "href").into_iter().next();
    }
    faults
}
