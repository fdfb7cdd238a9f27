//! The commands of an operator, run as the real program.

use std::{
    io::Write,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use common::identity::Role;
use test_support::{Client, Mailbox, site};

use crate::harness::{TestApp, new_database};

pub fn command(arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_auth-service"));
    command.args(arguments).env_clear().envs(settings.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn run(arguments: &[&str], settings: &[(&str, &str)], input: &str) -> Output {
    let mut child = command(arguments, settings).spawn().expect("the program starts");
    // A program that refuses its arguments ends without reading.
    let _may_have_ended = child.stdin.take().expect("it has an input").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn create_admin_prints_a_password_once_and_the_second_time_refuses() {
    let app = TestApp::start().await;
    let settings = [("AUTH_DATABASE_URL", app.database.url.as_str())];
    let arguments = ["create-admin", "--username", "root", "--email", "root@example.org"];
    let first = run(&arguments, &settings, "");
    assert!(first.status.success(), "{}", text(&first.stderr));
    let printed = text(&first.stdout);
    let password = printed.strip_prefix("password: ").and_then(|rest| rest.strip_suffix('\n'));
    let password = password.unwrap_or_else(|| panic!("one line alone: {printed:?}"));
    assert_eq!(password.len(), 24);
    let answer = app.login("root", password).await;
    assert_eq!(answer.json::<serde_json::Value>()["user"]["role"], "admin");
    for again in [
        arguments,
        ["create-admin", "--username", "ROOT", "--email", "other@example.org"],
        ["create-admin", "--username", "other", "--email", "Root@Example.org"],
    ] {
        let second = run(&again, &settings, "");
        assert_eq!((second.status.code(), text(&second.stdout).as_str()), (Some(3), ""), "{again:?}");
        assert!(text(&second.stderr).contains("already"), "{}", text(&second.stderr));
    }
    assert_eq!(app.events().await[0], ("account_created".to_owned(), Some("root".to_owned())));
}

#[tokio::test]
async fn an_administrator_by_link_chooses_the_password_once_and_nobody_else_gets_a_link() {
    let app = TestApp::start().await;
    app.create_user("bo", Role::User).await;
    let settings = [
        ("AUTH_DATABASE_URL", app.database.url.as_str()),
        ("AUTH_PUBLIC_URL", app.url.as_str()),
        ("BASE_DOMAIN", "stsgym.localhost"),
        ("DEVELOPMENT", "true"),
    ];
    let ask = |name: &str, email: &str| {
        run(&["create-admin", "--link", "--username", name, "--email", email], &settings, "")
    };
    let link = |output: &Output| {
        assert!(output.status.success(), "{}", text(&output.stderr));
        let link = text(&output.stdout).trim_end().to_owned();
        assert!(link.starts_with(&format!("{}/auth/reset-password?token=", app.url)), "{link}");
        link
    };
    let first = link(&ask("root", "root@example.org"));
    let second = link(&ask("root", "root@example.org"));
    let taken = [
        ("root", "other@example.org"),
        ("other", "root@example.org"),
        ("bo", "bo@example.org"),
        ("ROOT", "root@example.org"),
    ];
    for (name, email) in taken {
        let refused = ask(name, email);
        assert_eq!((refused.status.code(), text(&refused.stdout).as_str()), (Some(3), ""), "{name} {email}");
    }
    let browser = app.browser();
    let password = "chosen by the link alone";
    let choose = async |link: &str| {
        let page = browser.get(link).await;
        let word = link.split_once("token=").expect("a token").1;
        let fields = [("token", word), ("password", password)];
        (page.status.as_u16(), browser.post_form("/auth/reset-password", &fields).await.status.as_u16())
    };
    assert_eq!(browser.get(&first).await.status, 410, "a newer link is the only one");
    assert_eq!(choose(&second).await, (200, 303));
    assert_eq!(browser.get(&second).await.status, 410, "and works once");
    let answer = app.login("root", password).await;
    assert_eq!(answer.json::<serde_json::Value>()["user"]["role"], "admin");
}

#[tokio::test]
async fn two_first_administrators_at_once_are_one() {
    let app = TestApp::start().await;
    let settings = [("AUTH_DATABASE_URL", app.database.url.as_str())];
    let arguments = ["create-admin", "--username", "root", "--email", "root@example.org"];
    let both = [(); 2].map(|()| command(&arguments, &settings).spawn().expect("the program starts"));
    let mut codes = both.map(|child| child.wait_with_output().expect("it ends").status.code());
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(3)]);
    let admins = sqlx::query("select from users where user_type = 'admin'").fetch_all(app.db()).await;
    assert_eq!(admins.expect("rows").len(), 1);
    assert_eq!(app.events().await.len(), 1);
}

#[tokio::test]
async fn create_user_takes_a_password_from_standard_input_and_checks_what_it_is_told() {
    let app = TestApp::start().await;
    let settings = [("AUTH_DATABASE_URL", app.database.url.as_str())];
    let good =
        ["--username", "ana", "--email", "ana@example.org", "--role", "photographer", "--password-stdin"];
    let with = |change: (usize, &'static str)| {
        let mut arguments = ["create-user"].into_iter().chain(good).collect::<Vec<_>>();
        arguments[change.0] = change.1;
        arguments
    };
    for (change, input) in [
        ((2, "a b"), "long enough for anybody"),
        ((4, "no address"), "long enough for anybody"),
        ((6, "emperor"), "long enough for anybody"),
        ((2, "ana"), "too short"),
        ((2, "ana"), ""),
        ((2, "ana"), &"x".repeat(1025)),
        ((2, "ana"), "ana@example.org ana 2026"),
    ] {
        let output = run(&with(change), &settings, input);
        assert!(!output.status.success(), "{change:?}");
        assert!(!output.stderr.is_empty());
    }
    let output = run(&with((2, "ana")), &settings, "long enough for anybody\n");
    assert_eq!(
        (output.status.code(), text(&output.stdout).as_str()),
        (Some(0), ""),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(app.login("ana", "long enough for anybody").await.status, 200);
}

#[test]
fn serve_lists_every_missing_setting_at_once() {
    let wrong = [
        ("LOGIN_LIMIT_PER_MINUTE", "0"),
        ("SIGN_IN_FAILURES", "1"),
        ("ARGON2_MEMORY_KIB", "8192"),
        ("LOCK_SECONDS_MOST", "86401"),
    ];
    let output = run(&["serve"], &wrong, "");
    assert!(!output.status.success());
    let told = text(&output.stderr);
    let missing = ["AUTH_DATABASE_URL", "AUTH_PUBLIC_URL", "AUTH_SECRETS", "SMTP_URL"];
    for name in missing.into_iter().chain(wrong.map(|(name, _)| name)) {
        assert!(told.contains(name), "{name}: {told}");
    }
    assert!(told.contains("openssl rand"), "it says how to make a secret: {told}");
}

#[tokio::test]
async fn serve_starts_on_an_empty_database_and_stops_in_peace() {
    let database = new_database().await;
    let port = site::listen().1;
    let (bind, url) = (format!("127.0.0.1:{port}"), site::url("auth", port));
    let mailbox = Mailbox::create();
    let settings = [
        ("AUTH_DATABASE_URL", database.url.as_str()),
        ("AUTH_BIND", &bind),
        ("AUTH_PUBLIC_URL", &url),
        ("AUTH_SECRETS", site::SECRET),
        ("BASE_DOMAIN", "stsgym.localhost"),
        ("DEVELOPMENT", "true"),
        ("MAIL_DIR", mailbox.path()),
    ];
    assert!(!run(&["health"], &settings, "").status.success(), "nothing runs yet");
    let mut server: Child = command(&["serve"], &settings).stdout(Stdio::null()).spawn().expect("it starts");
    let mut healthy = false;
    for _ in 0..600 {
        healthy = run(&["health"], &settings, "").status.success();
        if healthy {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let page = if healthy { Client::new(&url).get("/login").await.status.as_u16() } else { 0 };
    let stopped = Command::new("kill").args(["-TERM", &server.id().to_string()]).status();
    let status = server.wait().expect("it ends");
    assert!(stopped.is_ok_and(|stopped| stopped.success()));
    assert_eq!((healthy, page, status.code()), (true, 200, Some(0)));
}

#[tokio::test]
async fn migrate_alone_is_enough_for_making_accounts_later() {
    let app = TestApp::start().await;
    let settings = [("AUTH_DATABASE_URL", app.database.url.as_str())];
    for _ in 0..2 {
        assert!(run(&["migrate"], &settings, "").status.success());
    }
    app.create_user("ana", Role::User).await;
}

#[tokio::test]
async fn end_sessions_signs_one_person_or_everybody_out() {
    let app = TestApp::start().await;
    let settings = [("AUTH_DATABASE_URL", app.database.url.as_str())];
    for name in ["ana", "bo"] {
        app.create_user(name, Role::User).await;
    }
    let tokens = [app.token("ana").await, app.token("ana").await, app.token("bo").await];
    for arguments in [&["end-sessions"][..], &["end-sessions", "--all", "--user", "ana"]] {
        assert_eq!(run(arguments, &settings, "").status.code(), Some(2), "{arguments:?}");
    }
    let nobody = run(&["end-sessions", "--user", "nobody"], &settings, "");
    assert!(!nobody.status.success() && text(&nobody.stderr).contains("nobody"), "{}", text(&nobody.stderr));
    assert_eq!(app.verify(&tokens[0]).await.status, 200);

    let one = run(&["end-sessions", "--user", "ANA@example.org"], &settings, "");
    assert_eq!((text(&one.stdout).as_str(), one.status.code()), ("sessions ended: 2\n", Some(0)));
    let ended = || sqlx::query_scalar::<_, i64>("select count(*) from sessions").fetch_one(app.db());
    assert_eq!(ended().await.expect("a count"), 1);
    let all = run(&["end-sessions", "--all"], &settings, "");
    assert_eq!(text(&all.stdout), "sessions ended: 1\n");
    assert_eq!(ended().await.expect("a count"), 0);
    let record = app.events().await;
    let record: Vec<_> = record.iter().filter(|(event, _)| event == "sessions_ended").collect();
    assert_eq!(record.iter().map(|(_, name)| name.as_deref()).collect::<Vec<_>>(), [Some("ana"), None]);
}

/// A row of each kind that is over, and one that is not.
const OVER_AND_NOT: &str = "
    with ana as (select id from users where username = 'ana'),
    of_sessions as (
        insert into sessions (sid, sess, expire, public_id, user_id, absolute_expires_at)
        select age, '{}', now() at time zone 'utc' + age::interval, gen_random_uuid(), id, now()
        from ana, unnest(array['-1 hour', '1 hour']) as age
    ),
    of_browsers as (
        insert into browser_sessions (sid, sess, expire)
        select age, '{}', now() at time zone 'utc' + age::interval from unnest(array['-1 hour', '1 hour']) as age
    ),
    of_mails as (
        insert into mails (mail_id, kind, recipient, sealed, sent_at, failed_at, created_at, next_attempt_at)
        select gen_random_uuid(), 'test', 'ana@example.org', sealed, now() - sent::interval, now() - failed::interval,
            now() - interval '50 days', now() + interval '1 day'
        from (values (null::bytea, '31 days', null), (null, null, '31 days'), (null, '29 days', null), ('x', null, null))
            as mails (sealed, sent, failed)
    )
    insert into audit_logs (event, occurred_at)
    select 'test', now() - age::interval from unnest(array['401 days', '399 days']) as age";

#[tokio::test]
async fn purge_deletes_what_is_over_and_nothing_else() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    app.sql(OVER_AND_NOT).await;
    let settings = [("AUTH_DATABASE_URL", app.database.url.as_str())];
    let count = async |table: &'static str| {
        let statement = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        sqlx::query_scalar::<_, i64>(statement).fetch_one(app.db()).await.expect("a count")
    };
    let purged = run(&["purge"], &settings, "");
    let told = text(&purged.stdout);
    assert!(purged.status.success(), "{}", text(&purged.stderr));
    // The service purges by itself too, whenever its turn comes: what is left counts, not who removed it.
    for kind in [
        "expired sessions",
        "expired states of browsers",
        "old mails, sent or given up",
        "old rows of the record",
    ] {
        assert!(told.lines().any(|found| found.ends_with(kind)), "{kind}: {told}");
    }
    assert_eq!([count("sessions").await, count("browser_sessions").await, count("mails").await], [1, 1, 2]);
    assert_eq!(count("audit_logs where event = 'test'").await, 1);
    let sooner = [settings[0], ("AUDIT_DAYS", "30"), ("MAIL_DAYS", "7")];
    let told = text(&run(&["purge"], &sooner, "").stdout);
    assert!(told.contains(" 1 old mails") && told.contains(" 1 old rows of the record"), "{told}");
    assert_eq!(count("mails").await, 1, "a mail that waits is never too old");
    assert!(!run(&["purge"], &[settings[0], ("AUDIT_DAYS", "0")], "").status.success());
}
