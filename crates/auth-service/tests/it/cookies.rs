//! The cookies' attributes, and what a hostile sibling host can do to the Cookie header.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use common::identity::Role;
use reqwest::Method;
use serde_json::Value;
use test_support::site::password_of;

use crate::harness::{TestApp, sso_token};

fn attributes(cookie: &str) -> Vec<String> {
    let mut attributes: Vec<_> = cookie.split("; ").skip(1).map(str::to_owned).collect();
    attributes.sort();
    attributes
}

#[tokio::test]
async fn in_development_the_cookies_work_on_plain_http_and_are_otherwise_strict() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let cookies = app.login("ana", &password_of("ana")).await.set_cookies();
    assert!(cookies[0].starts_with("photos_session="));
    let expected = ["Domain=.stsgym.localhost", "HttpOnly", "Max-Age=604800", "Path=/", "SameSite=Lax"];
    assert_eq!(attributes(&cookies[0]), expected);
    assert!(cookies[2].starts_with("auth="));
    assert_eq!(attributes(&cookies[2]), ["HttpOnly", "Max-Age=604800", "Path=/", "SameSite=Lax"]);
}

#[tokio::test]
async fn in_production_they_are_secure_and_the_own_one_is_bound_to_the_host() {
    let app = TestApp::start_in_production().await;
    app.create_user("ana", Role::User).await;
    let answer = app.login("ana", &password_of("ana")).await;
    let cookies = answer.set_cookies();
    assert!(cookies[0].starts_with("photos_session="));
    let expected = ["Domain=.stsgym.com", "HttpOnly", "Max-Age=604800", "Path=/", "SameSite=Lax", "Secure"];
    assert_eq!(attributes(&cookies[0]), expected);
    assert!(cookies[2].starts_with("__Host-auth="), "{}", cookies[2]);
    assert_eq!(attributes(&cookies[2]), ["HttpOnly", "Max-Age=604800", "Path=/", "SameSite=Lax", "Secure"]);
    let token = sso_token(&answer).expect("a token");
    assert_eq!((token.len(), common::secrets::is_token(&token)), (43, true));
}

#[tokio::test]
async fn signing_out_takes_the_cookie_away_with_the_same_attributes() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let ana = app.sign_in("ana").await;
    ana.get("/logout").await;
    let cookies = ana.post_form("/logout", &[]).await.set_cookies();
    let sso = cookies.iter().find(|cookie| cookie.starts_with("photos_session=;")).expect("it is taken away");
    let expected = ["Domain=.stsgym.localhost", "HttpOnly", "Max-Age=0", "Path=/", "SameSite=Lax"];
    assert_eq!(attributes(sso), expected);
    assert!(cookies.iter().any(|cookie| cookie.starts_with("auth=") && cookie.contains("Max-Age=0")));
}

#[tokio::test]
async fn the_name_of_the_cookie_is_a_setting() {
    let app = TestApp::start_with(&[("SESSION_COOKIE_NAME", "club")]).await;
    app.create_user("ana", Role::User).await;
    let cookies = app.login("ana", &password_of("ana")).await.set_cookies();
    assert!(cookies[0].starts_with("club="), "{}", cookies[0]);
}

#[tokio::test]
async fn a_disguised_twin_of_the_host_cookie_does_not_shadow_it() {
    let app = TestApp::start_in_production().await;
    app.create_user("ana", Role::User).await;
    let login = app.login("ana", &password_of("ana")).await;
    let mine = login.set_cookies()[2].split(';').next().unwrap_or_default().to_owned();
    let evil = app.login("ana", &password_of("ana")).await.set_cookies()[2]
        .replacen("__Host-auth", "__%48ost-auth", 1)
        .split(';')
        .next()
        .unwrap_or_default()
        .to_owned();
    let sso = sso_token(&login).expect("a token");
    let session = async |cookies: String| {
        let client = app.browser();
        let answer = client.send(client.request(Method::GET, "/api/session").header("cookie", cookies)).await;
        let token = answer.json::<Value>()["csrf_token"].as_str().expect("a token").to_owned();
        (answer, token)
    };
    let (_, token) = session(format!("{evil}; {mine}; photos_session={sso}")).await;
    let client = app.browser();
    let request = client
        .request(Method::POST, "/api/logout")
        .header("cookie", format!("{mine}; photos_session={sso}"))
        .header("x-csrf-token", token);
    assert_eq!(client.send(request).await.status, 204, "the token belonged to our state, not to the twin's");
}

#[tokio::test]
async fn a_planted_invalid_byte_signs_nobody_out() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let token = app.token("ana").await;
    for planted in [&b"evil=\xff"[..], b"\xff\xfe=1", b"x=%ff", b"novalue", b"a=\"b"] {
        let cookie = [planted, b"; photos_session=", token.as_bytes(), b"; ", planted].concat();
        let port = app.port;
        let answer = tokio::task::spawn_blocking(move || raw_get(port, "/api/verify-session", &cookie));
        let answer = answer.await.expect("it answers");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{planted:?}: {answer}");
    }
}

#[tokio::test]
async fn a_percent_encoded_name_is_not_our_cookie() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let token = app.token("ana").await;
    for name in ["photos%5fsession", "%70hotos_session", "Photos_Session", " photos_session%20"] {
        assert_eq!(app.verify_cookies(&format!("{name}={token}")).await.status, 401, "{name}");
    }
}

/// A client library would refuse to send these bytes.
fn raw_get(port: u16, path: &str, cookie: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the service listens");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    let head = format!("GET {path} HTTP/1.1\r\nHost: auth.stsgym.localhost\r\nConnection: close\r\nCookie: ");
    stream.write_all(&[head.as_bytes(), cookie, b"\r\n\r\n"].concat()).expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    String::from_utf8_lossy(&answer).into_owned()
}
