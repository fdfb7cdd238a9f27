//! Another address of e-mail: agreed to at both, in any order, by links that die with what they prove.

use common::identity::Role;
use test_support::{Answer, Client};

use crate::harness::TestApp;

const OLD: &str = "ana@example.org";
const NEW: &str = "ana@lens.example";

async fn ana(app: &TestApp) -> Client {
    app.create_user("ana", Role::Photographer).await;
    app.sign_in("ana").await
}

async fn ask(ana: &Client, email: &str) -> Answer {
    ana.get("/account/email").await;
    ana.post_form("/account/email", &[("email", email)]).await
}

/// The links of the newest mails: for the address so far and for the new one.
async fn links(app: &TestApp, new: &str) -> (String, String) {
    let mails = app.mails().await;
    let newest = |to: &str| {
        let mail = mails.iter().rfind(|mail| mail.to == to).expect("a mail");
        mail.links().into_iter().find(|link| link.contains("/auth/change-email?")).expect("a link")
    };
    (newest(OLD), newest(new))
}

/// Opens a link in a browser that is signed in nowhere and presses the button.
async fn press(app: &TestApp, link: &str) -> Answer {
    let browser = app.browser();
    let page = browser.get(link).await;
    if page.status != 200 {
        return page;
    }
    let token = page.attributes("input[name=token]", "value").remove(0);
    browser.post_form("/auth/change-email", &[("token", &token)]).await
}

async fn email_of_ana(app: &TestApp) -> String {
    sqlx::query_scalar("select email from users where username = 'ana'")
        .fetch_one(app.db())
        .await
        .expect("ana")
}

#[tokio::test]
async fn both_sides_agree_in_any_order_and_then_every_other_session_ends() {
    for leave_first in [true, false] {
        let app = TestApp::start().await;
        let ana = ana(&app).await;
        let elsewhere = app.token("ana").await;
        let asked = ask(&ana, NEW).await;
        assert_eq!(asked.status, 303, "{}", asked.text());
        let (leave, enter) = links(&app, NEW).await;
        let (first, second) = if leave_first { (&leave, &enter) } else { (&enter, &leave) };
        let page = press(&app, first).await;
        assert!(page.text().contains("This side is confirmed"), "{}", page.text());
        assert_eq!(email_of_ana(&app).await, OLD);
        assert!(ana.get("/account").await.text().contains(NEW), "what waits is to be seen");
        assert_eq!(app.verify(&elsewhere).await.status, 200);
        let page = press(&app, second).await;
        assert_eq!(page.select("h1"), ["Your address is changed"]);
        assert_eq!(email_of_ana(&app).await, NEW);
        assert_eq!(app.reason(&elsewhere).await, "unknown_session");
        assert_eq!(ana.get("/account").await.status, 200, "the one from which it was asked goes on");
        let notice = app.mails().await.into_iter().rfind(|mail| mail.to == OLD).expect("a notice");
        assert_eq!(notice.subject, "Your email address was changed");
        for link in [first, second] {
            assert_eq!(press(&app, link).await.status, 410, "a used link is dead");
        }
    }
}

#[tokio::test]
async fn opening_a_link_changes_nothing() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    ask(&ana, NEW).await;
    let (leave, enter) = links(&app, NEW).await;
    for link in [&leave, &enter, &leave, &enter] {
        let page = app.browser().get(link).await;
        assert_eq!((page.status.as_u16(), page.header("referrer-policy")), (200, "no-referrer"));
    }
    assert_eq!(email_of_ana(&app).await, OLD);
    press(&app, &leave).await;
    assert_eq!(press(&app, &enter).await.status, 200);
}

/// What may happen between the mail and the button.
const LATER: [(&str, &str); 6] = [
    ("the password changed", "update users set password_hash = 'x'"),
    ("the address changed in another way", "update users set email = 'other@example.org'"),
    ("the account was disabled", "update users set is_active = false"),
    ("it was disabled and enabled", "update users set is_active = false"),
    ("the links expired", "update mail_tokens set expires_at = now() - interval '1 second'"),
    ("the change expired", "update email_changes set expires_at = now() - interval '1 second'"),
];

