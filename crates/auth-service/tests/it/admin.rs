//! Administrators looking after accounts, in the pages of the auth host.

use common::identity::{Role, UserId};
use serde_json::Value;
use sqlx::Row;
use test_support::{Answer, Client, site::password_of};

use crate::{harness::TestApp, newcomers::CHOSEN};

async fn app_with_root() -> (TestApp, Client) {
    let app = TestApp::start().await;
    app.create_user("root", Role::Admin).await;
    let root = app.sign_in("root").await;
    root.get("/admin/users").await;
    (app, root)
}

/// The newest row of the record: its event, whom it is about, its details.
async fn last_record(app: &TestApp) -> (String, Option<i32>, Value) {
    let row = sqlx::query("select event, user_id, details from audit_logs order by id desc limit 1");
    let row = row.fetch_one(app.db()).await.expect("a row");
    (row.get(0), row.get(1), row.get(2))
}

fn names(page: &Answer) -> Vec<String> {
    page.select("tbody .rows-main a")
}

#[tokio::test]
async fn a_new_person_gets_a_link_and_nobody_a_password() {
    let (app, root) = app_with_root().await;
    let fields = [("username", "Ana"), ("email", "ana@example.org"), ("role", "photographer")];
    let answer = root.post_form("/admin/users", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let page = root.follow(&answer.location()).await;
    assert!(page.text().contains("Ana has an account"), "{}", page.text());
    let mail = app.mail_to("ana@example.org").await;
    let link = mail.link();
    assert!(mail.html.contains(">Choose your password<"), "{}", mail.html);
    assert!(link.starts_with(&format!("{}/auth/reset-password?token=", app.url)), "{link}");
    let token = link.split_once("token=").expect("a token").1;
    assert!(
        !page.text().contains(token) && !answer.text().contains(token),
        "the link is for its person alone"
    );
    let (event, about, details) = last_record(&app).await;
    assert_eq!((event.as_str(), details["role"].as_str()), ("account_created", Some("photographer")));
    assert_eq!(details["by"]["username"], "root");
    assert!(about.is_some() && !details.to_string().contains(token));
    let stored: (String, bool) =
        sqlx::query_as("select password_hash, email_verified from users where username = 'Ana'")
            .fetch_one(app.db())
            .await
            .expect("the account");
    assert_eq!(stored, ("!".to_owned(), false), "no password fits, and the address is not proven yet");
    for guess in ["!", "", "Ana"] {
        assert_eq!(app.login("Ana", guess).await.status, 401);
    }
    assert_eq!(app.choose_password(&link, CHOSEN).await.status, 303);
    let user = app.login("Ana", CHOSEN).await.json::<Value>()["user"].clone();
    assert_eq!((&user["role"], &user["email_verified"]), (&"photographer".into(), &true.into()));
}

#[tokio::test]
async fn what_is_wrong_with_a_new_account_stands_beside_its_field() {
    let (app, root) = app_with_root().await;
    let typed = [("username", "a b"), ("email", "nowhere"), ("role", "user")];
    let page = root.post_form("/admin/users", &typed).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.select(".field-error").len(), 2, "{}", page.text());
    assert_eq!(page.attributes("#field-username", "value"), ["a b"], "what was typed is kept");
    let taken = [("username", "ROOT"), ("email", "Root@Example.org"), ("role", "user")];
    let page = root.post_form("/admin/users", &taken).await;
    assert_eq!((page.status.as_u16(), page.select("#error-email").len()), (422, 1), "{}", page.text());
    let taken = [("username", "ROOT"), ("email", "other@example.org"), ("role", "user")];
    let page = root.post_form("/admin/users", &taken).await;
    assert_eq!((page.status.as_u16(), page.select("#error-username").len()), (422, 1), "{}", page.text());
    let page =
        root.post_form("/admin/users", &[("username", "bo"), ("email", "b@o.org"), ("role", "king")]).await;
    assert_eq!(page.status, 422);
    assert_eq!(app.count("select count(*) from users").await, 1);
    assert_eq!(app.count("select count(*) from mails").await, 0);
}

#[tokio::test]
async fn another_role_ends_every_session_and_is_recorded_with_who_did_it() {
    let (app, root) = app_with_root().await;
    let ana = app.create_user("ana", Role::Viewer).await;
    let tokens = [app.token("ana").await, app.token("ana").await];
    let answer = root.post_form(&format!("/admin/users/{ana}/role"), &[("role", "photographer")]).await;
    assert_eq!(answer.status, 303);
    for token in &tokens {
        assert_eq!(app.reason(token).await, "unknown_session");
    }
    let (event, about, details) = last_record(&app).await;
    assert_eq!((event.as_str(), about), ("role_changed", Some(ana.0)));
    assert_eq!(
        (&details["from"], &details["to"], &details["sessions"]),
        (&"viewer".into(), &"photographer".into(), &2.into())
    );
    assert_eq!((&details["by"]["username"], &details["by"]["id"]), (&"root".into(), &1.into()));
    let again = app.token("ana").await;
    root.post_form(&format!("/admin/users/{ana}/role"), &[("role", "photographer")]).await;
    assert_eq!(app.verify(&again).await.status, 200, "the role that one has changes nothing");
    assert_eq!(last_record(&app).await.0, "sign_in");
}

