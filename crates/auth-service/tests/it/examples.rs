//! The examples of docs/SSO.md: applications in one file that sign their people in, run as they stand there.

use std::{env, path::Path, process::Command};

use common::identity::Role;
use reqwest::Method;
use serde_json::Value;
use test_support::{programs, site::password_of};

use crate::harness::TestApp;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples");
const GUIDE: &str = include_str!("../../../../docs/SSO.md");

/// One of the examples, and the auth-service that it asks.
struct Example {
    app: TestApp,
    application: programs::Server,
}

impl Example {
    /// `None` where the language is not installed.
    async fn start(language: &str, file: &str) -> Option<Self> {
        let program = programs::find(language)?;
        let app = TestApp::start().await;
        app.create_user("ana", Role::User).await;
        app.create_user("mallory", Role::User).await;
        let application = programs::Server::start(|port| {
            let mut command = Command::new(&program);
            command.arg(Path::new(FOLDER).join(file));
            command.env("APP_URL", format!("http://app.stsgym.localhost:{port}"));
            command.env("AUTH_INTERNAL_URL", format!("http://127.0.0.1:{}", app.port));
            command
        });
        Some(Self { app, application })
    }

    fn url(&self, path: &str) -> String {
        format!("http://app.stsgym.localhost:{}{path}", self.application.port)
    }

    async fn keep_what_the_guide_promises(&self) {
        let ana = self.app.browser();
        let wanted = self.url("/orders?year=2026&sort=a%20b");
        let script = ana.get_json(&wanted).await;
        assert_eq!((script.status.as_u16(), script.text().as_str()), (401, "no_session"));
        let form = ana.follow(&wanted).await;
        let back = form.attributes("input[name=return_to]", "value");
        assert_eq!(back, [wanted.as_str()], "{}", form.text());
        let password = password_of("ana");
        let fields = [("username", "ana"), ("password", password.as_str()), ("return_to", wanted.as_str())];
        let signed_in = ana.post_form(form.url.as_str(), &fields).await;
        assert_eq!(signed_in.location(), wanted);
        let page = ana.get(&wanted).await;
        assert_eq!(page.status, 200);
        assert!(page.text().starts_with("ana has the number "), "{}", page.text());
        assert_eq!(page.header("cache-control"), "no-store");

        let token = ana.cookie("/", "photos_session").expect("signed in");
        self.hold_against_planted_cookies(&token).await;
        let sign_out =
            |site| ana.send(ana.request(Method::POST, &self.url("/sign-out")).header("sec-fetch-site", site));
        for foreign in ["same-site", "cross-site", "none"] {
            assert_eq!(sign_out(foreign).await.status, 403);
        }
        assert_eq!(self.app.verify(&token).await.status, 200, "nobody else signs her out");
        assert_eq!(sign_out("same-origin").await.status, 303);
        assert_eq!(self.app.reason(&token).await, "unknown_session");
        assert_eq!(ana.get(&wanted).await.status, 302);
    }

    async fn hold_against_planted_cookies(&self, token: &str) {
        let client = self.app.browser();
        let with = async |cookies: String| {
            let request = client.request(Method::GET, &self.url("/")).header("cookie", cookies);
            client.send(request.header("sec-fetch-mode", "navigate")).await
        };
        let junk = with(format!("photos_session={}; photos_session={token}; x=%ff", "A".repeat(43))).await;
        assert_eq!(junk.status, 200);
        let mallory = self.app.token("mallory").await;
        let two = with(format!("photos_session={mallory}; photos_session={token}")).await;
        assert_eq!((two.status.as_u16(), two.header("clear-site-data")), (401, "\"cookies\""));
        self.app.database.take_away().await;
        let away = with(format!("photos_session={token}")).await;
        assert_eq!(away.status, 503, "without an answer nobody is signed in");
        self.app.database.bring_back().await;
    }
}

#[tokio::test]
async fn the_python_example_signs_people_in_and_out() {
    let Some(example) = Example::start("python3", "verify.py").await else { return };
    example.keep_what_the_guide_promises().await;
}

#[tokio::test]
async fn the_node_example_signs_people_in_and_out() {
    let Some(example) = Example::start("node", "verify.mjs").await else { return };
    example.keep_what_the_guide_promises().await;
}

#[test]
fn the_guide_shows_each_example_as_it_is_run() {
    let mut count = 0;
    for file in std::fs::read_dir(FOLDER).expect("the folder") {
        let path = file.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("a text");
        assert!(GUIDE.contains(&format!("\n{text}```\n")), "docs/SSO.md and {} differ", path.display());
        count += 1;
    }
    assert!(count >= 5, "{count} examples");
}

#[tokio::test]
async fn every_reason_and_every_member_of_the_answers_is_in_the_guide() {
    use common::identity::InactiveReason::{AmbiguousSession, Disabled, Expired, NoSession, UnknownSession};
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let answer: Value = app.verify(&app.token("ana").await).await.json();
    let mut words: Vec<String> = Vec::new();
    for part in [&answer, &answer["user"], &answer["session"]] {
        words.extend(part.as_object().expect("an object").keys().cloned());
    }
    for reason in [AmbiguousSession, Disabled, Expired, NoSession, UnknownSession] {
        // Another reason stops the build here: it belongs into the guide too.
        match reason {
            AmbiguousSession | Disabled | Expired | NoSession | UnknownSession => {}
        }
        words.push(serde_json::json!(reason).as_str().expect("a word").to_owned());
    }
    for word in words {
        assert!(GUIDE.contains(&format!("`{word}`")) || GUIDE.contains(&format!("\"{word}\"")), "{word}");
    }
}
