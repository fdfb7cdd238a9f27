//! Signing in, through the page and as a program.

use common::identity::Role;
use serde_json::Value;
use test_support::site::password_of;

use crate::harness::{TestApp, sso_token};

const RIGHT: &str = "the long password of ana";

async fn app_with_ana() -> TestApp {
    let app = TestApp::start().await;
    app.create_user("ana", Role::Photographer).await;
    app
}

#[tokio::test]
async fn a_person_signs_in_through_the_page_and_is_known_afterwards() {
    let app = app_with_ana().await;
    let ana = app.browser();
    let form = ana.get("/login").await;
    assert_eq!(form.select("h1"), ["Sign in"]);
    assert_eq!(sso_token(&form), None, "a visitor gets no cookie of the whole domain");
    let answer = ana.post_form("/login", &[("username", "ana"), ("password", RIGHT)]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.location(), "http://photos.stsgym.localhost:5009/");
    let home = ana.get("/").await;
    assert_eq!(home.select("h1"), ["ana"], "{}", home.text());
    let session: Value = ana.get_json("/api/session").await.json();
    assert_eq!(session["user"]["role"], "photographer");
    assert_eq!(app.events().await[1], ("sign_in".to_owned(), Some("ana".to_owned())));
}

#[tokio::test]
async fn a_program_signs_in_with_a_name_or_an_address_in_any_case() {
    let app = app_with_ana().await;
    for name in ["ana", "ANA", " ana ", "ana@example.org", "Ana@Example.org"] {
        let answer = app.login(name, RIGHT).await;
        assert_eq!(answer.status, 200, "{name}");
        let body: Value = answer.json();
        assert_eq!(body["user"]["username"], "ana");
        assert_eq!(body["user"]["email"], "ana@example.org");
        let names: Vec<_> = answer
            .set_cookies()
            .iter()
            .map(|cookie| cookie.split('=').next().unwrap_or("").to_owned())
            .collect();
        assert_eq!(names, ["photos_session", "device", "auth"], "all cookies come");
    }
}

#[tokio::test]
async fn wrong_unknown_and_disabled_look_the_same() {
    let app = app_with_ana().await;
    app.create_user("gone", Role::User).await;
    app.sql("update users set is_active = false where username = 'gone'").await;
    app.create_user("unset", Role::User).await;
    app.sql("update users set is_active = null where username = 'unset'").await;
    app.create_user("old", Role::User).await;
    app.sql("update users set password_hash = 'scrypt:32768:8:1$salt$00' where username = 'old'").await;
    let wrong = app.login("ana", "a wrong password of ana").await;
    assert_eq!(wrong.status, 401);
    for name in ["nobody", "gone", "unset", "old", "", "an\u{0}a", "nobody' or 1=1 --"] {
        let answer = app.login(name, &password_of(name)).await;
        assert_eq!((answer.status, &answer.body), (wrong.status, &wrong.body), "{name}");
        let names = |answer: &test_support::Answer| {
            let mut names: Vec<_> = answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(names(&answer), names(&wrong), "{name}");
        assert!(answer.set_cookies().is_empty());
        let known = ["gone", "unset", "old"].contains(&name).then(|| name.to_owned());
        assert_eq!(app.events().await.last(), Some(&("sign_in_failed".to_owned(), known)));
    }
}

#[tokio::test]
async fn the_page_says_the_same_for_wrong_and_unknown_and_keeps_the_name() {
    let app = app_with_ana().await;
    let browser = app.browser();
    browser.get("/login").await;
    let mut pages = Vec::new();
    for name in ["ana", "nobody"] {
        let answer =
            browser.post_form("/login", &[("username", name), ("password", "something else entirely")]).await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.attributes("input[name=username]", "value"), [name]);
        let passwords = answer.attributes("input[name=password]", "value");
        assert!(passwords.iter().all(String::is_empty), "a password never comes back");
        pages.push(answer.select("[role=alert], .form-error, .alert").join(" "));
    }
    assert!(pages[0].contains("The name or the password is not right."), "{}", pages[0]);
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn failures_are_recorded_without_what_was_typed() {
    let app = app_with_ana().await;
    app.login("ana", "a wrong password of ana").await;
    app.login("my secret typed into the wrong field", "x").await;
    let events = app.events().await;
    assert_eq!(events[1], ("sign_in_failed".to_owned(), Some("ana".to_owned())));
    assert_eq!(events[2], ("sign_in_failed".to_owned(), None));
}

#[tokio::test]
async fn after_signing_in_a_person_comes_back_to_where_they_were_and_nowhere_else() {
    let app = app_with_ana().await;
    let back = "http://photos.stsgym.localhost:5009/gallery/7?x=1";
    let visitor = app.browser();
    let form = visitor.get(&format!("/login?return_to={back}")).await;
    assert_eq!(form.attributes("input[name=return_to]", "value"), [back]);
    let fields = [("username", "ana"), ("password", RIGHT), ("return_to", back)];
    assert_eq!(visitor.post_form("/login", &fields).await.location(), back);
    let again = visitor.get(&format!("/login?return_to={back}")).await;
    assert_eq!((again.status.as_u16(), again.location()), (303, back.to_owned()), "signed in: straight on");
}

#[tokio::test]
async fn an_open_redirect_is_refused() {
    let app = app_with_ana().await;
    let home = "http://photos.stsgym.localhost:5009/";
    for evil in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "https://stsgym.localhost.evil.example/",
        "http://evilstsgym.localhost/",
        "http://photos.stsgym.localhost@evil.example/",
        "javascript:alert(1)",
        "http://photos.stsgym.localhost:pw@evil.example",
        "data:text/html,hello",
    ] {
        let visitor = app.browser();
        let encoded: String = url::form_urlencoded::byte_serialize(evil.as_bytes()).collect();
        let form = visitor.get(&format!("/login?return_to={encoded}")).await;
        assert_eq!(form.attributes("input[name=return_to]", "value"), [""], "{evil}");
        let fields = [("username", "ana"), ("password", RIGHT), ("return_to", evil)];
        assert_eq!(visitor.post_form("/login", &fields).await.location(), home, "{evil}");
        let signed_in = visitor.get(&format!("/login?return_to={encoded}")).await;
        assert_eq!(signed_in.location(), format!("{}/", app.url), "{evil}");
        visitor.get("/logout").await;
        let left = visitor.post_form("/logout", &[("return_to", evil)]).await;
        assert_eq!(left.location(), format!("{}/", app.url), "{evil}");
    }
}

#[tokio::test]
async fn names_that_differ_by_case_alone_in_an_old_database_stay_apart() {
    let app = app_with_ana().await;
    let twin = "insert into users (username, email, password_hash) \
                select 'ANA', 'twin@example.org', password_hash from users where username = 'ana'";
    app.sql(twin).await;
    let user = |answer: test_support::Answer| answer.json::<Value>()["user"]["email"].clone();
    assert_eq!(user(app.login("ANA", RIGHT).await), "twin@example.org");
    assert_eq!(user(app.login("ana", RIGHT).await), "ana@example.org");
    assert_eq!(app.login("Ana", RIGHT).await.status, 401, "it could be either");
}
