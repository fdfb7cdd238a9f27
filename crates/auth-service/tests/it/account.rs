//! The account's own pages: names, password, sessions, the record, the data.

use common::identity::Role;
use reqwest::Method;
use serde_json::Value;
use test_support::{Client, site::password_of};

use crate::harness::{TestApp, sso_token};

const NEW: &str = "seven lamps over a quiet harbour";

async fn ana(app: &TestApp) -> Client {
    app.create_user("ana", Role::Photographer).await;
    app.sign_in("ana").await
}

fn own_token(client: &Client) -> String {
    client.cookie("/", "photos_session").expect("signed in")
}

async fn change_password(client: &Client) -> test_support::Answer {
    client.get("/account/password").await;
    client.post_form("/account/password", &[("password", NEW), ("again", NEW)]).await
}

#[tokio::test]
async fn names_are_kept_and_a_taken_one_is_refused() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    app.create_user("Ben", Role::User).await;
    ana.get("/account").await;
    let answer =
        ana.post_form("/account", &[("username", "ana.lens"), ("display_name", "Ána Žižková")]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let page = ana.get("/account").await;
    assert_eq!(page.select("h1"), ["Ána Žižková"]);
    assert_eq!(page.attributes("#field-username", "value"), ["ana.lens"]);
    let taken = ana.post_form("/account", &[("username", "BEN"), ("display_name", "x")]).await;
    assert_eq!(taken.status, 422);
    assert!(taken.select("#error-username")[0].contains("Somebody else"), "{}", taken.text());
    let bad = ana.post_form("/account", &[("username", "a b"), ("display_name", "a\u{202e}b")]).await;
    assert_eq!((bad.status.as_u16(), bad.select(".field-error").len()), (422, 2));
    assert_eq!(app.login("ana.lens", &password_of("ana")).await.status, 200);
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 401);
}

#[tokio::test]
async fn a_name_of_the_earlier_system_may_stay() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    app.sql("update users set username = 'Ana Old', name_key = null").await;
    ana.get("/account").await;
    let answer = ana.post_form("/account", &[("username", "Ana Old"), ("display_name", "Ana")]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_gives_this_one_a_new_token() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let (old, elsewhere) = (own_token(&ana), app.token("ana").await);
    let id = app.verify(&old).await.json::<Value>()["session"]["id"].clone();
    let auth_time = app.verify(&old).await.json::<Value>()["session"]["auth_time"].clone();
    let answer = change_password(&ana).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let new = sso_token(&answer).expect("a new token");
    assert_eq!(app.reason(&old).await, "unknown_session");
    assert_eq!(app.reason(&elsewhere).await, "unknown_session");
    let session = app.verify(&new).await.json::<Value>();
    assert_eq!(session["session"]["id"], id);
    assert_eq!(session["session"]["auth_time"], auth_time, "setting a password proves nothing anew");
    assert_eq!(ana.get("/account").await.status, 200, "this browser goes on");
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 401);
    assert_eq!(app.login("ana", NEW).await.status, 200);
    let mail = app.mail_to("ana@example.org").await;
    assert_eq!(mail.subject, "Your password for Photos was changed");
    assert!(
        !mail.raw.contains(NEW) && app.events().await.iter().any(|(event, _)| event == "password_changed")
    );
}

#[tokio::test]
async fn a_password_that_is_weak_or_mistyped_changes_nothing() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    ana.get("/account/password").await;
    for (password, again, field) in [
        ("short", "short", "#error-password"),
        ("passwordpassword", "passwordpassword", "#error-password"),
        (NEW, "seven lamps over a quiet harbor", "#error-again"),
    ] {
        let answer = ana.post_form("/account/password", &[("password", password), ("again", again)]).await;
        assert_eq!((answer.status.as_u16(), answer.select(field).len()), (422, 1), "{password}");
        assert!(!answer.text().contains(NEW), "no password comes back in a page");
    }
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 200);
}

#[tokio::test]
async fn the_shared_cookie_alone_neither_shows_nor_changes_the_account() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let thief = app.browser();
    thief.plant_cookie("/", &format!("photos_session={}; Path=/", own_token(&ana)));
    for page in
        ["", "/email", "/password", "/sessions", "/activity", "/tokens", "/tokens/new", "/data", "/delete"]
    {
        let answer = thief.get(&format!("/account{page}")).await;
        assert!(
            answer.status == 303 && answer.location().contains("/reauthenticate?"),
            "{page}: {}",
            answer.status
        );
    }
    assert_eq!(thief.get_json("/api/account").await.status, 403);
    // The thief's own form token is a good one, and of no use.
    thief.get("/logout").await;
    for (path, fields) in [
        ("/account", vec![("username", "mine")]),
        ("/account/email", vec![("email", "thief@example.org")]),
        ("/account/email/cancel", vec![]),
        ("/account/password", vec![("password", NEW), ("again", NEW)]),
        ("/account/sessions/end-others", vec![]),
        ("/account/sessions/end-all", vec![]),
        ("/account/tokens/new", vec![("name", "x"), ("days", "7"), ("scopes", "photos:read")]),
        ("/account/data", vec![]),
        ("/account/delete", vec![("username", "ana")]),
    ] {
        let answer = thief.post_form(path, &fields).await;
        assert!(
            answer.status == 303 && answer.location().contains("/reauthenticate?"),
            "{path}: {}",
            answer.status
        );
    }
    assert_eq!(ana.get("/account").await.select("h1"), ["ana"]);
}

