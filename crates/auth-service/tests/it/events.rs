//! The stream of events: nothing that ends a session or changes an account is left out, and no reader misses any of it.

use std::time::Duration;

use common::identity::Role;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sqlx::Row;
use test_support::site::SERVICE_TOKEN;

use crate::harness::{TestApp, eventually};

const OTHER_TOKEN: &str = "another-service-token-of-the-tests-with-one-scope";

/// A reader as another service is one.
struct Reader {
    response: Response,
    read: String,
}

/// One event of the stream.
#[derive(Debug, PartialEq)]
struct Told {
    id: i64,
    kind: String,
    data: Value,
}

impl Reader {
    async fn open(app: &TestApp, after: Option<i64>) -> Self {
        let mut request = request(app).bearer_auth(SERVICE_TOKEN);
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        Self::read(request).await
    }

    async fn read(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, read: String::new() }
    }

    /// The next event of any kind; none when the stream ends.
    async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                let told = Told {
                    id: field("id: ").and_then(|id| id.parse().ok()).expect("every event has an id"),
                    kind: field("event: ").expect("and a kind").to_owned(),
                    data: serde_json::from_str(field("data: ").expect("and data")).expect("JSON"),
                };
                self.read = String::from(rest);
                return Some(told);
            }
            let chunk = self.response.chunk().await.expect("it is not cut off")?;
            self.read.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }

    /// The events up to the next sign that all were told; that sign's cursor.
    async fn until_caught_up(&mut self) -> (Vec<Told>, i64) {
        let mut told = Vec::new();
        loop {
            match self.next().await.expect("the stream goes on") {
                sign if sign.kind == "caught_up" => return (told, sign.id),
                event => told.push(event),
            }
        }
    }

    /// The next event that tells of something.
    async fn news(&mut self) -> Told {
        loop {
            match self.next().await.expect("the stream goes on") {
                sign if sign.kind == "caught_up" => {}
                event => return event,
            }
        }
    }
}

fn request(app: &TestApp) -> RequestBuilder {
    app.browser().request(Method::GET, "/api/events")
}

fn kinds(told: &[Told]) -> Vec<&str> {
    told.iter().map(|event| event.kind.as_str()).collect()
}

/// The kinds written down since the last call, oldest first.
async fn written(app: &TestApp) -> Vec<String> {
    let rows =
        sqlx::query("with gone as (delete from events returning *) select kind from gone order by event_id");
    let rows = rows.fetch_all(app.db()).await.expect("the table");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn whatever_ends_a_session_or_changes_an_account_is_written_down_and_nothing_else() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    let token = app.token("ana").await;
    assert_eq!(written(&app).await, [""; 0], "neither a new account nor a sign-in");
    let deeds: [(&'static str, &[&str]); 12] = [
        ("update sessions set last_seen_at = now(), expire = expire + interval '1 second'", &[]),
        ("update users set last_login = now(), password_hash = 'x'", &[]),
        ("update users set username = username, user_type = user_type, is_active = true", &[]),
        ("update users set user_type = 'admin'", &["user.changed"]),
        ("update users set is_active = null", &["user.changed"]),
        ("update users set email = 'x@example.org', username = 'x'", &["user.changed"]),
        ("update users set email_verified = not email_verified", &["user.changed"]),
        ("update sessions set sid = repeat('0', 64)", &["session.rotated"]),
        ("delete from sessions", &["session.ended"]),
        ("begin; update users set username = 'y'; rollback", &[]),
        ("delete from users", &["user.deleted"]),
        ("delete from users", &[]),
    ];
    for (deed, expected) in deeds {
        sqlx::raw_sql(deed).execute(app.db()).await.expect("a good statement");
        assert_eq!(written(&app).await, expected, "{deed}");
    }
    app.create_user("ana", Role::User).await;
    let other = app.token("ana").await;
    assert_ne!(token, other);
    app.sql("delete from users").await;
    assert_eq!(written(&app).await.len(), 2, "the account and the session that goes with it");
    app.create_user("ana", Role::User).await;
    app.token("ana").await;
    app.sql("update sessions set expire = now() at time zone 'utc' - interval '1 second'").await;
    app.sql("delete from sessions").await;
    assert_eq!(written(&app).await, [""; 0], "what has expired is no news");
}

#[tokio::test]
async fn ids_come_into_sight_in_ascending_order_however_transactions_overlap() {
    let app = TestApp::start().await;
    for name in ["ana", "bo"] {
        app.create_user(name, Role::User).await;
    }
    let visible = async || -> Vec<String> {
        let query = "select username from events join users on users.id = user_id order by event_id";
        let rows = sqlx::query(query).fetch_all(app.db()).await.expect("the table");
        rows.iter().map(|row| row.get(0)).collect()
    };
    let mut first = app.db().begin().await.expect("a transaction");
    sqlx::raw_sql(
        "update users set user_type = 'admin' where username = 'ana'; set constraints all immediate",
    )
    .execute(&mut *first)
    .await
    .expect("its event has an id, and is not in sight yet");
    let db = app.db().clone();
    let second = tokio::spawn(async move {
        sqlx::query("update users set user_type = 'admin' where username = 'bo'").execute(&db).await
    });
    // Without the lock the second one is through by now, and a reader would pass over the first for ever.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(visible().await, [""; 0]);
    first.commit().await.expect("it commits");
    second.await.expect("it ran").expect("it commits");
    assert_eq!(visible().await, ["ana", "bo"]);
}

#[tokio::test]
async fn many_transactions_at_once_do_not_wait_for_each_other_for_ever_and_none_is_missed() {
    let app = TestApp::start_keeping().await;
    for name in ["ana", "bo", "cy", "di"] {
        app.create_user(name, Role::User).await;
    }
    let mut reader = Reader::open(&app, Some(0)).await;
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let db = app.db().clone();
            tokio::spawn(async move {
                for round in 0..10 {
                    // Each takes its rows in the same order, as two of our own transactions do.
                    let mut transaction = db.begin().await.expect("a transaction");
                    for id in [1 + (writer + round) % 2, 3 + writer % 2] {
                        sqlx::query("update users set username = username || '+' where id = $1")
                            .bind(id)
                            .execute(&mut *transaction)
                            .await
                            .expect("no deadlock");
                    }
                    transaction.commit().await.expect("no deadlock");
                }
            })
        })
        .collect();
    let mut ids = Vec::new();
    while ids.len() < 160 {
        ids.push(reader.news().await.id);
    }
    for writer in writers {
        writer.await.expect("it is through");
    }
    assert!(ids.is_sorted() && reader.until_caught_up().await.0.is_empty());
}

