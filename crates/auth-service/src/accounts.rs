//! Making an account: the one way in which a row of `users` begins, for pages and commands.

use anyhow::Context;
use common::{Result, identity::UserId};
use serde_json::{Value, json};
use sqlx::{PgPool, PgTransaction};

use crate::{
    audit::{self, Entry, Event, Origin},
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
