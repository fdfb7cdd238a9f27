//! The way to a provider and back: what binds an answer to this browser, and what proves that the provider gave it.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use common::{identity::Role, secrets::Secrets};
use serde_json::{Value, json};
use sqlx::Row;
use test_support::{Answer, Client, site};
use url::Url;

use crate::{
    harness::{TestApp, sso_token},
    provider::{Provider, Signing},
};

/// A service that knows the provider, with Ana whose account there is linked.
pub async fn app_with_linked_ana(provider: &Provider) -> TestApp {
    let app = TestApp::start_with(&provider.settings()).await;
    let ana = app.create_user("ana", Role::Photographer).await;
    sqlx::query(
        "insert into identities (user_id, provider, issuer, subject, email) values ($1, 'oidc', $2, $3, '')",
    )
    .bind(ana.0)
    .bind(&provider.url)
    .bind("subject-of-ana")
    .execute(app.db())
    .await
    .expect("a link");
    app
}

/// Presses a button that leads to a provider; where it leads.
pub async fn press(browser: &Client, path: &str, fields: &[(&str, &str)]) -> String {
    let page = browser.post_form(path, fields).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let address = page.attributes("a.btn-primary", "href").remove(0);
    let refresh = page.attributes("meta[http-equiv=refresh]", "content");
    assert_eq!(refresh, [format!("0; url={address}")], "without scripts it goes on by itself");
    address
}

/// Goes to the provider, where Ana says yes; the address with which the provider sends the browser back.
pub async fn answer_of(browser: &Client, path: &str) -> String {
    let address = press(browser, path, &[]).await;
    browser.get(&address).await.location()
}

/// The whole way of signing in with the issuer.
pub async fn sign_in(browser: &Client) -> Answer {
    browser.get("/login").await;
    let answer = answer_of(browser, "/auth/provider/oidc").await;
    browser.get(&answer).await
}

/// The reasons of the refusals in the record.
pub async fn reasons(app: &TestApp) -> Vec<String> {
    let rows =
        sqlx::query("select details ->> 'reason' from audit_logs where event = 'sign_in_failed' order by id");
    rows.fetch_all(app.db()).await.expect("the record").iter().map(|row| row.get(0)).collect()
}

fn assert_refused(answer: &Answer, status: u16, title: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.select("h1"), [title]);
    assert_eq!(sso_token(answer), None, "nobody is signed in");
    assert_eq!(answer.select("a.btn-primary").len(), 1, "there is a way back");
}

#[tokio::test]
async fn without_settings_no_provider_is_offered_and_none_can_be_used() {
    let app = TestApp::start().await;
    let visitor = app.browser();
    let page = visitor.get("/login").await;
    assert!(page.select(".entry-providers button").is_empty());
    for word in ["github", "google", "oidc", "link", ""] {
        assert_eq!(visitor.post_form(&format!("/auth/provider/{word}"), &[]).await.status, 404, "{word}");
        assert_eq!(visitor.get(&format!("/auth/provider/{word}/callback")).await.status, 404, "{word}");
    }
}

#[tokio::test]
async fn a_linked_person_signs_in_and_comes_back_to_where_they_were() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    let ana = app.browser();
    let back = "http://photos.stsgym.localhost:5009/gallery/7?x=1";
    let page = ana.get(&format!("/login?return_to={back}")).await;
    assert_eq!(page.select(".entry-providers button"), ["Continue with GitHub", "Continue with Example ID"]);
    let before = ana.cookie("/", "auth").expect("a state");
    let address = press(&ana, "/auth/provider/oidc", &[("return_to", back)]).await;
    assert!(!address.contains("gallery"), "the way back is not in the address: {address}");
    let answer = ana.get(&ana.get(&address).await.location()).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, back.to_owned()));
    let token = sso_token(&answer).expect("signed in");
    let session = app.verify(&token).await.json::<Value>();
    assert_eq!(
        (&session["user"]["username"], &session["session"]["methods"]),
        (&json!("ana"), &json!(["fed"]))
    );
    assert_ne!(ana.cookie("/", "auth"), Some(before), "the browser's state is a new one");
    assert_eq!(app.events().await.last().expect("a row"), &("sign_in".to_owned(), Some("ana".to_owned())));
}

