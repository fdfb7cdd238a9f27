//! Which account a provider's answer means: nothing is linked without a password or a choice, and nobody is locked out.

use common::identity::Role;
use serde_json::{Value, json};
use sqlx::Row;
use test_support::{Client, site::password_of};

use crate::{
    harness::{TestApp, sso_token},
    provider::Provider,
    providers::{answer_of, app_with_linked_ana, press, reasons, sign_in},
};

const OPEN: [(&str, &str); 2] = [("REGISTRATION", "open"), ("REGISTRATION_ROLE", "user")];

async fn app_with(provider: &Provider, own: &[(&str, &str)]) -> TestApp {
    TestApp::start_with(&[provider.settings().as_slice(), own].concat()).await
}

/// Whose links there are: username and subject.
async fn links(app: &TestApp) -> Vec<(String, String)> {
    let rows = sqlx::query(
        "select username, subject from identities join users on id = user_id order by identity_id",
    );
    let rows = rows.fetch_all(app.db()).await.expect("the links");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn count(app: &TestApp, statement: &'static str) -> i64 {
    sqlx::query(statement).fetch_one(app.db()).await.expect("a count").get(0)
}

fn link_of(name: &str) -> (String, String) {
    (name.to_owned(), "subject-of-ana".to_owned())
}

#[tokio::test]
async fn the_same_address_takes_over_no_account_without_its_password() {
    let provider = Provider::start();
    let app = app_with(&provider, &OPEN).await;
    app.create_user("ana", Role::Photographer).await;
    provider.claim("email", json!("Ana@Example.org"));
    let ana = app.browser();
    let answer = sign_in(&ana).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("{}/login/link", app.url)));
    assert_eq!((sso_token(&answer), links(&app).await), (None, Vec::new()), "nothing happened yet");
    let page = ana.get("/login/link").await;
    assert_eq!(page.select("h1"), ["Link Example ID"]);
    let wrong = ana.post_form("/login/link", &[("password", "not the password of ana")]).await;
    assert_eq!((wrong.status.as_u16(), sso_token(&wrong), links(&app).await), (422, None, Vec::new()));
    let recorded = app.events().await;
    assert_eq!(recorded.last(), Some(&("sign_in_failed".to_owned(), Some("ana".to_owned()))));
    let right = ana.post_form("/login/link", &[("password", &password_of("ana"))]).await;
    assert_eq!(right.status, 303, "{}", right.text());
    let session = app.verify(&sso_token(&right).expect("signed in")).await.json::<Value>();
    assert_eq!(session["session"]["methods"], json!(["pwd", "fed"]));
    assert_eq!(links(&app).await, [link_of("ana")]);
    let names: Vec<_> = app.events().await.into_iter().map(|(event, _)| event).collect();
    assert_eq!(names[names.len() - 2..], ["identity_linked", "sign_in"]);
    assert_eq!(count(&app, "select count(*) from mails where kind = 'identity_changed'").await, 1);
    assert_eq!(ana.get("/login/link").await.status, 404, "what was proven served once");
    assert!(sso_token(&sign_in(&app.browser()).await).is_some(), "from now on it is one step");
}

#[tokio::test]
async fn another_browser_cannot_use_what_one_has_proven() {
    let provider = Provider::start();
    let app = app_with(&provider, &OPEN).await;
    app.create_user("ana", Role::User).await;
    sign_in(&app.browser()).await;
    let other = app.browser();
    other.get("/login").await;
    let answer = other.post_form("/login/link", &[("password", &password_of("ana"))]).await;
    assert_eq!((answer.status.as_u16(), links(&app).await), (404, Vec::new()));
    assert_eq!(other.post_form("/login/join", &[("username", "mallory")]).await.status, 404);
}

