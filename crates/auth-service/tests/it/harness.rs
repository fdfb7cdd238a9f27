//! A whole auth-service for one test: its own database, port 0, people made as the commands make them.

use std::{path::Path, sync::mpsc, time::Duration};

use actix_web::{dev::ServerHandle, web::Data};
use auth_service::{
    App, Config, accounts, config,
    passwords::NewPassword,
    users::{EmailAddress, NewAccount, Username},
};
use common::{
    config::Settings,
    identity::{Role, UserId},
    mailer::Outbox,
    secrets::sha256,
};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{PgPool, Row};
use test_support::{Answer, Client, Mailbox, Received, TestDatabase, contract, site};
use tokio::sync::oneshot;

const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/auth");

/// Limits that no test meets by accident.
pub const NO_LIMITS: [(&str, &str); 5] = [
    ("LOGIN_LIMIT_PER_MINUTE", "100000"),
    ("FORGOT_LIMIT_PER_MINUTE", "100000"),
    ("RESET_LIMIT_PER_MINUTE", "100000"),
    ("REGISTER_LIMIT_PER_MINUTE", "100000"),
    ("SIGN_IN_FAILURES", "100000"),
];

/// The running service.
pub struct TestApp {
    /// Where people reach it.
    pub url: String,
    /// Its state.
    pub app: Data<App>,
    /// Where it listens, for raw connections.
    pub port: u16,
    handle: ServerHandle,
    pub database: TestDatabase,
    /// Where its mails go, unless the test gave it another way.
    pub mailbox: Mailbox,
}

impl TestApp {
    /// With limits that no test meets by accident.
    pub async fn start() -> Self {
        Self::start_with(&NO_LIMITS).await
    }

    /// With settings of the test's own.
    pub async fn start_with(own: &[(&str, &str)]) -> Self {
        Self::start_on(new_database().await, own).await
    }

