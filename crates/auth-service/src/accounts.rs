//! Making an account without a page: what `create-admin` and `create-user` do.

use anyhow::Context;
use common::identity::UserId;
use sqlx::PgPool;

use crate::{
    audit::{self, Entry, Event, Origin},
    passwords::{NewPassword, Passwords},
    users::{self, NewAccount},
};

/// Makes an account; `None` if its name or its address is taken.
pub async fn create(
    db: &PgPool,
    passwords: &Passwords,
    account: &NewAccount,
    password: &NewPassword,
) -> anyhow::Result<Option<UserId>> {
    let hash = passwords.hash(password).await?;
    let mut transaction = db.begin().await?;
    let Some(id) = users::store::create(&mut *transaction, account, &hash).await? else { return Ok(None) };
    let origin = Origin::default();
    let entry = Entry::about(Event::AccountCreated, id, account.username.as_str(), &origin)
        .with(serde_json::json!({ "role": account.role, "by": "command" }));
    audit::store::create(&mut *transaction, &entry).await?;
    transaction.commit().await.context("keeping the account")?;
    Ok(Some(id))
}
