//! No link of a mail outlives what it proves: each kind of link × each later event. And what all of them share.

use common::identity::Role;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use test_support::site::password_of;

use crate::{
    harness::{NO_LIMITS, TestApp},
    newcomers::{CHOSEN, token_of},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Reset,
    Verify,
    Registration,
    /// Its account is that of the administrator who sent it.
    Invitation,
}

const KINDS: [Kind; 4] = [Kind::Reset, Kind::Verify, Kind::Registration, Kind::Invitation];

/// What happens after a link was sent; `$1` is the name of its account, `$2` the address it went to.
enum Later {
    Sql(&'static [&'static str]),
    Use,
    Ask,
    Reset,
}

const DEAD: Option<bool> = Some(false);
const ALIVE: Option<bool> = Some(true);
/// Has no meaning for links of this kind: there is no account yet.
const NONE: Option<bool> = None;

const EXPIRED: &[&str] = &[
    "update mail_tokens set expires_at = now() from users where users.id = user_id and username = $1 and $2 <> ''",
    "update registrations set expires_at = now() where $1 <> '' and email = $2",
    "update invitations set expires_at = now() where $1 <> '' and email = $2",
];
const DISABLE: &str = "update users set is_active = false where username = $1 and $2 <> ''";
const ENABLE: &str = "update users set is_active = true where username = $1 and $2 <> ''";

/// The event, and whether the link still works: of a reset, a verification, a registration, an invitation.
const TABLE: &[(&str, Later, [Option<bool>; 4])] = &[
    ("nothing", Later::Sql(&[]), [ALIVE, ALIVE, ALIVE, ALIVE]),
    ("it was used", Later::Use, [DEAD, DEAD, DEAD, DEAD]),
    ("a newer one was sent", Later::Ask, [DEAD, DEAD, DEAD, DEAD]),
    ("its time is over", Later::Sql(EXPIRED), [DEAD, DEAD, DEAD, DEAD]),
    (
        "the password was changed",
        Later::Sql(&["update users set password_hash = 'another' where username = $1 and $2 <> ''"]),
        [DEAD, DEAD, NONE, ALIVE],
    ),
    ("the password was reset", Later::Reset, [DEAD, DEAD, NONE, ALIVE]),
    (
        "the address was changed",
        Later::Sql(&["update users set email = 'moved-' || email where username = $1 and $2 <> ''"]),
        [DEAD, DEAD, NONE, ALIVE],
    ),
    ("the account was disabled", Later::Sql(&[DISABLE]), [DEAD, DEAD, NONE, DEAD]),
    ("the account was disabled for a while", Later::Sql(&[DISABLE, ENABLE]), [DEAD, DEAD, NONE, ALIVE]),
    (
        "the account was deleted",
        Later::Sql(&["delete from users where username = $1 and $2 <> ''"]),
        [DEAD, DEAD, NONE, DEAD],
    ),
    (
        "it was signed out everywhere",
        Later::Sql(&[
            "delete from sessions using users where users.id = user_id and username = $1 and $2 <> ''",
        ]),
        [ALIVE, ALIVE, NONE, ALIVE],
    ),
    (
        "its role was taken",
        Later::Sql(&["update users set user_type = 'viewer' where username = $1 and $2 <> ''"]),
        [ALIVE, ALIVE, NONE, DEAD],
    ),
    (
        "an administrator withdrew it",
        Later::Sql(&["update invitations set withdrawn_at = now() where $1 <> '' and email = $2"]),
        [NONE, NONE, NONE, DEAD],
    ),
    (
        "the address got an account on another way",
        Later::Sql(&[
            "insert into users (username, email, password_hash) values ('other-' || $1, upper($2), '')",
        ]),
        [NONE, NONE, DEAD, DEAD],
    ),
];

/// One link on its way to `address`, on behalf of the account `name`.
async fn send(app: &TestApp, kind: Kind, name: &str, count: usize) -> String {
    let address = address(kind, name);
    match kind {
        Kind::Reset => app.reset_link(&address, count).await,
        Kind::Registration => app.registration_link(&address, count).await,
        Kind::Invitation => app.invitation_link(name, &address, Role::User, count).await,
        Kind::Verify => {
            let person = app.sign_in(name).await;
            person.get("/").await;
            assert_eq!(person.post_form("/auth/verify-email/again", &[]).await.status, 303);
            app.mailbox.nth_mail_to(&address, count).await.link()
        }
    }
}

fn address(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Reset | Kind::Verify => format!("{name}@example.org"),
        Kind::Registration | Kind::Invitation => format!("new-{name}@example.org"),
    }
}

/// The status of using a link.
async fn used(app: &TestApp, kind: Kind, name: &str, link: &str) -> u16 {
    let browser = app.browser();
    // The page of a dead link has no form, but whoever tries to use it brings a good form token.
    browser.get("/login").await;
    browser.get(link).await;
    let (token, path) = (token_of(link), link.split('?').next().expect("a path"));
    let (username, password) = match kind {
        Kind::Verify => (name.to_owned(), password_of(name)),
        _ => (format!("new-{name}"), CHOSEN.to_owned()),
    };
    let fields = [("token", &*token), ("username", &*username), ("password", &*password)];
    browser.post_form(path, &fields).await.status.as_u16()
}

