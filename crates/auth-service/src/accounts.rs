//! Making an account: the one way in which a row of `users` begins, for pages and commands.

use anyhow::Context;
use common::{
    Result,
    identity::{Role, User, UserId},
};
use serde_json::{Value, json};
use sqlx::{PgPool, PgTransaction};

use crate::{
    audit::{self, Entry, Event, Origin},
    mail_tokens::{self, MailToken, Purpose},
    passwords::{NewPassword, Passwords},
    users::{self, NewAccount},
};

/// What became of an account to be made.
pub enum Opened {
    /// It is there.
    Account(UserId),
    /// Somebody has the name, perhaps in other upper and lower case.
    NameTaken,
    /// Somebody has the address.
    AddressTaken,
}

/// Makes an account and records it with these details, as part of the caller's transaction.
pub async fn open(
    transaction: &mut PgTransaction<'_>,
    account: &NewAccount,
    password_hash: &str,
    origin: &Origin,
    details: Value,
) -> Result<Opened> {
    let email = account.email.as_str();
    if users::store::find_by_address(&mut **transaction, email).await?.is_some() {
        return Ok(Opened::AddressTaken);
    }
    let Some(id) = users::store::create(&mut **transaction, account, password_hash).await? else {
        // Both are unique in the table, whatever happens at the same time.
        let owner = users::store::find_by_address(&mut **transaction, email).await?;
        return Ok(if owner.is_some() { Opened::AddressTaken } else { Opened::NameTaken });
    };
    let name = account.username.as_str();
    let entry = Entry::about(Event::AccountCreated, id, name, origin).with(details);
    audit::store::create(&mut **transaction, &entry).await?;
    Ok(Opened::Account(id))
}

/// Makes an account without a page, as `create-admin` and `create-user` do; `None` if its name or its address is taken.
pub async fn create(
    db: &PgPool,
    passwords: &Passwords,
    account: &NewAccount,
    password: &NewPassword,
) -> anyhow::Result<Option<UserId>> {
    let hash = passwords.hash(password).await?;
    let mut transaction = db.begin().await?;
    let details = json!({ "role": account.role, "by": "command" });
    let opened = open(&mut transaction, account, &hash, &Origin::default(), details).await?;
    let Opened::Account(id) = opened else { return Ok(None) };
    transaction.commit().await.context("keeping the account")?;
    Ok(Some(id))
}

/// Makes an administrator with a password that nobody has seen, or finds the one with exactly this name and address, and
/// gives the one link by which a password is chosen. `None` if somebody else has the name or the address.
pub async fn create_admin_by_link(
    db: &PgPool,
    passwords: &Passwords,
    account: &NewAccount,
) -> anyhow::Result<Option<MailToken>> {
    let hash = passwords.hash(&NewPassword::generate()).await?;
    let (origin, email) = (Origin::default(), account.email.as_str());
    let mut transaction = db.begin().await?;
    let details = json!({ "role": account.role, "by": "command" });
    let id = match open(&mut transaction, account, &hash, &origin, details).await? {
        Opened::Account(id) => id,
        Opened::NameTaken => return Ok(None),
        Opened::AddressTaken => {
            let owner = users::store::find_by_address(&mut *transaction, email).await?;
            let is_theirs =
                |user: &User| user.username == account.username.as_str() && user.role == Role::Admin;
            let Some(owner) = owner.filter(|owner| is_theirs(&owner.user)) else { return Ok(None) };
            owner.user.id
        }
    };
    let made = mail_tokens::store::create(&mut transaction, Purpose::ResetPassword, id, email).await?;
    let Some(token) = made else { return Ok(None) };
    let entry = Entry::about(Event::PasswordResetRequested, id, account.username.as_str(), &origin)
        .with(json!({ "by": "command" }));
    audit::store::create(&mut *transaction, &entry).await?;
    transaction.commit().await.context("keeping the account")?;
    Ok(Some(token))
}
