//! What administrators do to accounts: each deed is one transaction with its row in the record, and only somebody who is
//! an administrator inside that transaction does it.

use actix_web::HttpRequest;
use common::{
    Error, OrNotFound, Result,
    error::FieldErrors,
    identity::{AccountInfo, AccountState, Role, UserId},
    mailer::Letter,
};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgTransaction;

use super::{Actor, store};
use crate::{
    App,
    accounts::{self, Opened},
    audit::{self, Entry, Event, Origin},
    dead_link::ADDRESS_TAKEN,
    letters,
    mail_tokens::{self, Purpose},
    providers::NO_PASSWORD,
    sessions, settings,
    users::{EmailAddress, NewAccount, Username, guard_last_admin},
    way,
};

const NAME_TAKEN: &str = "Somebody has this name already. Please choose another.";

/// One administrator at work.
pub struct Deeds<'a> {
    app: &'a App,
    actor: Actor,
    origin: Origin,
}

#[derive(Serialize)]
struct AccountMade<'a> {
    username: &'a str,
    by: &'a str,
    url: String,
}

impl Letter for AccountMade<'_> {
    const FOLDER: &'static str = "account_made";
}

#[derive(Serialize)]
struct ResetStarted<'a> {
    username: &'a str,
    by: &'a str,
    url: String,
}

impl Letter for ResetStarted<'_> {
    const FOLDER: &'static str = "reset_started";
}

impl<'a> Deeds<'a> {
    /// In the name of this administrator.
    pub fn new(app: &'a App, actor: Actor, request: &HttpRequest) -> Self {
        Self { app, actor, origin: Origin::of(request) }
    }

    /// Makes an account without a password; its person gets a mail with a link for choosing one.
    pub async fn create(&self, username: &str, email: &str, role: Role) -> Result<AccountInfo> {
        let account = parse_new(username, email, role)?;
        let (username, email) = (account.username.as_str(), account.email.as_str());
        let mut transaction = self.begin().await?;
        let details = json!({ "role": role, "by": self.actor.by() });
        let opened = accounts::open(&mut transaction, &account, NO_PASSWORD, &self.origin, details).await?;
        let id = match opened {
            Opened::Account(id) => id,
            Opened::NameTaken => return Err(Error::invalid("username", NAME_TAKEN)),
            Opened::AddressTaken => return Err(Error::invalid("email", ADDRESS_TAKEN)),
        };
        let by = &self.actor.username;
        self.send_link(&mut transaction, id, email, |url| AccountMade { username, by, url }).await?;
        let made = store::find(&mut *transaction, id).await?.or_not_found()?;
        transaction.commit().await?;
        Ok(made)
    }

    /// Gives an account a role. A role that it did not have ends all its sessions.
    pub async fn change_role(&self, id: UserId, role: Role) -> Result<AccountInfo> {
        let mut transaction = self.begin_on(id, role != Role::Admin).await?;
        let account = store::lock(&mut transaction, id).await?.or_not_found()?;
        if account.role == role {
            return Ok(account);
        }
        store::update_role(&mut transaction, id, role).await?;
        let ended = sessions::store::delete_of_user(&mut transaction, id, None).await?;
        let details = json!({ "from": account.role, "to": role, "sessions": ended.len() });
        self.record(&mut transaction, Event::RoleChanged, (id, &account.username), details).await?;
        transaction.commit().await?;
        Ok(AccountInfo { role, ..account })
    }

    /// Closes an account, which ends all its sessions, or opens it again.
    pub async fn change_active(&self, id: UserId, is_active: bool) -> Result<AccountInfo> {
        let mut transaction = self.begin_on(id, !is_active).await?;
        let account = store::lock(&mut transaction, id).await?.or_not_found()?;
        if is_active == (account.state != AccountState::Disabled) {
            return Ok(account);
        }
        store::update_active(&mut transaction, id, is_active).await?;
        let ended = sessions::store::delete_of_user(&mut transaction, id, None).await?;
        let event = if is_active { Event::AccountEnabled } else { Event::AccountDisabled };
        let details = json!({ "sessions": ended.len() });
        self.record(&mut transaction, event, (id, &account.username), details).await?;
        let changed = store::find(&mut *transaction, id).await?.or_not_found()?;
        transaction.commit().await?;
        Ok(changed)
    }