#[tokio::test]
async fn a_reader_hears_of_what_happens_with_the_account_as_it_is_now() {
    let app = TestApp::start_keeping().await;
    let ana = app.create_user("ana", Role::User).await;
    let mut reader = Reader::open(&app, None).await;
    assert_eq!(reader.until_caught_up().await, (Vec::new(), 0));
    app.sql("update users set user_type = 'photographer'").await;
    let changed = reader.news().await;
    let user = json!({
        "id": ana, "username": "ana", "email": "ana@example.org", "role": "photographer", "email_verified": true,
        "is_active": true,
    });
    assert_eq!((changed.kind.as_str(), &changed.data["user"]), ("user.changed", &user));
    let token = app.token("ana").await;
    let session = app.verify(&token).await.json::<Value>()["session"]["id"].clone();
    app.sql("delete from sessions").await;
    let ended = reader.news().await;
    assert_eq!(ended.kind, "session.ended");
    assert_eq!((&ended.data["user_id"], &ended.data["session_id"]), (&json!(ana), &session));
    assert!(ended.data.get("user").is_none() && ended.data["occurred_at"].is_string());
    app.sql("delete from users").await;
    assert_eq!(reader.news().await.kind, "user.deleted");
    let (none, cursor) = reader.until_caught_up().await;
    assert_eq!((none, cursor), (Vec::new(), 3), "signs of life go on");
}

#[tokio::test]
async fn a_reader_who_was_away_is_told_what_he_missed() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    app.sql("update users set user_type = 'viewer'").await;
    let mut reader = Reader::open(&app, None).await;
    let (told, cursor) = reader.until_caught_up().await;
    assert!(told.is_empty());
    drop(reader);
    app.sql("update users set is_active = false").await;
    app.sql("delete from users").await;
    let (told, last) = Reader::open(&app, Some(cursor)).await.until_caught_up().await;
    assert_eq!(kinds(&told), ["user.changed", "user.deleted"]);
    assert_eq!(told[0].data.get("user"), None, "the account is gone by now");
    let from = request(&app).bearer_auth(SERVICE_TOKEN).query(&[("after", cursor + 1)]);
    assert_eq!(kinds(&Reader::read(from).await.until_caught_up().await.0), ["user.deleted"]);
    assert!(Reader::open(&app, Some(last)).await.until_caught_up().await.0.is_empty());
}

