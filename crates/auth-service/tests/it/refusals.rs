//! Refusals of a sign-in look alike, cost the same work and take the same time, whoever was meant.

use std::time::{Duration, Instant};

use common::identity::Role;
use futures_util::future::join_all;
use test_support::Answer;

use crate::{
    harness::{NO_LIMITS, TestApp},
    legacy::HASHES,
};

const NOBODYS: &str = "not the password of anybody";
/// Names for which a sign-in is refused, each for another reason.
const KINDS: [&str; 9] = [
    "wrong",
    "unknown",
    "disabled",
    "unreadable",
    "locked",
    "locked-unknown",
    "earlier-scrypt",
    "earlier-pbkdf2",
    "earlier-bcrypt",
];

/// An account for each kind of refusal but the unknown ones.
async fn app_with_all_kinds(settings: &[(&str, &str)]) -> TestApp {
    let app = TestApp::start_with(&[&NO_LIMITS, settings].concat()).await;
    for name in KINDS.iter().filter(|name| !name.contains("unknown")) {
        app.create_user(name, Role::User).await;
    }
    app.sql("update users set is_active = false where username = 'disabled'").await;
    app.set_hash("unreadable", "unreadable").await;
    for (name, hash) in ["earlier-scrypt", "earlier-pbkdf2", "earlier-bcrypt"].iter().zip(HASHES) {
        app.set_hash(name, hash).await;
    }
    for name in ["locked", "locked-unknown"] {
        app.login(name, NOBODYS).await;
    }
    app.sql("update sign_in_counters set locked_until = now() + interval '1 hour'").await;
    app
}

#[tokio::test]
async fn each_refusal_costs_exactly_one_verification() {
    let app = app_with_all_kinds(&[]).await;
    for name in KINDS {
        let before = app.app.passwords.verifications();
        assert_eq!(app.login(name, NOBODYS).await.status, 401, "{name}");
        assert_eq!(app.app.passwords.verifications() - before, 1, "{name}");
    }
}

#[tokio::test]
async fn a_refusal_tells_nothing_but_that_it_is_one() {
    let app = app_with_all_kinds(&[]).await;
    let names = |answer: &Answer| {
        let mut names: Vec<_> = answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
        names.sort();
        names
    };
    let wrong = app.login("wrong", NOBODYS).await;
    for name in KINDS {
        let answer = app.login(name, NOBODYS).await;
        assert_eq!((answer.status, &answer.body), (wrong.status, &wrong.body), "{name}");
        assert_eq!(names(&answer), names(&wrong), "{name}");
    }
}

#[tokio::test]
async fn a_refusal_is_answered_at_a_fixed_time_after_it_began() {
    // Well above nine hashings of the dearest kind on two busy cores.
    const FLOOR: Duration = Duration::from_millis(1500);
    let app = app_with_all_kinds(&[("SIGN_IN_REFUSAL_MS", "1500")]).await;
    let mut least = [Duration::MAX; KINDS.len()];
    // The least of many runs: a busy machine makes single ones slow, but never one faster than the floor.
    for _ in 0..30 {
        let timed = KINDS.map(async |name| {
            let start = Instant::now();
            assert_eq!(app.login(name, NOBODYS).await.status, 401, "{name}");
            start.elapsed()
        });
        for (least, time) in least.iter_mut().zip(join_all(timed).await) {
            *least = time.min(*least);
        }
        assert!(least.iter().all(|time| *time >= FLOOR), "{KINDS:?}: {least:?}");
        if least.iter().all(|time| *time < FLOOR * 3 / 2) {
            return;
        }
    }
    panic!("{KINDS:?}: {least:?}");
}

#[tokio::test]
async fn confirming_a_password_is_held_as_long() {
    const FLOOR: Duration = Duration::from_millis(1500);
    let app = app_with_all_kinds(&[("SIGN_IN_REFUSAL_MS", "1500")]).await;
    let person = app.sign_in("wrong").await;
    person.get("/reauthenticate").await;
    let start = Instant::now();
    assert_eq!(person.post_form("/reauthenticate", &[("password", NOBODYS)]).await.status, 422);
    assert!(start.elapsed() >= FLOOR, "{:?}", start.elapsed());
}
