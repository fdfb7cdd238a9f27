//! Mail on its way to a real server: protected, tried again, given up, and sent once.

use common::{
    config::{Settings, Site},
    mailer::{Courier, MailConfig, Outbox},
    secrets::Secrets,
};
use sqlx::{PgPool, Row, postgres::PgRow};
use test_support::site;

use crate::{
    harness::{TestApp, new_database},
    mail::mail,
    smtp_sink::{HANG, Protection, Script, Sink, free_port, until},
};

/// `\0mailer\0a word of mail` in base64: the sign-in of the user `mailer`.
const SIGN_IN: &str = "AUTH PLAIN AG1haWxlcgBhIHdvcmQgb2YgbWFpbA==";
const CREDENTIALS: &str = "mailer:a%20word%20of%20mail@";
const FROM: (&str, &str) = ("MAIL_FROM", "Photos <no-reply@example.org>");
const DUE: &str = "with due as (update mails set next_attempt_at = now()) select pg_notify('mails', '')";

async fn app(url: &str, own: &[(&str, &str)]) -> TestApp {
    TestApp::start_with(&[&[("SMTP_URL", url), FROM], own].concat()).await
}

async fn sink(script: impl Fn(&str, usize) -> Option<&'static str> + Send + Sync + 'static) -> Sink {
    let script: Script = Box::new(move |heard| script(&heard.line, heard.before));
    Sink::start_with(0, Protection::Plain, script).await
}

async fn post(app: &TestApp, to: &str) {
    app.app.outbox.create(app.db(), "test", &mail(to, "Hello")).await.expect("a row");
}

/// The one mail of a test, once it is as the condition says.
async fn row(db: &PgPool, condition: &'static str) -> PgRow {
    until(condition, async || sqlx::query(condition).fetch_optional(db).await.expect("the table")).await
}

const DELAYED: &str = "select *, next_attempt_at < now() + interval '1 minute' as soon from mails \
    where last_error is not null and sealed is not null and failed_at is null";
const SENT: &str = "select * from mails where sent_at is not null and sealed is null and failed_at is null";
const FAILED: &str = "select * from mails where failed_at is not null and sealed is null and sent_at is null";

#[tokio::test]
async fn every_protection_delivers_the_whole_mail_and_the_password_travels_encrypted() {
    for (protection, scheme, credentials) in [
        (Protection::Plain, "smtp", ""),
        (Protection::StartTls, "smtp+starttls", ""),
        (Protection::StartTls, "smtp+starttls", CREDENTIALS),
        (Protection::Tls, "smtps", ""),
        (Protection::Tls, "smtps", CREDENTIALS),
    ] {
        let sink = Sink::start(protection).await;
        let app = app(&sink.url(scheme, credentials), &[("SMTP_CA_FILE", sink.ca_file())]).await;
        let mut sent = mail("ana@example.org", "Grüße");
        sent.text = "Dots:\n.\n..\nEnd äöü\n".to_owned();
        app.app.outbox.create(app.db(), "test", &sent).await.expect("a row");
        let taken = sink.wait_for(1).await.remove(0);
        assert_eq!((taken.to.as_str(), taken.subject.as_str()), ("ana@example.org", "Grüße"));
        assert_eq!(taken.text.replace("\r\n", "\n").trim_end(), sent.text.trim_end(), "{}", taken.raw);
        assert!(taken.raw.contains("Auto-Submitted: auto-generated"), "{}", taken.raw);
        let heard = sink.heard();
        let lines: Vec<&str> = heard.iter().map(|heard| heard.line.as_str()).collect();
        for line in
            ["EHLO auth.stsgym.localhost", "MAIL FROM:<no-reply@example.org>", "RCPT TO:<ana@example.org>"]
        {
            assert!(lines.contains(&line), "{scheme}: {lines:?}");
        }
        assert_eq!(lines.contains(&SIGN_IN), !credentials.is_empty(), "{scheme}: {lines:?}");
        let in_clear = heard.iter().filter(|heard| !heard.encrypted).map(|heard| heard.line.as_str());
        let allowed: &[&str] = match protection {
            Protection::Plain => continue,
            Protection::StartTls => &["EHLO auth.stsgym.localhost", "STARTTLS"],
            Protection::Tls => &[],
        };
        assert_eq!(in_clear.collect::<Vec<_>>(), allowed);
    }
}

