//! Registration: an address gets a link, and whoever opens it chooses name and password. Before that there is no
//! account, so nothing that a stranger can see depends on whether the address has one.

pub mod api;
pub mod finish;
pub mod page;
pub mod settings;
pub mod store;

use common::{Error, Result, identity::UserId};
use serde_json::json;
use sqlx::PgTransaction;
use url::Url;

pub use settings::{Mode, Registration};

use crate::{
    App,
    accounts::{self, Opened},
    audit::{self, Entry, Event, Origin},
    letters,
    mail_tokens::MailToken,
    passwords::NewPassword,
    timing::held,
    users::{self, Account, EmailAddress, NewAccount, Username},
    way,
};

/// What became of a link that was used.
pub enum Finished {
    /// There is an account now, with its address proven.
    Account(UserId),
    /// The link was used, replaced, or is too old.
    DeadLink,
    /// The name belongs to somebody; the link still works.
    NameTaken,
    /// Meanwhile there is an account with this address.
    AddressTaken,
}

/// 403 unless everybody may register.
pub fn require_open(app: &App) -> Result<()> {
    match app.registration().mode {
        Mode::Open => Ok(()),
        Mode::Invitation => Err(Error::Forbidden(
            "Accounts are made by invitation here. Please ask the people who run this site for one."
                .to_owned(),
        )),
        Mode::Closed => Err(Error::Forbidden("Nobody can register here at the moment.".to_owned())),
    }
}

/// Writes to the address: with a link if it is free, else with a word to its owner. Answers the same after the same
/// time.
pub async fn begin(app: &App, origin: &Origin, email: &EmailAddress, back: Option<&Url>) -> Result<()> {
    let work = async {
        let mut transaction = app.db.begin().await?;
        let account = users::store::find_by_address(&mut *transaction, email.as_str()).await?;
        match &account {
            Some(account) => tell_owner(app, &mut transaction, account).await?,
            None => send_link(app, &mut transaction, email, back).await?,
        }
        let known = account.as_ref().map(|account| (account.user.id, account.user.username.as_str()));
        let entry = Entry { account: known, ..Entry::about_nobody(Event::RegistrationRequested, origin) };
        audit::store::create(&mut *transaction, &entry).await?;
        Ok(transaction.commit().await?)
    };
    held(app, work).await
}

/// Makes the account whose address the link proves.
pub async fn finish(
    app: &App,
    origin: &Origin,
    token: &MailToken,
    username: Username,
    password: &NewPassword,
) -> Result<Finished> {
    let hash = app.passwords.hash(password).await?;
    let mut transaction = app.db.begin().await?;
    let Some(email) = store::consume(&mut transaction, token).await? else {
        return Ok(Finished::DeadLink);
    };
    let role = app.registration().role;
    let account = NewAccount { username, email, role, email_verified: true };
    let details = json!({ "role": role, "by": "registration" });
    match accounts::open(&mut transaction, &account, &hash, origin, details).await? {
        Opened::Account(id) => {
            transaction.commit().await?;
            Ok(Finished::Account(id))
        }
        Opened::NameTaken => Ok(Finished::NameTaken),
        Opened::AddressTaken => Ok(Finished::AddressTaken),
    }
}

async fn send_link(
    app: &App,
    transaction: &mut PgTransaction<'_>,
    email: &EmailAddress,
    back: Option<&Url>,
) -> Result<()> {
    if letters::may_send::<letters::FinishRegistration>(transaction, email.as_str()).await? {
        let token = store::create(&mut **transaction, email).await?;
        let letter =
            letters::FinishRegistration { url: way::mail_link(app, "/register/finish", &token, back) };
        letters::send(app, transaction, &letter, email.as_str()).await?;
    }
    Ok(())
}

/// Goes to the address as the account has it, never to what was typed: letters that look alike are not the same address.
async fn tell_owner(app: &App, transaction: &mut PgTransaction<'_>, account: &Account) -> Result<()> {
    let (to, username) = (&account.user.email, account.user.username.clone());
    if !account.is_active {
        if letters::may_send::<letters::AccountDisabled>(transaction, to).await? {
            letters::send(app, transaction, &letters::AccountDisabled { username }, to).await?;
        }
    } else if letters::may_send::<letters::AddressTaken>(transaction, to).await? {
        let (sign_in_url, forgot_url) = (app.web.link("/login"), app.web.link("/forgot-password"));
        letters::send(app, transaction, &letters::AddressTaken { username, sign_in_url, forgot_url }, to)
            .await?;
    }
    Ok(())
}