#[tokio::test]
async fn an_id_token_that_proves_nothing_is_refused() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    let now = Utc::now().timestamp();
    let cheats = [
        ("nonce", json!("another nonce"), "nonce"),
        ("nonce", Value::Null, "nonce"),
        ("aud", json!("another client"), "audience"),
        ("aud", json!([crate::provider::CLIENT, "another client"]), "audience"),
        ("aud", Value::Null, "audience"),
        ("iss", json!("https://evil.example"), "issuer"),
        ("iss", json!(format!("{}/", provider.url)), "issuer"),
        ("exp", json!(now - 1), "expired"),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"), "access_token"),
        ("sub", json!(""), "subject"),
        ("sub", json!("x".repeat(256)), "subject"),
        ("sub", Value::Null, "token"),
    ];
    for (claim, value, reason) in cheats {
        let kept = provider.world().claims.clone();
        provider.claim(claim, value.clone());
        if claim == "nonce" && value.is_null() {
            provider.world().claims.insert(claim.to_owned(), Value::Null);
        }
        let answer = sign_in(&app.browser()).await;
        assert_refused(&answer, 502, "That did not work");
        assert_eq!(reasons(&app).await.pop().as_deref(), Some(reason), "{claim}: {value}");
        provider.world().claims = kept;
    }
    assert_eq!(sign_in(&app.browser()).await.status, 303, "the honest token is taken");
}

#[tokio::test]
async fn an_id_token_that_the_issuer_did_not_sign_is_refused() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    for signing in [
        Signing::Nothing,
        Signing::ClientSecret,
        Signing::PublicKeyAsSecret,
        Signing::Stranger,
        Signing::UnknownKey,
    ] {
        provider.world().signing = signing;
        assert_refused(&sign_in(&app.browser()).await, 502, "That did not work");
        assert_eq!(reasons(&app).await.pop().as_deref(), Some("signature"));
    }
}

#[tokio::test]
async fn new_keys_of_the_issuer_are_learnt_when_they_are_met() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    assert_eq!(sign_in(&app.browser()).await.status, 303);
    provider.world().seen.clear();
    assert_eq!(sign_in(&app.browser()).await.status, 303);
    let asked = provider.world().seen.iter().filter(|path| path.contains("jwks")).count();
    assert_eq!(asked, 0, "what is known is not asked for again");
    provider.change_keys();
    assert_eq!(sign_in(&app.browser()).await.status, 303);
}

#[tokio::test]
async fn an_answer_serves_once_and_only_the_browser_that_began() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    let (ana, bo) = (app.browser(), app.browser());
    ana.get("/login").await;
    bo.get("/login").await;
    let answer = answer_of(&ana, "/auth/provider/oidc").await;
    assert_refused(&bo.get(&answer).await, 400, "Please begin once more");
    let own = answer_of(&bo, "/auth/provider/oidc").await;
    assert_refused(&bo.get(&answer).await, 400, "Please begin once more");
    assert_refused(&app.browser().get(&own).await, 400, "Please begin once more");
    let wrong = answer.replace("state=", "state=x");
    assert_refused(&ana.get(&wrong).await, 400, "Please begin once more");
    assert_refused(&ana.get(&answer.replace("/oidc/", "/github/")).await, 400, "Please begin once more");
    assert_eq!(ana.get(&answer).await.status, 303, "another one's answer spoilt nothing");
    let again = ana.get(&answer).await;
    assert_refused(&again, 400, "Please begin once more");
    assert_eq!((again.header("referrer-policy"), again.header("cache-control")), ("no-referrer", "no-store"));
}

#[tokio::test]
async fn an_answer_that_failed_cannot_be_tried_again() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    let ana = app.browser();
    ana.get("/login").await;
    let answer = answer_of(&ana, "/auth/provider/oidc").await;
    provider.world().signing = Signing::Stranger;
    assert_refused(&ana.get(&answer).await, 502, "That did not work");
    provider.world().signing = Signing::Own;
    assert_refused(&ana.get(&answer).await, 400, "Please begin once more");
}

