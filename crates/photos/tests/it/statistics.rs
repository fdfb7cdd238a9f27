//! Views and downloads: who is counted, who is not, what is told of it and what is never kept.

use common::identity::Role;
use photos::{
    galleries::GalleryId,
    photos::PhotoId,
    shares::ShareLinkId,
    statistics::{recorder::Download, store::writing},
};
use serde_json::{Value, json};
use test_support::{Client, reqwest::Method};

use crate::{
    harness::{Person, TestApp, jpeg},
    shares::media_addresses,
};

/// The figures that somebody is told at this address, once everything so far is counted.
async fn figures(app: &TestApp, person: &Person, path: &str) -> Value {
    app.shared().statistics.flush().await;
    let answer = person.browser.get_json(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Views, visitors and downloads of a document.
fn counts(figures: &Value) -> [i64; 3] {
    ["views", "visitors", "downloads"].map(|name| figures[name].as_i64().expect("a number"))
}

/// Another browser at the same address is another visitor.
async fn look_with(app: &TestApp, agent: &str, path: &str) -> Client {
    let browser = app.browser();
    let request =
        browser.request(Method::GET, path).header("user-agent", agent).header("accept", "text/html");
    assert_eq!(browser.send(request).await.status, 200);
    browser
}

#[tokio::test]
async fn a_visit_through_a_link_counts_for_the_link_its_gallery_and_its_owner() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.photographer("ana").await, app.photographer("ben").await);
    let gallery = ana.gallery("Wedding").await;
    let (link, path) = ana.share(gallery, "preview").await;
    let (other, _) = ana.share(gallery, "full").await;
    let client = app.browser();
    client.get(&path).await;
    client.get(&path).await;
    app.browser().get(&path).await;
    let of_link = figures(&app, &ana, &format!("/api/shares/{link}/stats")).await;
    assert_eq!(counts(&of_link), [2, 1, 0], "two browsers of one kind at one address are one visitor");
    let today = of_link["views_by_day"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((counts(&today), of_link["views_by_day"].as_array().unwrap().len()), ([2, 1, 0], 30));
    let none = figures(&app, &ana, &format!("/api/shares/{other}/stats?days=7")).await;
    assert_eq!((counts(&none), none["views_by_day"].as_array().unwrap().len()), ([0, 0, 0], 7));
    assert_eq!(counts(&figures(&app, &ana, &format!("/api/galleries/{gallery}/stats")).await), [2, 1, 0]);
    let all = figures(&app, &ana, "/api/stats?days=365").await;
    assert_eq!((&all["views"], &all["views_in_range"]), (&json!(2), &json!(2)));
    assert_eq!(all["views_by_day"].as_array().unwrap().len(), 365);
    assert_eq!(figures(&app, &ben, "/api/stats").await["views"], 0);
    let root = app.person("root", Role::Admin).await;
    assert_eq!(figures(&app, &root, "/api/stats").await["views"], 2, "an administrator's are of all");
}

#[tokio::test]
async fn the_page_of_a_gallery_counts_each_visitor_once_and_its_owner_never() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let open = json!({ "is_public": true });
    ana.browser.json(Method::PUT, &format!("/api/galleries/{gallery}"), &open).await;
    let path = format!("/gallery/{gallery}");
    for agent in ["Phone/1", "Phone/1", "Desk/1"] {
        look_with(&app, agent, &path).await;
    }
    look_with(&app, "Preview/1.0 (bot; +https://example.org)", &path).await;
    ana.browser.get(&path).await;
    app.person("root", Role::Admin).await.browser.get(&path).await;
    assert_eq!(
        counts(&figures(&app, &ana, &format!("/api{path}/stats").replace("gallery", "galleries")).await),
        [2, 2, 0]
    );
    let vic = app.person("vic", Role::Viewer).await;
    vic.browser.get(&path).await;
    vic.browser.get(&path).await;
    let told = figures(&app, &ana, &format!("/api/galleries/{gallery}/stats")).await;
    assert_eq!(counts(&told), [3, 3, 0], "a person with an account is one visitor wherever they come from");
}

