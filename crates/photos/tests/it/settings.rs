//! What administrators set: by the page and by programs, within the operator's bounds, for both services and at once.

use common::identity::Role;
use serde_json::{Value, json};
use test_support::{Answer, reqwest::Method};

use crate::harness::{Person, TestApp, eventually, field, jpeg};

const WORK: [(&str, &str); 6] = [
    ("upload_max_files", ""),
    ("upload_max_file_mb", ""),
    ("quota_gb", ""),
    ("watermark_text", ""),
    ("trash_days", ""),
    ("event_days", ""),
];

/// The form of the page with these fields, the others empty.
async fn save(root: &Person, changed: &[(&str, &str)]) -> Answer {
    let fields: Vec<(&str, &str)> = WORK
        .into_iter()
        .map(|(name, _)| {
            (name, changed.iter().find(|(field, _)| *field == name).map_or("", |(_, value)| value))
        })
        .collect();
    root.browser.get("/admin/settings").await;
    root.browser.post_form("/admin/settings", &fields).await
}

async fn put(root: &Person, change: Value) -> Answer {
    root.browser.json(Method::PUT, "/api/admin/settings", &change).await
}

fn list<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).into()
}

#[tokio::test]
async fn the_site_gets_another_name_and_closes_its_doors_in_both_services() {
    let app = TestApp::start().await;
    let root = app.person("root", Role::Admin).await;
    let page = root.browser.get("/admin/settings").await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.header("content-security-policy").contains(&format!("form-action 'self' {}", app.auth_url)));
    let fields =
        [("site_name", "Studio Luz"), ("registration", "invitation"), ("registration_role", "photographer")];
    let saved = root.browser.post_form("/admin/settings/site", &fields).await;
    assert_eq!((saved.status.as_u16(), saved.location()), (303, format!("{}/admin/settings", app.url)));
    let page = root.browser.get("/admin/settings").await;
    assert_eq!(page.select(".wordmark"), ["Studio Luz"]);
    assert_eq!(page.attributes("#field-registration option[selected]", "value"), ["invitation"]);
    assert_eq!(page.attributes("#field-registration_role option[selected]", "value"), ["photographer"]);
    let sign_in = app.browser().get(&format!("{}/register", app.auth_url)).await;
    assert_eq!(sign_in.select(".wordmark"), ["Studio Luz"]);
    assert!(sign_in.select("input[name=email]").is_empty(), "{}", sign_in.text());

    let back = put(&root, json!({ "site_name": null, "registration": null })).await;
    let back = back.json::<Value>();
    assert_eq!((&back["site_name"], &back["registration"]["mode"]), (&json!("Photos"), &json!("open")));
}

#[tokio::test]
async fn who_proved_long_ago_who_they_are_is_asked_again_and_nothing_changed_meanwhile() {
    let app = TestApp::start().await;
    let root = app.person("root", Role::Admin).await;
    app.auth_sql("update sessions set auth_time = now() - interval '11 minutes'").await;
    root.browser.get("/admin/settings").await;
    let away = root.browser.post_form("/admin/settings/site", &[("site_name", "Luz")]).await;
    assert_eq!(away.status, 303);
    let form = root.browser.get(&away.location()).await;
    assert_eq!(field(&form, "return_to"), format!("{}/admin/settings", app.url));
    let problem = put(&root, json!({ "site_name": "Luz", "trash_days": 7 })).await.json::<Value>();
    assert_eq!(problem["reason"], "reauthentication_required");
    let shown = root.browser.get_json("/api/admin/settings").await.json::<Value>();
    assert_eq!((&shown["site_name"], &shown["trash_days"]), (&json!("Photos"), &json!(30)));
    // What concerns photos alone needs no new proof.
    assert_eq!(put(&root, json!({ "trash_days": 7 })).await.status, 200);
}

