//! Every page of this service, on a phone and on a desk, in both themes: whole, and fit for everybody.

use std::fmt::Write;

use serde_json::{Value, json};
use test_support::{Browser, reqwest::Method};

use crate::{
    browser::{page::Page, sign_in},
    harness::{Person, TestApp, jpeg},
};

/// People with short and long names, in every role and state.
const CROWD: &str = "insert into users (username, email, password_hash, user_type, is_active, email_verified)
    select 'person' || repeat('-with-a-long-name', n % 4) || n, 'p' || repeat('.long', n % 9) || n || '@studio.example', '!',
        (array['viewer', 'user', 'photographer', 'admin'])[1 + n % 4], n % 5 > 0, n % 7 > 0
    from generate_series(2, 70) n";

/// Pages for anybody.
const OPEN: [&str; 7] = ["/", "/features", "/pricing", "/about", "/styleguide", "/api/docs", "/gallery"];
/// As long as names of galleries come.
const LONG: &str = "Hochzeitsfeier von Friederike Müller-Lüdenscheidt und Jürgen Großkreuz-Österreicher im Schloß Schönbühel";

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
    let page = Page::open(width, height, &app.url).await;
    let mut faults = String::new();
    newcomer(&page, &app, &mut faults).await;
    let (gallery, empty) = (ana.gallery("Harbour at dusk").await, ana.gallery(LONG).await);
    let photo = ana.photo(Some(gallery), "one.jpg", jpeg(1, 900, 600)).await;
    ana.photo(Some(gallery), "two.jpg", jpeg(90, 900, 600)).await;
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
    let section = ana
        .browser
        .post_json(&format!("/api/galleries/{gallery}/sections"), &json!({ "name": "Dinner" }))
        .await;
    let section = section.json::<Value>()["id"].clone();
    let broken = ana.photo(None, "broken.jpg", jpeg(9, 900, 600)).await;
    ana.all_done().await;
    every_state(&app).await;
    let (link, preview) = ana.share(gallery, "preview").await;
    let (_, full) = ana.share(gallery, "full").await;
    let doors = doors(&app, &ana, gallery).await;
    let public = json!({ "is_public": true });
    ana.browser.json(Method::PUT, &format!("/api/galleries/{gallery}"), &public).await;
    let (shown, one) = (format!("/gallery/{gallery}"), format!("{full}/photos/{photo}"));
    look(&page, &app, 200, &OPEN, &mut faults).await;
    look(&page, &app, 200, &[&shown, &preview, &one, &doors[0], &doors[1]], &mut faults).await;
    look(&page, &app, 410, &[&doors[2]], &mut faults).await;
    let limited = limited(&app, &ana, gallery).await;
    look(&page, &app, 403, &[&limited], &mut faults).await;
    for layout in ["masonry", "grid", "justified"] {
        let form = [("layout", layout), ("shows_camera", "true")];
        ana.browser.post_form(&format!("/gallery/{gallery}/appearance"), &form).await;
        look(&page, &app, 200, &[&full], &mut faults).await;
    }
    look(&page, &app, 200, &["/auth/logout"], &mut faults).await;
    look(&page, &app, 401, &["/auth/callback"], &mut faults).await;
    look(&page, &app, 404, &["/none"], &mut faults).await;
    page.go(&app.url).await;
    sign_in(&page, &app).await;
    let own = [
        "/photos".to_owned(),
        "/dashboard".to_owned(),
        format!("/photos/{loose}/replace"),
        format!("/gallery/{gallery}/stats"),
        format!("/gallery/{empty}/stats"),
        format!("/shares/{link}/stats"),
        format!("/shares/{link}/preview"),
        "/customers".to_owned(),
        "/customers/import".to_owned(),
        format!("/customers/{customer}"),
        "/trash".to_owned(),
        "/gallery".to_owned(),
        format!("/gallery/{gallery}"),
        format!("/gallery/{empty}"),
        format!("/gallery/{gallery}/edit"),
        format!("/gallery/{gallery}/shares"),
        format!("/gallery/{gallery}/people"),
        format!("/gallery/{gallery}?section={section}&sections=open"),
        format!("/gallery/{gallery}?q=nothing-like-it"),
        "/photos?filter=failed".to_owned(),
        format!("/photos/{broken}"),
        format!("/photos/{photo}"),
        "/shares".to_owned(),
        "/shares?q=nothing-like-it".to_owned(),
        "/branding".to_owned(),
        "/branding?kind=text&text=Ana&position=bottom_right#watermark".to_owned(),
    ];
    look(&page, &app, 200, &own.each_ref().map(String::as_str), &mut faults).await;
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
    let galleries = ["/admin", "/admin/galleries", "/admin/galleries?q=nothing", &owner];
    look(&page, &app, 200, &galleries, &mut faults).await;
    look(&page, &app, 200, &["/admin/users", "/admin/users?q=nobody-at-all"], &mut faults).await;
    administration(&page, &app, &mut faults).await;
    assert!(faults.is_empty(), "{faults}");
}