    /// Signs a person out everywhere; returns how many sessions that ended.
    pub async fn end_sessions(&self, id: UserId) -> Result<usize> {
        let mut transaction = self.begin().await?;
        let account = store::lock(&mut transaction, id).await?.or_not_found()?;
        let ended = sessions::store::delete_of_user(&mut transaction, id, None).await?;
        let details = json!({ "sessions": ended.len() });
        self.record(&mut transaction, Event::SignedOutByAdmin, (id, &account.username), details).await?;
        transaction.commit().await?;
        Ok(ended.len())
    }

    /// Sends a person a link for choosing a new password. Their sessions go on until they use it.
    pub async fn start_reset(&self, id: UserId) -> Result<AccountInfo> {
        let mut transaction = self.begin().await?;
        let account = store::lock(&mut transaction, id).await?.or_not_found()?;
        if account.state == AccountState::Disabled {
            return Err(Error::Conflict("This account is disabled. Please enable it first.".to_owned()));
        }
        let (username, by) = (&account.username, &self.actor.username);
        self.record(&mut transaction, Event::ResetStarted, (id, username), json!({})).await?;
        let letter = |url| ResetStarted { username, by, url };
        self.send_link(&mut transaction, id, &account.email, letter).await?;
        transaction.commit().await?;
        Ok(account)
    }

    /// Changes what the site is called and who may make an account; from then on it holds in every process.
    pub async fn change_settings(&self, change: settings::Change) -> Result<()> {
        let mut transaction = self.begin().await?;
        let before = settings::store::lock(&mut transaction).await?;
        let after = change.on(before.clone())?;
        if after != before {
            settings::store::update(&mut *transaction, &after).await?;
            let myself = (self.actor.id, self.actor.username.as_str());
            let details = settings::told(self.app, &before, &after);
            self.record(&mut transaction, Event::SettingsChanged, myself, details).await?;
        }
        transaction.commit().await?;
        Ok(settings::load(self.app).await?)
    }

    /// A transaction in which the actor is an administrator.
    async fn begin(&self) -> Result<PgTransaction<'static>> {
        let mut transaction = self.app.db.begin().await?;
        self.check(&mut transaction).await?;
        Ok(transaction)
    }

    /// The same where it may take an administrator away. The guard comes first: whoever waited for it finds here what
    /// the other one did meanwhile, also to the actor.
    async fn begin_on(&self, id: UserId, takes_away: bool) -> Result<PgTransaction<'static>> {
        if !takes_away {
            return self.begin().await;
        }
        let mut transaction = self.app.db.begin().await?;
        let guarded = guard_last_admin(&mut transaction, id).await?;
        self.check(&mut transaction).await?;
        guarded?;
        Ok(transaction)
    }

    async fn check(&self, transaction: &mut PgTransaction<'_>) -> Result<()> {
        if store::is_acting(transaction, &self.actor).await? { Ok(()) } else { Err(Error::SignInRequired) }
    }

    async fn record(
        &self,
        transaction: &mut PgTransaction<'_>,
        event: Event,
        (id, username): (UserId, &str),
        mut details: Value,
    ) -> Result<()> {
        details["by"] = self.actor.by();
        let entry = Entry::about(event, id, username, &self.origin).with(details);
        Ok(audit::store::create(&mut **transaction, &entry).await?)
    }

    async fn send_link<L: Letter>(
        &self,
        transaction: &mut PgTransaction<'_>,
        id: UserId,
        email: &str,
        letter: impl FnOnce(String) -> L,
    ) -> Result<()> {
        let token = mail_tokens::store::create(transaction, Purpose::ResetPassword, id, email).await?;
        let token = token.or_not_found()?;
        let url = way::mail_link(self.app, "/auth/reset-password", &token, None);
        letters::send(self.app, transaction, &letter(url), email).await
    }
}

/// Checks what was typed for a new account; all faults at once.
fn parse_new(username: &str, email: &str, role: Role) -> Result<NewAccount> {
    let mut errors = FieldErrors::new();
    let mut noted = |field, message| drop(errors.insert(field, message));
    let username = Username::parse(username).map_err(|message| noted("username", message)).ok();
    let email = EmailAddress::parse(email).map_err(|message| noted("email", message)).ok();
    let (Some(username), Some(email)) = (username, email) else { return Err(Error::Invalid(errors)) };
    Ok(NewAccount { username, email, role, email_verified: false })
}
