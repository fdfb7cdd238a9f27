//! A dump of the database opens nothing.

use common::identity::Role;
use sqlx::Row;
use test_support::site::password_of;

use crate::harness::TestApp;

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
