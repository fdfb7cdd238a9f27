//! What an administrator looks after: failed photos, jobs in trouble, mails that did not go.

use common::identity::Role;
use serde_json::{Value, json};

use crate::harness::{Person, TestApp, eventually, jpeg};

async fn app() -> (TestApp, Person, Person) {
    let app = TestApp::start().await;
    let root = app.person("root", Role::Admin).await;
    let ana = app.photographer("ana").await;
    (app, root, ana)
}

#[tokio::test]
async fn failed_photos_of_everybody_are_tried_again_one_by_one_or_all() {
    let (app, root, ana) = app().await;
    let ben = app.photographer("ben").await;
    let first = ana.photo(None, "one.jpg", jpeg(1, 60, 40)).await;
    ana.photo(None, "two.jpg", jpeg(90, 60, 40)).await;
    ben.photo(None, "three.jpg", jpeg(180, 60, 40)).await;
    app.sql(
        "update photo set status = 'failed', failure = 'truncated', failure_detail = 'Its end is missing.',
            recipe = 1000",
    )
    .await;
    app.sql("delete from graphile_worker._private_jobs").await;
    let page = root.browser.get("/admin/failed").await;
    assert_eq!(page.select("tbody .rows-main a"), ["three.jpg", "two.jpg", "one.jpg"], "{}", page.text());
    assert_eq!(page.select("td[data-label=Photographer]"), ["ben", "ana", "ana"]);
    assert_eq!(page.select("td[data-label=Why]")[0], "Its end is missing.");

    let nothing = root.browser.post_form("/admin/failed", &[("which", "selected")]).await;
    assert_eq!(nothing.status, 303);
    assert_eq!(root.browser.get("/admin/failed").await.select("tbody tr").len(), 3, "none was chosen");
    let one = first.to_string();
    root.browser.post_form("/admin/failed", &[("which", "selected"), ("photo_ids", &one)]).await;
    let _worker = app.worker();
    eventually("the chosen one is ready", async || {
        ana.browser.get_json(&format!("/api/photos/{first}")).await.json::<Value>()["status"] == "ready"
    })
    .await;
    assert_eq!(root.browser.get("/admin/failed").await.select("tbody tr").len(), 2);
    root.browser.post_form("/admin/failed", &[("which", "all")]).await;
    eventually("all are ready", async || {
        root.browser.get("/admin/failed").await.select("tbody tr").is_empty()
    })
    .await;
    for person in [&ana, &ben] {
        assert!(person.all_done().await.iter().all(|photo| photo["status"] == "ready"));
    }
}

#[tokio::test]
async fn jobs_in_trouble_are_named_with_their_error_and_tried_again() {
    let (app, root, ana) = app().await;
    let photo = ana.photo(None, "one.jpg", jpeg(1, 60, 40)).await;
    let page = root.browser.get("/admin/jobs").await;
    assert_eq!(page.select("td[data-label=Waiting]"), ["1"], "{}", page.text());
    assert_eq!(page.select(".works-count"), ["0 of 1 photos"]);
    app.sql(
        "update graphile_worker._private_jobs set attempts = max_attempts, last_error = 'the disk is full',
            run_at = now() + interval '1 hour'",
    )
    .await;
    let page = root.browser.get("/admin/jobs").await;
    assert_eq!(page.select("td[data-label='Given up']"), ["1"]);
    assert_eq!(page.select("td[data-label=Error]"), ["the disk is full"]);
    assert_eq!(page.attributes(".rows-sub a", "href"), [format!("/photos/{photo}")]);
    assert_eq!(root.browser.get("/admin").await.select(".figure-value")[5], "1");
    let _worker = app.worker();
    let job = page.attributes("input[name=job]", "value")[0].clone();
    root.browser.post_form("/admin/jobs", &[("job", &job)]).await;
    eventually("it is done", async || ana.all_done().await[0]["status"] == "ready").await;
    let page = root.browser.get("/admin/jobs").await;
    assert!(page.select("td[data-label=Error]").is_empty() && page.select(".works-count").is_empty());
    let gone = root.browser.post_form("/admin/jobs", &[("job", &job)]).await;
    assert_eq!(gone.status, 303);
    assert_eq!(root.browser.get("/admin/jobs").await.select(".alert-warning").len(), 1);
}

#[tokio::test]
async fn a_mail_that_was_given_up_is_written_again_while_its_link_opens() {
    let (app, root, ana) = app().await;
    let gallery = ana.gallery("Wedding").await;
    let link = json!({ "access_level": "full", "recipient_email": "cleo@example.org", "send": true });
    let made = ana.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &link).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json::<Value>()["id"].clone();
    let states = async |query: &str| {
        root.browser.get(&format!("/admin/mails{query}")).await.select("td[data-label=State]")
    };
    eventually("the mail is sent", async || states("").await == ["Sent"]).await;
    app.sql("update mails set sent_at = null, failed_at = now(), last_error = 'no such mailbox'").await;
    let page = root.browser.get("/admin/mails?state=failed").await;
    assert_eq!(page.select(".rows-main"), ["cleo@example.org"], "{}", page.text());
    assert_eq!(page.select("td[data-label=Said]"), ["no such mailbox"]);
    assert!(states("?state=sent").await.is_empty());

    let again = page.attributes("tbody form", "action").pop().expect("a button");
    root.browser.post_form(&again, &[]).await;
    eventually("a second one is sent", async || states("").await == ["Sent", "Given up"]).await;
    ana.browser.delete(&format!("/api/shares/{made}")).await;
    let page = root.browser.get("/admin/mails?state=sent").await;
    let again = page.attributes("tbody form", "action").pop().expect("a button");
    root.browser.post_form(&again, &[]).await;
    assert_eq!(
        root.browser.get("/admin/mails").await.select(".alert-warning").len(),
        1,
        "the link is revoked"
    );
    assert_eq!(states("").await.len(), 2);
}

#[tokio::test]
async fn a_mail_that_waits_is_tried_at_once() {
    let (app, root, _) = app().await;
    let outbox = &app.shared().outbox;
    let mail = common::mailer::Mail {
        to: "cleo@example.org".to_owned(),
        subject: "Hello".to_owned(),
        text: "Hello.\n".to_owned(),
        html: "<p>Hello.</p>".to_owned(),
    };
    let mut transaction = app.db.begin().await.unwrap();
    outbox.create(&mut *transaction, "link_opened", &mail).await.unwrap();
    let late = "update mails set next_attempt_at = now() + interval '3 hours', attempts = 9, last_error = 'try later'";
    sqlx::query(late).execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    let page = root.browser.get("/admin/mails").await;
    assert_eq!(page.select("td[data-label=State]"), ["Waiting"]);
    assert!(page.select("td[data-label=Said]")[0].starts_with("try later (next try "), "{}", page.text());
    let now = page.attributes("tbody form", "action").pop().expect("a button");
    root.browser.post_form(&now, &[]).await;
    eventually("it is sent", async || {
        root.browser.get("/admin/mails").await.select("td[data-label=State]") == ["Sent"]
    })
    .await;
    assert!(root.browser.get("/admin/mails").await.select("tbody form").is_empty(), "it carried no link");
}
