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
    phone.arrives_at("ana").await;
    let cookies = page.get_all_cookies().await.expect("cookies");
    let sso = cookies.iter().find(|cookie| cookie.name() == "photos_session").expect("the SSO cookie");
    assert_eq!((sso.domain(), sso.http_only()), (Some("stsgym.localhost"), Some(true)));
    let visible = page.execute("return document.cookie", Vec::new()).await.expect("a script");
    assert_eq!(visible.as_str(), Some(""), "no script can read a cookie");
    phone.follow(Locator::Css("main form[action='/logout'] button")).await;
    phone.arrives_at("You are not signed in").await;
    phone.close().await;
}

#[tokio::test]
async fn without_scripts_a_person_resets_the_password_signs_in_and_looks_after_the_account() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    app.create_user("ana", Role::Photographer).await;
    let phone = Browser::start_with(390, 844, &["--blink-settings=scriptEnabled=false".to_owned()]).await;
    let page = &phone.client;
    let open = async |path: &str| page.goto(&format!("{}{path}", app.url)).await.expect("the page opens");
    let fill = async |name: &str, text: &str| {
        let field = page.find(Locator::Id(&format!("field-{name}"))).await.expect("the field");
        field.clear().await.expect("an empty field");
        field.send_keys(text).await.expect("keys");
    };
    let send = async |button: &str| phone.follow(Locator::Css(button)).await;
    open("/login").await;
    let root = page.find(Locator::Css("html")).await.expect("a document");
    assert_eq!(root.attr("class").await.expect("an answer"), None, "no script ran");
    phone.follow(Locator::LinkText("Forgot password?")).await;
    fill("email", "ana@example.org").await;
    send("main form button").await;
    let link = app.mail_to("ana@example.org").await.link();
    page.goto(&link).await.expect("the page opens");
    fill("password", "four words that nobody has").await;
    send("main form button").await;
    open(&format!("/login?return_to={}/account", app.url)).await;
    fill("username", "ana").await;
    fill("password", "four words that nobody has").await;
    send("main form button").await;
    phone.arrives_at("ana").await;
    fill("display_name", "Ana of the Harbour").await;
    send("form[action='/account'] button").await;
    phone.arrives_at("Ana of the Harbour").await;
    phone.close().await;
}
