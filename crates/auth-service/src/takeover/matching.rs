//! Which account here an account of photos is: by address, then by name; each account here is one of them at most.

use std::collections::{HashMap, HashSet};

use common::{identity::UserId, takeover::EarlierAccount};

use super::Known;

/// How an account of photos is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Photos knew which one it is.
    Linked(UserId),
    /// It is this one of those that are here.
    Here {
        /// Its place among them.
        index: usize,
        /// Whether its name told so, its address being another one.
        by_name: bool,
    },
    /// It is not here.
    New,
}

/// How an account is known, and the name that it has here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// How it is known.
    pub found: Found,
    /// The name that it has here from now on: another one only where somebody else has its name.
    pub username: String,
}

/// One way of being the same: what must be equal.
type Likeness = (fn(&str, &str) -> String, bool);

/// From the closest likeness to the loosest. Those that differ by case alone come apart in the first two.
const LIKENESSES: [Likeness; 4] = [
    (|_, email| format!("{email}\0"), false),
    (|name, email| format!("{}\0{name}", email.to_lowercase()), false),
    (|_, email| email.to_lowercase(), false),
    (|name, _| name.to_owned(), true),
];

/// How each of these accounts is known, in their order.
pub(super) fn matched(accounts: &[EarlierAccount], known: &[Known]) -> Vec<Way> {
    let mut found: Vec<Found> =
        accounts.iter().map(|account| account.auth_user_id.map_or(Found::New, Found::Linked)).collect();
    let linked: HashSet<UserId> = accounts.iter().filter_map(|account| account.auth_user_id).collect();
    let mut is_free: Vec<bool> = known.iter().map(|known| !linked.contains(&known.id)).collect();
    for (key, by_name) in LIKENESSES {
        let mut free: HashMap<String, Vec<usize>> = HashMap::new();
        // The eldest is taken first, which is the last one here.
        for index in (0..known.len()).rev().filter(|index| is_free[*index]) {
            free.entry(key(&known[index].username, &known[index].email)).or_default().push(index);
        }
        for (account, found) in accounts.iter().zip(&mut found).filter(|(_, found)| **found == Found::New) {
            let same = free.get_mut(&key(&account.username, &account.email));
            if let Some(index) = same.and_then(Vec::pop) {
                is_free[index] = false;
                *found = Found::Here { index, by_name };
            }
        }
    }
    named(accounts, known, &found)
}

/// New ones whose name somebody has get a number behind it.
fn named(accounts: &[EarlierAccount], known: &[Known], found: &[Found]) -> Vec<Way> {
    let mut taken: HashSet<String> = known.iter().map(|known| known.username.clone()).collect();
    let names = accounts.iter().zip(found).map(|(account, found)| {
        let mut username = account.username.clone();
        if *found == Found::New {
            let mut number = 2;
            while !taken.insert(username.clone()) {
                let kept: String = account.username.chars().take(200).collect();
                username = format!("{kept}-{number}");
                number += 1;
            }
        }
        Way { found: *found, username }
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(photos_id: i32, username: &str, email: &str) -> EarlierAccount {
        EarlierAccount {
            photos_id,
            username: username.to_owned(),
            email: email.to_owned(),
            password_hash: String::new(),
            user_type: None,
            is_active: true,
            email_verified: true,
            created_at: None,
            last_login: None,
            auth_user_id: None,
        }
    }

    fn known(id: i32, username: &str, email: &str) -> Known {
        Known {
            id: UserId(id),
            username: username.to_owned(),
            email: email.to_owned(),
            password_hash: String::new(),
            user_type: None,
            is_active: true,
        }
    }

    fn here(index: usize, by_name: bool) -> Found {
        Found::Here { index, by_name }
    }

    fn found(accounts: &[EarlierAccount], known: &[Known]) -> Vec<Found> {
        matched(accounts, known).into_iter().map(|way| way.found).collect()
    }

    #[test]
    fn the_address_counts_before_the_name_and_the_name_only_exactly() {
        let known =
            [known(1, "ana", "bo@example.org"), known(2, "bo", "ana@example.org"), known(3, "Cy", "x@x")];
        let accounts = [
            account(1, "ana", "ANA@example.org"),
            account(2, "bo", "bo@example.org"),
            account(3, "cy", "y@y"),
        ];
        assert_eq!(found(&accounts, &known), [here(1, false), here(0, false), Found::New]);
        assert_eq!(found(&[account(1, "Cy", "y@y")], &known), [here(2, true)]);
    }

    #[test]
    fn those_that_differ_by_case_alone_stay_apart() {
        let known = [known(1, "Ana", "ana@example.org"), known(2, "ana", "Ana@example.org")];
        let accounts = [account(7, "ana", "Ana@example.org"), account(8, "Ana", "ana@example.org")];
        assert_eq!(found(&accounts, &known), [here(1, false), here(0, false)]);
        let one = &known[..1];
        assert_eq!(found(&accounts, one), [Found::New, here(0, false)], "each account here is one at most");
        let upper = [account(7, "ana", "ANA@EXAMPLE.ORG"), account(8, "Ana", "ANA@example.org")];
        assert_eq!(
            found(&upper, &known),
            [here(1, false), here(0, false)],
            "the name decides between addresses"
        );
    }

    #[test]
    fn an_account_that_is_linked_is_nobody_elses() {
        let mut linked = account(8, "old", "old@example.org");
        linked.auth_user_id = Some(UserId(1));
        let accounts = [account(7, "ana", "ana@example.org"), linked];
        let known = [known(1, "ana", "ana@example.org")];
        assert_eq!(found(&accounts, &known), [Found::New, Found::Linked(UserId(1))]);
    }

    #[test]
    fn a_name_that_somebody_else_has_gets_a_number() {
        let known = [known(1, "bo", "other@example.org"), known(2, "bo-2", "another@example.org")];
        let accounts = [account(5, "robert", "other@example.org"), account(6, "bo", "bo@example.org")];
        let ways = matched(&accounts, &known);
        assert_eq!((ways[0].found, ways[1].found), (here(0, false), Found::New));
        assert_eq!((ways[0].username.as_str(), ways[1].username.as_str()), ("robert", "bo-3"));
    }
}