#[tokio::test]
async fn without_its_listener_the_service_still_tells_what_happens() {
    let app = TestApp::start().await;
    app.until_events_are_heard().await;
    app.create_user("ana", Role::User).await;
    let mut reader = Reader::open(&app, None).await;
    reader.until_caught_up().await;
    app.database.refuse_newcomers().await;
    app.database.end_connections("(query like 'LISTEN%' or query like '%pg_notify%')").await;
    eventually("the loss is noticed", async || app.app.verdicts.through().is_none()).await;
    app.sql("update users set is_active = false").await;
    assert_eq!(
        reader.news().await.kind,
        "user.changed",
        "it looks by itself before it says that all is told"
    );
}

#[tokio::test]
async fn a_cursor_from_too_long_ago_or_from_another_database_is_refused() {
    let app = TestApp::start().await;
    app.create_user("ana", Role::User).await;
    for _ in 0..3 {
        app.sql("update users set is_active = not is_active").await;
    }
    // The service purges by itself too, whenever its turn comes: what is left counts, not who removed it.
    let left_after_purging = async || {
        auth_service::events::store::delete_older_than(app.db(), 7).await.expect("it purges");
        let left =
            sqlx::query_scalar("select event_id from events order by event_id").fetch_all(app.db()).await;
        left.expect("events") as Vec<i64>
    };
    app.sql("update events set occurred_at = now() - interval '8 days' where event_id < 3").await;
    assert_eq!(left_after_purging().await, [3]);
    let status = async |cursor: &str| {
        let answer = request(&app).bearer_auth(SERVICE_TOKEN).header("last-event-id", cursor).send().await;
        answer.expect("an answer").status().as_u16()
    };
    for (cursor, expected) in
        [("1", 410), ("2", 200), ("3", 200), ("4", 410), ("-1", 410), ("x", 400), ("", 400)]
    {
        assert_eq!(status(cursor).await, expected, "{cursor}");
    }
    app.sql("update events set occurred_at = now() - interval '8 days'").await;
    assert_eq!(left_after_purging().await, [3], "the newest stays");
}

#[tokio::test]
async fn only_a_service_with_the_scope_reads_and_accounts_want_another() {
    let credentials = format!("blog {OTHER_TOKEN} events; photos {SERVICE_TOKEN} users:read");
    let app = TestApp::start_with(&[("SERVICE_CREDENTIALS", &credentials)]).await;
    app.create_user("ana", Role::Admin).await;
    let ana = app.token("ana").await;
    let status = async |request: RequestBuilder| {
        let answer = app.browser().send(request).await;
        assert!(answer.header("content-type").starts_with("application/problem+json"), "{}", answer.text());
        answer.status.as_u16()
    };
    assert_eq!(status(request(&app)).await, 401);
    assert_eq!(status(request(&app).bearer_auth(&ana)).await, 401, "no person's token opens it");
    assert_eq!(status(request(&app).header("cookie", format!("photos_session={ana}"))).await, 401);
    assert_eq!(status(request(&app).bearer_auth(OTHER_TOKEN.to_uppercase())).await, 401);
    assert_eq!(status(request(&app).header("authorization", "Basic x")).await, 400);
    assert_eq!(status(request(&app).bearer_auth(SERVICE_TOKEN)).await, 403);
    app.sql("update users set user_type = 'viewer'").await;
    let mut reader = Reader::read(request(&app).bearer_auth(OTHER_TOKEN).header("last-event-id", "0")).await;
    let told = reader.news().await;
    assert_eq!((told.kind.as_str(), told.data.get("user")), ("user.changed", None));
}

#[tokio::test]
async fn a_service_credential_is_no_session() {
    let app = TestApp::start().await;
    assert_eq!(app.reason(&SERVICE_TOKEN[..43]).await, "unknown_session");
    let browser = app.browser();
    let verify = browser.request(Method::GET, "/api/verify-session").bearer_auth(SERVICE_TOKEN);
    assert_eq!(browser.send(verify).await.status, 401);
}

#[tokio::test]
async fn a_stream_ends_when_the_service_stops_or_loses_its_database() {
    let app = TestApp::start_keeping().await;
    let (mut one, mut other) = (Reader::open(&app, None).await, Reader::open(&app, None).await);
    one.until_caught_up().await;
    other.until_caught_up().await;
    app.database.take_away().await;
    eventually("the stream ends", async || one.next().await.is_none()).await;
    app.database.bring_back().await;
    app.until_events_are_heard().await;
    let mut third = Reader::open(&app, None).await;
    third.until_caught_up().await;
    app.app.events.stop();
    eventually("the stream ends", async || third.next().await.is_none()).await;
}