#[tokio::test]
async fn nothing_is_told_to_a_server_that_hides_its_protection_or_that_nobody_vouches_for() {
    let bare = Sink::start(Protection::Plain).await;
    let unknown = Sink::start(Protection::Tls).await;
    let unknown_later = Sink::start(Protection::StartTls).await;
    for (sink, scheme) in [(&bare, "smtp+starttls"), (&unknown, "smtps"), (&unknown_later, "smtp+starttls")] {
        let app = app(&sink.url(scheme, CREDENTIALS), &[]).await;
        post(&app, "ana@example.org").await;
        row(app.db(), DELAYED).await;
        let told = sink.heard().into_iter().map(|heard| heard.line);
        let told: Vec<_> = told
            .filter(|line| !["EHLO", "STARTTLS", "QUIT"].iter().any(|word| line.starts_with(word)))
            .collect();
        assert!(told.is_empty() && sink.taken().is_empty(), "{told:?}");
    }
}

#[tokio::test]
async fn a_mail_that_is_put_off_is_tried_again_and_stays_sealed_until_it_is_sent() {
    let sink =
        sink(|line, before| (line.starts_with("RCPT") && before == 0).then_some("451 come back later")).await;
    let app = app(&sink.url("smtp", ""), &[]).await;
    post(&app, "ana@example.org").await;
    let delayed = row(app.db(), DELAYED).await;
    assert_eq!((delayed.get::<i32, _>("attempts"), delayed.get::<bool, _>("soon")), (1, true));
    let error: String = delayed.get("last_error");
    assert!(error.contains("451") && error.contains("come back later"), "{error}");
    let dump: String =
        sqlx::query_scalar("select mails::text from mails").fetch_one(app.db()).await.expect("a row");
    let hex = common::secrets::hex(b"secret-link");
    assert!(
        dump.contains("ana@example.org") && !dump.contains("secret-link") && !dump.contains(&hex),
        "{dump}"
    );
    app.sql(DUE).await;
    let sent = row(app.db(), SENT).await;
    assert_eq!((sent.get::<i32, _>("attempts"), sink.taken().len()), (2, 1));
    assert!(sink.taken()[0].text.contains("secret-link"));
}

#[tokio::test]
async fn a_server_that_is_away_gets_the_mail_when_it_is_back() {
    let port = free_port();
    let app = app(&format!("smtp://localhost:{port}"), &[]).await;
    post(&app, "ana@example.org").await;
    row(app.db(), DELAYED).await;
    let sink = Sink::start_with(port, Protection::Plain, Box::new(|_| None)).await;
    app.sql(DUE).await;
    assert_eq!(sink.wait_for(1).await.len(), 1);
    row(app.db(), SENT).await;
}

#[tokio::test]
async fn a_refusal_for_good_is_not_tried_again_and_a_refusal_of_ourselves_is() {
    for (step, answer, outcome) in [
        ("RCPT", "550 5.1.1 nobody of that name; see https://mail.example.org/?token=abc", FAILED),
        (".", "554 we don't take this", FAILED),
        ("RCPT", "530 sign in first", DELAYED),
        ("MAIL", "550 you may not send", DELAYED),
        ("AUTH", "535 wrong password", DELAYED),
    ] {
        let sink = sink(move |line, _| line.starts_with(step).then_some(answer)).await;
        let app = app(&sink.url("smtp", CREDENTIALS), &[("SMTP_ALLOW_PLAIN", "true")]).await;
        post(&app, "ana@example.org").await;
        let error: String = row(app.db(), outcome).await.get("last_error");
        assert!(error.contains(&answer[..3]) && !error.contains("token=abc"), "{error}");
        app.sql(DUE).await;
        if outcome == DELAYED {
            row(app.db(), "select 1 from mails where attempts = 2 and failed_at is null").await;
        }
    }
}

#[tokio::test]
async fn after_two_days_a_mail_is_given_up_and_erased() {
    let app = app(&format!("smtp://localhost:{}", free_port()), &[]).await;
    post(&app, "ana@example.org").await;
    row(app.db(), DELAYED).await;
    app.sql("update mails set created_at = now() - interval '47 hours'").await;
    app.sql(DUE).await;
    row(app.db(), "select 1 from mails where attempts = 2 and failed_at is null and next_attempt_at > now()")
        .await;
    app.sql("update mails set created_at = now() - interval '49 hours'").await;
    app.sql(DUE).await;
    assert!(!row(app.db(), FAILED).await.get::<String, _>("last_error").is_empty());
}