/// What an administrator looks after, with something in trouble everywhere.
async fn administration(page: &Page, app: &TestApp, faults: &mut String) {
    let empty = ["/admin/jobs", "/admin/mails"];
    look(page, app, 200, &empty, faults).await;
    for trouble in [
        "insert into mails (mail_id, kind, recipient, failed_at, last_error)
            values (gen_random_uuid(), 'gallery_shared', 'cleo.with.a.long.name@example.org', now(), 'no such mailbox here')",
        "update photo set recipe = null where filename = 'one.jpg'",
        "insert into setting_changes (changed_by, setting, value_before, value_after)
            values ('root', 'Default watermark', 'the photographer’s name', 'Studio Luz')",
        "insert into quotas (owner_id, quota_bytes) select id, 500000 from users where username = 'ana'",
        "select graphile_worker.add_job('render_photo', payload => '{\"photo_id\": 1}'::json, run_at => now() + interval '1 day')",
        "update graphile_worker._private_jobs set attempts = 3, last_error = 'the disk is full', run_at = now() + interval '1 hour'",
    ] {
        app.sql(trouble).await;
    }
    let paths = [
        "/admin",
        "/admin/storage",
        "/admin/jobs",
        "/admin/failed",
        "/admin/mails",
        "/admin/settings",
        "/dashboard",
    ];
    look(page, app, 200, &paths, faults).await;
}

/// As somebody sees the pages who has just begun.
async fn newcomer(page: &Page, app: &TestApp, faults: &mut String) {
    sign_in(page, app).await;
    let bare = ["/dashboard", "/photos", "/gallery", "/customers", "/shares", "/trash"];
    look(page, app, 200, &bare, faults).await;
    page.0.client.delete_all_cookies().await.unwrap();
}

/// What can be the matter with a photo.
async fn every_state(app: &TestApp) {
    app.sql("update photo set status = 'failed', failure_detail = 'Its end is missing.' where filename = 'broken.jpg'").await;
    app.sql("update photo set locked = true, archived = true, rating = 4 where filename = 'two.jpg'").await;
    app.sql("update photo set replaced_at = now() where filename = 'three.jpg'").await;
}

/// A download that its link does not include any more; and the owner is told, with the photos, of one that could not be
/// read.
async fn limited(app: &TestApp, ana: &Person, gallery: i64) -> String {
    let wanted = json!({ "access_level": "full", "max_downloads": 1 });
    let made = ana.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &wanted).await;
    app.sql("update share_links set downloads = max_downloads where max_downloads is not null").await;
    app.sql(
        "insert into download_failures (photo_id, reason, storage_key, size_bytes)
         select photo.id, 'other_length', files.storage_key, files.size_bytes + 1
         from photo join files on files.id = photo.file_id where photo.filename = 'one.jpg'",
    )
    .await;
    let url = made.json::<Value>()["url"].as_str().unwrap().replace(&app.url, "");
    format!("{url}/download.zip")
}

/// Links that stand before a gallery: one with a password, one with numbered visits, one that is closed.
async fn doors(app: &TestApp, ana: &Person, gallery: i64) -> [String; 3] {
    let shares = format!("/api/galleries/{gallery}/shares");
    let mut doors = Vec::new();
    for policy in [json!({ "password": "sesame" }), json!({ "max_views": 3 }), json!({})] {
        let mut body = json!({ "access_level": "full", "expires_in_days": 7 });
        body.as_object_mut().unwrap().extend(policy.as_object().unwrap().clone());
        doors.push(ana.browser.post_json(&shares, &body).await.json::<Value>());
    }
    ana.browser.delete(&format!("/api/shares/{}", doors[2]["id"])).await;
    let path = |link: &Value| link["url"].as_str().unwrap().replace(&app.url, "");
    [path(&doors[0]), path(&doors[1]), path(&doors[2])]
}

/// Keeps the page as a picture in both themes, in the folder that `LOOKS` names.
async fn keep(page: &Page, path: &str) {
    let Some(folder) = std::env::var_os("LOOKS").map(std::path::PathBuf::from) else { return };
    let width = page.0.size().await.0;
    let name: String =
        path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect();
    for theme in ["light", "dark"] {
        page.run(&format!("scrollTo(0, 0); document.documentElement.dataset.bsTheme = '{theme}'")).await;
        let picture = page.0.client.screenshot().await.unwrap();
        std::fs::write(folder.join(format!("{name}-{width}-{theme}.png")), picture).unwrap();
    }
}

/// Looks at pages that answer with this status; another one is a fault too.
async fn look(page: &Page, app: &TestApp, status: u64, paths: &[&str], faults: &mut String) {
    for path in paths {
        page.go(&format!("{}{path}", app.url)).await;
        let answered = page.0.status().await;
        if answered != status {
            writeln!(faults, "{path}: answered {answered} instead of {status}").expect("a text grows");
        }
        for fault in page.0.faults().await {
            writeln!(faults, "{path}: {fault}").expect("a text grows");
        }
        keep(page, path).await;
    }
}
