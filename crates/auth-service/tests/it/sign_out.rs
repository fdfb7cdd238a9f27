//! Signing out ends access everywhere at once.

use common::identity::Role;
use reqwest::Method;
use serde_json::Value;

use crate::harness::TestApp;

async fn app_with_ana() -> TestApp {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    app
}

#[tokio::test]
async fn the_button_ends_the_session_for_every_application_at_once() {
    let app = app_with_ana().await;
    let ana = app.sign_in("ana").await;
    let token = ana.cookie("/", "photos_session").expect("signed in");
    assert_eq!(app.verify(&token).await.status, 200);
    let page = ana.get("/logout").await;
    assert_eq!(page.select("h1"), ["Sign out"]);
    assert_eq!(app.verify(&token).await.status, 200, "looking at the button ends nothing");
    let back = "http://photos.stsgym.localhost:5009/";
    let answer = ana.post_form("/logout", &[("return_to", back)]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, back.to_owned()));
    assert_eq!(app.reason(&token).await, "unknown_session");
    assert_eq!(ana.cookie("/", "photos_session"), None);
    assert_eq!(ana.get("/").await.select("h1"), ["You are not signed in"]);
    assert_eq!(app.events().await.last(), Some(&("sign_out".to_owned(), Some("ana".to_owned()))));
}

#[tokio::test]
async fn other_sessions_of_the_person_go_on() {
    let app = app_with_ana().await;
    let phone = app.token("ana").await;
    let ana = app.sign_in("ana").await;
    ana.get("/logout").await;
    ana.post_form("/logout", &[]).await;
    assert_eq!(app.verify(&phone).await.status, 200);
}

#[tokio::test]
async fn an_application_signs_a_person_out_with_the_bearer_alone() {
    let app = app_with_ana().await;
    let token = app.token("ana").await;
    let client = app.browser();
    let sign_out = async |header: &str| {
        client.send(client.request(Method::POST, "/api/logout").header("authorization", header)).await
    };
    for bad in ["Bearer", "Basic YTpi"] {
        assert_eq!(sign_out(bad).await.status, 400, "{bad}");
    }
    assert_eq!(app.verify(&token).await.status, 200);
    let answer = sign_out(&format!("Bearer {token}")).await;
    assert_eq!(answer.status, 204);
    assert!(answer.set_cookies().is_empty());
    assert_eq!(app.reason(&token).await, "unknown_session");
    assert_eq!(sign_out(&format!("Bearer {token}")).await.status, 204, "once more does no harm");
    assert_eq!(app.events().await.iter().filter(|(event, _)| event == "sign_out").count(), 1);
}

#[tokio::test]
async fn with_a_bearer_the_cookies_are_ignored() {
    let app = app_with_ana().await;
    app.create_user("bo", Role::User).await;
    let (ana, bo) = (app.token("ana").await, app.token("bo").await);
    let client = app.browser();
    let request = client
        .request(Method::POST, "/api/logout")
        .header("authorization", format!("Bearer {bo}"))
        .header("cookie", format!("photos_session={ana}"));
    assert_eq!(client.send(request).await.status, 204);
    assert_eq!(app.verify(&ana).await.status, 200);
    assert_eq!(app.reason(&bo).await, "unknown_session");
}

#[tokio::test]
async fn a_script_of_our_pages_signs_out_with_its_token() {
    let app = app_with_ana().await;
    let ana = app.sign_in("ana").await;
    let sso = ana.cookie("/", "photos_session").expect("signed in");
    let session: Value = ana.get_json("/api/session").await.json();
    let token = session["csrf_token"].as_str().expect("a token").to_owned();
    let request = ana.request(Method::POST, "/api/logout").header("x-csrf-token", token);
    assert_eq!(ana.send(request).await.status, 204);
    assert_eq!(app.reason(&sso).await, "unknown_session");
    let session: Value = ana.get_json("/api/session").await.json();
    assert_eq!((session["authenticated"].as_bool(), session["user"].is_null()), (Some(false), true));
}

#[tokio::test]
async fn a_session_ended_elsewhere_is_over_on_our_pages_too() {
    let app = app_with_ana().await;
    let ana = app.sign_in("ana").await;
    app.sql("delete from sessions").await;
    assert_eq!(ana.get("/").await.select("h1"), ["You are not signed in"]);
    app.sql("update users set is_active = true").await;
    ana.sign_in(&app.url, "ana").await;
    assert_eq!(ana.get("/").await.select("h1"), ["ana"]);
}
