//! Every address of administration × everybody who may come: by role, and administrators by their state.

use common::identity::Role;
use serde_json::{Value, json};
use test_support::{Answer, Client};

use crate::harness::TestApp;

/// Every route of administration has a row here: `access.rs` knows only three sorts of visitors.
#[test]
fn every_route_of_administration_has_a_row() {
    let routes = include_str!("../../src/routes.rs").lines().filter_map(|line| line.split('"').nth(1));
    let administration = |path: &&str| path.starts_with("/admin/") || path.starts_with("/api/users");
    let routes: Vec<&str> = routes.filter(administration).collect();
    assert!(routes.len() > 10, "the table of routes was read: {routes:?}");
    let shape = |path: &str| path.replace("{vic}", "{user}").replace(INVITATION, "{invitation}");
    for path in &routes {
        let rows = ROUTES.iter().filter(|(_, row, ..)| shape(row) == *path).count();
        assert_eq!(rows, routes.iter().filter(|other| *other == path).count(), "{path}");
    }
}

const INVITATION: &str = "00000000-0000-7000-8000-000000000000";

/// In the order of a row's outcomes; the administrator comes last, because only they change something.
const VISITORS: [&str; 8] =
    ["nobody", "viewer", "user", "photographer", "unverified", "disabled", "stale", "admin"];

/// What a page answers that needs an administrator, one that needs a recent proof, and a form.
const LOOK: [&str; 8] = ["sign in", "403", "403", "403", "403", "sign in", "200", "200"];
const RECENT_LOOK: [&str; 8] = ["sign in", "403", "403", "403", "403", "sign in", "prove anew", "200"];
const CHANGE: [&str; 8] = ["401", "403", "403", "403", "403", "401", "prove anew", "303"];
/// An export takes the whole record away: it needs a recent proof, and is a form because it leaves a row.
const EXPORT: [&str; 8] = ["401", "403", "403", "403", "403", "401", "prove anew", "200"];
const API_LOOK: [&str; 8] = ["401", "403", "403", "403", "403", "401", "200", "200"];
const API_CHANGE: [&str; 8] = ["401", "403", "403", "403", "403", "401", "prove anew", "200"];

type Route = (&'static str, &'static str, &'static [(&'static str, &'static str)], [&'static str; 8]);

/// Method, path, the form or document, and what each visitor gets. `{vic}` is an account that nobody here signs in to.
const ROUTES: &[Route] = &[
    ("GET", "/admin/users", &[], LOOK),
    ("GET", "/admin/users/{vic}", &[], LOOK),
    ("GET", "/admin/invitations", &[], LOOK),
    ("GET", "/admin/audit", &[], LOOK),
    ("GET", "/admin/users/new", &[], RECENT_LOOK),
    ("FORM", "/admin/users", &[("username", "new"), ("email", "new@example.org"), ("role", "user")], CHANGE),
    ("FORM", "/admin/users/{vic}/role", &[("role", "admin")], CHANGE),
    ("FORM", "/admin/users/{vic}/sessions", &[], CHANGE),
    ("FORM", "/admin/users/{vic}/reset", &[], CHANGE),
    ("FORM", "/admin/users/{vic}/state", &[("state", "disabled")], CHANGE),
    ("FORM", "/admin/invitations", &[("email", "guest@example.org"), ("role", "user")], CHANGE),
    ("FORM", "/admin/invitations/00000000-0000-7000-8000-000000000000/withdraw", &[], CHANGE),
    ("FORM", "/admin/audit/export", &[], EXPORT),
    ("GET", "/api/users", &[], API_LOOK),
    ("GET", "/api/users/{vic}", &[], API_LOOK),
    ("JSON", "/api/users/{vic}/role", &[("role", "photographer")], API_CHANGE),
];

