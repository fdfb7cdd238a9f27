//! Registering and forgetting a password tell nobody who has an account: not by what they answer and not by when.

use std::time::{Duration, Instant};

use common::identity::Role;
use futures_util::future::join_all;
use serde_json::json;
use test_support::Answer;

use crate::harness::{NO_LIMITS, TestApp};

/// Addresses of different standing, as long as each other.
const ADDRESSES: [&str; 4] =
    ["knownone@example.org", "stranger@example.org", "disabled@example.org", "unproven@example.org"];
const FORMS: [&str; 2] = ["/register", "/forgot-password"];

async fn app_with_all_kinds(settings: &[(&str, &str)]) -> TestApp {
    let app = TestApp::start_with(&[&NO_LIMITS[..], settings].concat()).await;
    for name in ["knownone", "disabled", "unproven"] {
        app.create_user(name, Role::User).await;
    }
    app.sql("update users set is_active = false where username = 'disabled'").await;
    app.sql("update users set email_verified = false where username = 'unproven'").await;
    app
}

/// Status, headers and body, without what differs in every answer and without the address.
fn seen(answer: &Answer, address: &str) -> (u16, Vec<String>, String) {
    let fleeting = ["date", "set-cookie", "x-request-id"];
    let headers = answer.headers.iter().filter(|(name, _)| !fleeting.contains(&name.as_str()));
    let mut headers: Vec<_> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
    headers.sort();
    headers
        .extend(answer.set_cookies().iter().filter_map(|cookie| Some(cookie.split_once('=')?.0.to_owned())));
    let mut body = answer.text().replace(address, "(address)");
    for token in answer
        .attributes("input[name=csrf_token]", "value")
        .into_iter()
        .chain(answer.attributes("meta[name=csrf-token]", "content"))
    {
        body = body.replace(&token, "(token)");
    }
    (answer.status.as_u16(), headers, body)
}

#[tokio::test]
async fn the_answers_are_the_same_for_every_address() {
    let app = app_with_all_kinds(&[]).await;
    for form in FORMS {
        let mut answers = Vec::new();
        for address in ADDRESSES {
            let api = app.post_api(&format!("/api{form}"), &json!({ "email": address })).await;
            assert_eq!(api.status, 200, "{form} {address}");
            let browser = app.browser();
            browser.get(form).await;
            let posted = browser.post_form(form, &[("email", address)]).await;
            let page = browser.get(&posted.location()).await;
            assert!(page.text().contains(address));
            answers.push([seen(&api, address), seen(&posted, address), seen(&page, address)]);
        }
        for (address, answer) in ADDRESSES.iter().zip(&answers) {
            assert_eq!(answer, &answers[0], "{form} {address}");
        }
    }
    // And yet the mails differ, each telling its reader what they need.
    let mails = app.mails().await;
    let to = |address: &str| mails.iter().filter(|mail| mail.to == address).count();
    assert_eq!(ADDRESSES.map(to), [4, 2, 4, 4], "strangers get no mail about forgotten passwords");
}

#[tokio::test]
async fn nothing_else_tells_whether_an_address_was_free() {
    let app = app_with_all_kinds(&[]).await;
    for (number, address) in ADDRESSES.iter().enumerate() {
        let name = format!("probe{number}");
        let body = json!({ "email": address, "username": name, "password": "the words of whoever probes" });
        let first = app.post_api("/api/register", &body).await;
        let again = app.post_api("/api/register", &body).await;
        assert_eq!((first.status, &first.body), (again.status, &again.body), "{address}");
        assert_eq!(app.login(&name, "the words of whoever probes").await.status, 401, "{address}");
        assert_eq!(app.login(address, "the words of whoever probes").await.status, 401, "{address}");
    }
}

#[tokio::test]
async fn the_answers_come_at_a_fixed_time_after_the_request() {
    const FLOOR: Duration = Duration::from_millis(300);
    let app = app_with_all_kinds(&[("SIGN_IN_REFUSAL_MS", "300")]).await;
    for form in FORMS {
        let path = format!("/api{form}");
        let mut least = [Duration::MAX; ADDRESSES.len()];
        let mut close = false;
        // The least of many runs: a busy machine makes single ones slow, but never one faster than the floor.
        for _ in 0..60 {
            let timed = ADDRESSES.map(async |address| {
                let start = Instant::now();
                assert_eq!(app.post_api(&path, &json!({ "email": address })).await.status, 200);
                start.elapsed()
            });
            for (least, time) in least.iter_mut().zip(join_all(timed).await) {
                *least = time.min(*least);
            }
            assert!(least.iter().all(|time| *time >= FLOOR), "{form} {least:?}");
            close = least.iter().all(|time| *time < FLOOR * 3 / 2);
            if close {
                break;
            }
        }
        assert!(close, "{form} {least:?}");
    }
}