#[tokio::test]
async fn limits_hold_at_the_next_upload_and_never_go_beyond_the_operators() {
    let app = TestApp::start_with(&[("UPLOAD_MAX_FILES", "4"), ("UPLOAD_MAX_FILE_MB", "2")]).await;
    let (root, ana) = (app.person("root", Role::Admin).await, app.photographer("ana").await);
    let refused =
        save(&root, &[("upload_max_files", "5"), ("upload_max_file_mb", "3"), ("trash_days", "x")]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.select("#error-trash_days").len(), 1, "{}", refused.text());
    assert_eq!(field(&refused, "upload_max_files"), "5", "what was typed stays");
    let refused = save(&root, &[("upload_max_files", "5"), ("upload_max_file_mb", "3")]).await;
    assert_eq!(
        (refused.select("#error-upload_max_files").len(), refused.select("#error-upload_max_file_mb").len()),
        (1, 1)
    );
    let saved =
        save(&root, &[("upload_max_files", "1"), ("upload_max_file_mb", "1"), ("trash_days", "7")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text());

    let mut large = jpeg(1, 60, 40);
    large.resize((1 << 20) + 1, 0);
    let files = [("a.jpg", jpeg(2, 60, 40)), ("b.jpg", jpeg(3, 60, 40))];
    let outcome = ana.upload(None, &files).await.json::<Value>();
    assert_eq!(outcome["refused"][0]["reason"], "too_many_files", "{outcome}");
    let outcome = ana.upload(None, &[("large.jpg", large)]).await.json::<Value>();
    assert_eq!(outcome["refused"][0]["reason"], "too_large", "{outcome}");
    assert!(ana.browser.get("/trash").await.text().contains("stays here for 7 days"));

    let page = root.browser.get("/admin/settings").await;
    assert_eq!(
        page.select("tbody .rows-main"),
        list(["Days in the trash", "Largest file", "Files at once"]),
        "who changed what is written down"
    );
    assert_eq!(page.select("td[data-label=Before]"), list(["30", "2 MB", "4"]));
    save(&root, &[]).await;
    let shown = root.browser.get_json("/api/admin/settings").await.json::<Value>();
    assert_eq!((&shown["upload_max_files"], &shown["limits"]["upload_max_files"]), (&json!(4), &json!(4)));
}

#[tokio::test]
async fn programs_are_told_what_is_wrong_and_others_may_do_nothing() {
    let app = TestApp::start().await;
    let (root, ana) = (app.person("root", Role::Admin).await, app.photographer("ana").await);
    assert_eq!(put(&ana, json!({ "trash_days": 1 })).await.status, 403);
    assert_eq!(ana.browser.get_json("/api/admin/settings").await.status, 403);
    for wrong in [
        json!({ "trash_days": 0 }),
        json!({ "quota_bytes": -1 }),
        json!({ "watermark_text": "水印" }),
        json!({ "registration": "everybody" }),
        json!({ "registration_role": "admin" }),
    ] {
        let answer = put(&root, wrong.clone()).await;
        assert_eq!(answer.status, 422, "{wrong}: {}", answer.text());
        let field = wrong.as_object().unwrap().keys().next().unwrap().clone();
        assert!(answer.json::<Value>()["errors"][&field].is_string(), "{wrong}");
    }
    assert_eq!(put(&root, json!({ "colour": "red" })).await.status, 400);
}

#[tokio::test]
async fn what_another_process_changed_is_heard_of() {
    let app = TestApp::start().await;
    app.sql("update site_settings set site_name = 'Elsewhere', trash_days = 3").await;
    eventually("the change is heard of", async || {
        app.browser().get("/").await.select(".wordmark") == ["Elsewhere"]
    })
    .await;
    assert_eq!(app.shared().settings.current().trash_days, 3);
}

#[tokio::test]
async fn the_sites_watermark_is_drawn_for_those_who_chose_none() {
    let app = TestApp::start().await;
    let root = app.person("root", Role::Admin).await;
    let (ana, ben) = (app.photographer("ana").await, app.photographer("ben").await);
    let worker = app.worker();
    ben.browser.json(Method::PUT, "/api/watermark", &json!({ "text": "Ben's" })).await;
    for person in [&ana, &ben] {
        person.photo(None, "a.jpg", jpeg(1, 640, 480)).await;
        person.all_done().await;
    }
    eventually("nothing waits", async || pending(&ben).await == 0).await;
    drop(worker);
    let marked = async || -> Vec<(i32, String)> {
        sqlx::query_as(
            "select photo_id, encode(sha256, 'hex') from renditions where kind = 'thumbnail' and marked order by photo_id",
        )
        .fetch_all(&app.db)
        .await
        .unwrap()
    };
    let before = marked().await;
    assert_eq!(put(&root, json!({ "watermark_text": "Luz" })).await.status, 200);
    assert_eq!((pending(&ana).await, pending(&ben).await), (1, 0), "ben chose his own");
    assert_eq!(ana.browser.get_json("/api/watermark").await.json::<Value>()["text"], "Luz");
    let dashboard = ana.browser.get("/dashboard").await;
    assert_eq!(dashboard.select("#figures-progress .works-count"), ["0 of 1 photos"], "{}", dashboard.text());
    assert!(ben.browser.get("/dashboard").await.select(".works-count").is_empty());

    let worker = app.worker();
    eventually("it is drawn", async || pending(&ana).await == 0).await;
    let with_text = marked().await;
    assert!(with_text[0] != before[0] && with_text[1] == before[1]);
    put(&root, json!({ "watermark_text": null })).await;
    eventually("the name is drawn", async || marked().await == before).await;
    drop(worker);
}

#[tokio::test]
async fn a_photo_that_was_in_work_while_the_sites_watermark_changed_is_made_again() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    // The worker has its recipe; then somebody changes the setting before the renditions are kept.
    app.sql(
        "create function meanwhile() returns trigger language plpgsql as $$ begin
            update site_settings set mark_text = 'Luz', mark_version = nextval('watermark_versions')
            where mark_text is null;
            return null; end $$",
    )
    .await;
    app.sql(
        "create trigger meanwhile after delete on renditions for each statement execute function meanwhile()",
    )
    .await;
    let worker = app.worker();
    ana.photo(None, "a.jpg", jpeg(1, 640, 480)).await;
    ana.all_done().await;
    eventually("it is made again", async || {
        let drawn = "select photo.mark_version = site_settings.mark_version and photo.mark_version > 0
            from photo, site_settings";
        sqlx::query_scalar::<_, bool>(drawn).fetch_one(&app.db).await.unwrap()
    })
    .await;
    drop(worker);
}

async fn pending(person: &Person) -> i64 {
    person.browser.get_json("/api/watermark").await.json::<Value>()["pending"].as_i64().unwrap()
}

#[tokio::test]
async fn what_became_of_mails_long_ago_is_forgotten() {
    let mut app = TestApp::start_keeping().await;
    app.sql(
        "insert into mails (mail_id, kind, recipient, sealed, sent_at, failed_at)
         select gen_random_uuid(), 'a', who, case when days is null then ''::bytea end,
            case when who = 'sent' then now() - make_interval(days => days) end,
            case when who = 'failed' then now() - make_interval(days => days) end
         from (values ('sent', 31), ('failed', 31), ('sent', 29), ('waits', null)) as mail (who, days)",
    )
    .await;
    app.stop_photos().await;
    app.until_photos_is_gone().await;
    app.start_photos_again().await;
    let left = async || {
        let left = sqlx::query_scalar("select recipient from mails order by recipient");
        left.fetch_all(&app.db).await.unwrap() as Vec<String>
    };
    eventually("they are gone", async || left().await == ["sent", "waits"]).await;
}