#[tokio::test]
async fn a_link_does_not_outlive_what_it_proves() {
    for (what, statement) in LATER {
        for confirmed_before in [false, true] {
            let app = TestApp::start().await;
            let ana = ana(&app).await;
            ask(&ana, NEW).await;
            let (leave, enter) = links(&app, NEW).await;
            if confirmed_before {
                assert_eq!(press(&app, &leave).await.status, 200);
            }
            app.sql(statement).await;
            if what.contains("and enabled") {
                app.sql("update users set is_active = true").await;
            }
            let before = email_of_ana(&app).await;
            for link in [&leave, &enter] {
                assert_eq!(press(&app, link).await.status, 410, "{what}");
            }
            assert_eq!(email_of_ana(&app).await, before, "{what}");
        }
    }
}

#[tokio::test]
async fn a_newer_change_or_giving_it_up_kills_the_links() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    ask(&ana, NEW).await;
    let (leave, enter) = links(&app, NEW).await;
    press(&app, &leave).await;
    ask(&ana, "ana@third.example").await;
    assert_eq!(press(&app, &enter).await.status, 410);
    let (leave, enter) = links(&app, "ana@third.example").await;
    let page = press(&app, &enter).await;
    assert!(
        page.text().contains("This side is confirmed"),
        "what was agreed for another address does not count"
    );
    ana.get("/account/email").await;
    assert_eq!(ana.post_form("/account/email/cancel", &[]).await.status, 303);
    assert_eq!(press(&app, &leave).await.status, 410);
    assert!(!ana.get("/account").await.text().contains("waits to be confirmed"));
    assert_eq!(email_of_ana(&app).await, OLD);
}

#[tokio::test]
async fn whether_an_address_is_taken_is_told_to_its_owner_alone() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    app.try_create_user("ben", "Ben@Lens.example", Role::User).await.expect("an account");
    let free = ask(&ana, NEW).await;
    let free_page = ana.rest(free.clone()).await;
    let taken = ask(&ana, "ben@lens.example").await;
    let taken_page = ana.rest(taken.clone()).await;
    assert_eq!((free.status, free.location()), (taken.status, taken.location()));
    let told =
        |page: &Answer| page.select("main").join(" ").replace(NEW, "X").replace("ben@lens.example", "X");
    assert_eq!(told(&free_page), told(&taken_page));
    let mails = app.mails().await;
    let to_owner = mails.iter().rfind(|mail| mail.to == "ben@lens.example").expect("a mail");
    assert_eq!(to_owner.subject, "You have an account already");
    assert!(!to_owner.raw.contains("change-email") && !to_owner.text.contains("ana"), "{}", to_owner.text);
}

#[tokio::test]
async fn an_address_that_somebody_got_meanwhile_stays_theirs_and_nobody_is_told() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    ask(&ana, NEW).await;
    let (leave, enter) = links(&app, NEW).await;
    press(&app, &enter).await;
    app.try_create_user("ben", "ANA@lens.example", Role::User).await.expect("an account");
    let page = press(&app, &leave).await;
    assert!(page.text().contains("This side is confirmed"), "{}", page.text());
    assert_eq!(email_of_ana(&app).await, OLD);
    let told = app.mails().await.into_iter().rfind(|mail| mail.to == NEW).expect("a mail");
    assert_eq!(told.subject, "You have an account already");
}

#[tokio::test]
async fn an_address_that_was_never_verified_is_not_asked() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    app.sql("update users set email_verified = false").await;
    ask(&ana, NEW).await;
    let mails = app.mails().await;
    assert!(mails.iter().all(|mail| mail.to == NEW), "a stranger may have that mailbox");
    assert_eq!(press(&app, &mails[0].link()).await.select("h1"), ["Your address is changed"]);
    let verified: bool =
        sqlx::query_scalar("select email_verified from users").fetch_one(app.db()).await.expect("ana");
    assert!(verified);
}

#[tokio::test]
async fn nobody_is_flooded_with_mail() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    for _ in 0..5 {
        assert_eq!(ask(&ana, NEW).await.status, 303);
    }
    assert_eq!(ask(&ana, NEW).await.status, 429);
}

#[tokio::test]
async fn what_is_no_new_address_is_refused() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    for bad in ["", "ana", "ANA@example.org", "a@b"] {
        let answer = ask(&ana, bad).await;
        assert_eq!((answer.status.as_u16(), answer.select("#error-email").len()), (422, 1), "{bad}");
    }
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn the_letters_read_well() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    ask(&ana, NEW).await;
    let mail = app.mail_to(OLD).await;
    assert_eq!(mail.subject, "Confirm your new email address");
    assert!(mail.text.contains("from this address to ana@lens.example"), "{}", mail.text);
    let mail = app.mail_to(NEW).await;
    assert!(!mail.raw.contains(OLD), "a stranger learns no address: {}", mail.text);
}
