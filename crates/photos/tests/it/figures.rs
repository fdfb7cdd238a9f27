//! What Prometheus is told, by the real program, and whether its alerts and its board ask for what there is.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use serde_json::Value;
use test_support::{Client, programs, site};

use crate::harness::{TestApp, jpeg};

const MONITORING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/monitoring");
/// What Prometheus adds by itself.
const ITS_OWN: [&str; 3] = ["job", "instance", "le"];
/// Words of its language that stand where a name could, and those of them that a list of labels follows.
const JOINING: [&str; 3] = ["and", "or", "unless"];
const LISTING: [&str; 2] = ["by", "without"];

/// The names of labels by the names of figures.
type Figures = BTreeMap<String, BTreeSet<String>>;

/// Another photos on the database and the storage of the test's own, as a program that tells its figures.
fn program(app: &TestApp) -> (programs::Server, String) {
    let told = format!("127.0.0.1:{}", site::listen().1);
    let server = programs::Server::start(|port| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_photos"));
        command.arg("serve").env_clear().envs(app.settings.iter().map(|(name, value)| (name, value)));
        command.env("PHOTOS_BIND", format!("127.0.0.1:{port}")).env("PHOTOS_METRICS_BIND", &told);
        command.env("PHOTOS_PUBLIC_URL", site::url("photos", port)).env("RUST_LOG", "off");
        // Nobody is there, which is told too.
        command.env("REDIS_URL", "redis://127.0.0.1:1");
        command
    });
    (server, format!("http://{told}/metrics"))
}

#[tokio::test]
async fn requests_queue_failures_mail_and_storage_are_told_at_the_other_address_alone() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    for seed in 1..=3 {
        ana.photo(None, "a.jpg", jpeg(seed, 60, 40)).await;
    }
    app.sql(
        "update graphile_worker._private_jobs set attempts = max_attempts, last_error = 'broken'
         where id = (select min(id) from graphile_worker._private_jobs where key like 'render_photo:%')",
    )
    .await;
    app.sql(
        "insert into mails (mail_id, kind, recipient, failed_at) values (gen_random_uuid(), 'a', 'b', now())",
    )
    .await;
    let (server, told) = program(&app);
    let visitor = Client::new(&site::url("photos", server.port));
    for path in ["/gallery/4711", "/gallery/4712", "/view/SECRET", "/nowhere/SECRET", "/about"] {
        visitor.get(path).await;
    }
    visitor.plant_cookie(&site::url("photos", server.port), &format!("photos_session={}", "A".repeat(43)));
    visitor.get("/about").await;
    let text = visitor.get(&told).await.text();
    for line in [
        r#"http_requests_total{method="GET",route="/gallery/{gallery}",status="404"} 2"#,
        r#"http_requests_total{method="GET",route="/about",status="200"} 2"#,
        r#"http_request_seconds_count{method="GET",route="/about"} 2"#,
        r#"session_answers_total{kept="yes"} 0"#,
        r#"session_answers_total{kept="no"} 1"#,
        r#"jobs_waiting{of="new"} 2"#,
        "jobs_given_up 1",
        r#"photos{state="pending"} 3"#,
        "mails_given_up 1",
        "database_up 1",
        "storage_up 1",
        "limits_refused_total 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    assert!(
        !text.contains("SECRET") && !text.contains("gallery/4"),
        "addresses are told as patterns: {text}"
    );
    assert_eq!(visitor.get("/metrics").await.status, 404);

    fs::rename(app.storage.join(".photos"), app.storage.join("away")).expect("our own file");
    let text = visitor.get(&told).await.text();
    assert!(text.lines().any(|found| found == "storage_up 0"), "{text}");
}

