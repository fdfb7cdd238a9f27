//! Programs with a personal API token: what each scope opens, and what no token opens.

use common::identity::Role;
use serde_json::{Value, json};
use test_support::{
    Answer, Client,
    reqwest::{
        Method,
        multipart::{Form, Part},
    },
};

use crate::harness::{Person, TestApp, jpeg};

/// A program: no cookies, a token.
struct Program {
    client: Client,
    token: String,
}

impl Program {
    async fn of(app: &TestApp, person: &Person, scopes: &[&str]) -> Self {
        Self { client: app.browser(), token: app.api_token(person, scopes).await }
    }

    async fn get(&self, path: &str) -> Answer {
        self.client.send(self.client.request(Method::GET, path).bearer_auth(&self.token)).await
    }

    async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.client.send(self.client.request(method, path).bearer_auth(&self.token).json(body)).await
    }

    async fn upload(&self, gallery: i64) -> Answer {
        let photo = Part::bytes(jpeg(7, 60, 40)).file_name("a.jpg");
        let form = Form::new().text("gallery_id", gallery.to_string()).part("photos", photo);
        let request = self.client.request(Method::POST, "/api/upload").bearer_auth(&self.token);
        self.client.send(request.multipart(form)).await
    }
}

#[tokio::test]
async fn with_both_scopes_a_program_does_a_photographers_work_without_a_form_token() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let program = Program::of(&app, &ana, &["photos:read", "photos:write"]).await;
    let me = program.get("/auth/me").await;
    assert_eq!(me.json::<Value>()["username"], "ana");
    assert!(me.set_cookies().is_empty(), "a program gets no cookie");
    let made = program.json(Method::POST, "/api/galleries", &json!({ "name": "Harbour" })).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let gallery = made.json::<Value>()["id"].as_i64().expect("an id");
    let path = format!("/api/galleries/{gallery}");
    assert_eq!(program.json(Method::PUT, &path, &json!({ "name": "Harbour at dawn" })).await.status, 200);
    let uploaded = program.upload(gallery).await;
    assert_eq!(uploaded.status, 201, "{}", uploaded.text());
    let photo = uploaded.json::<Value>()["photos"][0]["id"].as_i64().expect("an id");
    let body = json!({ "access_level": "preview", "expires_in_days": 7 });
    let share = program.json(Method::POST, &format!("{path}/shares"), &body).await;
    assert_eq!(share.status, 201, "{}", share.text());
    let link = share.json::<Value>()["id"].as_i64().expect("an id");
    assert_eq!(program.json(Method::DELETE, &format!("/api/shares/{link}"), &json!({})).await.status, 204);
    let listed = program.get(&format!("/api/photos?gallery_id={gallery}")).await.json::<Value>();
    assert_eq!(listed["items"][0]["id"], photo);
    // The address was given to the person of the token, and the token is the proof that it is them.
    let original = listed["items"][0]["original_url"].as_str().expect("an address").to_owned();
    assert_eq!(program.get(&original).await.status, 200);
    assert_eq!(app.browser().get(&original).await.status, 404);
    let writer = Program::of(&app, &ana, &["photos:write"]).await;
    assert_eq!(writer.get(&original).await.status, 403, "pictures are read");
}

#[tokio::test]
async fn each_scope_opens_its_half_and_the_refusal_names_the_other() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let reader = Program::of(&app, &ana, &["photos:read", "account:read"]).await;
    let writer = Program::of(&app, &ana, &["photos:write"]).await;
    for path in ["/auth/me", "/api/photos", "/api/galleries", &format!("/api/galleries/{gallery}")] {
        assert_eq!(reader.get(path).await.status, 200, "{path}");
        let refused = writer.get(path).await;
        assert_eq!(refused.status, 403, "{path}");
        assert!(refused.json::<Value>()["detail"].as_str().expect("a sentence").contains("photos:read"));
    }
    for (method, path) in [
        (Method::POST, "/api/galleries".to_owned()),
        (Method::PUT, format!("/api/galleries/{gallery}")),
        (Method::POST, format!("/api/galleries/{gallery}/photos")),
        (Method::DELETE, format!("/api/galleries/{gallery}/photos/1")),
        (Method::POST, format!("/api/galleries/{gallery}/shares")),
        (Method::DELETE, "/api/shares/1".to_owned()),
        (Method::POST, "/api/photos/1/retry".to_owned()),
    ] {
        let refused = reader.json(method, &path, &json!({ "name": "x" })).await;
        assert_eq!(refused.status, 403, "{path}");
        assert!(refused.json::<Value>()["detail"].as_str().expect("a sentence").contains("photos:write"));
        assert!(refused.header("www-authenticate").contains("insufficient_scope"));
    }
    assert_eq!(reader.upload(gallery).await.status, 403);
    assert_eq!(writer.upload(gallery).await.status, 201);
}