#[tokio::test]
async fn a_photo_is_looked_at_once_a_visitor_and_only_large() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let photo = {
        let _worker = app.worker();
        let photo = ana.photo(Some(gallery), "kiss.jpg", jpeg(1, 900, 600)).await;
        ana.all_done().await;
        photo
    };
    let (link, path) = ana.share(gallery, "preview").await;
    let client = app.browser();
    let addresses = media_addresses(&client.get(&path).await.text());
    for address in addresses.iter().chain(&addresses) {
        assert_eq!(client.get(address).await.status, 200);
    }
    let own = media_addresses(&ana.browser.get(&format!("/gallery/{gallery}")).await.text());
    for address in own {
        ana.browser.get(&address).await;
    }
    let top = figures(&app, &ana, &format!("/api/shares/{link}/stats")).await["top_photos"].clone();
    assert_eq!(top, json!([{ "id": photo, "name": "kiss.jpg", "views": 1, "downloads": 0 }]));
    let shown = ana.browser.get_json(&format!("/api/photos/{photo}")).await.json::<Value>();
    assert_eq!((&shown["views"], &shown["download_count"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn downloads_are_counted_for_photos_link_gallery_and_owner() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let photos = [
        ana.photo(Some(gallery), "1.jpg", jpeg(1, 60, 40)).await,
        ana.photo(Some(gallery), "2.jpg", jpeg(2, 60, 40)).await,
    ];
    let (link, _) = ana.share(gallery, "full").await;
    let ids: Vec<PhotoId> = photos.iter().map(|id| PhotoId(i32::try_from(*id).unwrap())).collect();
    let record = |photos: &[PhotoId], link: Option<i64>| {
        let download = Download {
            gallery: GalleryId(i32::try_from(gallery).unwrap()),
            link: link.map(|link| ShareLinkId(i32::try_from(link).unwrap())),
            has_account: false,
            photos: photos.to_vec(),
        };
        app.shared().statistics.download(download);
    };
    record(&ids, Some(link));
    record(&ids[..1], None);
    let told = figures(&app, &ana, &format!("/api/galleries/{gallery}/stats")).await;
    assert_eq!(counts(&told), [0, 0, 3]);
    assert_eq!(told["top_photos"][0]["downloads"], 2);
    assert_eq!(counts(&figures(&app, &ana, &format!("/api/shares/{link}/stats")).await), [0, 0, 2]);
    let shown = ana.browser.get_json(&format!("/api/photos/{}", photos[0])).await.json::<Value>();
    assert_eq!(shown["download_count"], 2);
    let all = figures(&app, &ana, "/api/stats").await;
    let happened: Vec<&str> = all["activity"]
        .as_array()
        .unwrap()
        .iter()
        .map(|activity| activity["text"].as_str().unwrap())
        .collect();
    assert!(happened.contains(&"Somebody with a link downloaded 2 photos of “Wedding”"), "{happened:?}");
    assert!(happened.contains(&"A visitor downloaded 1 photo of “Wedding”"), "{happened:?}");
    assert!(happened.contains(&"2 photos arrived in “Wedding”"), "{happened:?}");
}

#[tokio::test]
async fn nothing_that_is_kept_says_who_somebody_was() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, path) = ana.share(gallery, "preview").await;
    look_with(&app, "Very-Own-Browser/7", &path).await;
    app.shared().statistics.flush().await;
    let rows: Vec<String> = sqlx::query_scalar(
        "select daily_visitors::text from daily_visitors union all select statistics_events::text from statistics_events
         union all select daily_statistics::text from daily_statistics",
    )
    .fetch_all(&app.db)
    .await
    .unwrap();
    assert!(rows.len() >= 9, "{rows:?}");
    for row in &rows {
        assert!(!row.contains("127.0.0.1") && !row.contains("Own-Browser"), "{row}");
    }
    // Two days later neither the salts nor the hashes are there, and the sums are.
    app.sql("update visitor_salts set day = day - 2").await;
    app.sql("update daily_visitors set day = day - 2").await;
    app.sql("update statistics_events set happened_at = happened_at - interval '91 days'").await;
    writing::purge(&app.db, 90).await.unwrap();
    for table in ["visitor_salts", "daily_visitors", "statistics_events"] {
        let count = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&app.db).await.unwrap(), 0, "{table}");
    }
    assert_eq!(figures(&app, &ana, "/api/stats").await["views"], 1);
}