#[tokio::test]
async fn an_answer_comes_within_ten_minutes() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    for (minutes, expected) in [(9, 303), (11, 400)] {
        let ana = app.browser();
        ana.get("/login").await;
        let answer = answer_of(&ana, "/auth/provider/oidc").await;
        begun_earlier(&app, TimeDelta::minutes(minutes)).await;
        assert_eq!(ana.get(&answer).await.status, expected, "after {minutes} minutes");
    }
}

/// Moves every begun way into the past.
async fn begun_earlier(app: &TestApp, by: TimeDelta) {
    use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
    let secrets = Secrets::parse(site::SECRET).expect("a secret");
    let statement = "select sid, sess ->> 'provider_flow' from browser_sessions where sess ? 'provider_flow'";
    for row in sqlx::query(statement).fetch_all(app.db()).await.expect("the states") {
        let text: String = serde_json::from_str(row.get(1)).expect("a text");
        let sealed = BASE64_STANDARD_NO_PAD.decode(text).expect("sealed bytes");
        let opened = secrets.open("provider_flow", &sealed).expect("our own");
        let mut flow: Value = serde_json::from_str(&opened).expect("a flow");
        flow["begun_at"] = json!(Utc::now() - by);
        let sealed = BASE64_STANDARD_NO_PAD.encode(secrets.seal("provider_flow", &flow.to_string()));
        sqlx::query("update browser_sessions set sess = sess || $1 where sid = $2")
            .bind(json!({ "provider_flow": json!(sealed).to_string() }))
            .bind(row.get::<String, _>(0))
            .execute(app.db())
            .await
            .expect("the state");
    }
}

#[tokio::test]
async fn a_code_of_another_flow_is_worth_nothing() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    let (thief, victim) = (app.browser(), app.browser());
    thief.get("/login").await;
    victim.get("/login").await;
    let stolen = answer_of(&victim, "/auth/provider/oidc").await;
    let mut own = Url::parse(&answer_of(&thief, "/auth/provider/oidc").await).expect("an address");
    let pairs: Vec<_> = Url::parse(&stolen).expect("an address").query_pairs().into_owned().collect();
    let code = pairs.iter().find(|(name, _)| name == "code").expect("a code");
    let state = own.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
    own.query_pairs_mut().clear().append_pair("code", &code.1).append_pair("state", &state);
    assert_refused(&thief.get(own.as_str()).await, 502, "That did not work");
    assert_eq!(reasons(&app).await, ["code"]);
}

#[tokio::test]
async fn an_answer_that_names_another_issuer_or_hides_its_own_is_refused() {
    let provider = Provider::start();
    let url = provider.url.clone();
    let cases = [
        (Some(url.clone()), true, 303),
        (Some(url), false, 303),
        (Some("https://evil.example".to_owned()), false, 502),
        (None, true, 502),
    ];
    for (issuer, promised, expected) in cases {
        let app = app_with_linked_ana(&provider).await;
        provider.world().response_issuer = (issuer.clone(), promised);
        let answer = sign_in(&app.browser()).await;
        assert_eq!(answer.status, expected, "{issuer:?}, {promised}");
        let refused = (expected == 502).then(|| "response_issuer".to_owned());
        assert_eq!(reasons(&app).await.pop(), refused);
    }
}

#[tokio::test]
async fn a_provider_that_calls_itself_otherwise_is_not_asked_any_further() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    provider.world().says_issuer = Some(format!("{}/", provider.url));
    let visitor = app.browser();
    visitor.get("/login").await;
    assert_refused(&visitor.post_form("/auth/provider/oidc", &[]).await, 502, "That did not work");
}

