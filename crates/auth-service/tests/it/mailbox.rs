//! The mailbox of development: every mail can be read in the browser, and outside development there is none.

use test_support::Browser;

use crate::{harness::TestApp, mail::mail};

async fn post(app: &TestApp, to: &str, subject: &str) {
    app.app.outbox.create(app.db(), "test", &mail(to, subject)).await.expect("a row");
    app.mails().await;
}

#[tokio::test]
async fn mails_are_listed_newest_first_and_opened_with_their_links() {
    let app = TestApp::start().await;
    let ana = app.browser();
    assert_eq!(ana.get("/mailbox").await.select("h2"), ["No mail yet"]);
    post(&app, "ana@example.org", "First").await;
    post(&app, "bo@example.org", "Second & <b>last</b>").await;
    let list = ana.get("/mailbox").await;
    assert_eq!(list.select(".mail-subject"), ["Second & <b>last</b>", "First"]);
    assert_eq!(list.select(".mail-to"), ["To bo@example.org", "To ana@example.org"]);
    let href = list.attributes(".mail a", "href").remove(0);
    let page = ana.get(&href).await;
    assert_eq!(page.select("h1"), ["Second & <b>last</b>"]);
    assert_eq!(page.attributes(".mail-text a", "href"), ["https://auth.stsgym.com/secret-link"]);
    let frame = page.attributes("iframe", "src").remove(0);
    let html = ana.get(&frame).await;
    assert_eq!(html.attributes("a", "href"), ["https://auth.stsgym.com/secret-link"]);
    let policy = html.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
    assert!(!policy.contains("allow-scripts") && !policy.contains("allow-same-origin"), "{policy}");
    for path in
        ["/mailbox/none", "/mailbox/00000000-0000-0000-0000-000000000000", "/mailbox/..%2f..%2fetc/html"]
    {
        assert_eq!(ana.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_long_list_goes_on_page_by_page() {
    let app = TestApp::start().await;
    for number in 0..51 {
        let mail = mail("ana@example.org", &format!("Mail {number}"));
        app.app.outbox.create(app.db(), "test", &mail).await.expect("a row");
    }
    app.mailbox.wait_for(51).await;
    let first = app.browser().get("/mailbox").await;
    assert_eq!(first.select(".mail").len(), 50);
    let older = first.attributes(".more a", "href").remove(0);
    assert_eq!(app.browser().get(&older).await.select(".mail-subject"), ["Mail 0"]);
}

#[tokio::test]
async fn outside_development_and_without_a_folder_there_is_no_mailbox() {
    let production = TestApp::start_in_production().await;
    let by_smtp = TestApp::start_with(&[
        ("SMTP_URL", "smtp://localhost:9"),
        ("MAIL_FROM", "Photos <no-reply@example.org>"),
    ])
    .await;
    post(&production, "ana@example.org", "Private").await;
    let id = std::fs::read_dir(production.mailbox.path()).expect("the folder").flatten();
    let id: Vec<_> =
        id.map(|file| file.path().file_stem().expect("a name").to_string_lossy().into_owned()).collect();
    for app in [&production, &by_smtp] {
        for path in ["/mailbox".to_owned(), format!("/mailbox/{}", id[0]), format!("/mailbox/{}/html", id[0])]
        {
            let answer = app.browser().get(&path).await;
            assert_eq!(answer.status, 404, "{path}");
            assert!(!answer.text().contains("Private"));
        }
    }
}

#[tokio::test]
async fn the_mailbox_is_fit_for_everybody_on_a_phone_and_on_a_desk() {
    if !Browser::available() {
        return;
    }
    let app = TestApp::start().await;
    let long = "A subject that somebody with a very long name wrote, to see whether it stays within the page";
    post(&app, "somebody.with-a-very-long-name@a-long-name-of-a-host.example.org", long).await;
    post(&app, "ana@example.org", "Reset your password").await;
    let href = app.browser().get("/mailbox").await.attributes(".mail a", "href").remove(0);
    let mut faults = Vec::new();
    for (width, height) in [(390, 844), (1440, 900)] {
        let browser = Browser::start(width, height).await;
        for path in ["/mailbox", &href] {
            browser.client.goto(&format!("{}{path}", app.url)).await.expect("the page opens");
            // With the focus on a link of the mail, the frame has it for the page, and the link shows it.
            let found = browser.faults().await.into_iter().filter(|fault| !fault.contains("show: \"<iframe"));
            faults.extend(found.map(|fault| format!("{path} {width}: {fault}")));
        }
        browser.close().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
