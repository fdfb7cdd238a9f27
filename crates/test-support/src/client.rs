//! A client that behaves like a browser: keeps cookies, says where its requests come from, remembers form tokens.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use reqwest::{
    Method, RequestBuilder, StatusCode,
    cookie::{CookieStore, Jar},
    header::{HeaderMap, LOCATION},
    multipart::Form,
    redirect::Policy,
};
use scraper::{Html, Selector};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use crate::contract;

const PAGE: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
/// More redirects in a row than this are a loop.
const MOST_REDIRECTS: usize = 10;

/// A browser without a screen. Addresses may be relative to the one it was made with.
pub struct Client {
    http: reqwest::Client,
    jar: Arc<Jar>,
    base: Url,
    tokens: Mutex<HashMap<String, String>>,
}

impl Client {
    /// A new browser, without cookies. `*.stsgym.localhost` is this machine.
    pub fn new(base: &str) -> Self {
        let jar = Arc::new(Jar::default());
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let http = reqwest::Client::builder()
            .cookie_provider(Arc::clone(&jar))
            .redirect(Policy::none())
            // Sooner than the service gives a connection up, which would lose a request that is just being sent on it.
            .pool_idle_timeout(Duration::from_secs(2))
            .no_proxy()
            // The tests speak plain http; reading the machine's certificates would only take time.
            .tls_certs_only([])
            .user_agent("Mozilla/5.0 (test)")
            .resolve("app.stsgym.localhost", here)
            .resolve("auth.stsgym.localhost", here)
            .resolve("photos.stsgym.localhost", here)
            .resolve("evil.stsgym.localhost", here)
            .build()
            .expect("a client");
        Self { http, jar, base: Url::parse(base).expect("a base address"), tokens: Mutex::default() }
    }

    /// Opens an address as a person does who types it; follows no redirect.
    pub async fn get(&self, url: &str) -> Answer {
        self.send(self.navigation(Method::GET, url, "none")).await
    }

    /// Opens an address and follows redirects to the page where a browser comes to rest.
    pub async fn follow(&self, url: &str) -> Answer {
        let answer = self.get(url).await;
        self.rest(answer).await
    }

    /// Goes on from an answer to where a browser comes to rest.
    pub async fn rest(&self, mut answer: Answer) -> Answer {
        for _ in 0..MOST_REDIRECTS {
            if !answer.status.is_redirection() {
                return answer;
            }
            answer = self.get(&answer.location()).await;
        }
        panic!("a redirect loop, at last to {}", answer.url);
    }

    /// Sends a form as a page of the same site does, with the token of the last page seen there.
    pub async fn post_form(&self, url: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token(url).unwrap_or_default();
        let mut all = vec![("csrf_token", token.as_str())];
        all.extend(fields.iter().filter(|(name, _)| *name != "csrf_token"));
        // A test that brings its own token means it.
        if let Some(own) = fields.iter().find(|(name, _)| *name == "csrf_token") {
            all[0] = *own;
        }
        let request = self.navigation(Method::POST, url, "same-origin").header("origin", self.origin(url));
        self.send(request.form(&all)).await
    }

    /// Sends JSON as a script of the same site does, with the token of the last page seen there.
    pub async fn post_json(&self, url: &str, body: &impl Serialize) -> Answer {
        self.json(Method::POST, url, body).await
    }

    /// Sends JSON with another method.
    pub async fn json(&self, method: Method, url: &str, body: &impl Serialize) -> Answer {
        self.send(self.script(method, url).json(body)).await
    }

    /// Asks for JSON as a script of the same site does.
    pub async fn get_json(&self, url: &str) -> Answer {
        self.send(self.script(Method::GET, url)).await
    }

    /// Deletes as a script of the same site does.
    pub async fn delete(&self, url: &str) -> Answer {
        self.send(self.script(Method::DELETE, url)).await
    }

    /// Sends files as the upload page does.
    pub async fn upload(&self, url: &str, form: Form) -> Answer {
        self.send(self.script(Method::POST, url).multipart(form)).await
    }

