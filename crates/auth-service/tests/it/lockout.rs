//! Guessing passwords: how many guesses an account stands, and whom its lock does not keep out.

use auth_service::lockout;
use common::identity::{Role, UserId};
use futures_util::future::join_all;
use sqlx::Row;
use test_support::{Answer, Client, site::password_of};

use crate::harness::{TestApp, sso_token};

const WRONG: &str = "not the password of ana";

/// The default of five failures, and no limit by address.
async fn app_with_ana() -> (TestApp, UserId) {
    let settings = [("LOGIN_LIMIT_PER_MINUTE", "100000"), ("PASSWORD_QUEUE", "100")];
    let app = TestApp::start_with(&settings).await;
    let id = app.create_user("ana", Role::User).await;
    (app, id)
}

/// Guesses as a stranger until nothing more is tried.
async fn lock(app: &TestApp, name: &str) {
    for _ in 0..5 {
        assert_eq!(app.login(name, WRONG).await.status, 401);
    }
}

async fn locks_of_the_record(app: &TestApp) -> Vec<Option<String>> {
    let locked = app.events().await.into_iter().filter(|(event, _)| event == "account_locked");
    locked.map(|(_, name)| name).collect()
}

async fn sign_in_by_page(browser: &Client, name: &str, password: &str) -> Answer {
    browser.get("/login").await;
    browser.post_form("/login", &[("username", name), ("password", password)]).await
}

/// Makes the locks of the account run out.
async fn wait_for_the_end_of_locks(app: &TestApp) {
    app.sql("update sign_in_counters set locked_until = now() - interval '1 second'").await;
}

#[tokio::test]
async fn of_fifty_guesses_at_once_five_are_tried() {
    let (app, _) = app_with_ana().await;
    let passwords = &app.app.passwords;
    let before = (passwords.verifications(), passwords.verifications_of_accounts());
    for answer in join_all((0..50).map(|_| app.login("ana", WRONG))).await {
        assert_eq!(answer.status, 401, "{}", answer.text());
    }
    assert_eq!(passwords.verifications_of_accounts() - before.1, 5, "guesses at the password of ana");
    assert_eq!(passwords.verifications() - before.0, 50, "the others cost the same");
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 401, "locked");
    assert_eq!(locks_of_the_record(&app).await, [Some("ana".to_owned())], "written once");
}

#[tokio::test]
async fn every_way_to_write_a_name_is_one_account() {
    let (app, _) = app_with_ana().await;
    let ways = ["ana", "ANA", " ana ", "ana@example.org", "Ana@Example.ORG"];
    for name in ways {
        app.login(name, WRONG).await;
    }
    let tried = app.app.passwords.verifications_of_accounts();
    for name in ways {
        assert_eq!(app.login(name, &password_of("ana")).await.status, 401, "{name}");
    }
    assert_eq!(app.app.passwords.verifications_of_accounts(), tried, "none of them was tried");
}

#[tokio::test]
async fn names_that_only_look_alike_reach_nobodys_password() {
    let (app, _) = app_with_ana().await;
    let tried = app.app.passwords.verifications_of_accounts();
    for name in ["аna", "ａｎａ", "ana\u{200b}", "a\u{301}na", "ªna", "ana\u{0}", "ᴀna", "ana@example.org."]
    {
        assert_eq!(app.login(name, &password_of("ana")).await.status, 401, "{name:?}");
    }
    assert_eq!(app.app.passwords.verifications_of_accounts(), tried);
}

#[tokio::test]
async fn every_path_that_takes_a_password_counts_together() {
    let (app, _) = app_with_ana().await;
    let token = app.token("ana").await;
    // Whoever stole a session is no known device.
    let thief = app.browser();
    thief.plant_cookie("/", &format!("photos_session={token}"));
    app.login("ana", WRONG).await;
    app.login("ana", WRONG).await;
    sign_in_by_page(&app.browser(), "ana", WRONG).await;
    for _ in 0..2 {
        thief.get("/reauthenticate").await;
        assert_eq!(thief.post_form("/reauthenticate", &[("password", WRONG)]).await.status, 422);
    }
    let tried = app.app.passwords.verifications_of_accounts();
    let right = password_of("ana");
    assert_eq!(app.login("ana", &right).await.status, 401);
    assert_eq!(sign_in_by_page(&app.browser(), "ana", &right).await.status, 422);
    assert_eq!(thief.post_form("/reauthenticate", &[("password", &*right)]).await.status, 422);
    assert_eq!(app.app.passwords.verifications_of_accounts(), tried);
}

