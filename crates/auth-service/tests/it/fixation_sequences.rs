//! Session fixation as a property: whatever people and attackers do in whatever order, nothing that somebody knew before
//! a change of privilege is worth anything after it.
//!
//! A new deed (a second factor, say) is a variant of `Deed`, a line in `deed()`, and an arm in
//! `World::perform` that does it through the real pages, says by `bury` which tokens and states must be dead now, and
//! notes by `keep` the token that took their place. What must hold afterwards is checked for all deeds alike.

use std::collections::{HashMap, HashSet};

use common::identity::{AccountInfo, ActiveSession, Role, UserId};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use reqwest::Method;
use test_support::{Answer, Client, site::password_of};
use tokio::runtime::Runtime;

use crate::harness::{TestApp, sso_token};

const BROWSERS: usize = 3;
const PEOPLE: [&str; 3] = ["ana", "bo", "mallory"];

#[derive(Clone, Copy, Debug)]
enum Deed {
    Visit {
        browser: usize,
    },
    SignIn {
        browser: usize,
        person: usize,
        by_script: bool,
    },
    Reauthenticate {
        browser: usize,
    },
    SignOut {
        browser: usize,
    },
    /// Sets a password, the same as before so that people can go on signing in.
    ChangePassword {
        browser: usize,
    },
    /// An administrator gives somebody the other one of two roles.
    ChangeRole {
        person: usize,
    },
    /// Puts a token that anybody ever held, or a made-up one, into a browser.
    PlantSession {
        browser: usize,
        which: usize,
    },
    /// Puts the host cookie of another browser, or a made-up one, into a browser.
    PlantState {
        browser: usize,
        which: usize,
    },
}

fn deed() -> impl Strategy<Value = Deed> {
    let browser = 0..BROWSERS;
    prop_oneof![
        1 => browser.clone().prop_map(|browser| Deed::Visit { browser }),
        3 => (browser.clone(), 0..PEOPLE.len(), any::<bool>())
            .prop_map(|(browser, person, by_script)| Deed::SignIn { browser, person, by_script }),
        2 => browser.clone().prop_map(|browser| Deed::Reauthenticate { browser }),
        1 => browser.clone().prop_map(|browser| Deed::SignOut { browser }),
        2 => browser.clone().prop_map(|browser| Deed::ChangePassword { browser }),
        1 => (0..PEOPLE.len()).prop_map(|person| Deed::ChangeRole { person }),
        2 => (browser.clone(), 0..8_usize).prop_map(|(browser, which)| Deed::PlantSession { browser, which }),
        2 => (browser, 0..8_usize).prop_map(|(browser, which)| Deed::PlantState { browser, which }),
    ]
}

/// A browser's own state as an attacker may have seen or planted it: the host cookie and a form token that fits it.
type State = (String, String);

/// What a browser held before a deed.
struct Before {
    token: Option<String>,
    state: Option<State>,
}

struct World<'a> {
    app: &'a TestApp,
    /// An administrator in a browser that nobody else touches.
    root: &'a Client,
    /// The accounts of `PEOPLE`.
    people: &'a [UserId],
    browsers: Vec<Client>,
    /// Every token there ever was, in order.
    tokens: Vec<String>,
    /// Whose the tokens are that must work.
    live: HashMap<String, &'static str>,
    dead_tokens: HashSet<String>,
    states: Vec<String>,
    dead_states: Vec<State>,
}

impl<'a> World<'a> {
    fn new(app: &'a TestApp, root: &'a Client, people: &'a [UserId]) -> Self {
        let browsers = (0..BROWSERS).map(|_| app.browser()).collect();
        let (tokens, states) = (Vec::new(), Vec::new());
        let (live, dead_tokens, dead_states) = (HashMap::new(), HashSet::new(), Vec::new());
        Self { app, root, people, browsers, tokens, live, dead_tokens, states, dead_states }
    }

    async fn perform(&mut self, deed: Deed) {
        match deed {
            Deed::Visit { browser } => drop(self.browsers[browser].follow("/login").await),
            Deed::SignIn { browser, person, by_script } => {
                let before = self.before(browser).await;
                let answer = self.sign_in(browser, PEOPLE[person], by_script).await;
                self.bury(before);
                self.keep(&answer, PEOPLE[person]);
            }
            Deed::Reauthenticate { browser } => {
                let before = self.before(browser).await;
                let Some(person) = before.token.as_ref().and_then(|token| self.live.get(token).copied())
                else {
                    return;
                };
                let password = password_of(person);
                let fields = [("password", password.as_str())];
                let answer = self.browsers[browser].post_form("/reauthenticate", &fields).await;
                assert_eq!(answer.status, 303, "{}", answer.text());
                self.bury(before);
                self.keep(&answer, person);
            }
            Deed::SignOut { browser } => {
                let before = self.before(browser).await;
                assert_eq!(self.browsers[browser].post_form("/logout", &[]).await.status, 303);
                self.bury(before);
            }
            Deed::ChangePassword { browser } => {
                let before = self.before(browser).await;
                let Some(person) = before.token.as_ref().and_then(|token| self.live.get(token).copied())
                else {
                    return;
                };
                let password = password_of(person);
                let fields = [("password", password.as_str()), ("again", password.as_str())];
                let answer = self.browsers[browser].post_form("/account/password", &fields).await;
                // With a planted session this browser is asked for the password first, and nothing has changed.
                if answer.location().contains("/reauthenticate") {
                    return;
                }
                self.bury(before);
                self.bury_all_of(person);
                self.keep(&answer, person);
            }
            Deed::ChangeRole { person } => {
                let account = format!("/api/users/{}", self.people[person]);
                let role = self.root.get_json(&account).await.json::<AccountInfo>().role;
                let other = if role == Role::User { Role::Viewer } else { Role::User };
                let body = serde_json::json!({ "role": other });
                let answer = self.root.post_json(&format!("{account}/role"), &body).await;
                assert_eq!(answer.status, 200, "{}", answer.text());
                self.bury_all_of(PEOPLE[person]);
            }
            Deed::PlantSession { browser, which } => {
                let made_up = || "P".repeat(42) + &which.to_string();
                let token = self.tokens.iter().rev().nth(which).cloned().unwrap_or_else(made_up);
                let cookie = format!("photos_session={token}; Domain=.stsgym.localhost; Path=/");
                self.browsers[browser].plant_cookie("/", &cookie);
            }
            Deed::PlantState { browser, which } => {
                let made_up = || "made up".repeat(which);
                let state = self.states.iter().rev().nth(which).cloned().unwrap_or_else(made_up);
                self.browsers[browser].plant_cookie("/", &format!("auth={state}; Path=/"));
            }
        }
    }