    /// On a database that the test prepared.
    pub async fn start_on(database: TestDatabase, own: &[(&str, &str)]) -> Self {
        contract::expect("auth", &auth_service::openapi::DESCRIPTION.document);
        let (listener, port) = site::listen();
        let url = site::url("auth", port);
        let mailbox = Mailbox::create();
        let by_smtp = own.iter().any(|(name, _)| *name == "SMTP_URL");
        let services = site::service_credentials();
        let given = [
            ("AUTH_DATABASE_URL", database.url.as_str()),
            ("AUTH_PUBLIC_URL", &url),
            ("AUTH_SECRETS", site::SECRET),
            ("AUTH_WORKERS", "2"),
            // Only the tests of time wait for a refusal.
            ("SIGN_IN_REFUSAL_MS", "0"),
            ("HOME_URL", "http://photos.stsgym.localhost:5009/"),
            ("MAIL_DIR", if by_smtp { "" } else { mailbox.path() }),
            ("SERVICE_CREDENTIALS", &services),
            // What a test changes holds with its next request; tests of kept answers say otherwise.
            ("VERIFY_CACHE_SECONDS", "0"),
        ];
        let mut settings = Settings::from_pairs(site::settings(&[&given, own].concat()));
        let config = Config::from_settings(&mut settings);
        let config = settings.finish(config).expect("usable settings");
        let (server, app) = auth_service::start(config, listener).await.expect("the service starts");
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, app, port, handle, database, mailbox }
    }

    /// With answers of `verify-session` that are kept for an hour, and events being heard.
    pub async fn start_keeping() -> Self {
        let app =
            Self::start_with(&[("LOGIN_LIMIT_PER_MINUTE", "1000"), ("VERIFY_CACHE_SECONDS", "3600")]).await;
        app.until_events_are_heard().await;
        app
    }

    /// Waits until events are heard (again).
    pub async fn until_events_are_heard(&self) {
        eventually("events are heard", async || self.app.verdicts.through().is_some()).await;
    }

    /// Whether the answer for this token would be given without asking the database.
    pub fn is_kept(&self, token: &str) -> bool {
        self.app.verdicts.find(&sha256(token)).is_some()
    }

    /// Verifies a token so that its answer is kept.
    pub async fn keep(&self, token: &str) {
        eventually("the answer is kept", async || {
            assert_eq!(self.verify(token).await.status, 200);
            self.is_kept(token)
        })
        .await;
    }

    /// As in production: https addresses, prefixed and secure cookies. It still listens in plain http.
    pub async fn start_in_production() -> Self {
        let mut app = Self::start_with(&[
            ("DEVELOPMENT", "false"),
            ("BASE_DOMAIN", "stsgym.com"),
            ("AUTH_PUBLIC_URL", "https://auth.stsgym.com"),
            ("HOME_URL", "https://photos.stsgym.com"),
        ])
        .await;
        app.url = format!("http://127.0.0.1:{}", app.port);
        app
    }

    /// Makes an account whose password is `site::password_of(username)`.
    pub async fn create_user(&self, username: &str, role: Role) -> UserId {
        let email = format!("{username}@example.org");
        self.try_create_user(username, &email, role).await.expect("a new account")
    }

    /// The same with an address; `None` if the name or the address is taken.
    pub async fn try_create_user(&self, username: &str, email: &str, role: Role) -> Option<UserId> {
        let account = NewAccount {
            username: Username::parse(username).expect("a good name"),
            email: EmailAddress::parse(email).expect("a good address"),
            role,
            email_verified: true,
        };
        let password = NewPassword::parse(&site::password_of(username), &[]).expect("a good password");
        accounts::create(self.db(), &self.app.passwords, &account, &password)
            .await
            .expect("the database answers")
    }

    /// A browser that was nowhere yet.
    pub fn browser(&self) -> Client {
        Client::new(&self.url)
    }

    /// A person in a browser of their own, signed in through the page.
    pub async fn sign_in(&self, username: &str) -> Client {
        let browser = self.browser();
        browser.sign_in(&self.url, username).await;
        browser
    }

    /// Signs in as a program does, from the address of the test.
    pub async fn login(&self, username: &str, password: &str) -> Answer {
        let body = json!({ "username": username, "password": password });
        let client = self.browser();
        client.send(client.request(Method::POST, "/api/login").json(&body)).await
    }

    /// A new SSO token of this person, as the cookie carries it.
    pub async fn token(&self, username: &str) -> String {
        let answer = self.login(username, &site::password_of(username)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        sso_token(&answer).expect("a sign-in sets the cookie")
    }

    /// A new API token, made on its page by this person who signed in a moment ago; the page after shows it.
    pub async fn api_token(&self, person: &Client, scopes: &[&str]) -> String {
        person.get("/account/tokens/new").await;
        let mut fields = vec![("name", "Backup"), ("days", "30")];
        fields.extend(scopes.iter().map(|scope| ("scopes", *scope)));
        let answer = person.post_form("/account/tokens/new", &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let page = person.rest(answer).await;
        page.attributes("[data-copy-source]", "value").pop().expect("the token is shown")
    }

    /// Asks whose session this is, as photos does.
    pub async fn verify(&self, token: &str) -> Answer {
        self.verify_cookies(&format!("photos_session={token}")).await
    }

    /// Asks with a Cookie header of the test's own.
    pub async fn verify_cookies(&self, cookies: &str) -> Answer {
        let client = self.browser();
        client.send(client.request(Method::GET, "/api/verify-session").header("cookie", cookies)).await
    }

    /// Why a token is not a session.
    pub async fn reason(&self, token: &str) -> String {
        let answer = self.verify(token).await;
        assert_eq!(answer.status, 401, "{}", answer.text());
        answer.json::<Value>()["reason"].as_str().expect("a word").to_owned()
    }

    /// The events of the record, oldest first, with the account's name.
    pub async fn events(&self) -> Vec<(String, Option<String>)> {
        let rows =
            sqlx::query("select event, username from audit_logs order by id").fetch_all(self.db()).await;
        rows.expect("the record").iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    /// The newest mail to this address, waited for.
    pub async fn mail_to(&self, address: &str) -> Received {
        self.mailbox.mail_to(address).await
    }

    /// Every mail, oldest first, once none waits to be sent.
    pub async fn mails(&self) -> Vec<Received> {
        for _ in 0..1500 {
            let standing = Outbox::find_standing(self.db()).await.expect("the outbox");
            if standing.waiting == 0 {
                return self.mailbox.mails();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("mails wait to be sent");
    }

    /// Stores a hash behind the service's back.
    pub async fn set_hash(&self, username: &str, hash: &str) {
        let statement = "update users set password_hash = $1 where username = $2";
        sqlx::query(statement).bind(hash).bind(username).execute(self.db()).await.expect("a stored hash");
    }

    /// Changes rows behind the service's back.
    pub async fn sql(&self, statement: &'static str) {
        sqlx::query(statement).execute(self.db()).await.expect("a good statement");
    }

    /// The database.
    pub fn db(&self) -> &PgPool {
        &self.app.db
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

/// Occupies every core of the pool that hashes until what is returned is dropped.
pub async fn block_passwords(app: &TestApp) -> Vec<mpsc::Sender<()>> {
    let mut blocked = Vec::new();
    for _ in 0..config::cores() {
        let (release, released) = mpsc::channel::<()>();
        let (start, started) = oneshot::channel();
        let place = app.app.passwords.place().expect("a free place");
        tokio::spawn(place.run(move || {
            start.send(()).expect("the test waits");
            released.recv().is_ok()
        }));
        started.await.expect("the pool runs it");
        blocked.push(release);
    }
    blocked
}

/// Waits until a sign-in has read its account and counted its try.
pub async fn wait_for_a_try(app: &TestApp) {
    eventually("somebody tries a password", async || {
        let tries = sqlx::query("select from sign_in_counters").fetch_all(app.db()).await.expect("rows");
        !tries.is_empty()
    })
    .await;
}

/// Waits for what must become so, without a limit that a busy machine could break.
pub async fn eventually(what: &str, mut so: impl AsyncFnMut() -> bool) {
    for _ in 0..3000 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came about that {what}");
}

/// A database with our migrations.
pub async fn new_database() -> TestDatabase {
    TestDatabase::create("auth", Path::new(MIGRATIONS), async |_url| {}).await
}

/// The token that an answer puts into the SSO cookie; none if it takes the cookie away.
pub fn sso_token(answer: &Answer) -> Option<String> {
    let cookies = answer.set_cookies().into_iter();
    let mut values = cookies.filter_map(|cookie| {
        let value = cookie.strip_prefix("photos_session=")?.split(';').next()?;
        Some(value.to_owned())
    });
    values.next_back().filter(|value| !value.is_empty())
}
