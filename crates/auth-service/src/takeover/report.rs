//! What an import means, for the operator who decides on it: a line for whatever differs, then figures.

use std::{collections::HashMap, fmt::Write as _};

use common::{identity::Role, takeover::EarlierAccount};

use super::{Found, Known, Way};
use crate::passwords::is_readable;

/// How many there are of each.
#[derive(Default)]
struct Tally {
    linked: usize,
    by_address: usize,
    by_name: usize,
    new: usize,
    other_roles: usize,
    other_passwords: usize,
    unreadable: usize,
    without_role: usize,
}

/// What is told about these accounts.
pub(super) fn report(accounts: &[EarlierAccount], ways: &[Way], known: &[Known], dry_run: bool) -> String {
    let mut lines = Vec::new();
    let mut tally = Tally::default();
    for (account, way) in accounts.iter().zip(ways) {
        match way.found {
            Found::Linked(_) => tally.linked += 1,
            Found::Here { index, by_name } => {
                if by_name {
                    tally.by_name += 1;
                } else {
                    tally.by_address += 1;
                }
                tell_differences(account, &known[index], by_name, &mut tally, &mut lines);
            }
            Found::New => {
                tally.new += 1;
                tell_new(account, &way.username, &mut tally, &mut lines);
            }
        }
    }
    tell_alike(accounts, &mut lines);
    let mut text = lines.concat();
    text += &figures(accounts.len(), &tally, dry_run);
    text
}

fn tell_differences(
    account: &EarlierAccount,
    known: &Known,
    by_name: bool,
    tally: &mut Tally,
    lines: &mut Vec<String>,
) {
    let mut line = |what: String| lines.push(format!("{}: {what}\n", shown(account)));
    if by_name {
        line(format!("known by name alone; the address here is {}, and stays", known.email));
    } else if account.username != known.username {
        line(format!("known by address; the name here is “{}”, and stays", known.username));
    }
    let there = Role::from_stored(account.user_type.as_deref());
    let here = Role::from_stored(known.user_type.as_deref());
    if there != here {
        tally.other_roles += 1;
        line(format!("role {} in photos, {} here; {} stays", there.as_str(), here.as_str(), here.as_str()));
    }
    if account.is_active != known.is_active {
        let state = |active| if active { "active" } else { "disabled" };
        let (there, here) = (state(account.is_active), state(known.is_active));
        line(format!("{there} in photos, {here} here; {here} stays"));
    }
    if !account.password_hash.is_empty() && account.password_hash != known.password_hash {
        tally.other_passwords += 1;
    }
}

fn tell_new(account: &EarlierAccount, username: &str, tally: &mut Tally, lines: &mut Vec<String>) {
    let mut line = |what: String| lines.push(format!("{}: {what}\n", shown(account)));
    let stored = account.user_type.as_deref();
    let role = Role::from_stored(stored);
    if stored != Some(role.as_str()) {
        tally.without_role += 1;
        line(format!("role {} in photos: new as {}", stored.unwrap_or("(none)"), role.as_str()));
    }
    if role == Role::Admin {
        line("new as an administrator".to_owned());
    }
    if username != account.username {
        line(format!("somebody else here has this name: new as “{username}”; the address signs in too"));
    }
    if !account.is_active {
        line("disabled in photos: new, and disabled".to_owned());
    }
    if !is_readable(&account.password_hash) {
        tally.unreadable += 1;
        line("its password can't be checked here: its person has to choose another one by mail".to_owned());
    }
}

/// Names and addresses that differ by case alone are taken as they are, but whoever types them has to type them exactly.
fn tell_alike(accounts: &[EarlierAccount], lines: &mut Vec<String>) {
    let mut tell = |what: &str, of: fn(&EarlierAccount) -> &str| {
        let mut groups: HashMap<String, Vec<&str>> = HashMap::new();
        for account in accounts {
            groups.entry(of(account).to_lowercase()).or_default().push(of(account));
        }
        let mut alike: Vec<_> = groups.into_values().filter(|group| group.len() > 1).collect();
        alike.sort_unstable();
        lines.extend(alike.into_iter().map(|group| {
            format!(
                "{what} that differ by upper and lower case alone, of different accounts: {}\n",
                group.join(", ")
            )
        }));
    };
    tell("names", |account| &account.username);
    tell("addresses", |account| &account.email);
}

fn shown(account: &EarlierAccount) -> String {
    format!("account {} “{}”, {}", account.photos_id, account.username, account.email)
}

fn figures(accounts: usize, tally: &Tally, dry_run: bool) -> String {
    let Tally { linked, by_address, by_name, new, other_roles, other_passwords, unreadable, without_role } =
        tally;
    let rows = [
        (&accounts, "accounts of photos, of which"),
        (linked, "  were linked before"),
        (by_address, "  are here with the same address"),
        (by_name, "  are here with the same name alone"),
        (new, if dry_run { "  would be made here" } else { "  were made here" }),
        (without_role, "    of these without a known role: viewer"),
        (unreadable, "    of these with a password that can't be checked here"),
        (other_roles, "roles differ: those here stay"),
        (other_passwords, "passwords are stored differently: those here count"),
    ];
    let mut text = String::new();
    for (count, what) in rows {
        writeln!(text, "{count:>8} {what}").expect("a String takes everything");
    }
    if dry_run {
        text += "Nothing was changed.\n";
    }
    text
}
