//! `GET /api/forward-auth`, asked as nginx, Caddy and Traefik ask it.

use common::identity::{ActiveSession, Role};
use proptest::prelude::*;
use serde_json::Value;
use test_support::Answer;
use url::Url;

use crate::{harness::TestApp, verify::assert_headers};

const NAVIGATION: (&str, &str) = ("sec-fetch-mode", "navigate");

async fn ask(app: &TestApp, headers: &[(&str, &str)]) -> Answer {
    let client = app.browser();
    let request = client.request(reqwest::Method::GET, "/api/forward-auth");
    client.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

/// The way back in the address of the sign-in page; the page itself is always ours.
fn way_back(app: &TestApp, answer: &Answer) -> Option<String> {
    let url = Url::parse(answer.header("location")).expect("an address");
    assert_eq!((url.origin().ascii_serialization(), url.path()), (app.url.clone(), "/login"));
    url.query_pairs().find(|(name, _)| name == "return_to").map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn who_is_signed_in_passes_with_their_identity() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::Photographer).await;
    let token = app.token("ana").await;
    for header in
        [("cookie", format!("photos_session={token}")), ("authorization", format!("Bearer {token}"))]
    {
        let answer = ask(&app, &[(header.0, &header.1), NAVIGATION]).await;
        assert_eq!(answer.status, 200);
        assert_headers(&answer);
        assert_eq!((answer.header("x-auth-username"), answer.header("x-auth-role")), ("ana", "photographer"));
        let active: ActiveSession = answer.json();
        assert_eq!(answer.header("x-auth-user-id"), active.user.id.to_string());
    }
}

#[tokio::test]
async fn a_page_is_sent_to_sign_in_and_a_script_is_not() {
    let app = TestApp::start().await;
    let forwarded = [
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", "app.stsgym.localhost:8080"),
        ("x-forwarded-uri", "/a?b=c&d=%20"),
    ];
    for page in [NAVIGATION, ("accept", "text/html,application/xhtml+xml")] {
        let answer = ask(&app, &[&forwarded[..], &[page]].concat()).await;
        assert_eq!(answer.status, 302, "{page:?}");
        assert_headers(&answer);
        assert_eq!(way_back(&app, &answer).as_deref(), Some("http://app.stsgym.localhost:8080/a?b=c&d=%20"));
    }
    for script in [
        &[("accept", "application/json")][..],
        &[("accept", "*/*")],
        &[],
        &[("accept", "text/html"), ("sec-fetch-mode", "cors")],
    ] {
        let answer = ask(&app, &[&forwarded[..], script].concat()).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (401, ""), "{script:?}");
        assert_headers(&answer);
        assert_eq!(answer.json::<Value>()["reason"], "no_session");
    }
}

#[tokio::test]
async fn nginx_gets_the_address_beside_a_plain_401() {
    let app = TestApp::start().await;
    let answer = ask(&app, &[NAVIGATION, ("x-original-url", "http://app.stsgym.localhost/a?b=c")]).await;
    assert_eq!(answer.status, 401);
    assert_headers(&answer);
    assert_eq!(way_back(&app, &answer).as_deref(), Some("http://app.stsgym.localhost/a?b=c"));
    let script = ask(&app, &[("x-original-url", "http://app.stsgym.localhost/a")]).await;
    assert_eq!((script.status.as_u16(), script.header("location")), (401, ""));
    let long = format!("http://app.stsgym.localhost/{}", "/".repeat(1500));
    let answer = ask(&app, &[NAVIGATION, ("x-original-url", &long)]).await;
    assert_eq!(way_back(&app, &answer), None, "a proxy would refuse so long a header");
}

