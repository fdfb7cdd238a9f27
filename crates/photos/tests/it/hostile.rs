//! A collection of hostile files, where it is at hand: the running service takes each as its list says, and stays well.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use common::identity::Role;
use serde_json::Value;
use test_support::{
    Client,
    reqwest::multipart::{Form, Part},
};

use crate::{
    harness::{TestApp, jpeg},
    kills::service::Service,
};

/// As many as one request takes.
const BATCH: usize = 50;

#[tokio::test]
async fn the_running_service_takes_hostile_files_as_their_list_says_and_stays_well() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/hostile");
    let Ok(folder) = folder.canonicalize() else { return };
    let list = std::fs::read_to_string(folder.join("MANIFEST.json")).expect("the list");
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let files = list["files"].as_array().expect("files");

    let app = TestApp::start().await;
    app.stop_photos().await;
    let service = Service::start(&app).await;
    let browser = Client::new(&service.url);
    app.create_user("ana", Role::Photographer).await;
    app.sign_in(&browser, "ana").await;
    let (begun, watch) = (Instant::now(), service.watch());
    let mut ends = BTreeMap::new();
    for files in files.chunks(BATCH) {
        upload(&browser, &folder, files, &mut ends).await;
    }
    let workers = service.workers();
    until_quiet(&app, &mut ends).await;
    let (took, most) = (begun.elapsed(), watch.end());
    report(took, most);

    let faults: Vec<String> = files.iter().filter_map(|entry| fault(entry, &ends)).collect();
    assert!(files.len() > 100 && faults.is_empty(), "{faults:#?}");
    assert_eq!(
        (workers.len(), service.workers()),
        (1, workers),
        "the worker that began is the one that ended"
    );
    // Two decoders may share 256 MB; the programs of a debug build are larger than those that people run.
    assert!(most < 256.0 + 64.0, "{most} MB");
    assert_eq!(browser.get_json("/health").await.status, 200);
    let mut ends = BTreeMap::new();
    let good = Form::new().part("photos", Part::bytes(jpeg(1, 60, 40)).file_name("good.jpg"));
    note(&browser.upload("/api/upload", good).await.json::<Value>(), &mut ends);
    until_quiet(&app, &mut ends).await;
    assert_eq!(ends["good.jpg"], "ready");
}

/// Sends some files in one request; each of them is answered for.
async fn upload(browser: &Client, folder: &Path, files: &[Value], ends: &mut BTreeMap<String, String>) {
    let mut form = Form::new();
    for entry in files {
        let name = entry["file"].as_str().expect("a name");
        let bytes = std::fs::read(folder.join(name)).expect("the file");
        form = form.part("photos", Part::bytes(bytes).file_name(name.to_owned()));
    }
    let answer = browser.upload("/api/upload", form).await;
    assert!([201, 422].contains(&answer.status.as_u16()), "{}", answer.text());
    note(&answer.json::<Value>(), ends);
}

fn note(answer: &Value, ends: &mut BTreeMap<String, String>) {
    for photo in answer["photos"].as_array().into_iter().flatten() {
        ends.insert(photo["filename"].as_str().unwrap().to_owned(), format!("photo {}", photo["id"]));
    }
    for refused in answer["refused"].as_array().into_iter().flatten() {
        let reason = refused["reason"].as_str().unwrap();
        ends.insert(refused["filename"].as_str().unwrap().to_owned(), format!("refused {reason}"));
    }
}

/// Waits until nothing is pending, and writes down what became of the photos.
async fn until_quiet(app: &TestApp, ends: &mut BTreeMap<String, String>) {
    let deadline = Instant::now() + Duration::from_mins(5);
    loop {
        let rows: Vec<(i32, String, Option<String>)> =
            sqlx::query_as("select id, status, failure from photo").fetch_all(&app.db).await.unwrap();
        if rows.iter().all(|(_, status, _)| status != "pending") {
            for end in ends.values_mut() {
                let row = rows.iter().find(|(id, ..)| *end == format!("photo {id}"));
                if let Some((_, status, failure)) = row {
                    format!("{status} {}", failure.as_deref().unwrap_or_default()).trim().clone_into(end);
                }
            }
            return;
        }
        assert!(Instant::now() < deadline, "still pending: {rows:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What differs from the list.
fn fault(entry: &Value, ends: &BTreeMap<String, String>) -> Option<String> {
    let name = entry["file"].as_str().expect("a name");
    let end = ends.get(name).map_or("no answer", String::as_str);
    let right = match entry["expected"].as_str() {
        Some("reject") => end.starts_with("refused ") || end.starts_with("failed "),
        Some("accept-with-warning") => end == "ready",
        _ => end == "ready" || end.starts_with("refused ") || end.starts_with("failed "),
    };
    (!right || end.contains("processing_failed")).then(|| format!("{name}: {end}"))
}

#[expect(clippy::print_stderr, reason = "figures for whoever looks; they depend on the machine")]
fn report(took: Duration, megabytes: f64) {
    eprintln!("the hostile files took {took:?} and {megabytes:.0} MB");
}
