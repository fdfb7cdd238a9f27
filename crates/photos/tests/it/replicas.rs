//! Replicas of photos that remember together, in a real Redis: whoever is known at one is known at the other, and no longer
//! than that. Answers are kept for an hour here, so nothing comes right by waiting.

use std::{
    process::Command,
    sync::{Arc, Weak},
    time::Duration,
};

use actix_web::dev::ServerHandle;
use common::identity::Role;
use photos::app::App;
use test_support::{Client, programs, site};

use crate::harness::{Person, TestApp, eventually, start_photos};

const HOUR: Duration = Duration::from_hours(1);
const KEEPING: [(&str, &str); 1] = [("VERIFY_CACHE_SECONDS", "3600")];

/// Redis with a password; nothing of it is written anywhere.
fn redis_command(port: u16) -> Command {
    let mut command = Command::new(programs::find("redis-server").expect("it was there"));
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--requirepass", "open"]);
    command.args(["--save", "", "--appendonly", "no"]);
    command
}

/// `None` where there is none, which is said aloud.
fn redis() -> Option<programs::Server> {
    programs::find("redis-server").map(|_program| programs::Server::start(redis_command))
}

fn address(redis: &programs::Server) -> String {
    format!("redis://:open@127.0.0.1:{}", redis.port)
}

/// How many answers lie in Redis.
async fn count(redis: &programs::Server) -> u64 {
    let client = redis::Client::open(address(redis)).expect("an address");
    let mut connection = client.get_multiplexed_async_connection().await.expect("it answers");
    redis::cmd("DBSIZE").query_async(&mut connection).await.expect("a number")
}

/// A photos beside the first one.
struct Replica {
    url: String,
    app: Weak<App>,
    handle: ServerHandle,
}