#[tokio::test]
async fn two_couriers_of_one_outbox_send_each_mail_once() {
    let sink = Sink::start(Protection::Plain).await;
    let url = sink.url("smtp", "");
    let app = app(&url, &[]).await;
    let given = [("SMTP_URL", url.as_str()), FROM, ("AUTH_PUBLIC_URL", "http://auth.stsgym.localhost")];
    let mut settings = Settings::from_pairs(site::settings(&given));
    let site = Site::from_settings(&mut settings);
    let config = MailConfig::from_settings(&mut settings, &site);
    let others: Vec<Courier> =
        (0..3).map(|_| Courier::start(app.app.outbox.clone(), config.clone(), "other.example.org")).collect();
    let mut transaction = app.db().begin().await.expect("a transaction");
    for number in 0..60 {
        let mail = mail(&format!("guest{number}@example.org"), "Hello");
        app.app.outbox.create(&mut *transaction, "test", &mail).await.expect("a row");
    }
    transaction.commit().await.expect("done");
    row(app.db(), "select 1 where 60 = (select count(*) from mails where sent_at is not null)").await;
    let mut recipients: Vec<String> = sink.taken().into_iter().map(|mail| mail.to).collect();
    recipients.sort();
    assert_eq!(recipients.len(), 60);
    recipients.dedup();
    assert_eq!(recipients.len(), 60, "each of them once");
    for other in others {
        other.stop().await;
    }
}

#[tokio::test]
async fn a_courier_that_is_killed_with_a_mail_in_hand_leaves_it_to_the_next() {
    let silent = sink(|line, _| (line == ".").then_some(HANG)).await;
    let database = new_database().await;
    let url = silent.url("smtp", "");
    let auth_url = site::url("auth", 5007);
    let bind = format!("127.0.0.1:{}", free_port());
    let settings = [
        ("AUTH_DATABASE_URL", database.url.as_str()),
        ("AUTH_BIND", &bind),
        ("AUTH_PUBLIC_URL", &auth_url),
        ("AUTH_SECRETS", site::SECRET),
        ("BASE_DOMAIN", "stsgym.localhost"),
        ("DEVELOPMENT", "true"),
        ("SMTP_URL", &url),
        FROM,
    ];
    let mut killed = crate::commands::command(&["serve"], &settings).spawn().expect("it starts");
    let db = PgPool::connect(&database.url).await.expect("the database");
    let outbox = Outbox::new(db.clone(), Secrets::parse(site::SECRET).expect("a secret"));
    outbox.create(&db, "test", &mail("ana@example.org", "Hello")).await.expect("a row");
    silent.wait_for_line(".").await;
    killed.kill().expect("it is killed");
    killed.wait().expect("it ends");
    let held =
        row(&db, "select *, next_attempt_at > now() as held from mails where sealed is not null").await;
    assert_eq!((held.get::<i32, _>("attempts"), held.get::<bool, _>("held")), (1, true));
    db.close().await;

    let sink = Sink::start(Protection::Plain).await;
    let url = sink.url("smtp", "");
    let app = TestApp::start_on(database, &[("SMTP_URL", url.as_str()), FROM]).await;
    // Ten minutes pass.
    app.sql(DUE).await;
    let taken = sink.wait_for(1).await.remove(0);
    let id: uuid::Uuid = row(app.db(), SENT).await.get("mail_id");
    assert!(taken.raw.contains(&format!("Message-ID: <{id}@example.org>")), "{}", taken.raw);
}

#[tokio::test]
async fn a_mail_goes_to_whom_it_was_written_for_and_only_under_its_secret() {
    let port = free_port();
    let app = app(&format!("smtp://localhost:{port}"), &[]).await;
    post(&app, "ana@example.org").await;
    let other = Outbox::new(app.db().clone(), Secrets::parse(&"x".repeat(43)).expect("a secret"));
    other.create(app.db(), "other", &mail("bo@example.org", "Hello")).await.expect("a row");
    app.app
        .outbox
        .create(app.db(), "hostile", &mail("ana@example.org>\r\nRCPT TO:<cy@example.org", "Hello"))
        .await
        .expect("a row");
    row(app.db(), "select 1 where 2 = (select count(*) from mails where failed_at is not null)").await;
    row(app.db(), DELAYED).await;
    app.sql("update mails set recipient = 'mallory@example.org' where kind = 'test'").await;
    let sink = Sink::start_with(port, Protection::Plain, Box::new(|_| None)).await;
    app.sql(DUE).await;
    row(app.db(), SENT).await;
    let recipients: Vec<_> =
        sink.heard().into_iter().map(|heard| heard.line).filter(|line| line.starts_with("RCPT")).collect();
    assert_eq!(recipients, ["RCPT TO:<ana@example.org>"]);
}
