//! `auth-service doctor`: it finds each thing that can be wrong, says what to do, and sends no mail.

use common::{identity::Role, secrets::random_token};

use crate::{
    commands::{run, text},
    harness::TestApp,
    mail::mail,
    smtp_sink::{Protection, Sink, free_port},
};

const CREDENTIALS: &str = "mailer:a%20word%20of%20mail@";

/// Exit status and lines, under settings of a good site and those that the test changes.
fn doctor(app: &TestApp, sink: &Sink, changed: &[(&str, &str)]) -> (Option<i32>, Vec<String>) {
    let (secret, url) = (random_token(), sink.url("smtps", CREDENTIALS));
    let usual = [
        ("AUTH_DATABASE_URL", app.database.url.as_str()),
        ("AUTH_PUBLIC_URL", "https://auth.stsgym.com"),
        ("HOME_URL", "https://photos.stsgym.com/photos"),
        ("AUTH_SECRETS", &secret),
        ("SMTP_URL", &url),
        ("SMTP_CA_FILE", sink.ca_file()),
        ("MAIL_FROM", "Photos <no-reply@stsgym.com>"),
    ];
    let output = run(&["doctor"], &[&usual, changed].concat(), "");
    assert_eq!(text(&output.stderr), "");
    (output.status.code(), text(&output.stdout).lines().map(str::to_owned).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_site_has_nothing_to_mend_and_no_mail_is_sent() {
    let (app, sink) = (TestApp::start().await, Sink::start(Protection::Tls).await);
    app.create_user("root", Role::Admin).await;
    let (status, lines) = doctor(&app, &sink, &[]);
    assert_eq!(status, Some(0), "{lines:#?}");
    let names: Vec<&str> =
        lines.iter().filter_map(|line| line.strip_prefix("✓ ")?.split(':').next()).collect();
    let checks =
        ["settings", "secrets", "cookie", "database", "schema", "clock", "administrator", "outbox", "mail"];
    assert_eq!(names, checks, "{lines:#?}");
    assert!(lines[2].contains(".stsgym.com reaches https://auth.stsgym.com and https://photos.stsgym.com"));
    assert!(sink.heard().iter().any(|heard| heard.line.starts_with("AUTH ")), "it signs in");
    assert!(!sink.heard().iter().any(|heard| heard.line.starts_with("MAIL ")), "it sends nothing");
    assert!(!lines.concat().contains("a%20word") && !lines.concat().contains("a word of mail"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_named_with_what_to_do() {
    let (app, sink) = (TestApp::start().await, Sink::start(Protection::Tls).await);
    app.create_user("root", Role::Admin).await;
    let nowhere = format!("smtp://localhost:{}", free_port());
    let no_database = format!("postgres://auth@localhost:{}/auth", free_port());
    let folder = app.mailbox.path();
    for (name, changed, advice) in [
        ("settings", &[("AUTH_SECRETS", "short")][..], "AUTH_SECRETS"),
        ("settings", &[("AUTH_PUBLIC_URL", "https://auth.example.org")], "AUTH_PUBLIC_URL"),
        ("settings", &[("MAIL_DIR", folder)], "unset one"),
        ("secrets", &[("AUTH_SECRETS", "changemechangemechangemechangemechangemechangeme")], "openssl rand"),
        (
            "cookie",
            &[
                ("BASE_DOMAIN", "co.uk"),
                ("AUTH_PUBLIC_URL", "https://auth.co.uk"),
                ("HOME_URL", "https://photos.co.uk"),
            ],
            "BASE_DOMAIN",
        ),
        ("database", &[("AUTH_DATABASE_URL", &no_database)], "AUTH_DATABASE_URL"),
        ("mail", &[("SMTP_URL", &nowhere)], "SMTP_URL"),
        ("mail", &[("SMTP_CA_FILE", "")], "SMTP_URL"),
        ("mail", &[("SMTP_URL", ""), ("MAIL_DIR", folder)], "in place of MAIL_DIR"),
    ] {
        let (status, lines) = doctor(&app, &sink, changed);
        let fault = lines.iter().find(|line| line.starts_with(&format!("✗ {name}: ")));
        let fault = fault.unwrap_or_else(|| panic!("{changed:?}: {lines:#?}"));
        assert!(status == Some(1) && fault.contains(advice), "{fault}");
        assert_eq!(
            lines.iter().filter(|line| line.starts_with('✗')).count(),
            1 + usize::from(name == "settings")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_database_are_told_apart() {
    let (app, sink) = (TestApp::start().await, Sink::start(Protection::Tls).await);
    let only_fault = |name: &str, advice: &str| {
        let (status, lines) = doctor(&app, &sink, &[]);
        let faults: Vec<_> = lines.iter().filter(|line| line.starts_with('✗')).collect();
        assert!(status == Some(1) && faults.len() == 1, "{lines:#?}");
        assert!(faults[0].starts_with(&format!("✗ {name}: ")) && faults[0].contains(advice), "{}", faults[0]);
    };
    only_fault("administrator", "create-admin");
    app.create_user("root", Role::Admin).await;
    app.app.courier.stop().await;
    app.app.outbox.create(app.db(), "test", &mail("ana@example.org", "Hello")).await.expect("a row");
    app.sql("update mails set created_at = now() - interval '2 hours', last_error = 'x'").await;
    only_fault("outbox", "last_error");
    app.sql("delete from mails").await;
    app.sql("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)").await;
    only_fault("schema", "migrate");
    app.sql("update _sqlx_migrations set version = 9999 where version = 1").await;
    only_fault("schema", "newer release");
}
