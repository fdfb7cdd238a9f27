//! Forgotten passwords: the mail, the new password, and what ends with the old one.

use common::identity::Role;
use serde_json::json;
use test_support::site::password_of;

use crate::{
    harness::{NO_LIMITS, TestApp},
    newcomers::{CHOSEN, token_of},
};

#[tokio::test]
async fn a_person_sets_a_new_password_through_the_pages_and_signs_in_with_it() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::Photographer).await;
    let old = app.token("ana").await;
    let browser = app.browser();
    let way = "http://photos.stsgym.localhost:5009/gallery/7";
    let login = browser.get(&format!("/login?return_to={way}")).await;
    let [forgot] = login.attributes("a[href^='/forgot-password']", "href").try_into().expect("a link");
    let page = browser.get(&forgot).await;
    let [back] = page.attributes("input[name=return_to]", "value").try_into().expect("a field");
    let answer =
        browser.post_form("/forgot-password", &[("email", "ANA@Example.org"), ("return_to", &back)]).await;
    let sent = browser.rest(answer).await;
    assert_eq!(sent.select("h1"), ["Check your mail"]);
    let link = app.mail_to("ana@example.org").await.link();
    let form = browser.get(&link).await;
    assert_eq!((form.status.as_u16(), form.header("referrer-policy")), (200, "no-referrer"));
    let [back] = form.attributes("input[name=return_to]", "value").try_into().expect("a field");
    let token = token_of(&link);
    let short = [("token", &*token), ("return_to", &*back), ("password", "too short")];
    let refused = browser.post_form("/auth/reset-password", &short).await;
    assert_eq!((refused.status.as_u16(), refused.select("#error-password").len()), (422, 1));
    let fields = [("token", &*token), ("return_to", &*back), ("password", CHOSEN)];
    let answer = browser.post_form("/auth/reset-password", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(answer.set_cookies().iter().all(|cookie| !cookie.starts_with("photos_session=")));
    let login = browser.rest(answer).await;
    assert!(login.text().contains("Your new password is set."), "{}", login.text());
    assert_eq!(login.attributes("input[name=return_to]", "value"), [way]);
    assert_eq!(app.reason(&old).await, "unknown_session", "every session ended");
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 401);
    assert_eq!(app.login("ana", CHOSEN).await.status, 200);
    let notice = app.mailbox.nth_mail_to("ana@example.org", 2).await;
    assert!(notice.subject.contains("was changed"), "{}", notice.subject);
    assert_eq!(notice.link(), format!("{}/forgot-password", app.url));
    let names: Vec<_> = app.events().await.into_iter().map(|(event, _)| event).collect();
    assert_eq!(names[2..4], ["password_reset_requested", "password_reset"]);
}

#[tokio::test]
async fn a_person_who_is_signed_in_hears_of_it_although_their_session_ends() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let ana = app.sign_in("ana").await;
    let link = app.reset_link("ana@example.org", 1).await;
    ana.get(&link).await;
    let fields = [("token", &*token_of(&link)), ("password", CHOSEN)];
    let answer = ana.post_form("/auth/reset-password", &fields).await;
    let login = ana.rest(answer).await;
    assert!(login.text().contains("Your new password is set."), "{}", login.text());
    assert_eq!(login.select("h1"), ["Sign in"]);
}

#[tokio::test]
async fn a_reset_ends_a_lock_and_proves_the_address() {
    let app = TestApp::start_with(&[&NO_LIMITS[..], &[("SIGN_IN_FAILURES", "2")]].concat()).await;
    app.create_user("ana", Role::Photographer).await;
    app.sql("update users set email_verified = false").await;
    for _ in 0..4 {
        assert_eq!(app.login("ana", "not the password of ana").await.status, 401);
    }
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 401, "locked");
    let token = token_of(&app.reset_link("ana@example.org", 1).await);
    let body = json!({ "token": token, "password": CHOSEN });
    assert_eq!(app.post_api("/api/reset-password", &body).await.status, 204);
    let answer = app.login("ana", CHOSEN).await;
    assert_eq!(answer.status, 200, "the lock is gone");
    let user = &answer.json::<serde_json::Value>()["user"];
    assert_eq!((&user["role"], &user["email_verified"]), (&json!("photographer"), &json!(true)));
}