#[tokio::test]
async fn an_address_that_the_provider_does_not_vouch_for_links_and_makes_nothing() {
    let provider = Provider::start();
    let app = app_with(&provider, &OPEN).await;
    app.create_user("ana", Role::User).await;
    for (email, verified) in [
        (json!("ana@example.org"), json!(false)),
        (json!("ana@example.org"), json!("false")),
        (json!("ana@example.org"), Value::Null),
        (json!("new@example.org"), json!(false)),
        (json!("no address"), json!(true)),
    ] {
        provider.claim("email", email.clone());
        provider.claim("email_verified", verified.clone());
        let answer = sign_in(&app.browser()).await;
        assert_eq!(answer.status, 403, "{email} {verified}");
        assert_eq!(answer.select("h1"), ["Your address is not verified"]);
        assert_eq!(reasons(&app).await.pop().as_deref(), Some("no_verified_address"));
    }
    assert_eq!((links(&app).await, count(&app, "select count(*) from users").await), (Vec::new(), 1));
}

#[tokio::test]
async fn nobody_joins_while_registration_is_closed() {
    let provider = Provider::start();
    let app = app_with(&provider, &[("REGISTRATION", "closed")]).await;
    let answer = sign_in(&app.browser()).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.select("h1"), ["There is no account for you yet"]);
    assert_eq!(count(&app, "select count(*) from users").await, 0);
}

#[tokio::test]
async fn somebody_new_chooses_a_name_and_has_an_account_that_no_password_opens() {
    let provider = Provider::start();
    let app = app_with(&provider, &OPEN).await;
    app.create_user("taken", Role::User).await;
    let ana = app.browser();
    assert_eq!(sign_in(&ana).await.location(), format!("{}/login/join", app.url));
    assert_eq!(count(&app, "select count(*) from users").await, 1, "nothing is made without asking");
    let page = ana.get("/login/join").await;
    assert_eq!(page.attributes("input[name=username]", "value"), ["ana.at.provider"]);
    for bad in ["Taken", "", "a b"] {
        let answer = ana.post_form("/login/join", &[("username", bad)]).await;
        assert_eq!((answer.status.as_u16(), answer.select(".field-error").len()), (422, 1), "{bad}");
    }
    let answer = ana.post_form("/login/join", &[("username", "ana")]).await;
    let session = app.verify(&sso_token(&answer).expect("signed in")).await.json::<Value>();
    let user = &session["user"];
    let expected =
        json!({ "username": "ana", "email": "ana@example.org", "role": "user", "email_verified": true });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&user[name], value);
    }
    for guess in ["", "!", "ana"] {
        assert_eq!(app.login("ana", guess).await.status, 401, "{guess:?}");
    }
    let second = app.browser();
    assert!(sso_token(&sign_in(&second).await).is_some());
}

#[tokio::test]
async fn an_account_that_came_to_be_meanwhile_is_not_joined() {
    let provider = Provider::start();
    let app = app_with(&provider, &OPEN).await;
    let ana = app.browser();
    sign_in(&ana).await;
    ana.get("/login/join").await;
    app.try_create_user("other", "ANA@example.org", Role::User).await.expect("a new account");
    let answer = ana.post_form("/login/join", &[("username", "ana")]).await;
    assert_eq!((answer.status.as_u16(), sso_token(&answer), links(&app).await), (403, None, Vec::new()));
}

#[tokio::test]
async fn an_account_without_a_password_is_not_joined_by_a_second_provider() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    app.sql("update users set password_hash = '!'").await;
    let ana = app.browser();
    ana.get("/login").await;
    let answer = answer_of(&ana, "/auth/provider/github").await;
    let page = ana.get(&answer).await;
    assert_eq!(
        (page.status.as_u16(), page.select("h1")),
        (403, vec!["Sign in another way first".to_owned()])
    );
}

#[tokio::test]
async fn a_disabled_account_is_refused() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    app.sql("update users set is_active = false").await;
    let answer = sign_in(&app.browser()).await;
    assert_eq!((answer.status.as_u16(), sso_token(&answer)), (403, None));
    assert_eq!(app.events().await.last(), Some(&("sign_in_failed".to_owned(), Some("ana".to_owned()))));
    assert_eq!(reasons(&app).await, ["disabled"]);
}