#[tokio::test]
async fn alerts_and_board_ask_for_figures_and_labels_that_there_are() {
    let app = TestApp::start_in_folder(&[]).await;
    let (server, told) = program(&app);
    let visitor = Client::new(&site::url("photos", server.port));
    visitor.get("/about").await;
    visitor.get(&told).await;
    let mut told = figures(&visitor.get(&told).await.text());
    told.insert("up".to_owned(), BTreeSet::new());
    let read = |name: &str| fs::read_to_string(Path::new(MONITORING).join(name)).expect("it is there");
    let asked: Vec<String> =
        alerts(&read("alerts.yml")).into_iter().chain(board(&read("grafana.json"))).collect();
    assert!(asked.len() > 20, "{asked:?}");
    let mut names = BTreeSet::new();
    for expression in &asked {
        for (name, labels) in asks_for(expression) {
            let known = told.get(&name);
            let known = known.unwrap_or_else(|| panic!("there is no figure {name}, as in {expression}"));
            for label in labels {
                assert!(known.contains(&label), "{name} has no label {label}, as in {expression}");
            }
            names.insert(name);
        }
    }
    for name in ["up", "http_requests_total", "jobs_given_up", "storage_free_bytes", "mails_waiting"] {
        assert!(names.contains(name), "nobody watches {name}");
    }
}

/// The figures that a text for Prometheus tells.
fn figures(text: &str) -> Figures {
    let mut told = Figures::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, labels) = line.split_once(['{', ' ']).expect("a figure");
        told.entry(name.to_owned()).or_default().extend(names_of_labels(labels));
    }
    told
}

/// The names before `="`, `=~"` and `!="`.
fn names_of_labels(selector: &str) -> impl Iterator<Item = String> {
    let names = selector.split('"').step_by(2);
    names
        .map(|name| name.trim_matches(|c: char| !c.is_alphanumeric() && c != '_').to_owned())
        .filter(|name| !name.is_empty() && !name.starts_with(|first: char| first.is_ascii_digit()))
}

/// The expressions of the rules: on the line of their key, or on the one below.
fn alerts(text: &str) -> Vec<String> {
    let mut lines = text.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let Some(expression) = line.trim().strip_prefix("expr: ") else { continue };
        let expression = if expression == ">-" { lines.next().expect("it goes on") } else { expression };
        found.push(expression.trim().to_owned());
    }
    assert_eq!(found.len(), text.matches("- alert: ").count(), "each alert asks for something");
    found
}

fn board(text: &str) -> Vec<String> {
    let board: Value = serde_json::from_str(text).expect("a board in JSON");
    let panels = board["panels"].as_array().expect("panels");
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().expect("targets"));
    targets.map(|target| target["expr"].as_str().expect("an expression").to_owned()).collect()
}

/// The figures that an expression asks for, with the labels by which it chooses.
fn asks_for(expression: &str) -> Figures {
    let mut asked = Figures::new();
    let mut rest = expression;
    while let Some(begins) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let word = &rest[begins..];
        let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        rest = after;
        if LISTING.contains(&word) {
            rest = after.split_once(')').expect("it ends").1;
            continue;
        }
        let sums_up = LISTING.iter().any(|listing| after.trim_start().starts_with(listing));
        if !JOINING.contains(&word) && !sums_up && !after.starts_with('(') {
            let labels = asked.entry(word.to_owned()).or_default();
            if let Some(selector) = after.strip_prefix('{') {
                let (selector, after) = selector.split_once('}').expect("it ends");
                labels.extend(names_of_labels(selector).filter(|name| !ITS_OWN.contains(&name.as_str())));
                rest = after;
            }
            // Such as the `m` of `[5m]`.
            rest = rest.strip_prefix('[').map_or(rest, |span| span.split_once(']').expect("it ends").1);
        }
    }
    asked
}

#[test]
fn an_expression_is_taken_apart() {
    let expression =
        r#"sum by (job) (rate(a_total{b=~"5..",c!="/d"}[5m])) / max(e{job="x"}) > 0.1 and f == 0"#;
    let label = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let asked = [("a_total", label(&["b", "c"])), ("e", label(&[])), ("f", label(&[]))];
    assert_eq!(asks_for(expression), asked.map(|(name, labels)| (name.to_owned(), labels)).into());
}
