//! A dump of the database opens nothing.

use std::time::Duration;

use common::{identity::Role, mailer::Mail};
use serde_json::json;
use sqlx::Row;
use test_support::site::password_of;

use crate::{
    harness::TestApp,
    newcomers::{CHOSEN, token_of},
};

/// Every row of every table as text.
pub async fn dump(app: &TestApp) -> String {
    let tables = "select table_name::text from information_schema.tables where table_schema = 'public'";
    let mut dump = String::new();
    for table in sqlx::query(tables).fetch_all(app.db()).await.expect("the catalogue") {
        let statement = format!("select whole::text from {} as whole", table.get::<String, _>(0));
        let rows = sqlx::query(sqlx::AssertSqlSafe(statement)).fetch_all(app.db()).await.expect("its rows");
        for row in rows {
            dump.push_str(&row.get::<String, _>(0));
            dump.push('\n');
        }
    }
    dump
}

#[tokio::test]
async fn no_token_and_no_password_is_in_it() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let visitor = app.browser();
    visitor.get("/login").await;
    let ana = app.sign_in("ana").await;
    ana.get("/logout").await;
    app.login("ana", "a wrong password of ana").await;
    app.login("a password typed as a name", "x").await;
    let shown = app.api_token(&ana, &["photos:read"]).await;
    // The second one is made and not shown yet: it waits in the browser's state.
    ana.get("/account/tokens/new").await;
    ana.post_form("/account/tokens/new", &[("name", "x"), ("days", "7"), ("scopes", "photos:read")]).await;
    ana.get("/account/email").await;
    ana.post_form("/account/email", &[("email", "new@example.org")]).await;
    let links: Vec<String> = app.mails().await.iter().flat_map(test_support::Received::links).collect();
    let tokens = links.iter().filter_map(|link| Some(link.split_once("?token=")?.1.to_owned()));
    let [first, second] = tokens.collect::<Vec<_>>().try_into().expect("two links");
    ana.get("/account/email").await;
    let signed = ana.cookie("/", "auth").expect("a state");
    let signed = percent_encoding::percent_decode_str(&signed).decode_utf8_lossy().into_owned();
    let secrets = [
        ("the password", password_of("ana")),
        ("a wrong password", "a wrong password of ana".to_owned()),
        ("what was typed as a name", "a password typed as a name".to_owned()),
        ("the SSO token", ana.cookie("/", "photos_session").expect("signed in")),
        // The cookie is 44 characters of signature, then the key.
        ("the key of the browser state", signed[44..].to_owned()),
        ("the key of a visitor's state", visitor.cookie("/", "auth").expect("a state")[50..].to_owned()),
        ("the form token", ana.token("/logout").expect("a form")),
        ("an API token", shown),
        ("a link to one address", first),
        ("a link to the other address", second),
        ("our own secret", test_support::site::SECRET.to_owned()),
    ];
    let mut dump = dump(&app).await;
    assert!(dump.contains("$argon2id$v=19$m=19456,t=2,p=1$") && dump.contains("sign_in_failed"), "{dump}");
    let waiting = ana.get("/account/tokens").await.attributes("[data-copy-source]", "value").remove(0);
    assert!(waiting.starts_with("pat_") && !dump.contains(&waiting[4..]), "a token that waits to be shown");
    dump = dump.replace("pat_", "");
    for (what, secret) in secrets {
        let secret = secret.trim_start_matches("pat_").to_owned();
        assert!(secret.len() > 20 && !dump.contains(&secret), "{what} is in the dump: {secret}");
    }
}

/// Every link that was sent, used or not, and every password that was chosen with one.
#[tokio::test]
async fn no_link_of_a_mail_is_in_it_nor_what_was_chosen_with_one() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    app.create_user("root", Role::Admin).await;
    app.create_user("unproven", Role::User).await;
    app.sql("update users set email_verified = false where username = 'unproven'").await;
    let unproven = app.sign_in("unproven").await;
    unproven.get("/").await;
    unproven.post_form("/auth/verify-email/again", &[]).await;
    let links = [
        app.mail_to("unproven@example.org").await.link(),
        app.reset_link("ana@example.org", 1).await,
        app.reset_link("ana@example.org", 2).await,
        app.registration_link("new@example.org", 1).await,
        app.registration_link("waiting@example.org", 1).await,
        app.invitation_link("root", "guest@example.org", Role::User, 1).await,
        app.invitation_link("root", "late@example.org", Role::User, 1).await,
    ];
    app.choose_password(&links[2], "nine owls and a lantern, asleep").await;
    app.choose(&links[3], "new").await;
    app.choose(&links[5], "guest").await;
    app.post_api("/api/reset-password", &json!({ "token": "what is no token at all, yet typed" })).await;
    app.mails().await;
    let dump = dump(&app).await;
    assert!(dump.contains("reset_password") && dump.contains("waiting@example.org"), "{dump}");
    let tokens = links.iter().map(|link| token_of(link));
    let passwords = [CHOSEN, "nine owls and a lantern, asleep", "what is no token at all, yet typed"];
    for secret in tokens.chain(passwords.map(str::to_owned)) {
        assert!(secret.len() > 20 && !dump.contains(&secret), "{secret} is in the dump");
    }
}

#[tokio::test]
async fn no_mail_that_waits_can_be_read_in_it() {
    let app = TestApp::start().await;
    app.sql("alter table mails alter next_attempt_at set default now() + interval '1 day'").await;
    app.create_user("ana", Role::User).await;
    for (path, address) in [("/api/forgot-password", "ana@example.org"), ("/api/register", "new@example.org")]
    {
        assert_eq!(app.post_api(path, &json!({ "email": address })).await.status, 200);
    }
    let dump = dump(&app).await;
    app.sql("update mails set next_attempt_at = now() - interval '1 minute'").await;
    let claimed = app.app.outbox.claim(10, Duration::from_mins(1)).await.expect("the outbox");
    let mails: Vec<Mail> = claimed.into_iter().filter_map(|claimed| claimed.mail).collect();
    assert_eq!(mails.len(), 2);
    for Mail { text, html, .. } in mails {
        let link = text.split_whitespace().find(|word| word.contains("token=")).expect("a link");
        assert!(html.contains(&token_of(link)), "it was opened");
        assert!(!dump.contains(&token_of(link)) && !dump.contains("here you choose"), "{link}");
    }
}
