//! Refusals of a sign-in cost the same work and take the same time, whoever was meant.

use std::time::{Duration, Instant};

use common::identity::Role;
use futures_util::future::join_all;

use crate::harness::{TestApp, new_database};

const NOBODYS: &str = "not the password of anybody";
/// Names for which a sign-in is refused, each for another reason.
const KINDS: [&str; 4] = ["wrong", "unknown", "disabled", "unreadable"];

/// An account for each kind of refusal but the unknown one.
async fn app_with_all_kinds(settings: &[(&str, &str)]) -> TestApp {
    let app = TestApp::start_on(new_database().await, settings).await;
    for name in ["wrong", "disabled", "unreadable"] {
        app.create_user(name, Role::User).await;
    }
    app.sql("update users set is_active = false where username = 'disabled'").await;
    app.sql("update users set password_hash = 'unreadable' where username = 'unreadable'").await;
    app
}

#[tokio::test]
async fn each_refusal_costs_exactly_one_verification() {
    let app = app_with_all_kinds(&[("LOGIN_LIMIT_PER_MINUTE", "1000")]).await;
    for name in KINDS {
        let before = app.app.passwords.verifications();
        assert_eq!(app.login(name, NOBODYS).await.status, 401, "{name}");
        assert_eq!(app.app.passwords.verifications() - before, 1, "{name}");
    }
}

#[tokio::test]
async fn a_refusal_is_answered_at_a_fixed_time_after_it_began() {
    const FLOOR: Duration = Duration::from_millis(400);
    let settings = [("LOGIN_LIMIT_PER_MINUTE", "100000"), ("SIGN_IN_REFUSAL_MS", "400")];
    let app = app_with_all_kinds(&settings).await;
    let mut least = [Duration::MAX; KINDS.len()];
    // The least of many runs: a busy machine makes single ones slow, but never one faster than the floor.
    for _ in 0..60 {
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
