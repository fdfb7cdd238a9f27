//! Accounts: their names, addresses, roles, and how one is found by what somebody typed.

pub mod store;

use std::fmt;

use common::{
    Error,
    error::FieldErrors,
    forms,
    identity::{Role, User, UserId},
};
use secrecy::SecretString;
use sqlx::PgTransaction;

/// An account as signing in needs it.
#[derive(Clone)]
pub struct Account {
    /// Who it is.
    pub user: User,
    /// The stored hash, of argon2id or of the earlier system.
    pub password_hash: SecretString,
    /// Whether it may be used.
    pub is_active: bool,
}

/// A name for a new account. Letters without accents, so that no two names look alike and differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// Checks a name; the message says what to do.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
        if !(2..=64).contains(&text.len()) || !text.chars().all(fits) {
            return Err(
                "A username has 2 to 64 letters (a to z), digits, dots, hyphens or underscores.".to_owned()
            );
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as it will be shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An address of e-mail for a new account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Checks an address; the message says what to do.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut errors = FieldErrors::new();
        let address = forms::email(&mut errors, "email", text);
        let message = || errors.remove("email").unwrap_or_else(|| "An address is needed.".to_owned());
        address.map(Self).ok_or_else(message)
    }

    /// The address as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An account to be made.
pub struct NewAccount {
    /// Its name, unique without regard to case.
    pub username: Username,
    /// Its address, unique without regard to case.
    pub email: EmailAddress,
    /// Its role, once its address is verified.
    pub role: Role,
    /// Whether it is known that the address is the person's own.
    pub email_verified: bool,
}

/// What an account may do: until its address is verified it may look and no more, whatever role it was given.
pub fn effective_role(user_type: Option<&str>, email_verified: bool) -> Role {
    if email_verified { Role::from_stored(user_type) } else { Role::Viewer }
}

/// Nobody could look after the accounts any more: what was asked for would take the last active administrator away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastAdmin;

impl fmt::Display for LastAdmin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(
            "This is the last active administrator. Please make somebody else an administrator first.",
        )
    }
}

impl From<LastAdmin> for Error {
    fn from(last: LastAdmin) -> Self {
        Self::Conflict(last.to_string())
    }
}

/// Refuses to let go of the last active administrator. To be called before the transaction demotes, disables or deletes
/// an account, and before it locks anything else: until the transaction ends no other one gets past this line, so that
/// two requests at once can't take one another's reason away.
pub async fn guard_last_admin(
    transaction: &mut PgTransaction<'_>,
    id: UserId,
) -> sqlx::Result<Result<(), LastAdmin>> {
    let admins = store::lock_admins(transaction).await?;
    Ok(if admins == [id] { Err(LastAdmin) } else { Ok(()) })
}

/// Which account a typed name means: the exact name first, else the name without case if only one account has it,
/// else the address without case if only one has it.
pub fn choose(candidates: Vec<Account>, typed: &str) -> Option<Account> {
    let lower = |text: &str| text.to_lowercase();
    let matching = |fits: &dyn Fn(&User) -> bool| -> Vec<usize> {
        (0..candidates.len()).filter(|&index| fits(&candidates[index].user)).collect()
    };
    let exact = matching(&|user| user.username == typed);
    let by_name = matching(&|user| lower(&user.username) == lower(typed));
    let by_address = matching(&|user| lower(&user.email) == lower(typed));
    let chosen = match (exact.as_slice(), by_name.as_slice(), by_address.as_slice()) {
        ([index], _, _) | (_, [index], _) | (_, [], [index]) => *index,
        _ => return None,
    };
    candidates.into_iter().nth(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: i32, username: &str, email: &str) -> Account {
        let user = User {
            id: UserId(id),
            username: username.to_owned(),
            email: email.to_owned(),
            role: Role::Viewer,
            email_verified: true,
        };
        Account { user, password_hash: String::new().into(), is_active: true }
    }

    fn chosen(typed: &str) -> Option<i32> {
        let candidates = vec![
            account(1, "Ana", "ana@example.org"),
            account(2, "ana", "other@example.org"),
            account(3, "Bo", "bo@example.org"),
            account(4, "bo@example.org", "x@example.org"),
        ];
        choose(candidates, typed).map(|account| account.user.id.0)
    }

    #[test]
    fn the_exact_name_wins_and_an_ambiguous_one_means_nobody() {
        assert_eq!(chosen("Ana"), Some(1));
        assert_eq!(chosen("ana"), Some(2));
        assert_eq!(chosen("ANA"), None);
        assert_eq!(chosen("BO"), Some(3));
    }

    #[test]
    fn a_name_that_looks_like_an_address_wins_over_the_address() {
        assert_eq!(chosen("bo@example.org"), Some(4));
        assert_eq!(chosen("OTHER@example.org"), Some(2));
    }

    #[test]
    fn names_that_could_pass_for_others_are_refused() {
        for bad in ["", "a", "аna", "ana bo", "ana@example.org", "ana\u{0}", &"a".repeat(65)] {
            assert!(Username::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Username::parse(" ana.b-c_1 ").expect("a good name").as_str(), "ana.b-c_1");
    }
}
