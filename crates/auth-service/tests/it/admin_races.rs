//! The last administrator stays, also when two requests take one another's reason away.

use common::identity::Role;
use futures_util::future::join_all;
use test_support::Client;

use crate::harness::TestApp;

async fn admins(app: &TestApp) -> i64 {
    app.count("select count(*) from users where user_type = 'admin' and is_active and email_verified").await
}

async fn admin(app: &TestApp, name: &str) -> Client {
    let browser = app.sign_in(name).await;
    browser.get("/admin/users").await;
    browser
}

#[tokio::test]
async fn the_last_active_administrator_is_neither_demoted_nor_disabled() {
    let app = TestApp::start().await;
    app.create_user("root", Role::Admin).await;
    let disabled = app.create_user("off", Role::Admin).await;
    app.create_user("new", Role::Admin).await;
    app.sql("update users set is_active = false where username = 'off'").await;
    app.sql("update users set email_verified = false where username = 'new'").await;
    let root = admin(&app, "root").await;
    for (path, field) in [("role", ("role", "viewer")), ("state", ("state", "disabled"))] {
        let answer = root.post_form(&format!("/admin/users/1/{path}"), &[field, ("confirm", "yes")]).await;
        let page = root.follow(&answer.location()).await;
        assert!(page.text().contains("the last active administrator"), "{path}: {}", page.text());
    }
    let answer = root.post_json("/api/users/1/role", &serde_json::json!({ "role": "user" })).await;
    assert_eq!((answer.status.as_u16(), admins(&app).await), (409, 1));
    // With a second one it goes, and a disabled administrator may always be demoted.
    let other = root.post_form(&format!("/admin/users/{disabled}/role"), &[("role", "viewer")]).await;
    assert_eq!(other.status, 303);
    assert_eq!(
        app.count("select count(*) from users where username = 'off' and user_type = 'viewer'").await,
        1
    );
}

#[tokio::test]
async fn two_administrators_who_demote_and_disable_each_other_at_once_leave_one() {
    for round in 0..6 {
        let app = TestApp::start().await;
        app.create_user("one", Role::Admin).await;
        app.create_user("two", Role::Admin).await;
        let (one, two) = (admin(&app, "one").await, admin(&app, "two").await);
        let (path, field) =
            if round % 2 == 0 { ("role", ("role", "viewer")) } else { ("state", ("state", "disabled")) };
        let (first, second) = (format!("/admin/users/2/{path}"), format!("/admin/users/1/{path}"));
        let fields = [field];
        tokio::join!(one.post_form(&first, &fields), two.post_form(&second, &fields));
        assert_eq!(admins(&app).await, 1, "round {round}");
        // Who lost had no say any more: what they asked for is not in the record.
        let done = app
            .count("select count(*) from audit_logs where event in ('role_changed', 'account_disabled')")
            .await;
        assert_eq!(done, 1, "round {round}");
    }
}

#[tokio::test]
async fn many_who_leave_at_once_leave_one() {
    let app = TestApp::start().await;
    let mut browsers = Vec::new();
    for number in 1..=8 {
        let name = format!("admin{number}");
        app.create_user(&name, Role::Admin).await;
        browsers.push((number, admin(&app, &name).await));
    }
    let leave = browsers.iter().map(|(number, browser)| async move {
        let (path, field) =
            if number % 2 == 0 { ("role", ("role", "user")) } else { ("state", ("state", "disabled")) };
        browser.post_form(&format!("/admin/users/{number}/{path}"), &[field, ("confirm", "yes")]).await
    });
    join_all(leave).await;
    assert_eq!(admins(&app).await, 1);
}

#[tokio::test]
async fn whoever_lost_the_role_while_a_request_was_under_way_does_nothing_more() {
    let app = TestApp::start().await;
    for name in ["one", "two", "three"] {
        app.create_user(name, Role::Admin).await;
    }
    let two = admin(&app, "two").await;
    // One holds the administrators and is about to demote two, who has sent a request already.
    let mut transaction = app.db().begin().await.expect("a transaction");
    sqlx::query("select id from users where user_type = 'admin' order by id for update")
        .fetch_all(&mut *transaction)
        .await
        .expect("locked");
    let (answer, ()) = tokio::join!(two.post_form("/admin/users/3/state", &[("state", "disabled")]), async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        for statement in
            ["update users set user_type = 'viewer' where id = 2", "delete from sessions where user_id = 2"]
        {
            sqlx::query(statement).execute(&mut *transaction).await.expect("changed");
        }
        transaction.commit().await.expect("committed");
    });
    assert_eq!(answer.status, 401, "{}", answer.text());
    assert_eq!(app.count("select count(*) from users where id = 3 and is_active").await, 1);
}
