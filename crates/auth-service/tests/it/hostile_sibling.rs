//! A real browser that visits a hostile sibling host, under the names and cookies of production and over TLS.

use std::sync::{Arc, Mutex};

use common::{identity::Role, return_to};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use test_support::{Browser, fantoccini::Locator, raw, site::password_of, tls::Terminator};
use url::Url;

use crate::harness::TestApp;

const AUTH: &str = "https://auth.stsgym.com";
const EVIL: &str = "https://evil.stsgym.com";
const NOBODY: &str = "You are not signed in";

/// What the hostile host plants with its next page, and what cookies the browser showed it last.
#[derive(Clone, Default)]
struct Evil(Arc<Mutex<(Vec<Vec<u8>>, String)>>);

impl Evil {
    fn answer(&self, head: &str) -> Vec<u8> {
        let mut state = self.0.lock().expect("no panic while it is held");
        let html = b"Content-Type: text/html; charset=utf-8".to_vec();
        if !head.starts_with("GET / ") {
            return raw::answer("404 Not Found", &[], "");
        }
        let sent = head.lines().find(|line| line.to_lowercase().starts_with("cookie:"));
        state.1 = sent.map(str::to_owned).unwrap_or_default();
        let lines = state.0.drain(..).map(|cookie| [b"Set-Cookie: ".to_vec(), cookie].concat());
        raw::answer(
            "200 OK",
            &lines.chain([html]).collect::<Vec<_>>(),
            "<!doctype html><h1>Free puppies</h1>",
        )
    }
}

/// The auth-service as in production, a victim's browser, and the hostile host that it visits.
struct Stage {
    app: TestApp,
    evil: Evil,
    browser: Browser,
}

impl Stage {
    /// `None` without a browser.
    async fn start() -> Option<Self> {
        if !Browser::available() {
            return None;
        }
        let app = TestApp::start_in_production().await;
        app.create_user("ana", Role::Photographer).await;
        app.create_user("mallory", Role::User).await;
        let evil = Evil::default();
        let host = evil.clone();
        let evil_port = raw::serve(move |head| host.answer(head));
        let tls = Terminator::start("stsgym.com", &[("auth", app.port), ("evil", evil_port)]).await;
        let browser = Browser::start_with(1440, 900, &tls.browser_arguments()).await;
        Some(Self { app, evil, browser })
    }