#[tokio::test]
async fn what_concerns_credentials_wants_a_proof_of_the_last_ten_minutes() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    ana.get("/account").await;
    app.sql("update sessions set auth_time = now() - interval '11 minutes'").await;
    for page in
        ["/account/email", "/account/password", "/account/tokens/new", "/account/data", "/account/delete"]
    {
        assert!(ana.get(page).await.location().contains("/reauthenticate?"), "{page}");
    }
    for (path, fields) in [
        ("/account/email", vec![("email", "new@example.org")]),
        ("/account/password", vec![("password", NEW), ("again", NEW)]),
        ("/account/data", vec![]),
        ("/account/delete", vec![("username", "ana")]),
    ] {
        assert!(ana.post_form(path, &fields).await.location().contains("/reauthenticate?"), "{path}");
    }
    for page in ["/account", "/account/sessions", "/account/activity", "/account/tokens"] {
        assert_eq!(ana.get(page).await.status, 200, "{page}");
    }
}

#[tokio::test]
async fn sessions_are_listed_and_one_is_ended_at_once() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let phone = app.sign_in("ana").await;
    app.sql("update sessions set user_agent = 'Mozilla/5.0 (iPhone) Version/18.1 Safari/604.1', client_address = '192.0.2.7' where public_id = (select public_id from sessions order by created_at desc limit 1)").await;
    let page = ana.get("/account/sessions").await;
    assert_eq!(page.select(".link-name"), ["Unknown device This device", "Safari on iPhone"]);
    assert!(page.text().contains("192.0.2.7"));
    let ends = page.attributes("form[action$='/end']", "action");
    assert_eq!(ana.post_form(&ends[1], &[]).await.status, 303);
    assert_eq!(app.reason(&own_token(&phone)).await, "unknown_session");
    assert!(phone.get("/account").await.location().contains("/login?"), "an ended session can't act");
    assert_eq!(phone.post_form("/account", &[("username", "mine")]).await.status, 401);
    // The one of this browser is a sign-out.
    let answer = ana.post_form(&ends[0], &[]).await;
    assert!(answer.location().ends_with("/login") && sso_token(&answer).is_none());
    assert!(ana.rest(answer).await.text().contains("You are signed out."));
}

#[tokio::test]
async fn all_others_end_or_all_and_nobody_ends_anothers() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    app.create_user("ben", Role::Admin).await;
    let ben = app.sign_in("ben").await;
    let end = ana.get("/account/sessions").await.attributes("form[action$='/end']", "action").remove(0);
    ben.get("/account/sessions").await;
    assert_eq!(ben.post_form(&end, &[]).await.status, 404);
    ben.post_form("/account/sessions/end-all", &[]).await;
    let elsewhere = app.token("ana").await;
    assert_eq!(ana.post_form("/account/sessions/end-others", &[]).await.status, 303);
    assert_eq!(app.reason(&elsewhere).await, "unknown_session");
    assert_eq!(ana.get("/account").await.status, 200);
    let own = own_token(&ana);
    ana.post_form("/account/sessions/end-all", &[]).await;
    assert_eq!(app.reason(&own).await, "unknown_session");
    assert!(ana.get("/account").await.location().contains("/login?"));
}

#[tokio::test]
async fn a_form_without_its_token_changes_nothing() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    ana.get("/account").await;
    for path in
        ["/account", "/account/password", "/account/email", "/account/delete", "/account/sessions/end-all"]
    {
        assert_eq!(
            ana.post_form(path, &[("csrf_token", "x"), ("username", "ana")]).await.status,
            403,
            "{path}"
        );
        let foreign = ana.request(Method::POST, path).header("sec-fetch-site", "same-site");
        let fields = [("csrf_token", ana.token("/").expect("a page was seen"))];
        assert_eq!(ana.send(foreign.form(&fields)).await.status, 403, "{path}");
    }
    assert_eq!(ana.get("/account").await.status, 200);
}

#[tokio::test]
async fn the_record_is_told_in_words_thirty_at_a_time_and_only_ones_own() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    app.create_user("ben", Role::User).await;
    app.login("ben", "a wrong password of ben").await;
    app.sql("insert into audit_logs (event, user_id, username) select 'sign_in_failed', id, username from users, generate_series(1, 40) where username = 'ana'").await;
    let page = ana.get("/account/activity").await;
    let what = page.select(".link-name strong");
    assert_eq!((what.len(), what[0].as_str()), (30, "A wrong password was given"));
    let next = page.attributes(".more a", "href").remove(0);
    let rest = ana.get(&next).await.select(".link-name strong");
    assert_eq!(rest.len(), 12, "{rest:?}");
    assert_eq!(&rest[10..], ["Signed in", "The account was made"]);
}

#[tokio::test]
async fn the_export_holds_what_is_known_and_no_secret() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let token = app.api_token(&ana, &["photos:read"]).await;
    ana.get("/account/data").await;
    let file = ana.post_form("/account/data", &[]).await;
    assert_eq!(file.status, 200);
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"account.json\"");
    let data = file.json::<Value>();
    assert_eq!(data["account"]["email"], "ana@example.org");
    assert_eq!(data["sessions"].as_array().map(Vec::len), Some(1));
    assert_eq!(data["api_tokens"][0]["name"], "Backup");
    assert_eq!(data["events"][0]["event"], "data_exported");
    let text = file.text();
    for secret in [&token[4..], &own_token(&ana), "$argon2id", "token_hash", "password_hash"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn whoever_is_not_verified_is_told_how_to_go_on() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    assert!(ana.get("/account").await.select(".alert-warning").is_empty());
    app.sql("update users set email_verified = false").await;
    let page = ana.get("/account").await;
    assert!(page.select(".alert-warning")[0].contains("not verified"), "{}", page.text());
}
