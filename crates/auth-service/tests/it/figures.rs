//! What Prometheus is told, at an address of its own, by the real program.

use test_support::{Client, Mailbox, programs, site};

use crate::{commands::command, harness::new_database};

#[tokio::test]
async fn requests_are_counted_by_their_pattern_and_told_at_the_other_address_alone() {
    let database = new_database().await;
    let metrics_bind = format!("127.0.0.1:{}", site::listen().1);
    let mailbox = Mailbox::create();
    let server = programs::Server::start(|port| {
        let (bind, url) = (format!("127.0.0.1:{port}"), site::url("auth", port));
        let settings = [
            ("AUTH_DATABASE_URL", database.url.as_str()),
            ("AUTH_BIND", &bind),
            ("AUTH_METRICS_BIND", &metrics_bind),
            ("AUTH_PUBLIC_URL", &url),
            ("AUTH_SECRETS", site::SECRET),
            ("BASE_DOMAIN", "stsgym.localhost"),
            ("DEVELOPMENT", "true"),
            ("FORGOT_LIMIT_PER_MINUTE", "2"),
            ("MAIL_DIR", mailbox.path()),
            ("RUST_LOG", "off"),
        ];
        command(&["serve"], &settings)
    });
    let told = format!("http://{metrics_bind}/metrics");
    let client = Client::new(&site::url("auth", server.port));
    for path in ["/login", "/auth/reset-password?token=SECRET", "/nowhere/SECRET"] {
        client.get(path).await;
    }
    let nobody = serde_json::json!({ "email": "nobody@example.org" });
    for expected in [200, 200, 429] {
        assert_eq!(client.post_json("/api/forgot-password", &nobody).await.status, expected);
    }
    let text = client.get(&told).await.text();
    let public = client.get("/metrics").await.status.as_u16();
    drop(server);
    for line in [
        r#"http_requests_total{method="GET",route="/login",status="200"} 1"#,
        r#"http_request_seconds_count{method="GET",route="/login"} 1"#,
        "database_up 1",
        "mails_waiting 0",
        "limits_refused_total 1",
        r#"session_answers_total{kept="yes"} 0"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    assert!(text.contains(r#"route="none",status="404""#) && !text.contains("SECRET"), "{text}");
    assert_eq!(public, 404);
}