    async fn open(&self, url: &str) {
        self.browser.client.goto(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    async fn heading(&self) -> String {
        let heading = self.browser.client.wait().for_element(Locator::Css("h1")).await.expect("a heading");
        heading.text().await.expect("its text")
    }

    /// Whom the auth host takes this browser for.
    async fn who(&self) -> String {
        self.open(&format!("{AUTH}/")).await;
        self.heading().await
    }

    async fn sign_in_as_ana(&self) {
        self.open(&format!("{AUTH}/login?return_to={AUTH}/")).await;
        assert_eq!(self.heading().await, "Sign in", "the form is shown");
        let page = &self.browser.client;
        let field = async |name: &str| page.find(Locator::Css(name)).await.expect("a field");
        field("[name=username]").await.send_keys("ana").await.expect("keys");
        field("[name=password]").await.send_keys(&password_of("ana")).await.expect("keys");
        field("main form button[type=submit]").await.click().await.expect("a click");
        self.browser.arrives_at("ana").await;
    }

    /// Presses the button, which needs the form secret behind the host cookie.
    async fn sign_out(&self) {
        self.open(&format!("{AUTH}/")).await;
        let button = Locator::Css("main form[action='/logout'] button");
        self.browser.client.find(button).await.expect("a button").click().await.expect("a click");
        self.browser.arrives_at(NOBODY).await;
    }

    /// The victim visits the hostile host, which sets these cookies. Answers what the browser then sends there.
    async fn plant(&self, cookies: &[&[u8]]) -> String {
        self.evil.0.lock().expect("no panic while it is held").0 =
            cookies.iter().map(|c| c.to_vec()).collect();
        self.open(&format!("{EVIL}/")).await;
        self.open(&format!("{EVIL}/")).await;
        self.evil.0.lock().expect("no panic while it is held").1.clone()
    }

    async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.browser.client.execute_async(script, arguments).await.expect("the script runs")
    }

    async fn count(&self, event: &str) -> usize {
        self.app.events().await.iter().filter(|(other, _)| other == event).count()
    }
}

#[tokio::test]
async fn what_a_sibling_plants_beside_our_cookies_signs_nobody_out_and_shadows_nothing() {
    let Some(stage) = Stage::start().await else { return };
    stage.sign_in_as_ana().await;
    let token = "A".repeat(43);
    let unknown = format!("photos_session={token}; Domain=.stsgym.com; Path=/login; Secure");
    let unknown_below = format!("photos_session=B{}; Domain=.stsgym.com; Path=/login/; Secure", &token[1..]);
    let attempts: [(&[u8], bool); 13] = [
        (b"photos_session=garbage; Domain=.stsgym.com; Path=/login", true),
        (unknown.as_bytes(), true),
        (unknown_below.as_bytes(), true),
        (b"tracker=\xff\xfe; Domain=.stsgym.com; Path=/", true),
        (b"photos%5fsession=x; Domain=.stsgym.com; Path=/", true),
        (b"__%48ost-auth=x; Domain=.stsgym.com; Path=/", true),
        (b"__%48ost-auth=x; Domain=.stsgym.com; Path=/login; Secure", true),
        (b"percent=%ff%00; Domain=.stsgym.com; Path=/", true),
        (b"=photos_session; Domain=.stsgym.com; Path=/", true),
        (b"__Host-auth=x; Domain=.stsgym.com; Path=/; Secure", false),
        (b"__host-auth=x; Domain=.stsgym.com; Path=/; Secure", false),
        (b"__Host-auth =x; Domain=.stsgym.com; Path=/; Secure", false),
        (b"=__Host-auth=x; Domain=.stsgym.com; Path=/; Secure", false),
    ];
    for (cookie, taken) in attempts {
        let shown = String::from_utf8_lossy(cookie).into_owned();
        let sent = stage.plant(&[cookie]).await;
        if !taken {
            assert!(!sent.to_lowercase().contains("__host-auth"), "the browser refuses {shown}: {sent}");
        } else if let Some(pair) = shown.strip_suffix("; Domain=.stsgym.com; Path=/") {
            assert!(sent.contains(pair.trim_start_matches('=')), "the browser takes {shown}: {sent}");
        }
        assert_eq!(stage.who().await, "ana", "{shown}");
        stage.open(&format!("{AUTH}/login?return_to={AUTH}/")).await;
        assert_eq!(stage.heading().await, "ana", "{shown}: signed in, also where it is sent");
    }
    stage.sign_out().await;
    stage.sign_in_as_ana().await;
    assert_eq!(stage.count("ambiguous_session").await, 0);
    stage.browser.close().await;
}

#[tokio::test]
async fn a_planted_session_of_the_attacker_is_nobodys_and_is_cleared_away() {
    let Some(stage) = Stage::start().await else { return };
    let mallory = stage.app.token("mallory").await;
    stage.sign_in_as_ana().await;
    let planted = format!("photos_session={mallory}; Domain=.stsgym.com; Path=/login; Secure; HttpOnly");
    stage.plant(&[planted.as_bytes()]).await;
    assert_eq!(stage.who().await, "ana", "it is not sent here");
    stage.open(&format!("{AUTH}/login")).await;
    assert_eq!(stage.heading().await, "Please sign in");
    let status = "return performance.getEntriesByType('navigation')[0].responseStatus";
    let status = stage.browser.client.execute(status, Vec::new()).await.expect("a script");
    assert_eq!(status, 401);
    let text = stage.browser.client.find(Locator::Css("main")).await.expect("a page").text().await;
    assert!(text.expect("a text").contains("two people"));
    assert_eq!(stage.count("ambiguous_session").await, 1);
    assert_eq!(stage.who().await, NOBODY, "the browser forgot both");
    stage.sign_in_as_ana().await;
    stage.open(&format!("{AUTH}/login?return_to={AUTH}/")).await;
    assert_eq!(stage.heading().await, "ana", "the planted one did not come back");
    stage.browser.close().await;
}

#[tokio::test]
async fn a_victim_signs_in_in_spite_of_every_planted_session() {
    let Some(stage) = Stage::start().await else { return };
    let everywhere = "Domain=.stsgym.com; Secure; HttpOnly";
    let mallory = stage.app.token("mallory").await;
    let crowd: Vec<_> = (1..=5)
        .map(|part| {
            format!("photos_session={}; {everywhere}; Path=/login{}", "C".repeat(43), "/".repeat(part % 2))
        })
        .chain([format!("photos_session={}; {everywhere}; Path=/", "D".repeat(43))])
        .collect();
    let on_the_form = vec![format!("photos_session={mallory}; {everywhere}; Path=/login")];
    let everywhere_hers = vec![format!("photos_session={mallory}; {everywhere}; Path=/")];
    for planted in [on_the_form, everywhere_hers, crowd] {
        let lines: Vec<_> = planted.iter().map(String::as_bytes).collect();
        stage.plant(&lines).await;
        stage.sign_in_as_ana().await;
        assert_eq!(stage.who().await, "ana", "{planted:?}");
        stage.sign_out().await;
    }
    // Put over her own cookie it takes her place there, but this browser's own state is not the attacker's: what
    // counts asks for a password first, and signing in is open.
    let mallory = stage.app.token("mallory").await;
    stage.sign_in_as_ana().await;
    let over_hers = format!("photos_session={mallory}; {everywhere}; Path=/");
    stage.plant(&[over_hers.as_bytes()]).await;
    stage.sign_in_as_ana().await;
    assert_eq!(stage.app.reason(&mallory).await, "unknown_session", "the planted session is dead");
    stage.browser.close().await;
}

const FORM: &str = "
    const [action, type, fields, done] = arguments;
    const form = document.createElement('form');
    Object.assign(form, { method: 'post', action, enctype: type });
    for (const [name, value] of Object.entries(fields)) {
        const input = document.createElement('input');
        Object.assign(input, { name, value });
        form.append(input);
    }
    document.body.append(form);
    done(true);
    setTimeout(() => form.submit());";
const FETCH: &str = "
    const [url, options, done] = arguments;
    fetch(url, options).then((answer) => done(answer.type), () => done('failed'));";
const BEACON: &str = "
    const [url, type, body, done] = arguments;
    try { done(navigator.sendBeacon(url, new Blob([body], { type }))); } catch { done(false); }";

/// Everything a page of a sibling can do to sign this browser into an account of its own choosing.
async fn try_to_sign_in_mallory(stage: &Stage) {
    let attacker = stage.app.browser();
    attacker.get("/login").await;
    let token = attacker.token("/login").expect("the attacker's own form token");
    let password = password_of("mallory");
    let body = json!({ "username": "mallory", "password": password }).to_string();
    let (page, api) = (format!("{AUTH}/login"), format!("{AUTH}/api/login"));
    let fields = json!({ "csrf_token": token, "username": "mallory", "password": password });
    let (start, end) = body.split_at(body.len() - 1);
    let as_json = json!({ format!("{start},\"x\":\""): format!("\"{end}") });
    for (action, kind, fields) in [
        (&page, "application/x-www-form-urlencoded", &fields),
        (&page, "multipart/form-data", &fields),
        (&api, "application/x-www-form-urlencoded", &fields),
        (&api, "text/plain", &as_json),
    ] {
        stage.open(&format!("{EVIL}/")).await;
        stage.run(FORM, vec![json!(action), json!(kind), fields.clone()]).await;
        let gone = Url::parse(action).expect("an address");
        stage.browser.client.wait().for_url(&gone).await.expect("the form is sent");
    }
    stage.open(&format!("{EVIL}/")).await;
    for (mode, kind) in [("no-cors", "text/plain"), ("cors", "application/json"), ("cors", "text/plain")] {
        let options = json!({
            "method": "POST", "mode": mode, "credentials": "include", "body": body, "headers": { "content-type": kind },
        });
        assert_eq!(stage.run(FETCH, vec![json!(api), options]).await, "failed", "{kind}");
    }
    for kind in ["text/plain", "application/json"] {
        stage.run(BEACON, vec![json!(api), json!(kind), json!(body)]).await;
    }
}

#[tokio::test]
async fn no_page_of_a_sibling_signs_a_victim_into_the_attackers_account() {
    let Some(stage) = Stage::start().await else { return };
    try_to_sign_in_mallory(&stage).await;
    assert_eq!(stage.who().await, NOBODY);
    stage.sign_in_as_ana().await;
    try_to_sign_in_mallory(&stage).await;
    assert_eq!(stage.who().await, "ana");
    let looked_at = |event: &str| event.starts_with("sign_in");
    let events = stage.app.events().await;
    let hers: Vec<_> =
        events.iter().filter(|(event, who)| looked_at(event) && who.as_deref() != Some("ana")).collect();
    assert!(hers.is_empty(), "no password of the attacker was even looked at: {hers:?}");
    stage.sign_out().await;
    stage.browser.close().await;
}

/// Addresses made of the pieces on which parsers of addresses have disagreed.
fn address() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "https:",
        "http:",
        "HTTPS:",
        "javascript:",
        "//",
        "/",
        "\\",
        "/\\",
        "\t",
        "\n",
        "\r",
        " ",
        "@",
        ":",
        ":443",
        ":8443",
        ":99999",
        "#",
        "?",
        "%2e",
        "%2F",
        "%5c",
        "%00",
        "%40",
        "。",
        "．",
        "ｓ",
        "ß",
        "\u{200b}",
        "\u{ad}",
        "evil.example",
        "stsgym.com",
        "photos.stsgym.com",
        ".",
        "..",
        "u:p@",
        "xn--",
        "[::1]",
        "127.1",
        "0x7f",
    ]);
    prop_oneof![
        prop::collection::vec(piece.clone(), 0..8).prop_map(|pieces| pieces.concat()),
        (prop::collection::vec(piece.clone(), 0..2), prop::collection::vec(piece, 0..4)).prop_map(
            |(before, after)| format!("https:{}//photos.stsgym.com{}", before.concat(), after.concat())
        ),
    ]
}

