//! The database of photos goes and comes again: whoever asks meanwhile is told to come again, and has lost nothing by it.

use serde_json::json;
use test_support::reqwest::Method;

use crate::harness::{TestApp, eventually, jpeg};

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
