//! Who gets what at which address. A route without a row fails.

use common::identity::Role;
use reqwest::Method;
use test_support::Client;

use crate::harness::TestApp;

const ROUTES: &str = include_str!("../../src/routes.rs");

/// Method, path, and the status for: a visitor, a signed-in person, an administrator. Changing requests come without
/// a token here, as from another site: nobody's may pass.
const TABLE: &[(&str, &str, [u16; 3])] = &[
    ("GET", "/assets/{file}", [404, 404, 404]),
    ("GET", "/api/health", [200, 200, 200]),
    ("GET", "/api/verify-session", [401, 200, 200]),
    ("GET", "/api/forward-auth", [302, 200, 200]),
    ("GET", "/api/events", [401, 401, 401]),
    ("GET", "/", [200, 200, 200]),
    ("GET", "/login", [200, 303, 303]),
    ("POST", "/login", [403, 403, 403]),
    ("GET", "/reauthenticate", [401, 200, 200]),
    ("POST", "/reauthenticate", [403, 403, 403]),
    ("GET", "/logout", [200, 200, 200]),
    ("POST", "/logout", [403, 403, 403]),
    ("GET", "/api/session", [200, 200, 200]),
    ("POST", "/api/login", [415, 415, 415]),
    ("POST", "/api/logout", [403, 403, 403]),
    ("POST", "/auth/provider/{provider}", [403, 403, 403]),
    ("GET", "/auth/provider/{provider}/callback", [404, 404, 404]),
    ("GET", "/login/link", [404, 404, 404]),
    ("POST", "/login/link", [403, 403, 403]),
    ("GET", "/login/join", [404, 404, 404]),
    ("POST", "/login/join", [403, 403, 403]),
    ("POST", "/reauthenticate/{provider}", [403, 403, 403]),
    ("GET", "/account/providers", [303, 200, 200]),
    ("POST", "/account/providers/unlink", [401, 403, 403]),
    ("POST", "/account/providers/{provider}", [401, 403, 403]),
    ("GET", "/mailbox", [200, 200, 200]),
    ("GET", "/mailbox/{id}", [404, 404, 404]),
    ("GET", "/mailbox/{id}/html", [404, 404, 404]),
    ("GET", "/none", [404, 404, 404]),
];

#[tokio::test]
async fn every_route_answers_every_visitor_as_the_table_says() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::Photographer).await;
    app.create_user("root", Role::Admin).await;
    let visitors = [app.browser(), app.sign_in("ana").await, app.sign_in("root").await];
    for (method, path, expected) in TABLE {
        for (visitor, expected) in visitors.iter().zip(expected) {
            let status = status(visitor, method, path).await;
            assert_eq!(status, *expected, "{method} {path}");
        }
    }
}

#[test]
fn every_route_has_a_row() {
    let routes = routes();
    assert!(routes.len() >= 11, "the table of routes was read: {routes:?}");
    for (method, path) in routes {
        let listed = TABLE.iter().any(|(row_method, row_path, _)| *row_method == method && *row_path == path);
        assert!(listed, "{method} {path} has no row in the table of access");
    }
}

async fn status(visitor: &Client, method: &str, path: &str) -> u16 {
    let verb = Method::from_bytes(method.as_bytes()).expect("a method");
    let request = visitor.request(verb, &path.replace("{file}", "none.css"));
    let request = match path {
        "/login" | "/logout" | "/reauthenticate" => {
            request.header("content-type", "application/x-www-form-urlencoded")
        }
        // Every form of a page below these.
        _ if method == "POST" && !path.starts_with("/api/") => {
            request.header("accept", "text/html").form(&[("csrf_token", "")])
        }
        _ => request.header("accept", "text/html"),
    };
    visitor.send(request).await.status.as_u16()
}

/// The pairs of method and path in `routes.rs`.
fn routes() -> Vec<(String, String)> {
    let mut routes = Vec::new();
    let mut path = "";
    for line in ROUTES.lines() {
        if let Some(named) = line.split('"').nth(1) {
            path = named;
        }
        for method in ["get", "post", "put", "patch", "delete", "head"] {
            if line.contains(&format!("{method}().to(")) {
                routes.push((method.to_uppercase(), path.to_owned()));
            }
        }
    }
    routes
}
