//! Invitations: what an administrator may offer, and what becomes of it.

use auth_service::{
    audit::Origin,
    invitations::{self, Invited, State},
    users::EmailAddress,
};
use common::identity::Role;
use serde_json::Value;

use crate::{harness::TestApp, newcomers::CHOSEN};

async fn app_with_root(mode: &str) -> TestApp {
    let app = TestApp::start_with(&[("REGISTRATION", mode), ("LOGIN_LIMIT_PER_MINUTE", "1000")]).await;
    app.create_user("root", Role::Admin).await;
    app
}

#[tokio::test]
async fn whoever_is_invited_gets_an_account_with_the_role_and_a_proven_address() {
    for mode in ["open", "invitation"] {
        let app = app_with_root(mode).await;
        for role in [Role::Photographer, Role::Admin, Role::Viewer] {
            let name = role.as_str();
            let address = format!("{name}@studio.example");
            let link = app.invitation_link("root", &address, role, 1).await;
            let page = app.browser().get(&link).await;
            assert!(page.select(".entry-lead")[0].contains("root invited you"), "{}", page.text());
            assert_eq!(page.select("dd"), [address.as_str()]);
            assert_eq!(page.header("referrer-policy"), "no-referrer");
            let (browser, answer) = app.choose(&link, name).await;
            assert_eq!(answer.status, 303, "{}", answer.text());
            let session: Value = browser.get_json("/api/session").await.json();
            assert_eq!(session["user"]["role"], name);
            assert_eq!(session["user"]["email_verified"], true);
        }
        let list = invitations::store::list(app.db(), None, 10).await.expect("a list");
        assert_eq!(list.len(), 3);
        assert!(list.iter().all(|one| one.state == State::Used && one.invited_by.as_deref() == Some("root")));
    }
}

#[tokio::test]
async fn an_address_with_an_account_is_not_invited_and_a_closed_site_invites_nobody() {
    let app = app_with_root("invitation").await;
    app.create_user("ana", Role::User).await;
    let root = app.session_of("root").await;
    let invite = async |app: &TestApp, address: &str| {
        let address = EmailAddress::parse(address).expect("an address");
        invitations::invite(&app.app, &root, &address, Role::User, &Origin::default())
            .await
            .expect("an answer")
    };
    let invited = invite(&app, "ANA@example.org").await;
    assert!(matches!(invited, Invited::HasAccount(_, name) if name == "ana"));
    let link = app.invitation_link("root", "guest@example.org", Role::User, 1).await;
    assert_eq!(app.mails().await.len(), 1);
    let closed = TestApp::start_with(&[("REGISTRATION", "closed")]).await;
    assert!(matches!(invite(&closed, "guest@example.org").await, Invited::Closed));
    let path = &link[app.url.len()..];
    assert_eq!(closed.browser().get(path).await.status, 403);
}

#[tokio::test]
async fn an_invitation_can_be_taken_back_once_and_both_are_on_record() {
    let app = app_with_root("invitation").await;
    let link = app.invitation_link("root", "guest@example.org", Role::User, 1).await;
    let root = app.session_of("root").await;
    let list = invitations::store::list(app.db(), None, 10).await.expect("a list");
    assert_eq!(list[0].state, State::Open);
    for expected in [true, false] {
        let done = invitations::withdraw(&app.app, &root, list[0].id, &Origin::default()).await;
        assert_eq!(done.expect("an answer"), expected);
    }
    assert_eq!(app.browser().get(&link).await.status, 410);
    let events = app.events().await;
    let of = |name: &str| events.iter().filter(|(event, _)| event == name).count();
    assert_eq!((of("invitation_created"), of("invitation_withdrawn")), (1, 1));
    assert_eq!(app.login("guest@example.org", CHOSEN).await.status, 401);
}
