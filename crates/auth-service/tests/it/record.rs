//! The record as administrators read it: filters, pages, and the table for spreadsheets.

use common::identity::Role;
use serde_json::Value;
use test_support::Client;

use crate::harness::TestApp;

async fn app_with_root() -> (TestApp, Client) {
    let app = TestApp::start().await;
    app.create_user("root", Role::Admin).await;
    let root = app.sign_in("root").await;
    (app, root)
}

async fn events(root: &Client, query: &str) -> Vec<String> {
    let page = root.get(&format!("/admin/audit?{query}")).await;
    assert_eq!(page.status, 200, "{query}: {}", page.text());
    page.select("tbody .rows-main")
}

#[tokio::test]
async fn rows_are_found_by_event_person_address_and_day() {
    let (app, root) = app_with_root().await;
    let ana = app.create_user("ana", Role::User).await;
    root.get("/admin/users").await;
    root.post_form(&format!("/admin/users/{ana}/role"), &[("role", "viewer")]).await;
    app.login("ana", "not the password of ana").await;
    app.sql("update audit_logs set client_address = '203.0.113.9', occurred_at = '2026-01-02 23:59:59.9+00' where event = 'sign_in_failed'").await;
    assert_eq!(events(&root, "event=role_changed").await, ["Role changed"]);
    assert_eq!(events(&root, "person=ANA").await, ["Sign in failed", "Role changed", "Account created"]);
    assert_eq!(events(&root, &format!("person=%23{ana}")).await, events(&root, "person=ana").await);
    assert_eq!(
        events(&root, "person=root").await,
        ["Role changed", "Sign in", "Account created"],
        "also what root did to others"
    );
    assert_eq!(events(&root, "person=%231").await.len(), 3);
    assert_eq!(events(&root, "address=203.0.113.").await, ["Sign in failed"]);
    assert_eq!(events(&root, "address=203%25").await, [] as [&str; 0]);
    assert_eq!(
        events(&root, "from=2026-01-02&to=2026-01-02").await,
        ["Sign in failed"],
        "the last day counts whole"
    );
    assert_eq!(events(&root, "to=2026-01-01").await, [] as [&str; 0]);
    assert_eq!(events(&root, "event=role_changed&person=bo").await, [] as [&str; 0]);
    let page = root.get("/admin/audit?from=yesterday&person=%23x").await;
    assert_eq!((page.status.as_u16(), page.select(".field-error").len()), (422, 2));
    let choices = root.get("/admin/audit").await.attributes("#search-event option", "value");
    assert_eq!(choices, ["", "account_created", "role_changed", "sign_in", "sign_in_failed"]);
}

#[tokio::test]
async fn pages_of_the_record_neither_repeat_nor_miss_a_row_while_it_grows() {
    let (app, root) = app_with_root().await;
    app.sql(
        "insert into audit_logs (event, username) select 'tested', 'n' || n from generate_series(1, 130) n",
    )
    .await;
    let (mut seen, mut path) = (Vec::new(), "/admin/audit?event=tested".to_owned());
    loop {
        let page = root.get(&path).await;
        seen.extend(page.select("tbody td[data-label=Account]"));
        app.sql("insert into audit_logs (event, username) values ('tested', 'later')").await;
        let Some(next) = page.attributes("a[rel=next]", "href").into_iter().next() else { break };
        path = next;
    }
    assert_eq!(seen, (1..=130).rev().map(|n| format!("n{n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_table_is_whole_escaped_and_its_taking_is_recorded() {
    let (app, root) = app_with_root().await;
    app.sql(
        "insert into audit_logs (event, username) select 'tested', 'n' || n from generate_series(1, 1200) n",
    )
    .await;
    app.sql(
        r#"insert into audit_logs (event, username, user_agent, client_address, details) values
        ('evil', '=HYPERLINK("http://evil.example")', '+1', '@x', '{"-2+3": "a,\"b\"\nc"}')"#,
    )
    .await;
    root.get("/admin/audit").await;
    let csv = root.post_form("/admin/audit/export", &[("event", "")]).await;
    assert_eq!((csv.status.as_u16(), csv.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert!(
        csv.header("content-disposition").starts_with("attachment; filename=\"record-"),
        "{:?}",
        csv.headers
    );
    let text = csv.text();
    assert!(text.starts_with("\"id\",\"occurred_at\",\"event\""), "{}", &text[..100]);
    for row in 1..=1200 {
        assert!(text.contains(&format!("\"n{row}\"")), "row {row}");
    }
    let evil = text.lines().position(|line| line.contains("\"evil\"")).expect("the row");
    let evil: Vec<&str> = text.lines().skip(evil).take(2).collect();
    let evil = evil.join("\n");
    for cell in
        [r#""'=HYPERLINK(""http://evil.example"")""#, r#""'+1""#, r#""'@x""#, "\"'-2+3: a,\"\"b\"\"\nc\""]
    {
        assert!(evil.contains(cell), "{cell} in {evil}");
    }
    let some = root
        .post_form(
            "/admin/audit/export",
            &[("event", "evil"), ("person", "=HYPERLINK(\"http://evil.example\")")],
        )
        .await
        .text();
    assert_eq!(some.matches("\r\n").count(), 2, "the head and one row: {some}");
    let rows: Vec<Value> =
        sqlx::query_scalar("select details from audit_logs where event = 'record_exported' order by id")
            .fetch_all(app.db())
            .await
            .expect("rows");
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (&rows[1]["filters"], &rows[1]["by"]["username"]),
        (&serde_json::json!(["event", "person"]), &"root".into())
    );
    assert!(!rows[1].to_string().contains("HYPERLINK"), "not what was typed");
    assert_eq!(root.post_form("/admin/audit/export", &[("from", "x")]).await.status, 422);
}