#[tokio::test]
async fn what_goes_wrong_at_the_provider_is_a_page_with_a_way_back() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    for (error, status, title) in
        [("access_denied", 400, "Cancelled"), ("temporarily_unavailable", 502, "That did not work")]
    {
        provider.world().error = Some(error);
        let back = "http://photos.stsgym.localhost:5009/gallery/7";
        let ana = app.browser();
        ana.get("/login").await;
        let address = press(&ana, "/auth/provider/oidc", &[("return_to", back)]).await;
        let page = ana.get(&ana.get(&address).await.location()).await;
        assert_refused(&page, status, title);
        let again = ana.get(&page.attributes("a.btn-primary", "href")[0]).await;
        assert_eq!(again.attributes("form[action='/login'] input[name=return_to]", "value"), [back]);
    }
    provider.stop().await;
    let ana = app.browser();
    ana.get("/login").await;
    let fresh = app_with_linked_ana(&provider).await;
    let visitor = fresh.browser();
    visitor.get("/login").await;
    assert_refused(&visitor.post_form("/auth/provider/oidc", &[]).await, 503, "No answer just now");
}

#[tokio::test]
async fn answers_that_are_too_long_too_slow_or_point_elsewhere_are_dropped() {
    let provider = Provider::start();
    // The ID token names no address, so the facts are asked for.
    provider.claim("email", Value::Null);
    provider.world().userinfo =
        json!({ "sub": "subject-of-ana", "email": "ana@example.org", "email_verified": true });
    let timeout = [("PROVIDER_TIMEOUT_SECONDS", "2")];
    let app = TestApp::start_with(&[provider.settings().as_slice(), &timeout].concat()).await;
    app.create_user("ana", Role::User).await;
    assert_eq!(sign_in(&app.browser()).await.location(), format!("{}/login/link", app.url));
    for path in ["/token", "/userinfo"] {
        provider.world().rubbish = Some((path, 300 * 1024));
        assert_refused(&sign_in(&app.browser()).await, 503, "No answer just now");
        provider.world().rubbish = None;
        provider.world().slow = Some((path, Duration::from_secs(30)));
        assert_refused(&sign_in(&app.browser()).await, 503, "No answer just now");
        provider.world().slow = None;
        provider.world().redirecting = Some(path);
        assert!(sign_in(&app.browser()).await.status.is_server_error(), "{path}");
        provider.world().redirecting = None;
    }
    assert!(!provider.world().seen.iter().any(|path| path == "/stolen"), "no redirect is followed");
    provider.world().userinfo =
        json!({ "sub": "somebody-else", "email": "ana@example.org", "email_verified": true });
    assert_refused(&sign_in(&app.browser()).await, 502, "That did not work");
    assert_eq!(reasons(&app).await.pop().as_deref(), Some("userinfo"));
}

#[tokio::test]
async fn the_way_back_stays_on_this_site_and_the_address_for_the_answer_on_this_service() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    for evil in ["https://evil.example/", "//evil.example", "javascript:alert(1)", "http://x@evil.example"] {
        let ana = app.browser();
        ana.get("/login").await;
        let address = press(&ana, "/auth/provider/oidc", &[("return_to", evil)]).await;
        let answer = ana.get(&ana.get(&address).await.location()).await;
        assert_eq!(answer.location(), "http://photos.stsgym.localhost:5009/", "{evil}");
    }
    let ana = app.browser();
    let token = ana.get("/login").await.attributes("input[name=csrf_token]", "value").remove(0);
    let request = ana
        .request(reqwest::Method::POST, "/auth/provider/oidc")
        .header("accept", "text/html")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example;proto=https")
        .form(&[("csrf_token", &token)]);
    let page = ana.send(request).await;
    let address = Url::parse(&page.attributes("a.btn-primary", "href")[0]).expect("an address");
    let redirect = address.query_pairs().find(|(name, _)| name == "redirect_uri").expect("an address").1;
    assert_eq!(redirect, format!("{}/auth/provider/oidc/callback", app.url));
}

#[tokio::test]
async fn another_site_cannot_begin_a_sign_in() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    let ana = app.browser();
    ana.get("/login").await;
    let answer = ana.post_form("/auth/provider/oidc", &[("csrf_token", "forged")]).await;
    assert_eq!(answer.status, 403);
    assert!(provider.world().seen.is_empty(), "and nobody was called");
}
