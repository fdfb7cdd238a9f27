//! A page in a real browser, and what a person does with it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_support::{
    Browser,
    fantoccini::{
        Locator,
        actions::{InputSource, KeyAction, KeyActions, PointerAction, TouchActions},
        elements::Element,
        key::Key,
        wd::WebDriverCompatibleCommand,
    },
    reqwest::Method,
};
use url::{ParseError, Url};

/// A page in a browser of its own.
pub struct Page(pub Browser);

impl Page {
    pub async fn open(width: u32, height: u32, address: &str) -> Self {
        let page = Self(Browser::start(width, height).await);
        assert_eq!(page.0.size().await, (width.into(), height.into()));
        page.go(address).await;
        page
    }

    pub async fn go(&self, address: &str) {
        self.0.client.goto(address).await.unwrap();
    }

    pub async fn run(&self, script: &str) -> Value {
        let result = self.0.client.execute(script, Vec::new()).await;
        result.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    pub async fn until(&self, what: &str, condition: &str) {
        let deadline = Instant::now() + Duration::from_secs(30);
        let script = format!("return Boolean({condition})");
        // Between two pages there is nothing to ask.
        while !self.0.client.execute(&script, Vec::new()).await.is_ok_and(|met| met == true) {
            if Instant::now() > deadline {
                let page = self.run("return [location.href, document.body.innerText]").await;
                panic!("{what} does not come: {page:#}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn click(&self, css: &str) {
        let element = self.in_the_middle(css).await;
        element.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    pub async fn tap(&self, css: &str) {
        let element = self.in_the_middle(css).await;
        let finger = TouchActions::new("finger".to_owned())
            .then(PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 })
            .then(PointerAction::Down { button: 0 })
            .then(PointerAction::Up { button: 0 });
        self.0.client.perform_actions(finger).await.unwrap();
    }

    /// Scrolls as a person does who wants to see what they touch.
    async fn in_the_middle(&self, css: &str) -> Element {
        let element = self.0.client.wait().for_element(Locator::Css(css)).await;
        let element = element.unwrap_or_else(|error| panic!("{css}: {error}"));
        let script = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
        self.0.client.execute(script, vec![json!(element)]).await.unwrap();
        element
    }

    pub async fn type_into(&self, css: &str, text: &str) {
        let field = self.0.client.find(Locator::Css(css)).await.unwrap();
        field.send_keys(text).await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    pub async fn press(&self, key: Key) {
        let focused = self.0.client.active_element().await.unwrap();
        focused.send_keys(&char::from(key).to_string()).await.unwrap();
    }

    /// A key for whatever has the focus, as the keyboard sends it. (Sent to a field for files it would be taken for a name.)
    pub async fn key(&self, value: char) {
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value });
        self.0.client.perform_actions(keys).await.unwrap();
    }

    pub async fn text(&self, css: &str) -> String {
        self.0.client.find(Locator::Css(css)).await.unwrap().text().await.unwrap()
    }

    /// Nothing in the console: no script failed, no policy was violated, nothing was missing.
    pub async fn assert_no_complaints(&self) {
        let log = self.0.client.issue_cmd(Command("se/log", json!({ "type": "browser" }))).await.unwrap();
        let expected = |entry: &Value| {
            // The browser itself complains of every refusal.
            let message = entry["message"].as_str().unwrap_or_default();
            message.contains("/api/upload") && message.contains("422")
        };
        let complaints: Vec<&Value> =
            log.as_array().unwrap().iter().filter(|entry| !expected(entry)).collect();
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}

/// A command of the driver that the standard does not know: its path in the session, and its body.
#[derive(Debug)]
pub struct Command(pub &'static str, pub Value);

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _address: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.1.to_string()))
    }
}
