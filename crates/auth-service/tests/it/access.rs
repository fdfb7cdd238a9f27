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
    ("GET", "/api/openapi.json", [200, 200, 200]),
    ("GET", "/api/docs", [200, 200, 200]),
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
    ("GET", "/register", [200, 303, 303]),
    ("POST", "/register", [403, 403, 403]),
    ("GET", "/register/finish", [410, 410, 410]),
    ("POST", "/register/finish", [403, 403, 403]),
    ("POST", "/api/register", [415, 415, 415]),
    ("GET", "/invitation", [410, 410, 410]),
    ("POST", "/invitation", [403, 403, 403]),
    ("GET", "/auth/verify-email", [410, 410, 410]),
    ("POST", "/auth/verify-email", [403, 403, 403]),
    ("POST", "/auth/verify-email/again", [401, 403, 403]),
    ("GET", "/mail-sent", [303, 303, 303]),
    ("GET", "/forgot-password", [200, 200, 200]),
    ("POST", "/forgot-password", [403, 403, 403]),
    ("POST", "/api/forgot-password", [415, 415, 415]),
    ("GET", "/auth/reset-password", [410, 410, 410]),
    ("POST", "/auth/reset-password", [403, 403, 403]),
    ("POST", "/api/reset-password", [415, 415, 415]),
    ("GET", "/api/session", [200, 200, 200]),
    ("POST", "/api/login", [415, 415, 415]),
    ("POST", "/api/logout", [403, 403, 403]),
    ("GET", "/account", [303, 200, 200]),
    ("POST", "/account", [401, 403, 403]),
    ("GET", "/account/email", [303, 200, 200]),
    ("POST", "/account/email", [401, 403, 403]),
    ("POST", "/account/email/cancel", [401, 403, 403]),
    ("GET", "/auth/change-email", [410, 410, 410]),
    ("POST", "/auth/change-email", [403, 403, 403]),
    ("GET", "/account/password", [303, 200, 200]),
    ("POST", "/account/password", [401, 403, 403]),
    ("GET", "/account/sessions", [303, 200, 200]),
    ("POST", "/account/sessions/end-others", [401, 403, 403]),
    ("POST", "/account/sessions/end-all", [401, 403, 403]),
    ("POST", "/account/sessions/{session}/end", [401, 403, 403]),
    ("GET", "/account/activity", [303, 200, 200]),
    ("GET", "/account/tokens", [303, 200, 200]),
    ("GET", "/account/tokens/new", [303, 200, 200]),
    ("POST", "/account/tokens/new", [401, 403, 403]),
    ("POST", "/account/tokens/{token}/revoke", [401, 403, 403]),
    ("GET", "/account/data", [303, 200, 200]),
    ("POST", "/account/data", [401, 403, 403]),
    ("GET", "/account/delete", [303, 200, 200]),
    ("POST", "/account/delete", [401, 403, 403]),
    ("GET", "/api/account", [401, 200, 200]),
    ("GET", "/mailbox", [200, 200, 200]),
    ("GET", "/mailbox/{id}", [404, 404, 404]),
    ("GET", "/mailbox/{id}/html", [404, 404, 404]),
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
    ("GET", "/none", [404, 404, 404]),
    // Who may administrate is in tests/it/admin_access.rs, by role and state.
    ("GET", "/admin/users", [303, 403, 200]),
    ("POST", "/admin/users", [401, 403, 403]),
    ("GET", "/admin/users/new", [303, 403, 200]),
    ("GET", "/admin/users/{user}", [303, 403, 200]),
    ("POST", "/admin/users/{user}/role", [401, 403, 403]),
    ("POST", "/admin/users/{user}/state", [401, 403, 403]),
    ("POST", "/admin/users/{user}/sessions", [401, 403, 403]),
    ("POST", "/admin/users/{user}/reset", [401, 403, 403]),
    ("GET", "/admin/invitations", [303, 403, 200]),
    ("POST", "/admin/invitations", [401, 403, 403]),
    ("POST", "/admin/invitations/{invitation}/withdraw", [401, 403, 403]),
    ("GET", "/admin/audit", [303, 403, 200]),
    ("POST", "/admin/audit/export", [401, 403, 403]),
    ("GET", "/api/users", [401, 403, 200]),
    ("GET", "/api/users/{user}", [401, 403, 200]),
    ("POST", "/api/users/{user}/role", [401, 403, 403]),
    ("GET", "/api/settings", [401, 403, 200]),
    ("PUT", "/api/settings", [401, 403, 403]),
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

/// The rows that a bearer of `token` is answered in another way than somebody who sends nothing at all, although the
/// browser's cookies come along. Signing out comes last.
async fn opened_by(ana: &Client, token: &str) -> Vec<String> {
    let mut opened = Vec::new();
    let (end, rows): (Vec<_>, Vec<_>) = TABLE.iter().partition(|(_, path, _)| *path == "/api/logout");
    for (method, path, expected) in rows.into_iter().chain(end) {
        let answer = ana.send(asked(ana, method, path).bearer_auth(token)).await;
        if answer.status != expected[0] {
            opened.push(format!("{method} {path} {}", answer.status.as_u16()));
        }
    }
    opened
}

#[tokio::test]
async fn an_api_token_opens_the_profile_and_nothing_else_whatever_cookies_come_along() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::Admin).await;
    let ana = app.sign_in("ana").await;
    let token = app.api_token(&ana, &["account:read", "photos:read", "photos:write"]).await;
    let opened = opened_by(&ana, &token).await;
    assert_eq!(opened, ["GET /api/verify-session 200", "GET /api/account 200", "POST /api/logout 204"]);
    // The sign-out by a token that is none of a session ended nothing.
    assert_eq!(ana.get("/account").await.status, 200);
}

#[tokio::test]
async fn the_token_of_a_session_as_bearer_verifies_and_signs_out_and_nothing_else() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::Admin).await;
    let token = app.token("ana").await;
    let opened = opened_by(&app.browser(), &token).await;
    assert_eq!(opened, ["GET /api/verify-session 200", "GET /api/forward-auth 200", "POST /api/logout 204"]);
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
    visitor.send(asked(visitor, method, path)).await.status.as_u16()
}

fn asked(visitor: &Client, method: &str, path: &str) -> reqwest::RequestBuilder {
    let id = "00000000-0000-4000-8000-000000000000";
    let is_form = method == "POST" && !path.starts_with("/api/");
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let path = path.replace("{file}", "none.css").replace("{session}", id).replace("{token}", id);
    let path = path.replace("{user}", "1").replace("{invitation}", id);
    let request = visitor.request(method, &path);
    match path.as_str() {
        "/login" | "/logout" | "/reauthenticate" => {
            request.header("content-type", "application/x-www-form-urlencoded")
        }
        _ if is_form => request.header("accept", "text/html").form(&[("csrf_token", "")]),
        _ => request.header("accept", "text/html"),
    }
}

/// The pairs of method and path in `routes.rs`.
pub fn routes() -> Vec<(String, String)> {
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
