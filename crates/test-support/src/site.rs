//! What the harnesses of both services agree on: the site that the tests run as, and how a person signs in to it.

use std::net::TcpListener;

use crate::{Answer, Client};

/// A secret for tests; long enough and worth nothing.
pub const SECRET: &str = "a-secret-of-the-tests-that-protects-nothing-at-all";

/// The token of photos at the auth-service in tests.
pub const SERVICE_TOKEN: &str = "a-service-token-of-the-tests-that-opens-nothing";

/// The setting `SERVICE_CREDENTIALS` of the tests: photos with every scope.
pub fn service_credentials() -> String {
    format!("photos {SERVICE_TOKEN} events users:read users:role settings")
}

/// A listener on a free port of this machine, and the port.
pub fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    (listener, port)
}

/// The address of a service of the test site: `auth` or `photos`.
pub fn url(service: &str, port: u16) -> String {
    format!("http://{service}.stsgym.localhost:{port}")
}

/// The settings that both services share, followed by those of one service; later ones win.
pub fn settings(own: &[(&str, &str)]) -> Vec<(String, String)> {
    let shared = [("BASE_DOMAIN", "stsgym.localhost"), ("DEVELOPMENT", "true")];
    shared.iter().chain(own).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The password of a test account.
pub fn password_of(username: &str) -> String {
    format!("the long password of {username}")
}

impl Client {
    /// Signs a test account in through the real page at the auth-service and stays where that leads.
    pub async fn sign_in(&self, auth_url: &str, username: &str) -> Answer {
        let page = format!("{auth_url}/login");
        let form = self.get(&page).await;
        assert_eq!(form.status, 200, "the sign-in page: {}", form.text());
        let password = password_of(username);
        let answer = self.post_form(&page, &[("username", username), ("password", &password)]).await;
        assert_eq!(answer.status, 303, "{username} could not sign in: {}", answer.text());
        answer
    }
}