#[tokio::test]
async fn a_disabled_account_is_signed_out_and_stays_out_until_it_is_enabled() {
    let (app, root) = app_with_root().await;
    let ana = app.create_user("ana", Role::User).await;
    let token = app.token("ana").await;
    let state = format!("/admin/users/{ana}/state");
    assert_eq!(root.post_form(&state, &[("state", "disabled")]).await.status, 303);
    assert_eq!(app.reason(&token).await, "unknown_session");
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 401);
    let (event, _, details) = last_record_of(&app, "account_disabled").await;
    assert_eq!((event.as_str(), &details["by"]["username"]), ("account_disabled", &"root".into()));
    let refused = root.post_form(&format!("/admin/users/{ana}/reset"), &[]).await;
    let page = root.follow(&refused.location()).await;
    assert!(page.text().contains("Please enable it first"), "{}", page.text());
    assert_eq!(app.count("select count(*) from mails").await, 0);
    assert_eq!(root.post_form(&state, &[("state", "active")]).await.status, 303);
    assert_eq!(last_record(&app).await.0, "account_enabled");
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 200);
    assert_eq!(root.post_form(&state, &[("state", "sleeping")]).await.status, 422);
}

#[tokio::test]
async fn ending_the_sessions_of_one_person_leaves_those_of_others() {
    let (app, root) = app_with_root().await;
    let ana = app.create_user("ana", Role::User).await;
    app.create_user("bo", Role::User).await;
    let (anas, bos) = (app.token("ana").await, app.token("bo").await);
    let page = root.get(&format!("/admin/users/{ana}")).await;
    assert_eq!(page.select("[aria-labelledby=sessions-title] tbody tr").len(), 1);
    root.post_form(&format!("/admin/users/{ana}/sessions"), &[]).await;
    assert_eq!(app.reason(&anas).await, "unknown_session");
    assert_eq!(app.verify(&bos).await.status, 200);
    let (event, about, details) = last_record(&app).await;
    assert_eq!(
        (event.as_str(), about, &details["sessions"]),
        ("signed_out_by_admin", Some(ana.0), &1.into())
    );
}

#[tokio::test]
async fn a_reset_sends_a_link_to_the_person_and_shows_it_to_nobody_else() {
    let (app, root) = app_with_root().await;
    let ana = app.create_user("ana", Role::User).await;
    let answer = root.post_form(&format!("/admin/users/{ana}/reset"), &[]).await;
    let page = root.follow(&answer.location()).await;
    let link = app.mail_to("ana@example.org").await.link();
    let token = link.split_once("token=").expect("a token").1;
    assert!(!page.text().contains(token));
    assert_eq!(last_record(&app).await.0, "reset_started");
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 200, "the old password counts until then");
}

#[tokio::test]
async fn acting_on_the_own_account_takes_a_word_that_one_knows() {
    let (app, root) = app_with_root().await;
    app.create_user("second", Role::Admin).await;
    let page = root.get("/admin/users/1").await;
    assert!(page.select(".alert-warning").concat().contains("your own account"), "{}", page.text());
    assert_eq!(root.get("/admin/users/2").await.select(".alert-warning").len(), 0);
    for (path, fields) in
        [("role", ("role", "viewer")), ("state", ("state", "disabled")), ("sessions", ("x", "y"))]
    {
        let refused = root.post_form(&format!("/admin/users/1/{path}"), &[fields]).await;
        assert_eq!(refused.status, 422, "{path}");
        assert!(refused.text().contains("tick the box"), "{path}: {}", refused.text());
    }
    let done = root.post_form("/admin/users/1/role", &[("role", "viewer"), ("confirm", "yes")]).await;
    assert_eq!(done.status, 303);
    assert!(root.get("/admin/users").await.location().contains("/login?"), "signed out by it");
    let (_, about, details) = last_record(&app).await;
    assert_eq!((about, &details["by"]["id"]), (Some(1), &1.into()));
}

