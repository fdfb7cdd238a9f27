//! A whole auth-service for one test: its own database, port 0, people made as the commands make them.

use std::path::Path;

use actix_web::{dev::ServerHandle, web::Data};
use auth_service::{
    App, Config, accounts,
    passwords::NewPassword,
    users::{EmailAddress, NewAccount, Username},
};
use common::{
    config::Settings,
    identity::{Role, UserId},
};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{PgPool, Row};
use test_support::{Answer, Client, TestDatabase, site};

const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/auth");

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
}

impl TestApp {
    /// With limits that no test meets by accident.
    pub async fn start() -> Self {
        Self::start_with(&[("LOGIN_LIMIT_PER_MINUTE", "1000")]).await
    }

    /// With settings of the test's own.
    pub async fn start_with(own: &[(&str, &str)]) -> Self {
        Self::start_on(new_database().await, own).await
    }

    /// On a database that the test prepared.
    pub async fn start_on(database: TestDatabase, own: &[(&str, &str)]) -> Self {
        let (listener, port) = site::listen();
        let url = site::url("auth", port);
        let services = site::service_credentials();
        let given = [
            ("AUTH_DATABASE_URL", database.url.as_str()),
            ("AUTH_PUBLIC_URL", &url),
            ("AUTH_SECRETS", site::SECRET),
            ("AUTH_WORKERS", "2"),
            ("HOME_URL", "http://photos.stsgym.localhost:5009/"),
            ("SERVICE_CREDENTIALS", &services),
        ];
        let mut settings = Settings::from_pairs(site::settings(&[&given, own].concat()));
        let config = Config::from_settings(&mut settings);
        let config = settings.finish(config).expect("usable settings");
        let (server, app) = auth_service::start(config, listener).await.expect("the service starts");
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, app, port, handle, database }
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
        let password = NewPassword::parse(&site::password_of(username)).expect("a good password");
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

    /// Changes rows behind the service's back.
    pub async fn sql(&self, statement: &'static str) {
        sqlx::query(statement).execute(self.db()).await.expect("a good statement");
    }

    /// The one number that a statement answers.
    pub async fn count(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(self.db()).await.expect("a good statement")
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
