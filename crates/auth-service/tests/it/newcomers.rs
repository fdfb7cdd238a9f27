//! What people do with the links of mails, for the tests of registration, invitations and resets.

use auth_service::{
    audit::Origin,
    invitations::{self, Invited},
    sessions::{self, Session, Token, Verdict},
    users::EmailAddress,
};
use common::identity::Role;
use reqwest::Method;
use serde_json::{Value, json};
use test_support::{Answer, Client};

use crate::harness::TestApp;

/// A password that fits every rule and that nobody else in the tests has.
pub const CHOSEN: &str = "seven grey herons at low tide";

impl TestApp {
    /// Sends JSON as a program does.
    pub async fn post_api(&self, path: &str, body: &Value) -> Answer {
        let client = self.browser();
        client.send(client.request(Method::POST, path).json(body)).await
    }

    /// Registers by JSON and returns the link of the `count`th mail to the address.
    pub async fn registration_link(&self, email: &str, count: usize) -> String {
        let answer = self.post_api("/api/register", &json!({ "email": email })).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.mailbox.nth_mail_to(email, count).await.link()
    }

    /// Asks for a reset by JSON and returns the link of the `count`th mail to the address.
    pub async fn reset_link(&self, email: &str, count: usize) -> String {
        let answer = self.post_api("/api/forgot-password", &json!({ "email": email })).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.mailbox.nth_mail_to(email, count).await.link()
    }

    /// The session of an account, as its handlers see it.
    pub async fn session_of(&self, username: &str) -> Session {
        let token = Token::parse(&self.token(username).await).expect("a token");
        let verdict = sessions::resolve(&self.app, &[token], &Origin::default()).await;
        let Ok(Verdict::Active(session, _)) = verdict else { panic!("{username} is not signed in") };
        *session
    }

    /// Invites in the name of an administrator and returns the link of the `count`th mail to the address.
    pub async fn invitation_link(&self, by: &str, email: &str, role: Role, count: usize) -> String {
        let session = self.session_of(by).await;
        let address = EmailAddress::parse(email).expect("an address");
        let invited = invitations::invite(&self.app, &session, &address, role, &Origin::default()).await;
        assert!(matches!(invited, Ok(Invited::Sent(_))), "{email} could not be invited");
        self.mailbox.nth_mail_to(email, count).await.link()
    }

    /// Opens a link and chooses name and password.
    pub async fn choose(&self, link: &str, username: &str) -> (Client, Answer) {
        let browser = self.browser();
        browser.get(link).await;
        let token = token_of(link);
        let fields = [("token", &*token), ("username", username), ("password", CHOSEN)];
        let answer = browser.post_form(link.split('?').next().expect("a path"), &fields).await;
        (browser, answer)
    }

    /// Opens a link for a reset and chooses a password.
    pub async fn choose_password(&self, link: &str, password: &str) -> Answer {
        let browser = self.browser();
        browser.get(link).await;
        let token = token_of(link);
        browser.post_form("/auth/reset-password", &[("token", &token), ("password", password)]).await
    }

    /// One number from the database.
    pub async fn count(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(self.db()).await.expect("a good statement")
    }
}

/// The secret of a link.
pub fn token_of(link: &str) -> String {
    let url = url::Url::parse(link).expect("an address");
    url.query_pairs().find(|(name, _)| name == "token").expect("a token").1.into_owned()
}