#[tokio::test]
async fn planted_sessions_are_cleared_and_lead_nobody_in_circles() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    app.create_user("mallory", Role::User).await;
    let two =
        format!("photos_session={}; photos_session={}", app.token("ana").await, app.token("mallory").await);
    let crowd: Vec<_> =
        ["A", "B", "C", "D"].map(|letter| format!("photos_session={}", letter.repeat(43))).into();
    let ana = app.token("ana").await;
    for cookies in [two.clone(), format!("{}; photos_session={ana}", crowd.join("; "))] {
        for more in [&[][..], &[("x-original-url", "http://app.stsgym.localhost/")]] {
            let answer = ask(&app, &[&[("cookie", cookies.as_str()), NAVIGATION], more].concat()).await;
            assert_eq!((answer.status.as_u16(), answer.header("location")), (401, ""), "{cookies}");
            assert_eq!(answer.header("clear-site-data"), "\"cookies\"");
            assert_headers(&answer);
            assert!(answer.text().contains("sign in again"));
        }
    }
    let script = ask(&app, &[("cookie", two.as_str())]).await;
    assert_eq!(script.json::<Value>()["reason"], "ambiguous_session");
    assert!(app.events().await.iter().any(|(event, _)| event == "ambiguous_session"));
    let three = format!("{}; photos_session={ana}", crowd[..3].join("; "));
    assert_eq!(ask(&app, &[("cookie", three.as_str()), NAVIGATION]).await.status, 200);
}

#[tokio::test]
async fn without_the_database_nobody_passes() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let cookie = format!("photos_session={}", app.token("ana").await);
    app.database.take_away().await;
    let answer = ask(&app, &[("cookie", &cookie), NAVIGATION]).await;
    assert_eq!(answer.status, 503);
    assert_headers(&answer);
    app.database.bring_back().await;
    assert_eq!(ask(&app, &[("cookie", &cookie), NAVIGATION]).await.status, 200);
}

/// Pieces from which the addresses of liars are made.
fn lie() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "http",
        "https",
        "javascript",
        ":",
        "//",
        "/",
        "\\",
        "@",
        "?",
        "#",
        ".",
        ",",
        " ",
        "%2e",
        "%40",
        "%09",
        "evil.example",
        "stsgym.localhost",
        "app.stsgym.localhost",
        ":8080",
        "。",
        "é",
        "..",
        "user:word@",
        "x",
    ]);
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn liar_headers() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let name = prop::sample::select(vec![
        "x-original-url",
        "x-original-uri",
        "x-forwarded-proto",
        "x-forwarded-host",
        "x-forwarded-uri",
        "x-forwarded-prefix",
        "x-forwarded-port",
        "forwarded",
        "x-rewrite-url",
        "referer",
        "origin",
    ]);
    let right = prop::sample::select(vec![
        ("x-forwarded-proto", "http"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "app.stsgym.localhost"),
        ("x-forwarded-uri", "/x"),
        ("x-original-url", "https://app.stsgym.localhost/"),
    ]);
    let right = right.prop_map(|(name, value)| (name, value.to_owned()));
    prop::collection::vec(prop_oneof![(name, lie()), right], 0..6)
}

/// Whatever a client or a wrong proxy claims, the way back lies under the domain.
#[test]
fn no_forwarded_header_makes_an_open_redirect() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let app = runtime.block_on(TestApp::start());
    let mut runner = prop::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(300)
    });
    let mut kept = 0;
    let counter = std::cell::RefCell::new(&mut kept);
    let result = runner.run(&liar_headers(), |headers| {
        let given: Vec<_> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).chain([NAVIGATION]).collect();
        let answer = runtime.block_on(ask(&app, &given));
        prop_assert!([302, 401].contains(&answer.status.as_u16()), "{}", answer.status);
        if let Some(back) = way_back(&app, &answer) {
            let host = Url::parse(&back).expect("an address").host_str().unwrap_or_default().to_owned();
            prop_assert!(host == "stsgym.localhost" || host.ends_with(".stsgym.localhost"), "{back}");
            **counter.borrow_mut() += 1;
        }
        Ok(())
    });
    result.unwrap_or_else(|fault| panic!("{fault}"));
    drop(runtime.enter());
    assert!(kept > 10, "the test reaches addresses that are kept: {kept}");
}
