//! Accounts that photos had of its own, brought here with the passwords and roles that they have.
//!
//! `matching` says which of them are here already; `report` tells an operator what that means before anything is done.

mod matching;
mod report;
mod store;

use anyhow::{Context, bail};
use common::{
    identity::{Role, UserId},
    takeover::{EarlierAccount, FoundAccount},
};
use serde_json::json;
use sqlx::{PgPool, PgTransaction};

use crate::audit::{self, Entry, Event, Origin};
pub use matching::{Found, Way};

/// An account that is here already.
pub struct Known {
    /// Who it is.
    pub id: UserId,
    /// Its name.
    pub username: String,
    /// Its address.
    pub email: String,
    /// What its password is checked against.
    pub password_hash: String,
    /// Its role, in whatever words.
    pub user_type: Option<String>,
    /// Whether it may be used.
    pub is_active: bool,
}

/// What an import does, or would do.
pub struct Import {
    /// Which account each one is, in their order; none in a dry run.
    pub found: Vec<FoundAccount>,
    /// What an operator should know: a line each, then figures.
    pub report: String,
}

/// Finds out which of these accounts are here, and makes the others with their hashes and roles: all or, if anything goes
/// wrong, none. Done once more it finds what it made.
pub async fn import(db: &PgPool, accounts: &[EarlierAccount], dry_run: bool) -> anyhow::Result<Import> {
    let mut transaction = db.begin().await?;
    let known = store::list_known(&mut *transaction).await?;
    let ways = matching::matched(accounts, &known);
    let report = report::report(accounts, &ways, &known, dry_run);
    if dry_run {
        return Ok(Import { found: Vec::new(), report });
    }
    let mut found = Vec::with_capacity(accounts.len());
    for (account, way) in accounts.iter().zip(&ways) {
        let (auth_user_id, role) = match &way.found {
            Found::Linked(id) => (*id, Role::from_stored(account.user_type.as_deref())),
            Found::Here { index, .. } => {
                (known[*index].id, Role::from_stored(known[*index].user_type.as_deref()))
            }
            Found::New => create(&mut transaction, account, &way.username).await?,
        };
        found.push(FoundAccount { photos_id: account.photos_id, auth_user_id, role });
    }
    transaction.commit().await.context("keeping the accounts")?;
    Ok(Import { found, report })
}

async fn create(
    transaction: &mut PgTransaction<'_>,
    account: &EarlierAccount,
    username: &str,
) -> anyhow::Result<(UserId, Role)> {
    let role = Role::from_stored(account.user_type.as_deref());
    let Some(id) = store::create(transaction, account, username, role).await? else {
        bail!("somebody took the name {username} or the address {} just now; run it again", account.email)
    };
    let origin = Origin::default();
    let entry = Entry::about(Event::AccountCreated, id, username, &origin)
        .with(json!({ "role": role, "by": "command", "from": "photos", "photos_id": account.photos_id }));
    audit::store::create(&mut **transaction, &entry).await?;
    Ok((id, role))
}
