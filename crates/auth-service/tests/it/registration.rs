//! Registration: an address first, name and password behind the link.

use common::identity::Role;
use serde_json::{Value, json};

use crate::{
    harness::TestApp,
    newcomers::{CHOSEN, token_of},
};

const OPEN_FOR_USERS: [(&str, &str); 3] = [
    ("REGISTRATION_ROLE", "user"),
    ("REGISTER_LIMIT_PER_MINUTE", "1000"),
    ("LOGIN_LIMIT_PER_MINUTE", "1000"),
];

#[tokio::test]
async fn a_person_registers_through_the_pages_and_comes_back_to_where_they_were() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let way = "http://photos.stsgym.localhost:5009/gallery/7?a=b&c=d";
    let login = browser.get(&format!("/login?return_to={way}").replace('&', "%26")).await;
    let [register] = login.attributes(".entry-ways a[href^='/register']", "href").try_into().expect("a link");
    let page = browser.get(&register).await;
    assert_eq!(page.select("h1"), ["Create an account"]);
    let [kept] = page.attributes("input[name=return_to]", "value").try_into().expect("a field");
    let fields = [("email", " ana@example.org "), ("return_to", &*kept)];
    let answer = browser.post_form("/register", &fields).await;
    let sent = browser.rest(answer).await;
    assert_eq!(sent.select("h1"), ["Check your mail"]);
    assert!(sent.text().contains("ana@example.org"));
    let mail = app.mail_to("ana@example.org").await;
    let link = mail.link();
    assert!(link.starts_with(&format!("{}/register/finish?token=", app.url)), "{link}");
    let form = browser.get(&link).await;
    assert_eq!(form.select("dd"), ["ana@example.org"]);
    assert_eq!(form.header("referrer-policy"), "no-referrer");
    let [back] = form.attributes("input[name=return_to]", "value").try_into().expect("a field");
    let token = token_of(&link);
    let fields = [("token", &*token), ("return_to", &*back), ("username", "ana"), ("password", CHOSEN)];
    let answer = browser.post_form("/register/finish", &fields).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, way.to_owned()), "{}", answer.text());
    let session: Value = browser.get_json("/api/session").await.json();
    assert_eq!(session["user"]["username"], "ana");
    assert_eq!(session["user"]["role"], "viewer", "the role unless settings say otherwise");
    assert_eq!(session["user"]["email_verified"], true);
    let names: Vec<_> = app.events().await.into_iter().map(|(event, _)| event).collect();
    assert_eq!(names, ["registration_requested", "account_created", "sign_in"]);
    assert_eq!(app.login("ana@example.org", CHOSEN).await.status, 200);
}

#[tokio::test]
async fn a_program_registers_in_two_steps_and_gets_the_role_of_the_settings() {
    let app = TestApp::start_with(&OPEN_FOR_USERS).await;
    let token = token_of(&app.registration_link("bo@example.org", 1).await);
    let body = json!({ "token": token, "username": "bo", "password": CHOSEN });
    let answer = app.post_api("/api/register", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.json::<Value>()["user"]["role"], "user");
    assert!(answer.set_cookies().is_empty(), "a program signs in by itself");
    assert_eq!(app.post_api("/api/register", &body).await.status, 410, "once");
}

#[tokio::test]
async fn there_is_no_account_before_its_address_is_proven() {
    let app = TestApp::start().await;
    // What an attacker could hope for: an account in somebody else's name, with a password of their own, that becomes
    // worth something when its owner follows the link.
    let body = json!({ "email": "victim@example.org", "username": "mallory", "password": "the attacker's own words" });
    assert_eq!(app.post_api("/api/register", &body).await.status, 400);
    assert_eq!(app.post_api("/api/register", &json!({ "email": "victim@example.org" })).await.status, 200);
    assert_eq!(app.count("select count(*) from users").await, 0);
    assert_eq!(app.login("mallory", "the attacker's own words").await.status, 401);
    let link = app.mail_to("victim@example.org").await.link();
    let (_, answer) = app.choose(&link, "vic").await;
    assert_eq!(answer.status, 303);
    assert_eq!(app.login("victim@example.org", CHOSEN).await.status, 200);
    for name in ["mallory", "vic", "victim@example.org"] {
        assert_eq!(app.login(name, "the attacker's own words").await.status, 401, "{name}");
    }
}

