//! Every page of this service, on a phone and on a desk, in both themes: whole, and fit for everybody.

use std::fmt::Write;

use serde_json::{Value, json};
use test_support::Browser;

use crate::{
    browser::{page::Page, sign_in},
    harness::{TestApp, jpeg},
};

/// People with short and long names, in every role and state.
const CROWD: &str = "insert into users (username, email, password_hash, user_type, is_active, email_verified)
    select 'person' || repeat('-with-a-long-name', n % 4) || n, 'p' || repeat('.long', n % 9) || n || '@studio.example', '!',
        (array['viewer', 'user', 'photographer', 'admin'])[1 + n % 4], n % 5 > 0, n % 7 > 0
    from generate_series(2, 70) n";

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
    let _worker = app.worker();
    let ana = app.photographer("ana").await;
    let (gallery, empty) = (ana.gallery("Harbour at dusk").await, ana.gallery("Nothing yet").await);
    for (seed, name) in [(1, "one.jpg"), (90, "two.jpg")] {
        ana.photo(Some(gallery), name, jpeg(seed, 900, 600)).await;
    }
    let loose = ana.photo(None, "three.jpg", jpeg(180, 600, 900)).await;
    ana.all_done().await;
    let customer = ana
        .browser
        .post_json("/api/customers", &json!({ "email": "cleo@example.org", "name": "Cleo" }))
        .await;
    let customer = customer.json::<Value>()["id"].clone();
    let trashed = ana.gallery("In the trash").await;
    ana.photo(Some(trashed), "gone.jpg", jpeg(7, 900, 600)).await;
    ana.browser.delete(&format!("/api/galleries/{trashed}")).await;
    let single = ana.photo(None, "single.jpg", jpeg(8, 900, 600)).await;
    ana.browser.delete(&format!("/api/photos/{single}")).await;
    let (_, preview) = ana.share(gallery, "preview").await;
    let (_, full) = ana.share(gallery, "full").await;
    let page = Page::open(width, height, &app.url).await;
    let mut faults = String::new();
    look(&page, &app, &["/", "/gallery", &preview, &full, "/auth/logout", "/none"], &mut faults).await;
    page.go(&app.url).await;
    sign_in(&page, &app).await;
    let own = [
        "/photos".to_owned(),
        "/dashboard".to_owned(),
        format!("/photos/{loose}/replace"),
        format!("/gallery/{gallery}/stats"),
        format!("/gallery/{empty}/stats"),
        "/customers".to_owned(),
        "/customers/import".to_owned(),
        format!("/customers/{customer}"),
        "/trash".to_owned(),
        "/gallery".to_owned(),
        format!("/gallery/{gallery}"),
        format!("/gallery/{empty}"),
        format!("/gallery/{gallery}/edit"),
        format!("/gallery/{gallery}/shares"),
    ];
    look(&page, &app, &own.each_ref().map(String::as_str), &mut faults).await;
    // The same person as an administrator, with more people than one page holds.
    app.auth_sql("update users set user_type = 'admin' where username = 'ana'").await;
    app.auth_sql(CROWD).await;
    // Photos hears of that in a moment.
    for _ in 0..500 {
        page.go(&format!("{}/admin/users", app.url)).await;
        if page.text("h1").await == "People" {
            break;
        }
    }
    assert_eq!(page.text("h1").await, "People");
    let owner = format!("/admin/galleries/{gallery}/owner");
    look(&page, &app, &["/admin", "/admin/galleries", "/admin/galleries?q=nothing", &owner], &mut faults).await;
    look(&page, &app, &["/admin/users", "/admin/users?q=nobody-at-all"], &mut faults).await;
    assert!(faults.is_empty(), "{faults}");
}

async fn look(page: &Page, app: &TestApp, paths: &[&str], faults: &mut String) {
    for path in paths {
        page.go(&format!("{}{path}", app.url)).await;
        for fault in page.0.faults().await {
            writeln!(faults, "{path}: {fault}").expect("a text grows");
        }
    }
}
