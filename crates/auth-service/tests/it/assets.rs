//! Styles and scripts on their way: as small as the build made them, for whoever can read that.

use test_support::reqwest::Method;

use crate::harness::TestApp;

#[tokio::test]
async fn styles_and_scripts_are_sent_as_small_as_the_build_made_them() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let page = browser.get("/login").await;
    let files = [page.attributes("link[rel=stylesheet]", "href"), page.attributes("script", "src")].concat();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        let whole = browser.get(&file).await;
        assert_eq!((whole.header("content-encoding"), whole.header("vary")), ("", "Accept-Encoding"));
        for (accepted, encoding) in [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip", "gzip"),
            ("br;q=0, gzip;q=0.5", "gzip"),
            ("zstd", ""),
            ("identity", ""),
        ] {
            let request = browser.request(Method::GET, &file).header("accept-encoding", accepted);
            let answer = browser.send(request).await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("content-encoding")),
                (200, encoding),
                "{accepted}"
            );
            assert_eq!(answer.header("content-type"), whole.header("content-type"));
            let smaller = answer.body.len() < whole.body.len();
            assert_eq!(smaller, !encoding.is_empty(), "{file} as {accepted}: {} bytes", answer.body.len());
        }
    }
}