#[test]
fn passwords_are_verified_in_one_place_alone() {
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let mut folders = vec![std::path::PathBuf::from(sources)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
        {
            if entry.is_dir() {
                folders.push(entry);
            } else if std::fs::read_to_string(&entry).is_ok_and(|text| verifies(&text)) {
                found.push(entry);
            }
        }
    }
    let expected = std::path::Path::new(sources).join("login/mod.rs");
    assert_eq!(found, [expected], "everything else calls `sign_in` or `check_password`");
}

/// Whether a source verifies passwords, its own tests aside.
fn verifies(source: &str) -> bool {
    source.split("#[cfg(test)]").next().is_some_and(|code| code.contains("passwords.verify("))
}

#[tokio::test]
async fn an_unknown_name_locks_like_a_known_one_and_nothing_typed_is_kept() {
    let (app, _) = app_with_ana().await;
    lock(&app, "ana").await;
    lock(&app, "nobody at all").await;
    let (known, unknown) = (app.login("ana", WRONG).await, app.login("NOBODY at all", WRONG).await);
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    assert_eq!(locks_of_the_record(&app).await, [Some("ana".to_owned()), None]);
    let rows = sqlx::query("select counter_key, failures, locks from sign_in_counters order by 1");
    let rows = rows.fetch_all(app.db()).await.expect("rows");
    let rows: Vec<(String, i32, i32)> = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(
        rows.iter().all(|(key, failures, locks)| !key.contains("nobody") && (*failures, *locks) == (5, 1))
    );
}

#[tokio::test]
async fn a_locked_account_is_told_the_same_sentence_with_what_helps() {
    let (app, _) = app_with_ana().await;
    let browser = app.browser();
    let told = async |name: &str, password: &str| {
        let answer = sign_in_by_page(&browser, name, password).await;
        assert_eq!(answer.status, 422);
        answer.select("[role=alert]").join(" ")
    };
    let wrong = told("ana", WRONG).await;
    assert!(wrong.contains("wait") && wrong.contains("new password"), "{wrong}");
    lock(&app, "ana").await;
    assert_eq!(told("ana", &password_of("ana")).await, wrong);
    assert_eq!(told("nobody", WRONG).await, wrong);
}

#[tokio::test]
async fn a_stranger_cannot_lock_a_person_out_of_a_device_they_use() {
    let (app, _) = app_with_ana().await;
    app.create_user("bo", Role::User).await;
    let (ana, bo) = (app.sign_in("ana").await, app.sign_in("bo").await);
    lock(&app, "ana").await;
    let right = password_of("ana");
    assert_eq!(sign_in_by_page(&app.browser(), "ana", &right).await.status, 422, "a stranger");
    bo.get("/logout").await;
    bo.post_form("/logout", &[]).await;
    assert_eq!(sign_in_by_page(&bo, "ana", &right).await.status, 422, "the device of somebody else");
    ana.get("/logout").await;
    ana.post_form("/logout", &[]).await;
    let answer = sign_in_by_page(&ana, "ana", &right).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(sign_in_by_page(&app.browser(), "ana", &right).await.status, 422, "strangers wait on");
    assert_eq!(sign_in_by_page(&bo, "bo", &password_of("bo")).await.status, 303, "bo is not concerned");
}

#[tokio::test]
async fn a_forged_device_is_a_stranger() {
    let (app, id) = app_with_ana().await;
    app.create_user("bo", Role::User).await;
    let (ana, bo) = (app.sign_in("ana").await, app.sign_in("bo").await);
    lock(&app, "ana").await;
    let real = ana.cookie("/", "device").expect("a known device");
    let of_bo = bo.cookie("/", "device").expect("a known device");
    let (_, rest_of_bo) = of_bo.split_once('.').expect("an account and more");
    let (named, _) = real.rsplit_once('.').expect("a signature");
    for forged in [
        format!("{}.{rest_of_bo}", id.0),
        format!("{named}.{}", "A".repeat(22)),
        format!("{named}."),
        named.to_owned(),
        format!("{}{real}", id.0),
        "~~~~".to_owned(),
        format!("~~~~{real}"),
    ] {
        let browser = app.browser();
        browser.plant_cookie("/", &format!("device={forged}"));
        assert_eq!(sign_in_by_page(&browser, "ana", &password_of("ana")).await.status, 422, "{forged}");
    }
    let browser = app.browser();
    browser.plant_cookie("/", &format!("device={real}"));
    assert_eq!(sign_in_by_page(&browser, "ana", &password_of("ana")).await.status, 303, "the real one opens");
}

