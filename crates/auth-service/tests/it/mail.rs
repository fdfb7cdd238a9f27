//! From the outbox into the mailbox: what goes out, when, and what stays in the database.

use common::mailer::Mail;

use crate::harness::TestApp;

/// A mail that nobody else writes.
pub fn mail(to: &str, subject: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: subject.to_owned(),
        text: format!("A link for {to}:\nhttps://auth.stsgym.com/secret-link\n"),
        html: "<p>A <a href=\"https://auth.stsgym.com/secret-link\">link</a>.</p>".to_owned(),
    }
}

#[tokio::test]
async fn a_mail_goes_out_when_its_transaction_commits_and_never_otherwise() {
    let app = TestApp::start().await;
    let mut undone = app.db().begin().await.expect("a transaction");
    app.app.outbox.create(&mut *undone, "test", &mail("bo@example.org", "Undone")).await.expect("a row");
    undone.rollback().await.expect("undone");
    let mut done = app.db().begin().await.expect("a transaction");
    app.app.outbox.create(&mut *done, "test", &mail("ana@example.org", "Grüße, Ana")).await.expect("a row");
    done.commit().await.expect("done");
    let received = app.mail_to("ana@example.org").await;
    assert_eq!(received.subject, "Grüße, Ana");
    assert_eq!(received.link(), "https://auth.stsgym.com/secret-link");
    assert!(received.html.contains("<p>A <a href="));
    assert_eq!(received.from, "no-reply@stsgym.localhost");
    assert_eq!(app.mails().await.len(), 1);
}