#[tokio::test]
async fn search_finds_parts_of_names_and_addresses_in_any_case_and_takes_signs_as_they_are() {
    let (app, root) = app_with_root().await;
    for name in ["Anastasia", "bo_b", "boxb"] {
        app.create_user(name, Role::User).await;
    }
    app.try_create_user("carl", "carl@anagram.example", Role::Photographer).await.expect("new");
    for (query, expected) in [
        ("q=ANA", vec!["carl", "Anastasia"]),
        ("q=o_b", vec!["bo_b"]),
        ("q=%25", vec![]),
        ("q=%5C", vec![]),
        ("q=%00", vec![]),
        ("q=example.org", vec!["boxb", "bo_b", "Anastasia", "root"]),
        ("role=photographer", vec!["carl"]),
        ("q=ana&role=user", vec!["Anastasia"]),
        ("state=disabled", vec![]),
        ("state=active&role=admin", vec!["root"]),
    ] {
        let page = root.get(&format!("/admin/users?{query}")).await;
        assert_eq!(
            (page.status.as_u16(), names(&page)),
            (200, expected.iter().map(|n| (*n).to_owned()).collect()),
            "{query}"
        );
    }
    for wrong in ["role=king", "state=asleep", "after=x"] {
        let status = root.get(&format!("/admin/users?{wrong}")).await.status;
        assert!(status == 422 || status == 400, "{wrong}: {status}");
    }
}

#[tokio::test]
async fn pages_follow_one_another_without_a_gap_or_a_repetition_while_accounts_change() {
    let (app, root) = app_with_root().await;
    app.sql(
        "insert into users (username, email, password_hash, user_type)
        select 'p' || n, n || '@people.example', '!', 'user' from generate_series(1, 120) n",
    )
    .await;
    let (mut seen, mut path) = (Vec::new(), "/admin/users?q=@people.".to_owned());
    for round in 0.. {
        let page = root.get(&path).await;
        seen.extend(names(&page));
        // New people, a new name, other roles, somebody gone: all between two pages.
        match round {
            0 => {
                app.sql("insert into users (username, email, password_hash) select 'pn' || n, 'n' || n || '@people.example', '!' from generate_series(1, 9) n").await;
                app.sql(
                    "update users set username = 'p0-renamed', user_type = 'viewer' where username = 'p30'",
                )
                .await;
                app.sql("delete from users where username in ('p100', 'p71')").await;
            }
            1 => app.sql("update users set username = 'p999' where username = 'p5'").await,
            _ => {}
        }
        let next = page.attributes("a[rel=next]", "href");
        let Some(next) = next.into_iter().next() else { break };
        assert_eq!(names(&page).len(), 50);
        path = next;
    }
    let mut expected: Vec<String> = (1..=120).rev().map(|n| format!("p{n}")).collect();
    expected.iter_mut().find(|name| *name == "p30").expect("there").replace_range(.., "p0-renamed");
    expected.iter_mut().find(|name| *name == "p5").expect("there").replace_range(.., "p999");
    // Both were on pages that were shown before, or are not shown after.
    expected.retain(|name| name != "p100" && name != "p71");
    seen.retain(|name| name != "p100" && name != "p71");
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn nothing_that_opens_an_account_is_in_any_answer() {
    let (app, root) = app_with_root().await;
    let ana = app.create_user("ana", Role::User).await;
    let token = app.token("ana").await;
    root.post_form(&format!("/admin/users/{ana}/reset"), &[]).await;
    let link = app.mail_to("ana@example.org").await.link();
    let mut secrets = vec![token.clone(), common::secrets::sha256_hex(&token)];
    let reset = link.split_once("token=").expect("a token").1;
    secrets.extend([
        reset.to_owned(),
        common::secrets::sha256_hex(reset),
        root.cookie("/", "photos_session").expect("a cookie"),
    ]);
    let hashes: Vec<String> =
        sqlx::query_scalar("select password_hash from users").fetch_all(app.db()).await.expect("rows");
    secrets.extend(hashes);
    let one = format!("/admin/users/{ana}");
    let api = format!("/api/users/{ana}");
    for path in ["/admin/users", &one, "/admin/audit", "/api/users", &api] {
        let text = root.get(path).await.text();
        assert!(text.contains("ana"), "{path}");
        assert!(secrets.iter().all(|secret| !text.contains(secret.as_str())), "{path}");
    }
    let csv = root.post_form("/admin/audit/export", &[]).await.text();
    assert!(secrets.iter().all(|secret| !csv.contains(secret.as_str())));
}

#[tokio::test]
async fn administrators_find_their_pages_in_the_header_and_others_have_none() {
    let (app, root) = app_with_root().await;
    app.create_user("ana", Role::Photographer).await;
    let page = root.get("/admin/users").await;
    assert_eq!(page.select(".site-nav a"), ["Account", "People", "Record"]);
    assert_eq!(page.select(".site-nav a[aria-current]"), ["People"]);
    assert_eq!(app.sign_in("ana").await.get("/").await.select(".site-nav a[href^='/admin']").len(), 0);
    let id = UserId(77);
    assert_eq!(root.get(&format!("/admin/users/{id}")).await.status, 404);
}

async fn last_record_of(app: &TestApp, event: &str) -> (String, Option<i32>, Value) {
    let row = sqlx::query(
        "select event, user_id, details from audit_logs where event = $1 order by id desc limit 1",
    );
    let row = row.bind(event).fetch_one(app.db()).await.expect("a row");
    (row.get(0), row.get(1), row.get(2))
}