#[tokio::test]
async fn the_form_says_what_is_wrong_and_the_link_goes_on_working() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let browser = app.browser();
    browser.get("/register").await;
    let answer = browser.post_form("/register", &[("email", "not an address")]).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.select("#error-email").len(), 1);
    let link = app.registration_link("new@example.org", 1).await;
    let (token, browser) = (token_of(&link), app.browser());
    browser.get(&link).await;
    for (username, password, field) in [
        ("ANA", CHOSEN, "username"),
        ("a b", CHOSEN, "username"),
        ("", CHOSEN, "username"),
        ("new", "too short", "password"),
    ] {
        let fields = [("token", &*token), ("username", username), ("password", password)];
        let answer = browser.post_form("/register/finish", &fields).await;
        assert_eq!(answer.status, 422, "{username}");
        assert_eq!(answer.select(".field-error").len(), 1, "{username}: {}", answer.text());
        assert_eq!(answer.select(&format!("#error-{field}")).len(), 1, "{username}");
        assert_eq!(answer.attributes("input[name=username]", "value"), [username]);
        assert!(answer.attributes("input[name=password]", "value").iter().all(String::is_empty));
    }
    let (_, answer) = app.choose(&link, "new").await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn of_two_people_who_choose_one_name_at_once_one_gets_it_and_the_other_may_choose_again() {
    let app = TestApp::start().await;
    let one = app.registration_link("one@example.org", 1).await;
    let other = app.registration_link("other@example.org", 1).await;
    let (first, second) = tokio::join!(app.choose(&one, "same"), app.choose(&other, "Same"));
    let mut statuses = [first.1.status.as_u16(), second.1.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);
    let loser = if first.1.status == 422 { &one } else { &other };
    assert_eq!(app.choose(loser, "another").await.1.status, 303);
}

#[tokio::test]
async fn nobody_registers_where_the_settings_forbid_it_not_even_with_an_older_link() {
    for (mode, words) in [("invitation", "By invitation"), ("closed", "Registration is closed")] {
        let app = TestApp::start_with(&[("REGISTRATION", mode)]).await;
        let browser = app.browser();
        let page = browser.get("/register").await;
        assert_eq!(page.select("h1"), [words]);
        assert!(page.select("form[action='/register']").is_empty());
        assert!(browser.get("/login").await.select("a[href^='/register']").is_empty());
        assert_eq!(browser.post_form("/register", &[("email", "a@example.org")]).await.status, 403);
        let begin = json!({ "email": "a@example.org" });
        assert_eq!(app.post_api("/api/register", &begin).await.status, 403);
        let finish = json!({ "token": "A".repeat(43), "username": "ana", "password": CHOSEN });
        assert_eq!(app.post_api("/api/register", &finish).await.status, 403);
        assert_eq!(browser.get(&format!("/register/finish?token={}", "A".repeat(43))).await.status, 403);
        assert!(app.mails().await.is_empty());
    }
}

#[tokio::test]
async fn one_address_gets_no_more_than_five_mails_of_a_kind_in_an_hour_and_the_last_link_works() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    for _ in 0..8 {
        app.post_api("/api/register", &json!({ "email": "new@example.org" })).await;
        app.post_api("/api/register", &json!({ "email": "ana@example.org" })).await;
        app.post_api("/api/forgot-password", &json!({ "email": "ANA@example.org" })).await;
    }
    let mails = app.mails().await;
    let to = |address: &str| mails.iter().filter(|mail| mail.to == address).count();
    assert_eq!((to("new@example.org"), to("ana@example.org")), (5, 10));
    let last = mails.iter().rfind(|mail| mail.to == "new@example.org").expect("five");
    assert_eq!(app.choose(&last.link(), "new").await.1.status, 303);
    let reset = mails.iter().rfind(|mail| mail.subject.contains("new password")).expect("five");
    assert_eq!(app.choose_password(&reset.link(), CHOSEN).await.status, 303);
}

#[tokio::test]
async fn an_account_whose_address_nobody_proved_is_a_viewer_whatever_role_it_has() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::Photographer).await;
    app.sql("update users set email_verified = false").await;
    let token = app.token("ana").await;
    let verdict: Value = app.verify(&token).await.json();
    assert_eq!(
        (&verdict["user"]["role"], &verdict["user"]["email_verified"]),
        (&json!("viewer"), &json!(false))
    );
    app.sql("update users set email_verified = true").await;
    assert_eq!(app.verify(&token).await.json::<Value>()["user"]["role"], "photographer");
}
