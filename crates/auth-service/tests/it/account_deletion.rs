//! The end of an account by its own person, and of the last administrator by nobody.

use common::identity::Role;
use sqlx::Row;
use test_support::{Answer, Client};

use crate::harness::TestApp;

async fn delete(person: &Client, name: &str) -> Answer {
    person.get("/account/delete").await;
    person.post_form("/account/delete", &[("username", name)]).await
}

async fn count(app: &TestApp, statement: &'static str) -> i64 {
    sqlx::query(statement).fetch_one(app.db()).await.expect("a count").get(0)
}

#[tokio::test]
async fn everything_that_hangs_on_the_account_is_gone_and_the_record_stays() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::Photographer).await;
    let ana = app.sign_in("ana").await;
    let elsewhere = app.token("ana").await;
    let token = app.api_token(&ana, &["account:read"]).await;
    ana.get("/account/email").await;
    ana.post_form("/account/email", &[("email", "new@example.org")]).await;
    let wrong = delete(&ana, "anna").await;
    assert_eq!((wrong.status.as_u16(), wrong.select("#error-username").len()), (422, 1));
    let answer = delete(&ana, "ana").await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(ana.rest(answer).await.text().contains("Your account is deleted."));
    assert_eq!(app.reason(&elsewhere).await, "unknown_session");
    let program = app.browser();
    let asked = program.request(reqwest::Method::GET, "/api/account").bearer_auth(&token);
    assert_eq!(program.send(asked).await.status, 401);
    for table in [
        "select count(*) from users",
        "select count(*) from sessions",
        "select count(*) from api_tokens",
        "select count(*) from email_changes",
        "select count(*) from mail_tokens",
    ] {
        assert_eq!(count(&app, table).await, 0, "{table}");
    }
    assert_eq!(count(&app, "select count(*) from events where kind = 'user.deleted'").await, 1);
    assert_eq!(
        app.events().await.last().expect("a row"),
        &("account_deleted".to_owned(), Some("ana".to_owned()))
    );
    assert_eq!(app.mail_to("ana@example.org").await.to, "ana@example.org");
    assert!(app.mails().await.iter().any(|mail| mail.subject == "Your account was deleted"));
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = TestApp::start().await;
    app.create_user("root", Role::Admin).await;
    app.create_user("disabled", Role::Admin).await;
    app.create_user("unproven", Role::Admin).await;
    app.sql("update users set is_active = false where username = 'disabled'").await;
    app.sql("update users set email_verified = false where username = 'unproven'").await;
    let root = app.sign_in("root").await;
    let answer = delete(&root, "root").await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("last active administrator"), "{}", answer.text());
    app.create_user("second", Role::Admin).await;
    assert_eq!(delete(&root, "root").await.status, 303);
}

#[tokio::test]
async fn of_two_last_administrators_who_leave_at_once_one_stays() {
    for _ in 0..5 {
        let app = TestApp::start().await;
        app.create_user("root", Role::Admin).await;
        app.create_user("other", Role::Admin).await;
        let (root, other) = (app.sign_in("root").await, app.sign_in("other").await);
        root.get("/account/delete").await;
        other.get("/account/delete").await;
        let (one, two) = tokio::join!(
            root.post_form("/account/delete", &[("username", "root")]),
            other.post_form("/account/delete", &[("username", "other")])
        );
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 422]);
        assert_eq!(count(&app, "select count(*) from users").await, 1);
    }
}

#[tokio::test]
async fn the_guard_holds_whoever_comes_second_until_the_first_is_done() {
    let app = TestApp::start().await;
    let root = app.create_user("root", Role::Admin).await;
    let other = app.create_user("other", Role::Admin).await;
    let mut first = app.db().begin().await.expect("a transaction");
    let guarded =
        auth_service::users::guard_last_admin(&mut first, root).await.expect("the database answers");
    assert!(guarded.is_ok());
    sqlx::query("delete from users where username = 'root'").execute(&mut *first).await.expect("deleted");
    let db = app.db().clone();
    let second = tokio::spawn(async move {
        let mut second = db.begin().await.expect("a transaction");
        auth_service::users::guard_last_admin(&mut second, other).await.expect("the database answers")
    });
    // Not a measure of time: whoever is not held has an answer long before this, and the test fails.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(!second.is_finished(), "the second one waits");
    first.commit().await.expect("committed");
    assert!(second.await.expect("no panic").is_err(), "and then learns that it is the last");
}