#[tokio::test]
async fn github_counts_by_its_number_and_its_verified_primary_address() {
    let provider = Provider::start();
    let app = app_with(&provider, &OPEN).await;
    app.create_user("ana", Role::User).await;
    let through = async |browser: &Client| {
        browser.get("/login").await;
        let answer = answer_of(browser, "/auth/provider/github").await;
        browser.get(&answer).await
    };
    provider.world().github_emails = json!([
        { "email": "ana@example.org", "primary": true, "verified": false },
        { "email": "old@example.org", "primary": false, "verified": true },
    ]);
    assert_eq!(through(&app.browser()).await.status, 403);
    provider.world().github_emails =
        json!([{ "email": "ana@example.org", "primary": true, "verified": true }]);
    let ana = app.browser();
    assert_eq!(through(&ana).await.location(), format!("{}/login/link", app.url));
    ana.get("/login/link").await;
    ana.post_form("/login/link", &[("password", &password_of("ana"))]).await;
    assert_eq!(links(&app).await, [("ana".to_owned(), "4711".to_owned())]);
    provider.world().github_emails = json!([]);
    assert!(sso_token(&through(&app.browser()).await).is_some(), "the number alone says who it is");
}

#[tokio::test]
async fn a_signed_in_person_links_and_unlinks_having_proven_a_moment_ago_who_they_are() {
    let provider = Provider::start();
    let app = app_with(&provider, &[]).await;
    app.create_user("ana", Role::User).await;
    provider.claim("email", json!("ana.elsewhere@example.org"));
    let (ana, phone) = (app.sign_in("ana").await, app.sign_in("ana").await);
    let page = ana.get("/account/providers").await;
    assert_eq!(page.select("main .actions button"), ["Link GitHub", "Link Example ID"]);
    app.sql("update sessions set auth_time = now() - interval '11 minutes'").await;
    let asked = ana.post_form("/account/providers/oidc", &[]).await;
    assert!(asked.location().contains("/reauthenticate"), "{}", asked.location());
    app.sql("update sessions set auth_time = now()").await;
    let answer = answer_of(&ana, "/account/providers/oidc").await;
    assert_eq!(phone.get(&answer).await.status, 400, "the way belongs to one browser");
    assert_eq!(ana.get(&answer).await.location(), format!("{}/account/providers", app.url));
    assert_eq!(links(&app).await, [link_of("ana")]);
    let page = ana.get("/account/providers").await;
    assert_eq!(page.select("main form[action$=unlink] button"), ["Unlink Example ID"]);
    let issuer = [("issuer", &*provider.url)];
    app.sql("update sessions set auth_time = now() - interval '11 minutes'").await;
    assert!(ana.post_form("/account/providers/unlink", &issuer).await.location().contains("/reauthenticate"));
    assert_eq!(links(&app).await.len(), 1);
    app.sql("update sessions set auth_time = now()").await;
    assert_eq!(ana.post_form("/account/providers/unlink", &issuer).await.status, 303);
    assert_eq!(links(&app).await, []);
    let names: Vec<_> = app.events().await.into_iter().map(|(event, _)| event).collect();
    assert_eq!(names[names.len() - 2..], ["identity_linked", "identity_unlinked"]);
    assert_eq!(ana.get("/account/providers").await.status, 200);
    assert_eq!(phone.get("/account/providers").await.status, 303, "other devices were signed out");
}

#[tokio::test]
async fn one_account_at_a_provider_signs_in_one_account_here() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    app.create_user("bo", Role::User).await;
    let bo = app.sign_in("bo").await;
    bo.get("/account/providers").await;
    let answer = answer_of(&bo, "/account/providers/oidc").await;
    let page = bo.get(&answer).await;
    assert_eq!(
        (page.status.as_u16(), page.select("h1")),
        (409, vec!["Linked to another account".to_owned()])
    );
    assert_eq!(links(&app).await, [link_of("ana")]);
    let ana = app.sign_in("ana").await;
    app.sql("update identities set subject = 'another subject'").await;
    ana.get("/account/providers").await;
    app.sql("delete from identities where subject = 'subject-of-ana'").await;
    let way = press(&bo, "/account/providers/oidc", &[]).await;
    let answer = bo.get(&way).await.location();
    bo.get("/logout").await;
    bo.post_form("/logout", &[]).await;
    bo.sign_in(&app.url, "ana").await;
    assert_eq!(bo.get(&answer).await.status, 400, "what bo began is not ana's to end");
}

