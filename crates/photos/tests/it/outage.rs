//! The database of photos goes and comes again: whoever asks meanwhile is told to come again, and has lost nothing by it.

use std::time::Duration;

use common::pulse::Pulse;
use serde_json::json;
use sqlx::{
    AssertSqlSafe, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use test_support::reqwest::Method;
use tokio::time::sleep;

use crate::harness::{TestApp, eventually, jpeg, new_database};

#[tokio::test]
async fn while_the_database_is_away_all_is_refused_at_once_and_afterwards_goes_on() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("The harbour").await;
    ana.photo(Some(gallery), "a.jpg", jpeg(1, 60, 40)).await;
    let token = ana.browser.token(&app.url).expect("a page gave one");
    let cookie = |name: &str| ana.browser.cookie(&app.url, name);
    let before = (cookie("photos_session"), cookie("photos"));
    let body = json!({ "name": "The market" });

    app.database.take_away().await;
    eventually("it is known", async || ana.browser.get_json("/api/photos").await.status == 503).await;
    for path in ["/", "/photos", "/api/photos", "/events", "/no/such/page"] {
        let answer = ana.browser.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "5"), "{path}");
        assert!(answer.set_cookies().is_empty(), "{path}");
    }
    let page = ana.browser.get("/photos").await;
    assert_eq!(page.select("h1"), ["Back in a moment"]);
    assert_eq!(page.attributes(".actions a", "href"), ["/photos", "/"]);
    assert_eq!(ana.browser.post_json("/api/galleries", &body).await.status, 503);
    assert_eq!(app.browser().get("/assets/none.css").await.status, 404, "what needs no database goes on");

    app.database.bring_back().await;
    eventually("it is there again", async || ana.browser.get("/photos").await.status == 200).await;
    assert_eq!((cookie("photos_session"), cookie("photos")), before);
    let open_form =
        ana.browser.request(Method::POST, "/api/galleries").header("x-csrf-token", token).json(&body);
    assert_eq!(ana.browser.send(open_form).await.status, 201, "a form that was open is still good");
}

#[tokio::test]
async fn a_database_with_no_room_for_one_more_connection_is_not_away() {
    let database = new_database().await;
    let admin = PgPool::connect(&database.url).await.expect("the database");
    let role = format!("crowded_{}", std::process::id());
    let run = async |statement: String| {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&admin).await.expect("the role");
    };
    run(format!("drop role if exists {role}; create role {role} login connection limit 1")).await;
    let options: PgConnectOptions = database.url.parse().expect("an address");
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options.username(&role)).await;
    let pool = pool.expect("the one connection");

    let pulse = Pulse::feel(&pool);
    for _ in 0..10 {
        pulse.check().await.expect("the pool still has its own");
        sleep(Duration::from_millis(50)).await;
    }
    sqlx::query("select 1").execute(&pool).await.expect("an answer");
    pool.close().await;
    run(format!("drop role {role}")).await;
}