#[tokio::test]
async fn the_same_visitor_is_somebody_else_on_another_day() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, path) = ana.share(gallery, "preview").await;
    app.browser().get(&path).await;
    app.shared().statistics.flush().await;
    app.sql("update visitor_salts set day = day - 1").await;
    app.browser().get(&path).await;
    app.shared().statistics.flush().await;
    let visitors: i64 = sqlx::query_scalar("select count(distinct visitor) from daily_visitors")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(visitors, 2);
}

#[tokio::test]
async fn what_can_not_be_written_at_once_is_counted_a_moment_later() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, path) = ana.share(gallery, "preview").await;
    app.sql("alter table daily_visitors rename to away").await;
    app.browser().get(&path).await;
    let shared = app.shared();
    let back = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        app.sql("alter table away rename to daily_visitors").await;
    };
    tokio::join!(shared.statistics.flush(), back);
    let path = format!("/api/galleries/{gallery}/stats");
    crate::harness::eventually("it is counted", async || {
        counts(&figures(&app, &ana, &path).await) == [1, 1, 0]
    })
    .await;
}

#[tokio::test]
async fn the_days_can_be_had_as_a_table_and_other_ranges_are_refused() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (link, path) = ana.share(gallery, "preview").await;
    app.browser().get(&path).await;
    app.shared().statistics.flush().await;
    for path in [format!("/api/galleries/{gallery}/stats"), format!("/api/shares/{link}/stats")] {
        let table = ana.browser.get(&format!("{path}?days=7&format=csv")).await;
        assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
        let text = table.text();
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        let today = chrono::Utc::now().date_naive();
        assert_eq!((lines.len(), lines[0]), (8, r#""date","views","visitors","downloads""#));
        assert_eq!(lines[7], format!(r#""{today}","1","1","0""#));
        assert_eq!(ana.browser.get_json(&format!("{path}?days=8")).await.status, 422);
    }
    assert_eq!(ana.browser.get_json("/api/stats?days=0").await.status, 422);
}

#[tokio::test]
async fn the_dashboard_says_everything_without_a_script_and_teaches_who_begins() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let page = ana.browser.get("/dashboard").await;
    assert_eq!(page.select(".step").len(), 3, "{}", page.text());
    assert_eq!(
        page.attributes("[data-chart] details", "open").len(),
        1,
        "the table is open until a script folds it"
    );
    let gallery = ana.gallery("Wedding").await;
    ana.photo(Some(gallery), "1.jpg", jpeg(1, 60, 40)).await;
    let (_, path) = ana.share(gallery, "preview").await;
    assert_eq!(ana.browser.get("/dashboard").await.select(".step.is-done").len(), 3);
    app.browser().get(&path).await;
    app.shared().statistics.flush().await;
    let page = ana.browser.get("/dashboard?days=7").await;
    assert!(page.select(".step").is_empty());
    assert_eq!(page.attributes("[data-chart=line] tbody tr:last-child td", "data-value"), ["1", "1", "0"]);
    assert_eq!(page.select("[data-chart=doughnut] tbody th"), ["Wedding"]);
    assert!(page.select(".happened a").iter().any(|text| text == "Somebody with a link looked at “Wedding”"));
    assert_eq!(page.attributes(".site-nav a[aria-current]", "href"), ["/dashboard"]);
}

#[tokio::test]
async fn a_gallery_that_is_gone_takes_its_sums_along_but_not_its_owners() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, path) = ana.share(gallery, "preview").await;
    app.browser().get(&path).await;
    app.shared().statistics.flush().await;
    ana.browser.delete(&format!("/api/galleries/{gallery}")).await;
    assert_eq!(ana.browser.delete(&format!("/api/trash/galleries/{gallery}")).await.status, 204);
    writing::purge(&app.db, 90).await.unwrap();
    let left: Vec<String> = sqlx::query_scalar("select distinct scope from daily_statistics order by 1")
        .fetch_all(&app.db)
        .await
        .unwrap();
    assert_eq!(left, ["owner", "site"]);
    assert_eq!(figures(&app, &ana, "/api/stats").await["views"], 1);
}
