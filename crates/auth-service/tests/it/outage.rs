//! Without its database the service says so; it never says yes.

use common::identity::Role;
use reqwest::Method;
use serde_json::json;
use test_support::site::password_of;

use crate::harness::TestApp;

#[tokio::test]
async fn while_the_database_is_away_nobody_is_signed_in_and_the_answer_is_503() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let token = app.token("ana").await;
    assert_eq!(app.browser().get("/api/health").await.status, 200);
    app.database.take_away().await;
    let answer = app.verify(&token).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!((answer.header("cache-control"), answer.header("x-auth-user-id")), ("no-store", ""));
    assert_eq!(answer.header("vary"), "Cookie, Authorization");
    assert!(!answer.header("retry-after").is_empty());
    assert!(answer.set_cookies().is_empty());
    assert_eq!(app.verify("no token at all").await.status, 401, "that needs no database");
    let browser = app.browser();
    assert_eq!(browser.get("/api/health").await.status, 503);
    let with_cookie =
        |method, path| browser.request(method, path).header("cookie", format!("photos_session={token}"));
    let page = browser.send(with_cookie(Method::GET, "/").header("accept", "text/html")).await;
    assert_eq!((page.status.as_u16(), page.header("retry-after")), (503, "5"));
    assert_eq!(page.select("h1"), ["Back in a moment"]);
    let bearer = browser.request(Method::POST, "/api/logout").bearer_auth(&token);
    assert_eq!(
        browser.send(bearer).await.status,
        503,
        "a sign-out that did not happen must not look like one"
    );
    let body = json!({ "username": "ana", "password": password_of("ana") });
    assert_eq!(browser.send(browser.request(Method::POST, "/api/login").json(&body)).await.status, 503);
    app.database.bring_back().await;
    assert_eq!(app.verify(&token).await.status, 200);
    assert_eq!(browser.get("/api/health").await.status, 200);
}
