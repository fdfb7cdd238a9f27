//! The list of people at photos, and the roles that administrators give there.

use std::time::{Duration, Instant};

use common::identity::Role;
use serde_json::{Value, json};
use test_support::{Answer, reqwest::Method, site::password_of};

use crate::harness::{Person, TestApp, field, jpeg};

async fn app_with_root() -> (TestApp, Person) {
    let app = TestApp::start().await;
    let root = app.person("root", Role::Admin).await;
    (app, root)
}

/// The id of an account by its name, as the list's form shows it.
fn id(page: &Answer, name: &str) -> String {
    let names = page.select(".rows-main a");
    let links = page.attributes(".rows-main a", "href");
    let index = names.iter().position(|other| other == name).expect("in the list");
    links[index].rsplit('/').next().expect("an id").to_owned()
}

fn texts(page: &Answer, label: &str) -> Vec<String> {
    page.select(&format!("td[data-label={label}]"))
}

#[tokio::test]
async fn the_list_shows_everybody_with_what_they_own_here() {
    let (app, root) = app_with_root().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    ana.gallery("Harbour").await;
    ana.photo(Some(gallery), "a.jpg", jpeg(1, 60, 40)).await;
    app.create_user("never-here", Role::Viewer).await;
    let page = root.browser.get("/admin/users").await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(page.select(".rows-main a"), ["never-here", "ana", "root"]);
    assert_eq!(
        (texts(&page, "Galleries"), texts(&page, "Photos")),
        (list(["0", "2", "0"]), list(["0", "1", "0"]))
    );
    assert!(texts(&page, "Role")[2].contains("Administrator (you)"), "no choice for oneself");
    let auth = format!("{}/admin/users/", app.auth_url);
    assert!(page.attributes(".rows-main a", "href").iter().all(|href| href.starts_with(&auth)));
    assert_eq!(root.browser.get("/admin/users?q=AN").await.select(".rows-main a"), ["ana"]);
    assert_eq!(root.browser.get("/admin/users?role=viewer").await.select(".rows-main a"), ["never-here"]);
    let none = root.browser.get("/admin/users?q=nobody").await;
    assert_eq!((none.status.as_u16(), none.select(".rows-main a").len()), (200, 0));
    assert_eq!(
        root.browser.get("/").await.select(".site-nav a"),
        ["Dashboard", "Photos", "Galleries", "Customers", "Shared", "Admin"]
    );
    assert_eq!(
        ana.browser.get("/").await.select(".site-nav a"),
        ["Dashboard", "Photos", "Galleries", "Customers", "Shared"]
    );
    assert_eq!(ana.browser.get("/admin/users").await.status, 403);
}

#[tokio::test]
async fn the_pages_of_the_list_hold_everybody_once() {
    let (app, root) = app_with_root().await;
    app.auth_sql("insert into users (username, email, password_hash) select 'p' || n, 'p' || n, '!' from generate_series(1, 70) n").await;
    let first = root.browser.get("/admin/users").await;
    let next = first.attributes("a[rel=next]", "href");
    app.auth_sql("insert into users (username, email, password_hash) values ('new', 'new', '!')").await;
    let second = root.browser.get(&next[0]).await;
    let mut names = first.select(".rows-main a");
    names.extend(second.select(".rows-main a"));
    let mut expected: Vec<String> = (1..=70).rev().map(|n| format!("p{n}")).collect();
    expected.push("root".to_owned());
    assert_eq!(names, expected);
    assert!(second.attributes("a[rel=next]", "href").is_empty());
}

#[tokio::test]
async fn a_role_given_here_counts_at_once_everywhere() {
    let (app, root) = app_with_root().await;
    let vic = app.person("vic", Role::Viewer).await;
    assert_eq!(vic.browser.get("/photos").await.status, 303, "a viewer has no library");
    let page = root.browser.get("/admin/users?q=vic").await;
    let (vics, here) = (id(&page, "vic"), field(&page, "return_to"));
    let path = format!("/admin/user/{vics}/role");
    let answer = root.browser.post_form(&path, &[("role", "photographer"), ("return_to", &here)]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("{}/admin/users?q=vic", app.url)));
    let page = root.browser.get("/admin/users").await;
    assert!(
        page.select(".alert-success").concat().contains("vic has the role Photographer"),
        "{}",
        page.text()
    );
    signed_out(&vic).await;
    app.sign_in(&vic.browser, "vic").await;
    assert_eq!(vic.browser.get("/photos").await.status, 200);
    // And back, for a person whose page is open.
    let answer = root.browser.post_json(&path, &json!({ "role": "viewer" })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let account = answer.json::<Value>();
    assert_eq!(
        (&account["username"], &account["role"], &account["state"]),
        (&json!("vic"), &json!("viewer"), &json!("active"))
    );
    signed_out(&vic).await;
    assert_eq!(vic.browser.post_json("/api/galleries", &json!({ "name": "x" })).await.status, 401);
}