#[tokio::test]
async fn the_last_way_to_sign_in_stays() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    app.sql("update users set password_hash = '!'").await;
    let ana = app.browser();
    assert!(sso_token(&sign_in(&ana).await).is_some());
    let page = ana.get("/account/providers").await;
    assert!(page.select("main form[action$=unlink]").is_empty(), "no button for it");
    ana.post_form("/account/providers/unlink", &[("issuer", &provider.url)]).await;
    assert_eq!(links(&app).await, [link_of("ana")]);
    // A link to an issuer that is no longer configured signs nobody in.
    let other = "insert into identities (user_id, provider, issuer, subject, email) \
                 select id, 'oidc', 'https://gone.example', 'x', '' from users";
    app.sql(other).await;
    ana.post_form("/account/providers/unlink", &[("issuer", &provider.url)]).await;
    assert_eq!(links(&app).await.len(), 2);
}

#[tokio::test]
async fn without_a_password_the_provider_confirms_who_it_is_and_only_just_now() {
    let provider = Provider::start();
    let app = app_with_linked_ana(&provider).await;
    let with_password = app.sign_in("ana").await;
    with_password.get("/reauthenticate").await;
    let refused = with_password.post_form("/reauthenticate/oidc", &[]).await;
    assert_eq!(refused.status, 404, "whoever has a password gives it");
    app.sql("update users set password_hash = '!'").await;
    let ana = app.browser();
    let old = sso_token(&sign_in(&ana).await).expect("signed in");
    app.sql("update sessions set auth_time = now() - interval '1 hour'").await;
    let page = ana.get("/reauthenticate").await;
    assert_eq!(page.select("main button"), ["Continue with Example ID"]);
    let now = chrono::Utc::now().timestamp();
    app.create_user("bo", Role::User).await;
    let other = "insert into identities (user_id, provider, issuer, subject, email) \
                 select bo.id, provider, issuer, 'subject-of-bo', '' from identities, users bo where username = 'bo'";
    app.sql(other).await;
    // A little ahead, so that a slow machine is not refused.
    provider.claim("auth_time", json!(now + 120));
    let wrong =
        [("auth_time", json!(now - 3600)), ("auth_time", json!(null)), ("sub", json!("subject-of-bo"))];
    for (claim, value) in wrong {
        let kept = provider.world().claims.clone();
        provider.claim(claim, value);
        ana.get("/reauthenticate").await;
        let answer = answer_of(&ana, "/reauthenticate/oidc").await;
        assert!(answer.contains("/callback"));
        let asked = provider.world().seen.iter().rfind(|path| path.starts_with("/authorize")).cloned();
        let asked = asked.expect("the provider was asked");
        assert!(asked.contains("prompt=login") && asked.contains("max_age=0"), "{asked}");
        assert_eq!(ana.get(&answer).await.status, 403, "{claim}");
        provider.world().claims = kept;
    }
    assert_eq!(app.verify(&old).await.status, 200, "nothing changed");
    ana.get("/reauthenticate").await;
    let answer = answer_of(&ana, "/reauthenticate/oidc").await;
    let done = ana.get(&answer).await;
    let new = sso_token(&done).expect("a new token");
    assert_eq!(
        (done.location(), app.reason(&old).await),
        (format!("{}/account", app.url), "unknown_session".to_owned())
    );
    assert_eq!(app.verify(&new).await.status, 200);
    assert_eq!(app.events().await.last().expect("a row").0, "reauthenticated");
}

#[tokio::test]
async fn nothing_that_binds_an_answer_is_in_the_database_in_clear() {
    let provider = Provider::start();
    let app = app_with(&provider, &OPEN).await;
    let (begun, proven) = (app.browser(), app.browser());
    begun.get("/login").await;
    let address = url::Url::parse(&press(&begun, "/auth/provider/oidc", &[]).await).expect("an address");
    sign_in(&proven).await;
    let dump = crate::secrets::dump(&app).await;
    assert!(dump.contains("provider_flow") && dump.contains("provider_pending"), "{dump}");
    for (name, value) in address.query_pairs() {
        if ["state", "nonce", "code_challenge"].contains(&&*name) {
            assert!(!dump.contains(&*value), "{name}");
        }
    }
    for secret in ["subject-of-ana", "an-access-token", crate::provider::SECRET] {
        assert!(!dump.contains(secret), "{secret}");
    }
}
