//! Every page of this service, on a phone and on a desk, in both themes: whole, and fit for everybody.

use common::identity::Role;
use test_support::{Browser, fantoccini::Locator, site::password_of};

use crate::harness::TestApp;

/// Pages that anybody may open.
const OPEN: &[&str] = &[
    "/",
    "/login",
    "/logout",
    "/nothing-here",
    "/mail-sent",
    "/register",
    "/register/finish",
    "/invitation",
    "/forgot-password",
    "/auth/reset-password",
    "/auth/verify-email",
    "/api/docs",
    "/mailbox",
];
/// Pages of somebody who is signed in, as an administrator, who sees them all.
const SIGNED_IN: &[&str] = &[
    "/",
    "/logout",
    "/reauthenticate",
    "/account",
    "/account/email",
    "/account/password",
    "/account/sessions",
    "/account/activity",
    "/account/tokens",
    "/account/tokens/new",
    "/account/data",
    "/account/delete",
];

/// Pages of an administrator, with more people, invitations and events than one page holds.
const ADMINISTRATION: &[&str] = &[
    "/admin/users",
    "/admin/users?q=nobody-at-all",
    "/admin/users/new",
    "/admin/users/1",
    "/admin/users/2",
    "/admin/users/3",
    "/admin/invitations",
    "/admin/audit",
    "/admin/audit?from=yesterday",
];

/// People with short and long names, in every role and state.
const CROWD: &str = "insert into users (username, email, password_hash, user_type, is_active, email_verified, last_login)
    select 'person' || repeat('-with-a-long-name', n % 4) || n, 'p' || repeat('.long', n % 9) || n || '@studio.example', '!',
        (array['viewer', 'user', 'photographer', 'admin'])[1 + n % 4], n % 5 > 0, n % 7 > 0, now()
    from generate_series(2, 70) n";
const SENT: &str =
    "insert into invitations (invitation_id, token_hash, email, role, invited_by, expires_at, used_at)
    select gen_random_uuid(), n, 'guest' || repeat('.long', n % 9) || n || '@studio.example', 'user', 1,
        now() + (n - 10) * interval '1 hour', case when n % 3 = 0 then now() end
    from generate_series(1, 60) n";
const HAPPENED: &str = r#"insert into audit_logs (event, user_id, username, client_address, user_agent, details)
    select 'role_changed', 2, 'person2', '2001:db8:1:2:3:4:5:' || n,
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
        '{"from": "viewer", "to": "photographer", "sessions": 2, "by": {"id": 1, "username": "root", "service": "photos"}}'
    from generate_series(1, 60) n"#;

#[tokio::test]
async fn every_page_is_fit_for_everybody_on_a_phone() {
    every_page(390, 844).await;
}

#[tokio::test]
async fn every_page_is_fit_for_everybody_on_a_desk() {
    every_page(1440, 900).await;
}

async fn every_page(width: u32, height: u32) {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    app.create_user("root", Role::Admin).await;
    for crowd in [CROWD, SENT, HAPPENED] {
        app.sql(crowd).await;
    }
    let browser = Browser::start(width, height).await;
    let mut faults = Vec::new();
    for path in OPEN {
        look(&browser, &app, path, &mut faults).await;
    }
    for link in [
        app.registration_link("new@example.org", 1).await,
        app.invitation_link("root", "guest@example.org", Role::Photographer, 1).await,
        app.reset_link("root@example.org", 1).await,
    ] {
        look(&browser, &app, &link[app.url.len()..], &mut faults).await;
    }
    sign_in(&browser, &app).await;
    // Somebody whose address nobody proved sees a notice, and has a mail sent.
    app.sql("update users set email_verified = false").await;
    look(&browser, &app, "/", &mut faults).await;
    let button = "form[action='/auth/verify-email/again'] button";
    browser.follow(Locator::Css(button)).await;
    let link = app.mailbox.nth_mail_to("root@example.org", 2).await.link();
    look(&browser, &app, &link[app.url.len()..], &mut faults).await;
    app.sql("update users set email_verified = true").await;
    for path in SIGNED_IN.iter().chain(ADMINISTRATION) {
        look(&browser, &app, path, &mut faults).await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    browser.close().await;
}

async fn look(browser: &Browser, app: &TestApp, path: &str, faults: &mut Vec<String>) {
    browser.client.goto(&format!("{}{path}", app.url)).await.expect("the page opens");
    let status = browser.status().await;
    if status >= 500 {
        faults.push(format!("{path}: answered {status}"));
    }
    faults.extend(browser.faults().await.into_iter().map(|fault| format!("{path}: {fault}")));
}

async fn sign_in(browser: &Browser, app: &TestApp) {
    let page = &browser.client;
    page.goto(&format!("{}/login?return_to={}/", app.url, app.url)).await.expect("the page opens");
    for (field, text) in [("username", "root".to_owned()), ("password", password_of("root"))] {
        let input = page.find(Locator::Id(&format!("field-{field}"))).await.expect("the field");
        input.send_keys(&text).await.expect("keys");
    }
    browser.follow(Locator::Css("main form button")).await;
    browser.arrives_at("root").await;
}
