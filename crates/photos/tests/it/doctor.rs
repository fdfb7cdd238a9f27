//! `photos doctor`: what an operator is told of settings, database, storage and formats; and `photos health`.

use std::process::{Command, Stdio};

use crate::harness::TestApp;

#[tokio::test]
async fn an_operator_is_told_line_by_line_what_is_well_and_what_is_not() {
    let app = TestApp::start_in_folder(&[]).await;
    let ask = |own: &[(&str, &str)]| {
        let asked = Command::new(env!("CARGO_BIN_EXE_photos"))
            .arg("doctor")
            .envs(app.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .envs(own.iter().copied())
            .output()
            .expect("the command starts");
        (asked.status.success(), String::from_utf8(asked.stdout).expect("words"))
    };

    let (well, said) = ask(&[]);
    assert!(well, "{said}");
    for line in ["✓ settings: ", "✓ database: PostgreSQL answers", "✓ schema: up to date", "✓ storage: "]
    {
        assert!(said.contains(line), "{line} in {said}");
    }
    assert!(said.contains("✓ formats: JPEG, PNG, WebP, GIF, TIFF, BMP"), "{said}");

    let (well, said) = ask(&[("STORAGE_DIR", "/nowhere/at/all")]);
    assert!(!well && said.contains("✗ storage: STORAGE_DIR /nowhere/at/all is not there"), "{said}");
    let (well, said) = ask(&[("PHOTOS_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")]);
    assert!(!well && said.contains("✗ database: ") && said.contains("PHOTOS_DATABASE_URL"), "{said}");
    let (well, said) = ask(&[("PHOTOS_PUBLIC_URL", "not an address")]);
    assert!(!well && said.contains("✗ settings: ") && said.contains("✗ the rest: "), "{said}");
}

#[tokio::test]
async fn of_a_bucket_it_is_told_whether_it_takes_files() {
    let app = TestApp::start_in_bucket(&[]).await;
    let ask = |own: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_photos"));
        command.arg("doctor").envs(app.settings.iter().map(|(name, value)| (name, value)));
        let asked = command.envs(own.iter().copied()).output().expect("the command starts");
        String::from_utf8(asked.stdout).expect("words")
    };
    let said = ask(&[]);
    assert!(said.contains("✓ storage: STORAGE_S3_BUCKET photos at http://127.0.0.1:"), "{said}");
    assert!(said.contains(" takes files\n"), "{said}");
    let said = ask(&[("STORAGE_S3_PREFIX", "new")]);
    assert!(said.contains("takes files; `serve` marks it as the site's"), "{said}");
    for (name, value) in [("STORAGE_S3_SECRET_ACCESS_KEY", "wrong"), ("STORAGE_S3_BUCKET", "elsewhere")] {
        let said = ask(&[(name, value)]);
        assert!(said.contains("✗ storage: STORAGE_S3_BUCKET") && said.contains("takes no file"), "{said}");
        assert!(!said.contains("wrong"), "{said}");
    }
    let said = ask(&[("STORAGE_DIR", "/photos")]);
    assert!(said.contains("✗ settings: STORAGE_DIR and STORAGE_S3_BUCKET are both set: unset one"), "{said}");
}

#[tokio::test]
async fn health_asks_at_the_address_where_photos_listens_and_nowhere_else() {
    let app = TestApp::start().await;
    let port = app.url.rsplit(':').next().unwrap();
    let is_well = async |bind: &str| {
        // Not waited for on this thread, on which photos answers.
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_photos"));
        command.arg("health").env_clear().env("PHOTOS_BIND", bind).stderr(Stdio::null());
        command.status().await.unwrap().success()
    };
    assert!(is_well(&format!("127.0.0.1:{port}")).await && is_well(&format!("0.0.0.0:{port}")).await);
    assert!(!is_well(&format!("127.0.0.2:{port}")).await && !is_well("nowhere").await);
}
