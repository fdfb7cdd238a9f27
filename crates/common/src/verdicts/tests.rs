//! What is kept, for how long, and what ends it.

use proptest::prelude::*;

use super::*;

const HOUR: Duration = Duration::from_hours(1);
const ANA: UserId = UserId(1);
const BO: UserId = UserId(2);

fn hearing(through: i64) -> Verdicts<&'static str> {
    let verdicts = Verdicts::new(3);
    verdicts.begin(through, HOUR);
    verdicts
}

fn keep(verdicts: &Verdicts<&'static str>, token: u8, user: UserId, through: i64) -> bool {
    verdicts.keep([token; 32], user, "yes", HOUR, through)
}

fn is_kept(verdicts: &Verdicts<&'static str>, token: u8) -> bool {
    verdicts.find(&[token; 32]).is_some()
}

#[test]
fn an_event_takes_away_what_is_known_of_its_account_and_nothing_else() {
    let verdicts = hearing(7);
    assert!(keep(&verdicts, 1, ANA, 7) && keep(&verdicts, 2, ANA, 7) && keep(&verdicts, 3, BO, 7));
    verdicts.heard(8, ANA);
    assert!(!is_kept(&verdicts, 1) && !is_kept(&verdicts, 2) && is_kept(&verdicts, 3));
    assert_eq!(verdicts.find(&[3; 32]).map(|found| found.through), Some(8));
}

#[test]
fn an_answer_from_before_an_event_is_not_kept_after_it() {
    let verdicts = hearing(7);
    let begun = verdicts.through().expect("it hears");
    verdicts.heard(8, ANA);
    assert!(!keep(&verdicts, 1, ANA, begun));
    assert!(keep(&verdicts, 1, ANA, 8));
}

#[test]
fn events_of_others_make_no_answer_old_but_those_from_before_the_hearing_do() {
    let verdicts = hearing(7);
    verdicts.heard(9, ANA);
    assert!(keep(&verdicts, 2, BO, 7), "what happened to Ana is nothing to Bo");
    assert!(!keep(&verdicts, 1, ANA, 8) && keep(&verdicts, 1, ANA, 9));
    assert!(!keep(&verdicts, 3, UserId(3), 6), "whose the event 7 was is not known here");
}

#[test]
fn no_more_accounts_than_answers_are_noted_and_what_is_forgotten_is_not_believed() {
    let verdicts = hearing(7);
    for (event, user) in (8..).zip(1..=4) {
        verdicts.heard(event, UserId(user));
    }
    assert_eq!(verdicts.read().changed.len(), 1);
    assert!(!keep(&verdicts, 1, ANA, 7), "her event was forgotten, not that there was one");
    assert!(!keep(&verdicts, 9, UserId(9), 10) && keep(&verdicts, 9, UserId(9), 11));
}

#[test]
fn nothing_is_kept_or_given_while_events_may_be_missed() {
    let verdicts = Verdicts::new(3);
    assert!(!keep(&verdicts, 1, ANA, 7) && verdicts.through().is_none());
    verdicts.begin(7, HOUR);
    assert!(keep(&verdicts, 1, ANA, 7));
    verdicts.end();
    assert!(!is_kept(&verdicts, 1) && !keep(&verdicts, 1, ANA, 7));
    verdicts.begin(7, HOUR);
    assert!(!is_kept(&verdicts, 1), "what was kept before the interruption does not come back");
    verdicts.begin(7, Duration::ZERO);
    assert!(!keep(&verdicts, 1, ANA, 7), "patience is over");
    verdicts.still_hearing(7, HOUR);
    assert!(keep(&verdicts, 1, ANA, 7));
    verdicts.still_hearing(9, Duration::ZERO);
    assert!(!is_kept(&verdicts, 1) && verdicts.through().is_none(), "no sign of life for too long");
}

#[test]
fn no_more_than_so_many_are_kept_and_the_oldest_go_first() {
    let verdicts = hearing(7);
    for token in 1..=4 {
        assert!(keep(&verdicts, token, ANA, 7));
    }
    assert!(!is_kept(&verdicts, 1) && (2..=4).all(|token| is_kept(&verdicts, token)));
    for event in 8..1000 {
        verdicts.heard(event, BO);
        keep(&verdicts, 9, BO, event);
    }
    let kept = verdicts.read();
    assert!(kept.order.len() <= 7, "{}", kept.order.len());
    assert_eq!(kept.entries.len(), kept.of_users.len());
}

#[test]
fn an_answer_expires() {
    let verdicts = hearing(7);
    assert!(!verdicts.keep([1; 32], ANA, "yes", Duration::ZERO, 7));
    assert!(verdicts.keep([1; 32], ANA, "yes", Duration::from_nanos(1), 7));
    std::thread::sleep(Duration::from_millis(1));
    assert_eq!(verdicts.find(&[1; 32]), None);
}

/// What happens in the world around the kept answers, in any order.
#[derive(Clone, Copy, Debug)]
enum Step {
    Change(u8),
    Hear,
    Ask(u8),
    Answer,
    Lose,
    Connect,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1..4_u8).prop_map(Step::Change),
        Just(Step::Hear),
        (1..4_u8).prop_map(Step::Ask),
        Just(Step::Answer),
        Just(Step::Lose),
        Just(Step::Connect),
    ];
    prop::collection::vec(step, 0..80)
}

/// The id of an account's last event; 0 if it has none.
fn last_change(events: &[u8], user: u8) -> usize {
    events.iter().rposition(|changed| *changed == user).map_or(0, |at| at + 1)
}

fn id(count: usize) -> i64 {
    i64::try_from(count).expect("a small number")
}

proptest! {
    #[test]
    fn once_everything_was_heard_no_answer_is_older_than_the_last_change(steps in steps()) {
        let verdicts: Verdicts<usize> = Verdicts::new(3);
        let mut events: Vec<u8> = Vec::new();
        let mut heard: Option<usize> = None;
        let mut asked: VecDeque<(u8, usize, Option<i64>)> = VecDeque::new();
        for step in steps {
            match step {
                Step::Change(user) => events.push(user),
                Step::Hear => if let Some(at) = heard.filter(|at| *at < events.len()) {
                    verdicts.heard(id(at + 1), UserId(events[at].into()));
                    heard = Some(at + 1);
                },
                Step::Ask(user) => {
                    let through = verdicts.through();
                    asked.push_back((user, last_change(&events, user), through));
                }
                Step::Answer => if let Some((user, version, Some(through))) = asked.pop_front() {
                    verdicts.keep([user; 32], UserId(user.into()), version, HOUR, through);
                },
                Step::Lose => {
                    heard = None;
                    verdicts.end();
                }
                Step::Connect => {
                    heard = Some(events.len());
                    verdicts.begin(id(events.len()), HOUR);
                }
            }
            if heard == Some(events.len()) {
                for user in 1..4 {
                    if let Some(found) = verdicts.find(&[user; 32]) {
                        prop_assert_eq!(found.verdict, last_change(&events, user));
                    }
                }
            }
        }
    }
}