async fn happen(app: &TestApp, later: &Later, kind: Kind, name: &str, link: &str) {
    match later {
        Later::Use => assert_eq!(used(app, kind, name, link).await, 303),
        Later::Ask => assert_ne!(send(app, kind, name, 2).await, link),
        Later::Reset => {
            let address = format!("{name}@example.org");
            let count = if address == self::address(kind, name) { 2 } else { 1 };
            let link = app.reset_link(&address, count).await;
            assert_eq!(app.choose_password(&link, CHOSEN).await.status, 303);
        }
        Later::Sql(statements) => {
            for statement in *statements {
                let query = sqlx::query(*statement).bind(name).bind(address(kind, name));
                query.execute(app.db()).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
            }
        }
    }
}

async fn table_of(kind: Kind) {
    let app = TestApp::start().await;
    let column = KINDS.iter().position(|other| *other == kind).expect("a kind");
    for (number, (what, later, expected)) in TABLE.iter().enumerate() {
        let Some(alive) = expected[column] else { continue };
        let name = format!("person{number}");
        let role = if kind == Kind::Invitation { Role::Admin } else { Role::User };
        app.create_user(&name, role).await;
        if kind == Kind::Verify {
            let statement = "update users set email_verified = false where username = $1";
            sqlx::query(statement).bind(&name).execute(app.db()).await.expect("an account");
        }
        let link = send(&app, kind, &name, 1).await;
        happen(&app, later, kind, &name, &link).await;
        let browser = app.browser();
        for _ in 0..2 {
            // Neither looking nor what mail scanners do uses a link up.
            let shown = browser.get(&link).await.status.as_u16();
            let head = browser.send(browser.request(Method::HEAD, &link)).await.status.as_u16();
            assert_eq!((shown == 200, head), (alive, shown), "{kind:?} after: {what}");
        }
        let done = used(&app, kind, &name, &link).await;
        let expected: &[u16] = if alive { &[303] } else { &[409, 410] };
        assert!(expected.contains(&done), "{kind:?} after: {what}: {done}");
    }
}

#[tokio::test]
async fn a_reset_link_works_once_and_dies_with_what_it_proves() {
    table_of(Kind::Reset).await;
}

#[tokio::test]
async fn a_verification_link_works_once_and_dies_with_what_it_proves() {
    table_of(Kind::Verify).await;
}

#[tokio::test]
async fn a_registration_link_works_once_and_dies_with_what_it_proves() {
    table_of(Kind::Registration).await;
}

#[tokio::test]
async fn an_invitation_works_once_and_dies_with_what_it_proves() {
    table_of(Kind::Invitation).await;
}

#[tokio::test]
async fn of_many_uses_at_once_one_wins() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    app.create_user("root", Role::Admin).await;
    let reset = token_of(&app.reset_link("ana@example.org", 1).await);
    let passwords: Vec<String> = (0..6).map(|number| format!("{number} grey herons at low tide")).collect();
    let uses = join_all(passwords.iter().map(async |password| {
        app.post_api("/api/reset-password", &json!({ "token": reset, "password": password })).await.status
    }));
    let statuses = uses.await;
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
    for (password, status) in passwords.iter().zip(&statuses) {
        let expected = if *status == 204 { 200 } else { 401 };
        assert_eq!(app.login("ana", password).await.status, expected);
    }
    for link in [
        app.registration_link("new@example.org", 1).await,
        app.invitation_link("root", "guest@example.org", Role::User, 1).await,
    ] {
        let names: Vec<String> = (0..6).map(|number| format!("{}{number}", &token_of(&link)[..4])).collect();
        let before = app.count("select count(*) from users").await;
        join_all(names.iter().map(|name| app.choose(&link, name))).await;
        assert_eq!(app.count("select count(*) from users").await - before, 1, "{link}");
    }
}

#[tokio::test]
async fn links_are_built_from_the_configured_address_whatever_the_request_says() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let forged = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-port", "444"),
        ("x-forwarded-server", "evil.example"),
        ("x-original-host", "evil.example"),
        ("x-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=https"),
        ("x-rewrite-url", "https://evil.example/"),
    ];
    let client = app.browser();
    for (round, chosen) in [&forged[..1], &forged[1..], &forged[..]].into_iter().enumerate() {
        for (path, address) in
            [("/api/forgot-password", "ana@example.org"), ("/api/register", "new@example.org")]
        {
            let mut request = client.request(Method::POST, path).json(&json!({ "email": address }));
            for (name, value) in chosen {
                request = request.header(*name, *value);
            }
            assert_eq!(client.send(request).await.status, 200);
            let mail = app.mailbox.nth_mail_to(address, round + 1).await;
            assert!(mail.link().starts_with(&format!("{}/", app.url)), "{}", mail.link());
            assert!(!mail.raw.contains("evil") && !mail.html.contains("evil"), "{}", mail.raw);
        }
    }
}

#[tokio::test]
async fn the_json_endpoints_take_json_of_their_own_site_alone() {
    let app = TestApp::start_with(&NO_LIMITS).await;
    for path in ["/api/register", "/api/forgot-password", "/api/reset-password"] {
        let (client, token) = (app.browser(), "A".repeat(43));
        let body = json!({ "email": "ana@example.org", "token": token, "username": "a", "password": "b" });
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "http://photos.stsgym.localhost:5009"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let request = client.request(Method::POST, path).json(&body).header(name, value);
            assert_eq!(client.send(request).await.status, 403, "{path} {name}: {value}");
        }
        let text = client.request(Method::POST, path).header("content-type", "text/plain");
        assert_eq!(client.send(text.body(body.to_string())).await.status, 415, "{path}");
        assert_eq!(client.send(client.request(Method::POST, path).form(&[("email", "a")])).await.status, 415);
        let preflight = client.request(Method::OPTIONS, path).header("origin", "https://evil.example");
        assert!(!client.send(preflight).await.status.is_success(), "{path}");
    }
    assert!(app.mails().await.is_empty());
}
