//! Invitations as administrators send and withdraw them.

use common::identity::Role;
use serde_json::Value;
use test_support::Client;

use crate::harness::TestApp;

async fn app_with_root(registration: &str) -> (TestApp, Client) {
    let app =
        TestApp::start_with(&[("REGISTRATION", registration), ("LOGIN_LIMIT_PER_MINUTE", "1000")]).await;
    app.create_user("root", Role::Admin).await;
    let root = app.sign_in("root").await;
    root.get("/admin/invitations").await;
    (app, root)
}

#[tokio::test]
async fn an_invitation_is_sent_listed_and_makes_an_account_with_its_role() {
    let (app, root) = app_with_root("invitation").await;
    let sent =
        root.post_form("/admin/invitations", &[("email", "ana@example.org"), ("role", "photographer")]).await;
    let page = root.follow(&sent.location()).await;
    assert_eq!(page.select(".alert-success").len(), 1, "{}", page.text());
    assert_eq!(page.select("tbody .rows-main"), ["ana@example.org"]);
    assert!(page.select("td[data-label=State]")[0].starts_with("Open until"));
    let link = app.mail_to("ana@example.org").await.link();
    assert!(!page.text().contains(link.split_once("token=").expect("a token").1));
    let (ana, answer) = app.choose(&link, "ana").await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(ana.get_json("/api/session").await.json::<Value>()["user"]["role"], "photographer");
    let page = root.get("/admin/invitations").await;
    assert_eq!(page.select("td[data-label=State]"), ["Accepted"]);
    assert!(page.select("form[action$=withdraw]").is_empty());
    let record = root.get("/admin/audit?person=root&event=invitation_created").await;
    assert_eq!(record.select("tbody .rows-main").len(), 1);
}

#[tokio::test]
async fn a_withdrawn_invitation_opens_nothing() {
    let (app, root) = app_with_root("open").await;
    root.post_form("/admin/invitations", &[("email", "ana@example.org"), ("role", "admin")]).await;
    let link = app.mail_to("ana@example.org").await.link();
    let page = root.get("/admin/invitations").await;
    let action = page.attributes("form[action$=withdraw]", "action");
    let answer = root.post_form(&action[0], &[]).await;
    let page = root.follow(&answer.location()).await;
    assert_eq!(page.select("td[data-label=State]"), ["Withdrawn"]);
    let (_, refused) = app.choose(&link, "ana").await;
    assert_ne!(refused.status, 303);
    assert_eq!(app.count("select count(*) from users").await, 1);
    let again = root.post_form(&action[0], &[]).await;
    assert!(root.follow(&again.location()).await.select(".alert-warning").concat().contains("not open"));
}

#[tokio::test]
async fn what_is_wrong_with_an_invitation_stands_beside_its_field() {
    let (_app, root) = app_with_root("open").await;
    for (email, role, said) in [
        ("nowhere", "user", "#error-email"),
        ("", "user", "#error-email"),
        ("ROOT@example.org", "user", "#error-email"),
        ("ana@example.org", "king", "#error-role"),
    ] {
        let page = root.post_form("/admin/invitations", &[("email", email), ("role", role)]).await;
        assert_eq!((page.status.as_u16(), page.select(said).len()), (422, 1), "{email} {role}");
    }
    assert!(root.get("/admin/invitations").await.select("tbody").is_empty());
}

#[tokio::test]
async fn a_closed_site_says_so_and_invites_nobody() {
    let (app, root) = app_with_root("closed").await;
    let page = root.get("/admin/invitations").await;
    assert!(page.text().contains("REGISTRATION=closed"));
    let refused = root.post_form("/admin/invitations", &[("email", "a@b.org"), ("role", "user")]).await;
    assert_eq!(refused.status, 409);
    assert_eq!(app.count("select count(*) from mails").await, 0);
}

#[tokio::test]
async fn the_pages_of_the_list_hold_every_invitation_once() {
    let (app, root) = app_with_root("open").await;
    app.sql(
        "insert into invitations (invitation_id, token_hash, email, role, invited_by, expires_at)
        select gen_random_uuid(), n, n || '@example.org', 'user', 1, now() from generate_series(1, 60) n",
    )
    .await;
    let first = root.get("/admin/invitations").await;
    let second = root.get(&first.attributes("a[rel=next]", "href")[0]).await;
    let mut seen = [first.select("tbody .rows-main"), second.select("tbody .rows-main")].concat();
    assert!(second.attributes("a[rel=next]", "href").is_empty());
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 60);
}