#[tokio::test]
async fn a_device_has_five_guesses_of_its_own() {
    let (app, _) = app_with_ana().await;
    let ana = app.sign_in("ana").await;
    ana.get("/logout").await;
    ana.post_form("/logout", &[]).await;
    for _ in 0..5 {
        assert_eq!(sign_in_by_page(&ana, "ana", WRONG).await.status, 422);
    }
    assert_eq!(sign_in_by_page(&ana, "ana", &password_of("ana")).await.status, 422, "the device waits");
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 200, "and nobody else");
}

#[tokio::test]
async fn one_browser_is_known_to_several_accounts() {
    let (app, _) = app_with_ana().await;
    app.create_user("bo", Role::User).await;
    let shared = app.sign_in("ana").await;
    assert_eq!(app.login("ana", WRONG).await.status, 401);
    shared.get("/logout").await;
    shared.post_form("/logout", &[]).await;
    assert_eq!(sign_in_by_page(&shared, "bo", &password_of("bo")).await.status, 303);
    shared.get("/logout").await;
    shared.post_form("/logout", &[]).await;
    lock(&app, "ana").await;
    lock(&app, "bo").await;
    for name in ["ana", "bo"] {
        assert_eq!(sign_in_by_page(&shared, name, &password_of(name)).await.status, 303, "{name}");
        shared.get("/logout").await;
        shared.post_form("/logout", &[]).await;
    }
}

#[tokio::test]
async fn the_cookie_of_a_device_goes_to_the_auth_host_alone_and_opens_nothing() {
    let app = TestApp::start_in_production().await;
    app.create_user("ana", Role::User).await;
    let answer = app.login("ana", &password_of("ana")).await;
    let cookies = answer.set_cookies();
    let device = cookies.iter().find(|cookie| cookie.starts_with("__Host-device=")).expect("a known device");
    for attribute in ["HttpOnly", "Secure", "Path=/", "SameSite=Lax"] {
        assert!(device.contains(attribute), "{device}");
    }
    assert!(!device.to_lowercase().contains("domain"), "{device}");
    let value = device.split([';', '=']).nth(1).expect("a value");
    assert_eq!(app.verify(value).await.status, 401);
    assert!(sso_token(&answer).is_some());
}

#[tokio::test]
async fn a_lock_grows_but_never_beyond_an_hour_and_ends() {
    let (app, _) = app_with_ana().await;
    let mut waits = Vec::new();
    for _ in 0..9 {
        lock(&app, "ana").await;
        let seconds = "select extract(epoch from locked_until - updated_at)::int from sign_in_counters";
        let row = sqlx::query(seconds).fetch_one(app.db()).await.expect("a lock");
        waits.push(row.get::<i32, _>(0));
        assert_eq!(app.login("ana", &password_of("ana")).await.status, 401, "locked");
        wait_for_the_end_of_locks(&app).await;
    }
    assert_eq!(waits, [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 200, "the wait is over");
    lock(&app, "ana").await;
    wait_for_the_end_of_locks(&app).await;
    assert_eq!(locks_of_the_record(&app).await.len(), 10, "one row for each lock");
}

#[tokio::test]
async fn a_success_clears_the_count_and_a_reset_unlocks() {
    let (app, id) = app_with_ana().await;
    for _ in 0..3 {
        for _ in 0..4 {
            app.login("ana", WRONG).await;
        }
        assert_eq!(app.login("ana", &password_of("ana")).await.status, 200, "four wrong ones don't lock");
    }
    lock(&app, "ana").await;
    lockout::store::delete_of_user(app.db(), id).await.expect("unlocked");
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 200);
}

#[tokio::test]
async fn what_has_been_quiet_for_a_day_is_forgotten() {
    let (app, _) = app_with_ana().await;
    lock(&app, "ana").await;
    lock(&app, "nobody").await;
    // The service forgets by itself too, whenever its turn comes: what is left counts, not who removed it.
    let left_after_purging = async || {
        lockout::store::delete_expired(app.db()).await.expect("done");
        let left = sqlx::query_scalar::<_, i64>("select count(*) from sign_in_counters");
        left.fetch_one(app.db()).await.expect("a number")
    };
    assert_eq!(left_after_purging().await, 2);
    let quiet = "update sign_in_counters set updated_at = now() - interval '25 hours' where user_id is null";
    app.sql(quiet).await;
    assert_eq!(left_after_purging().await, 1);
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 401, "still locked");
}