    /// A request with the cookies and nothing else, for tests that write the headers themselves.
    pub fn request(&self, method: Method, url: &str) -> RequestBuilder {
        self.http.request(method, self.at(url))
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().unwrap_or_else(|error| panic!("no request: {error:?}"));
        let method = request.method().clone();
        let response =
            self.http.execute(request).await.unwrap_or_else(|error| panic!("no answer: {error:?}"));
        let (status, url, headers) = (response.status(), response.url().clone(), response.headers().clone());
        let body = response.bytes().await.unwrap_or_else(|error| panic!("half an answer: {error:?}"));
        let answer = Answer { status, headers, url, body: body.to_vec() };
        contract::hold(&method, &answer);
        if let Some(token) = answer.form_token() {
            let origin = answer.url.origin().ascii_serialization();
            self.tokens.lock().expect("no panic while it is held").insert(origin, token);
        }
        answer
    }

    /// The form token of the last page seen at the origin of this address.
    pub fn token(&self, url: &str) -> Option<String> {
        self.tokens.lock().expect("no panic while it is held").get(&self.origin(url)).cloned()
    }

    /// The value of a cookie that would be sent to this address.
    pub fn cookie(&self, url: &str, name: &str) -> Option<String> {
        let header = self.jar.cookies(&self.at(url))?;
        let pairs = header.to_str().ok()?.split("; ").filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(pair, _)| *pair == name).map(|(_, value)| value.to_owned())
    }

    /// Puts a cookie into the jar as if the host of this address had set it.
    pub fn plant_cookie(&self, url: &str, set_cookie: &str) {
        self.jar.add_cookie_str(set_cookie, &self.at(url));
    }

    fn navigation(&self, method: Method, url: &str, site: &str) -> RequestBuilder {
        self.request(method, url)
            .header("accept", PAGE)
            .header("sec-fetch-site", site)
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header("sec-fetch-user", "?1")
    }

    fn script(&self, method: Method, url: &str) -> RequestBuilder {
        let request = self
            .request(method, url)
            .header("accept", "application/json")
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "cors")
            .header("sec-fetch-dest", "empty")
            .header("origin", self.origin(url));
        match self.token(url) {
            Some(token) => request.header("x-csrf-token", token),
            None => request,
        }
    }

    fn at(&self, url: &str) -> Url {
        self.base.join(url).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    fn origin(&self, url: &str) -> String {
        self.at(url).origin().ascii_serialization()
    }
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The address that gave it.
    pub url: Url,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as a page.
    pub fn html(&self) -> Html {
        Html::parse_document(&self.text())
    }

    /// The texts of the elements that a CSS selector finds, with single spaces.
    pub fn select(&self, css: &str) -> Vec<String> {
        let text = |element: scraper::ElementRef<'_>| {
            element.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
        };
        self.html().select(&selector(css)).map(text).collect()
    }

    /// An attribute of the elements that a CSS selector finds.
    pub fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        let (page, selector) = (self.html(), selector(css));
        let found = page.select(&selector).filter_map(|element| element.attr(name).map(str::to_owned));
        found.collect()
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{} from {}: {error}: {}", self.status, self.url, self.text()))
    }

    /// A header as text; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a readable header"))
    }

    /// Every `Set-Cookie`.
    pub fn set_cookies(&self) -> Vec<String> {
        let values = self.headers.get_all("set-cookie").iter();
        values.map(|value| value.to_str().expect("a readable header").to_owned()).collect()
    }

    /// Where a redirect goes, as an absolute address.
    pub fn location(&self) -> String {
        let location = self.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let location = location.unwrap_or_else(|| panic!("{} from {} goes nowhere", self.status, self.url));
        self.url.join(location).expect("a redirect goes to an address").into()
    }

    fn form_token(&self) -> Option<String> {
        if !self.header("content-type").starts_with("text/html") {
            return None;
        }
        let field = self.attributes("input[name=csrf_token]", "value").into_iter();
        let meta = self.attributes("meta[name=csrf-token]", "content");
        field.chain(meta).find(|token| !token.is_empty())
    }
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap_or_else(|error| panic!("{css}: {error}"))
}