#[tokio::test]
async fn a_token_is_good_for_no_page_and_signs_nobody_in_or_out() {
    let app = TestApp::start().await;
    let ana = app.person("ana", Role::Admin).await;
    let program = Program::of(&app, &ana, &["photos:read", "photos:write", "account:read"]).await;
    for path in ["/", "/photos", "/gallery", "/auth/login", "/auth/callback", "/auth/logout", "/auth/session"]
    {
        assert_eq!(program.get(path).await.status, 403, "{path}");
    }
    for path in ["/auth/logout", "/gallery", "/photos", "/photos/deeds", "/shares/1/revoke"] {
        // With all of the person's cookies too.
        let request = ana.browser.request(Method::POST, path).bearer_auth(&program.token);
        assert_eq!(ana.browser.send(request.form(&[("name", "x")])).await.status, 403, "{path}");
    }
    assert_eq!(ana.browser.get_json("/auth/me").await.status, 200, "the session goes on");
}

#[tokio::test]
async fn cookies_that_come_with_a_token_are_ignored() {
    let app = TestApp::start().await;
    let (ana, vic) = (app.photographer("ana").await, app.person("vic", Role::Viewer).await);
    let gallery = ana.gallery("Wedding").await;
    let token = app.api_token(&vic, &["photos:read", "photos:write"]).await;
    let ask = |method: Method, path: String| ana.browser.request(method, &path).bearer_auth(&token);
    let me = ana.browser.send(ask(Method::GET, "/auth/me".to_owned())).await;
    assert_eq!(me.json::<Value>()["username"], "vic");
    assert_eq!(ana.browser.send(ask(Method::GET, format!("/api/galleries/{gallery}"))).await.status, 404);
    // Ana's cookies don't fill in for a token that is good for nothing, and are none the worse for it.
    for bad in [format!("pat_{}", "A".repeat(43)), "x".to_owned()] {
        let request = ana.browser.request(Method::GET, "/auth/me").bearer_auth(&bad);
        let refused = ana.browser.send(request).await;
        assert_eq!(refused.status, 401);
        assert!(refused.header("www-authenticate").contains("invalid_token"));
    }
    assert_eq!(ana.browser.get_json("/auth/me").await.json::<Value>()["username"], "ana");
}

#[tokio::test]
async fn the_token_of_a_session_opens_nothing_as_bearer() {
    let app = TestApp::start().await;
    let ana = app.person("ana", Role::Admin).await;
    let sso = ana.browser.cookie(&app.url, "photos_session").expect("signed in");
    let program = Program { client: app.browser(), token: sso };
    for path in ["/auth/me", "/api/photos", "/api/galleries", "/events"] {
        assert_eq!(program.get(path).await.status, 401, "{path}");
    }
    assert_eq!(program.json(Method::POST, "/api/galleries", &json!({ "name": "x" })).await.status, 401);
}

#[tokio::test]
async fn a_revoked_token_is_refused_with_the_next_request() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let program = Program::of(&app, &ana, &["photos:read"]).await;
    assert_eq!(program.get("/api/photos").await.status, 200);
    let page = format!("{}/account/tokens", app.auth_url);
    let revoke = ana.browser.get(&page).await.attributes("form[action$='/revoke']", "action").remove(0);
    ana.browser.post_form(&format!("{}{revoke}", app.auth_url), &[]).await;
    assert_eq!(program.get("/api/photos").await.status, 401);
}

#[tokio::test]
async fn another_scheme_of_authorization_is_the_affair_of_a_proxy() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let request = ana.browser.request(Method::GET, "/auth/me").basic_auth("staging", Some("x"));
    assert_eq!(ana.browser.send(request).await.status, 200);
}

#[tokio::test]
async fn with_the_auth_service_away_a_program_is_asked_to_wait() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let program = Program::of(&app, &ana, &["photos:read"]).await;
    app.stop_auth_service().await;
    assert_eq!(program.get("/api/photos").await.status, 503);
}

impl TestApp {
    /// A new API token of somebody who signed in a moment ago, made on the page of the auth-service.
    pub async fn api_token(&self, person: &Person, scopes: &[&str]) -> String {
        let page = format!("{}/account/tokens/new", self.auth_url);
        person.browser.get(&page).await;
        let mut fields = vec![("name", "Backup"), ("days", "30")];
        fields.extend(scopes.iter().map(|scope| ("scopes", *scope)));
        let made = person.browser.post_form(&page, &fields).await;
        let shown = person.browser.rest(made).await;
        shown.attributes("[data-copy-source]", "value").pop().expect("the token is shown")
    }
}