async fn visitors(app: &TestApp) -> Vec<Client> {
    let roles = [
        ("viewer", Role::Viewer),
        ("user", Role::User),
        ("photographer", Role::Photographer),
        ("unverified", Role::Admin),
        ("disabled", Role::Admin),
        ("stale", Role::Admin),
        ("admin", Role::Admin),
    ];
    let mut visitors = vec![app.browser()];
    for (name, role) in roles {
        app.create_user(name, role).await;
        let browser = app.sign_in(name).await;
        // The page after signing in brings the form token that the next requests send.
        browser.get("/").await;
        visitors.push(browser);
    }
    app.sql("update users set is_active = false where username = 'disabled'").await;
    app.sql("update users set email_verified = false where username = 'unverified'").await;
    app.sql(
        "update sessions set auth_time = now() - interval '11 minutes'
        where user_id = (select id from users where username = 'stale')",
    )
    .await;
    visitors
}

#[tokio::test]
async fn only_an_active_administrator_administrates_and_changes_only_after_a_recent_proof() {
    let app = TestApp::start().await;
    let vic = app.create_user("vic", Role::Viewer).await.to_string();
    let visitors = visitors(&app).await;
    let mut wrong = Vec::new();
    for index in 0..VISITORS.len() {
        if index == VISITORS.len() - 1 {
            assert_eq!(
                vic_as_stored(&app).await,
                ("viewer".to_owned(), true),
                "so far nobody changed anything"
            );
            assert_eq!(app.count("select count(*) from users where username = 'new'").await, 0);
            assert_eq!(app.count("select count(*) from mails").await, 0);
        }
        for (method, path, fields, expected) in ROUTES {
            let answer = send(&visitors[index], method, &path.replace("{vic}", &vic), fields).await;
            if outcome(&answer) != expected[index] {
                let (got, wanted) = (outcome(&answer), expected[index]);
                wrong.push(format!("{method} {path} for {}: {got}, not {wanted}", VISITORS[index]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(vic_as_stored(&app).await, ("photographer".to_owned(), false));
}

#[tokio::test]
async fn the_shared_cookie_alone_administrates_nothing() {
    let app = TestApp::start().await;
    let vic = app.create_user("vic", Role::Viewer).await.to_string();
    app.create_user("root", Role::Admin).await;
    let token = app.token("root").await;
    for (method, path, fields, _) in ROUTES {
        // What any host of the domain could do that was sent the cookie.
        let sibling = app.browser();
        sibling.plant_cookie("/", &format!("photos_session={token}"));
        sibling.get("/").await;
        let answer = send(&sibling, method, &path.replace("{vic}", &vic), fields).await;
        assert_eq!(outcome(&answer), "prove anew", "{method} {path}");
    }
    assert_eq!(vic_as_stored(&app).await, ("viewer".to_owned(), true));
}

#[tokio::test]
async fn a_form_without_its_token_changes_nothing() {
    let app = TestApp::start().await;
    let vic = app.create_user("vic", Role::Viewer).await.to_string();
    app.create_user("root", Role::Admin).await;
    let root = app.sign_in("root").await;
    for (method, path, fields, _) in ROUTES.iter().filter(|(method, ..)| *method == "FORM") {
        let fields = [*fields, &[("csrf_token", "")]].concat();
        let answer = send(&root, method, &path.replace("{vic}", &vic), &fields).await;
        assert_eq!(answer.status, 403, "{path}");
    }
    assert_eq!(vic_as_stored(&app).await, ("viewer".to_owned(), true));
}

async fn send(visitor: &Client, method: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    match method {
        "FORM" => visitor.post_form(path, fields).await,
        "JSON" => {
            let body: Value = fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect::<serde_json::Map<_, _>>()
                .into();
            visitor.post_json(path, &body).await
        }
        _ if path.starts_with("/api/") => visitor.get_json(path).await,
        _ => visitor.get(path).await,
    }
}

fn outcome(answer: &Answer) -> String {
    let location = answer.header("location");
    if location.contains("/login?") {
        return "sign in".to_owned();
    }
    let problem = answer.header("content-type") == "application/problem+json";
    let reason = if problem { answer.json::<Value>()["reason"].clone() } else { Value::Null };
    if location.contains("/reauthenticate?") || reason == "reauthentication_required" {
        return "prove anew".to_owned();
    }
    answer.status.as_u16().to_string()
}

async fn vic_as_stored(app: &TestApp) -> (String, bool) {
    sqlx::query_as("select user_type, is_active from users where username = 'vic'")
        .fetch_one(app.db())
        .await
        .expect("vic is there")
}