#[tokio::test]
async fn an_address_that_we_accept_leads_a_real_browser_to_this_site() {
    let Some(stage) = Stage::start().await else { return };
    let mut runner = TestRunner::new(Config::default());
    let texts: Vec<String> =
        (0..4000).map(|_| address().new_tree(&mut runner).expect("a value").current()).collect();
    stage.open(&format!("{EVIL}/")).await;
    let read = "const [texts, done] = arguments;
        done(texts.map((text) => { try { return new URL(text).href; } catch { return null; } }));";
    let seen = stage.run(read, vec![json!(texts)]).await;
    let mut accepted = 0;
    for (text, seen) in texts.iter().zip(seen.as_array().expect("a list")) {
        if let Some(url) = return_to::absolute(&stage.app.app.config.site, text) {
            let seen = Url::parse(seen.as_str().unwrap_or_default()).expect("the browser reads it too");
            let host = seen.host_str().unwrap_or_default();
            assert!(host == "stsgym.com" || host.ends_with(".stsgym.com"), "{text:?}: {seen}");
            assert_eq!((seen.scheme(), seen.host_str(), seen.port()), ("https", url.host_str(), url.port()));
            accepted += 1;
        }
    }
    assert!(accepted > 100, "{accepted} of 4000 were accepted");
    stage.browser.close().await;
}