    async fn sign_in(&self, browser: usize, person: &str, by_script: bool) -> Answer {
        let (client, password) = (&self.browsers[browser], password_of(person));
        let answer = if by_script {
            let body = serde_json::json!({ "username": person, "password": password });
            client.post_json("/api/login", &body).await
        } else {
            client.post_form("/login", &[("username", person), ("password", &password)]).await
        };
        assert!([200, 303].contains(&answer.status.as_u16()), "{}", answer.text());
        answer
    }

    /// Looks at a page with a form, so that the browser has a state, and notes what it holds.
    async fn before(&mut self, browser: usize) -> Before {
        let client = &self.browsers[browser];
        client.get("/logout").await;
        let state = client.cookie("/", "auth").zip(client.token("/"));
        self.states.extend(state.iter().map(|(cookie, _)| cookie.clone()));
        Before { token: client.cookie("/", "photos_session"), state }
    }

    /// A change of privilege: what the browser held before it must be worth nothing.
    fn bury(&mut self, before: Before) {
        if let Some(token) = before.token {
            self.live.remove(&token);
            self.dead_tokens.insert(token);
        }
        self.dead_states.extend(before.state);
    }

    /// Every session of a person is over.
    fn bury_all_of(&mut self, person: &str) {
        let ended: Vec<_> = self.live.iter().filter(|(_, whose)| **whose == person).collect();
        let ended: Vec<String> = ended.into_iter().map(|(token, _)| token.clone()).collect();
        for token in ended {
            self.live.remove(&token);
            self.dead_tokens.insert(token);
        }
    }

    fn keep(&mut self, answer: &Answer, person: &'static str) {
        let token = sso_token(answer).expect("a token");
        assert!(
            !self.tokens.contains(&token) && !self.dead_tokens.contains(&token),
            "a token is never used again"
        );
        self.live.insert(token.clone(), person);
        self.tokens.push(token);
    }

    async fn check(&self) {
        for token in &self.dead_tokens {
            let answer = self.app.verify(token).await;
            assert_eq!(answer.status, 401, "a token from before a change of privilege: {}", answer.text());
        }
        for (token, person) in &self.live {
            let answer = self.app.verify(token).await;
            assert_eq!(answer.status, 200, "{person} is signed in: {}", answer.text());
            assert_eq!(answer.json::<ActiveSession>().user.username, *person);
        }
        // With a state from before, nobody can act in any session of after.
        let sessions = self.live.keys().map(String::as_str).chain(["none"]);
        for session in sessions {
            for (cookie, token) in &self.dead_states {
                let client = self.app.browser();
                let request = client
                    .request(Method::POST, "/api/logout")
                    .header("cookie", format!("auth={cookie}; photos_session={session}"))
                    .header("x-csrf-token", token);
                assert_eq!(
                    client.send(request).await.status,
                    403,
                    "a state from before a change of privilege"
                );
            }
        }
    }
}

#[test]
fn nothing_from_before_a_change_of_privilege_is_worth_anything_after_it() {
    let runtime = Runtime::new().expect("a runtime");
    let (app, root, people) = runtime.block_on(async {
        let app = TestApp::start().await;
        app.create_user("root", Role::Admin).await;
        let mut people = Vec::new();
        for person in PEOPLE {
            people.push(app.create_user(person, Role::User).await);
        }
        let root = app.sign_in("root").await;
        root.get("/logout").await;
        (app, root, people)
    });
    let config = Config { cases: 8, max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
    // A failure prints the shortest sequence of deeds that shows it.
    let outcome = TestRunner::new(config).run(&prop::collection::vec(deed(), 1..14), |deeds| {
        runtime.block_on(async {
            let mut world = World::new(&app, &root, &people);
            for deed in deeds {
                world.perform(deed).await;
                world.check().await;
            }
        });
        Ok(())
    });
    runtime.block_on(async { drop(app) });
    outcome.unwrap_or_else(|fault| panic!("{fault}"));
}