impl Replica {
    async fn start(first: &TestApp, own: &[(&str, &str)]) -> Self {
        let (listener, port) = site::listen();
        let url = site::url("photos", port);
        let mut settings = first.settings.clone();
        settings.retain(|(name, _)| own.iter().all(|(given, _)| given != name));
        settings.push(("PHOTOS_PUBLIC_URL".to_owned(), url.clone()));
        settings.extend(own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let (handle, app) = start_photos(settings, listener).await;
        let replica = Self { url, app, handle };
        until_it_hears(&replica.shared()).await;
        replica
    }

    fn shared(&self) -> Arc<App> {
        self.app.upgrade().expect("it runs")
    }

    async fn status(&self, browser: &Client) -> u16 {
        browser.get_json(&format!("{}/auth/me", self.url)).await.status.as_u16()
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn until_it_hears(app: &App) {
    eventually("it hears of events", async || app.auth.verdicts.through().is_some()).await;
}

/// This replica forgets who is who and goes on hearing.
fn forget(app: &App) {
    let through = app.auth.verdicts.through().expect("it hears");
    app.auth.verdicts.begin(through, HOUR);
}

/// Two replicas with this Redis; the first knows somebody, the other one does not.
async fn two(redis: &programs::Server) -> (TestApp, Replica, Person) {
    let app = TestApp::start_both(&KEEPING, &[("REDIS_URL", &address(redis))]).await;
    let other = Replica::start(&app, &[]).await;
    until_it_hears(&app.shared()).await;
    app.create_user("ana", Role::Photographer).await;
    let browser = app.browser();
    app.sign_in(&browser, "ana").await;
    let ana = Person { browser, url: app.url.clone() };
    remembered(&app, &ana, redis).await;
    (app, other, ana)
}

/// Comes again, as somebody unknown, until what the first replica was told lies in Redis.
async fn remembered(app: &TestApp, person: &Person, redis: &programs::Server) {
    eventually("the answer lies in Redis", async || {
        forget(&app.shared());
        assert_eq!(status(app, &person.browser).await, 200);
        count(redis).await > 0
    })
    .await;
}

/// Takes all sessions away where no service can hear of it: only who asks anew finds out.
async fn end_sessions_silently(app: &TestApp) {
    app.auth_sql("begin; set local session_replication_role = replica; delete from sessions; commit").await;
    let through = app.auth.verdicts.through().expect("it hears");
    app.auth.verdicts.begin(through, HOUR);
}

async fn status(app: &TestApp, browser: &Client) -> u16 {
    browser.get_json(&format!("{}/auth/me", app.url)).await.status.as_u16()
}

/// Signs out at the auth host; what is left of the session is its token in another browser.
async fn sign_out(app: &TestApp, person: &Person) -> Client {
    let token = person.browser.cookie(&app.url, "photos_session").expect("signed in");
    person.browser.get(&format!("{}/logout", app.auth_url)).await;
    person.browser.post_form(&format!("{}/logout", app.auth_url), &[]).await;
    let thief = app.browser();
    thief.plant_cookie(&app.url, &format!("photos_session={token}"));
    thief
}

#[tokio::test]
async fn what_one_replica_was_told_the_other_need_not_ask() {
    let Some(redis) = redis() else { return };
    let (app, other, ana) = two(&redis).await;
    let alone = Replica::start(&app, &[("REDIS_URL", "")]).await;
    let stranger =
        Replica::start(&app, &[("PHOTOS_SECRETS", &"another secret of the tests ".repeat(2))]).await;
    end_sessions_silently(&app).await;
    assert_eq!(other.status(&ana.browser).await, 200, "the look-up was spared");
    assert_eq!(alone.status(&ana.browser).await, 401, "without Redis it asks");
    assert_eq!(stranger.status(&ana.browser).await, 401, "what others sealed it does not read");
    let thief = app.browser();
    thief.plant_cookie(&app.url, &format!("photos_session={}", "A".repeat(43)));
    assert_eq!(other.status(&thief).await, 401);
}

#[tokio::test]
async fn what_was_remembered_for_one_token_is_worth_nothing_under_another() {
    let Some(redis) = redis() else { return };
    let (app, other, ana) = two(&redis).await;
    let bo = app.photographer("bo").await;
    forget(&app.shared());
    assert_eq!(status(&app, &bo.browser).await, 200);
    let client = redis::Client::open(address(&redis)).expect("an address");
    let mut connection = client.get_multiplexed_async_connection().await.expect("it answers");
    let names: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut connection).await.expect("names");
    let mut entries = Vec::new();
    for name in &names {
        let entry: Vec<u8> =
            redis::cmd("GET").arg(name).query_async(&mut connection).await.expect("an entry");
        assert!(!String::from_utf8_lossy(&entry).contains("example.org"), "it is sealed");
        entries.push(entry);
    }
    // Whoever writes to Redis puts each person's answer in the place of another's.
    entries.rotate_left(1);
    for (name, entry) in names.iter().zip(&entries) {
        redis::cmd("SET").arg(name).arg(entry).exec_async(&mut connection).await.expect("written");
    }
    assert!(names.len() > 1, "{names:?}");
    for (browser, name) in [(&ana.browser, "ana"), (&bo.browser, "bo")] {
        let me = browser.get_json(&format!("{}/auth/me", other.url)).await.json::<serde_json::Value>();
        assert_eq!(me["username"], name);
    }
}

#[tokio::test]
async fn signing_out_reaches_all_replicas_at_once_though_redis_still_remembers() {
    let Some(redis) = redis() else { return };
    let (app, other, ana) = two(&redis).await;
    assert_eq!(other.status(&ana.browser).await, 200);
    let thief = sign_out(&app, &ana).await;
    eventually("it is over here", async || status(&app, &thief).await == 401).await;
    eventually("it is over there", async || other.status(&thief).await == 401).await;
    assert!(count(&redis).await > 0, "the entry is still there and nobody believes it");
    let later = Replica::start(&app, &[]).await;
    assert_eq!(later.status(&thief).await, 401, "nor one that was not there when it happened");
}

#[tokio::test]
async fn a_changed_role_holds_at_all_replicas() {
    let Some(redis) = redis() else { return };
    let (app, other, ana) = two(&redis).await;
    let asked = async |url: &str| ana.browser.get_json(&format!("{url}/api/photos")).await.status.as_u16();
    assert_eq!((asked(&app.url).await, asked(&other.url).await), (200, 200));
    app.auth_sql("update users set user_type = 'viewer'").await;
    eventually("it holds here", async || asked(&app.url).await == 403).await;
    eventually("it holds there", async || asked(&other.url).await == 403).await;
    app.auth_sql("update users set user_type = 'photographer'").await;
    eventually("she is one again", async || asked(&other.url).await == 200).await;
}

#[tokio::test]
async fn without_redis_answers_stay_right_and_with_it_again_it_is_used_again() {
    let Some(redis) = redis() else { return };
    let (app, other, ana) = two(&redis).await;
    let port = redis.port;
    drop(redis);
    assert_eq!(other.status(&ana.browser).await, 200, "the auth-service was asked");
    forget(&other.shared());
    end_sessions_silently(&app).await;
    assert_eq!(other.status(&ana.browser).await, 401, "nobody is let in for want of Redis");
    let browser = app.browser();
    app.sign_in(&browser, "ana").await;
    let ana = Person { browser, url: app.url.clone() };
    assert_eq!(other.status(&ana.browser).await, 200, "nobody is kept out for want of Redis");

    let redis = programs::Server::at(port, redis_command).expect("its port is free again");
    remembered(&app, &ana, &redis).await;
    forget(&other.shared());
    end_sessions_silently(&app).await;
    eventually("it is used again", async || other.status(&ana.browser).await == 200).await;
}

#[tokio::test]
async fn a_redis_that_hangs_is_not_waited_for() {
    let Some(redis) = redis() else { return };
    let (app, other, ana) = two(&redis).await;
    redis.freeze();
    assert_eq!(other.status(&ana.browser).await, 200, "the auth-service was asked");
    forget(&other.shared());
    end_sessions_silently(&app).await;
    assert_eq!(other.status(&ana.browser).await, 401);
}
