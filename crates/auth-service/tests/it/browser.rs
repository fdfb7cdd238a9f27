//! What only a browser shows: the sign-in on a phone, by keyboard, with the content policy in force.

use common::identity::Role;
use test_support::{
    Browser,
    fantoccini::{Locator, key::Key},
    site::password_of,
};

use crate::harness::TestApp;

#[tokio::test]
async fn a_person_signs_in_and_out_on_a_phone_with_keys_alone() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    app.create_user("ana", Role::Photographer).await;
    let phone = Browser::start(390, 844).await;
    assert_eq!(phone.size().await, (390, 844));
    let page = &phone.client;
    page.goto(&format!("{}/login?return_to={}/", app.url, app.url)).await.expect("the page opens");
    let name = page.active_element().await.expect("the first field has the focus");
    name.send_keys("ana").await.expect("a name");
    let keys = [char::from(Key::Tab).to_string(), password_of("ana"), char::from(Key::Enter).to_string()];
    name.send_keys(&keys.concat()).await.expect("keys");
    let heading = async |text: &str| {
        let path = format!("//h1[text()='{text}']");
        page.wait()
            .for_element(Locator::XPath(&path))
            .await
            .unwrap_or_else(|error| panic!("{text}: {error}"));
    };
    heading("ana").await;
    let cookies = page.get_all_cookies().await.expect("cookies");
    let sso = cookies.iter().find(|cookie| cookie.name() == "photos_session").expect("the SSO cookie");
    assert_eq!((sso.domain(), sso.http_only()), (Some("stsgym.localhost"), Some(true)));
    let visible = page.execute("return document.cookie", Vec::new()).await.expect("a script");
    assert_eq!(visible.as_str(), Some(""), "no script can read a cookie");
    page.find(Locator::Css("main form[action='/logout'] button"))
        .await
        .expect("the button")
        .click()
        .await
        .expect("click");
    heading("You are not signed in").await;
    phone.close().await;
}
