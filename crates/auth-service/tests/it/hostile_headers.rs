//! Whatever headers somebody makes up, `verify-session` never says yes.

use common::identity::Role;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::TestApp;

/// Names that mean something somewhere in the service, and any others.
fn name() -> impl Strategy<Value = String> {
    const MEANT: &[&str] = &[
        "Cookie",
        "cookie",
        "Authorization",
        "authorization",
        "X-Auth-User-Id",
        "X-Auth-Role",
        "X-Forwarded-For",
        "Host",
        "Forwarded",
        "X-HTTP-Method-Override",
        "Sec-Fetch-Site",
        "Origin",
        "X-Original-URL",
        "Accept",
    ];
    prop_oneof![4 => prop::sample::select(MEANT).prop_map(str::to_owned), 1 => "[A-Za-z-]{1,20}"]
}

/// Values made of the words that such headers are made of, in any order, with any bytes between.
fn value() -> impl Strategy<Value = Vec<u8>> {
    const WORDS: &[&str] = &[
        "photos_session",
        "photos%5fsession",
        "__Host-auth",
        "auth",
        "=",
        "; ",
        ", ",
        "Bearer ",
        "bearer",
        "Basic ",
        "pat_",
        "null",
        "admin",
        "1",
        "' or '1'='1",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "%00",
        "\"",
    ];
    let piece = prop_oneof![
        6 => prop::sample::select(WORDS).prop_map(|word| word.as_bytes().to_vec()),
        2 => "[A-Za-z0-9_-]{43}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>().prop_filter("one line", |byte| !b"\r\n\0".contains(byte)), 0..8),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

#[tokio::test]
async fn no_header_that_was_made_up_is_a_session() {
    let app = TestApp::start_keeping().await;
    app.create_user("root", Role::Admin).await;
    let token = app.token("root").await;
    app.keep(&token).await;
    let mut runner = TestRunner::deterministic();
    let headers = prop::collection::vec((name(), value()), 0..5);
    for _ in 0..400 {
        let headers = headers.new_tree(&mut runner).expect("a sample").current();
        let mut request = b"GET /api/verify-session HTTP/1.1\r\nHost: auth\r\nConnection: close\r\n".to_vec();
        for (name, value) in &headers {
            request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        request.extend(b"\r\n");
        let mut stream = TcpStream::connect(("127.0.0.1", app.port)).await.expect("it listens");
        stream.write_all(&request).await.expect("it is sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("an answer");
        let status = String::from_utf8_lossy(&answer).split(' ').nth(1).map(str::to_owned);
        let status: u16 = status.and_then(|status| status.parse().ok()).expect("a status");
        assert!([400, 401, 431].contains(&status), "{status} for {}", String::from_utf8_lossy(&request));
    }
    assert_eq!(app.verify(&token).await.status, 200);
}