#[tokio::test]
async fn nothing_that_somebody_prepared_in_an_account_outlives_the_reset_by_its_true_owner() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::Photographer).await;
    app.create_user("bo", Role::Photographer).await;
    app.sql("update users set email_verified = false where username = 'ana'").await;
    let old = app.token("ana").await;
    for statement in [
        "insert into identities (user_id, provider, issuer, subject, email)
        select id, 'github', 'https://github.com', username, 'mallory@example.org' from users",
        "insert into api_tokens (api_token_id, user_id, token_hash, name, scopes, expires_at)
        select gen_random_uuid(), id, username, 'mine', array['photos:read'], now() + interval '1 day' from users",
    ] {
        app.sql(statement).await;
    }
    for name in ["ana", "bo"] {
        let link = app.reset_link(&format!("{name}@example.org"), 1).await;
        assert_eq!(app.choose_password(&link, CHOSEN).await.status, 303);
    }
    assert_eq!(app.reason(&old).await, "unknown_session");
    assert_eq!(app.count("select count(*) from api_tokens").await, 0);
    assert_eq!(app.count("select count(*) from identities").await, 0);
}

#[tokio::test]
async fn a_disabled_account_gets_a_word_and_no_link() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    app.sql("update users set is_active = false").await;
    let body = json!({ "email": "ana@example.org" });
    assert_eq!(app.post_api("/api/forgot-password", &body).await.status, 200);
    assert_eq!(app.post_api("/api/register", &body).await.status, 200);
    for mail in app.mails().await {
        assert!(mail.subject.contains("disabled") && mail.links().is_empty(), "{}", mail.text);
    }
    assert_eq!(app.count("select count(*) from mail_tokens").await, 0);
}

#[tokio::test]
async fn the_mail_goes_to_the_address_of_the_account_and_not_to_what_was_typed() {
    let app = TestApp::start().await;
    app.try_create_user("ana", "Ana@Example.org", Role::User).await.expect("an account");
    for typed in ["ana@example.org", "ANA@EXAMPLE.ORG", " Ana@Example.org "] {
        app.post_api("/api/forgot-password", &json!({ "email": typed })).await;
    }
    // Other letters that some rule of Unicode makes the same.
    for typed in ["ana@example.org.", "\u{1d00}na@example.org", "ana@exampl\u{435}.org", "ａna@example.org"]
    {
        app.post_api("/api/forgot-password", &json!({ "email": typed })).await;
    }
    let mails = app.mails().await;
    assert_eq!(mails.iter().map(|mail| &*mail.to).collect::<Vec<_>>(), ["Ana@Example.org"; 3]);
}

#[tokio::test]
async fn a_password_that_consists_of_ones_own_name_is_refused() {
    let app = TestApp::start().await;
    app.create_user("anastasia.martin", Role::User).await;
    let token = token_of(&app.reset_link("anastasia.martin@example.org", 1).await);
    let body = json!({ "token": token, "password": "anastasia.martin1" });
    let answer = app.post_api("/api/reset-password", &body).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    let long = json!({ "token": token, "password": "x".repeat(1025) });
    assert_eq!(app.post_api("/api/reset-password", &long).await.status, 422);
}

#[tokio::test]
async fn the_sixth_request_in_a_minute_waits_by_page_and_json_together() {
    let app = TestApp::start_with(&[]).await;
    let browser = app.browser();
    browser.get("/forgot-password").await;
    let token = "A".repeat(43);
    for (page, api, body) in [
        ("/forgot-password", "/api/forgot-password", json!({ "email": "nobody@example.org" })),
        ("/register", "/api/register", json!({ "email": "nobody@example.org" })),
        ("/auth/reset-password", "/api/reset-password", json!({ "token": token, "password": CHOSEN })),
    ] {
        let fields = [("email", "x"), ("token", &*token), ("password", CHOSEN)];
        for _ in 0..3 {
            assert!([422, 410].contains(&browser.post_form(page, &fields).await.status.as_u16()), "{page}");
        }
        for _ in 0..2 {
            assert!([200, 410].contains(&app.post_api(api, &body).await.status.as_u16()), "{api}");
        }
        for answer in [app.post_api(api, &body).await, browser.post_form(page, &fields).await] {
            assert_eq!(answer.status, 429, "{page}");
            assert!((1..=60).contains(&answer.header("retry-after").parse().expect("seconds")), "{page}");
        }
    }
}