/// Answers that photos keeps are dropped when it hears of the change, which takes a moment.
async fn signed_out(person: &Person) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while person.browser.get_json("/auth/me").await.status != 401 {
        assert!(Instant::now() < deadline, "the session goes on with the old role");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn who_proved_long_ago_who_they_are_is_asked_again_and_comes_back() {
    let (app, root) = app_with_root().await;
    app.create_user("vic", Role::Viewer).await;
    let page = root.browser.get("/admin/users").await;
    let path = format!("/admin/user/{}/role", id(&page, "vic"));
    app.auth_sql("update sessions set auth_time = now() - interval '11 minutes'").await;
    let problem = root.browser.post_json(&path, &json!({ "role": "user" })).await;
    assert_eq!((problem.status.as_u16(), problem.header("content-type")), (403, "application/problem+json"));
    let problem = problem.json::<Value>();
    assert_eq!(problem["reason"], "reauthentication_required");
    let address = problem["reauthentication_url"].as_str().expect("an address").to_owned();
    let away = root.browser.post_form(&path, &[("role", "user"), ("return_to", "/admin/users?q=v")]).await;
    assert_eq!(away.status, 303);
    assert!(address.starts_with(&format!("{}/reauthenticate?return_to=", app.auth_url)), "{address}");
    let form = root.browser.get(&away.location()).await;
    assert_eq!(field(&form, "return_to"), format!("{}/admin/users?q=v", app.url));
    assert!(page.header("content-security-policy").contains(&format!("form-action 'self' {}", app.auth_url)));
    let password = password_of("root");
    let fields = [("password", password.as_str()), ("return_to", &field(&form, "return_to"))];
    let back = root.browser.post_form(&format!("{}/reauthenticate", app.auth_url), &fields).await;
    let seen = root.browser.rest(back).await;
    assert_eq!(
        (seen.status.as_u16(), seen.url.path(), seen.select(".rows-main a")),
        (200, "/admin/users", list(["vic"]))
    );
    assert_eq!(
        root.browser.post_form(&path, &[("role", "user")]).await.location(),
        format!("{}/admin/users", app.url)
    );
    assert_eq!(texts(&root.browser.get("/admin/users?role=user").await, "Role").len(), 1);
}

#[tokio::test]
async fn what_the_auth_service_refuses_is_said_and_changes_nothing() {
    let (app, root) = app_with_root().await;
    let vic = app.person("vic", Role::Viewer).await;
    let page = root.browser.get("/admin/users").await;
    let (own, vics) = (id(&page, "root"), id(&page, "vic"));
    let role = |id: &str| format!("/admin/user/{id}/role");
    let last = root.browser.post_json(&role(&own), &json!({ "role": "viewer" })).await;
    assert_eq!(last.status, 409);
    assert!(
        last.json::<Value>()["detail"].as_str().expect("a sentence").contains("last active administrator")
    );
    let answer =
        root.browser.post_form(&role(&own), &[("role", "viewer"), ("return_to", "//evil.example")]).await;
    assert_eq!(answer.location(), format!("{}/admin/users", app.url), "no way out of the list");
    let page = root.browser.get("/admin/users").await;
    assert!(page.select(".alert-warning").concat().contains("last active administrator"), "{}", page.text());
    let king = root.browser.post_json(&role(&vics), &json!({ "role": "king" })).await;
    assert_eq!(king.status, 422);
    assert!(king.json::<Value>()["errors"]["role"].as_str().expect("a sentence").contains("king"));
    assert_eq!(root.browser.post_json(&role("999"), &json!({ "role": "user" })).await.status, 404);
    assert_eq!(root.browser.get("/admin/users?role=king").await.status, 422);
    let forged = root.browser.post_form(&role(&vics), &[("role", "admin"), ("csrf_token", "")]).await;
    assert_eq!(forged.status, 403);
    for body in [json!({ "role": "admin" }), json!({})] {
        assert_eq!(vic.browser.post_json(&role(&vics), &body).await.status, 403);
    }
    assert_eq!(vic.browser.get_json("/auth/me").await.json::<Value>()["role"], "viewer");
}

#[tokio::test]
async fn with_the_auth_service_away_the_list_is_a_page_that_asks_to_wait() {
    let (app, root) = app_with_root().await;
    app.stop_auth_service().await;
    let page = root.browser.get("/admin/users").await;
    assert_eq!((page.status.as_u16(), page.select("h1")), (503, list(["Back in a moment"])));
    assert!(!page.header("retry-after").is_empty());
}

#[tokio::test]
async fn a_credential_that_the_auth_service_does_not_know_opens_nothing() {
    let wrong = "a-token-that-the-auth-service-has-never-heard-of";
    let app = TestApp::start_with(&[("AUTH_SERVICE_TOKEN", wrong)]).await;
    let root = app.person("root", Role::Admin).await;
    let page = root.browser.get("/admin/users").await;
    assert_eq!(page.status, 500);
    assert!(!page.text().contains(wrong) && !page.text().contains("AUTH_SERVICE_TOKEN"));
    // A fault of the setting, which no description promises: asked past what holds answers to it.
    let token = root.browser.token(&app.url).expect("a page was seen");
    let asked = root.browser.request(Method::POST, "/admin/user/1/role").header("x-csrf-token", token);
    let answer = asked.json(&json!({ "role": "viewer" })).send().await.expect("an answer");
    assert_eq!(answer.status(), 500);
}

fn list<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).into()
}
