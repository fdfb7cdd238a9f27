//! Forgotten passwords: an address gets a link, and whoever opens it chooses a new password. That ends every session and
//! the lock of the account, and signs nobody in.

pub mod api;
pub mod forgot;
pub mod reset;

use common::Result;
use serde_json::json;
use sqlx::PgTransaction;
use url::Url;

use crate::{
    App, account, api_tokens,
    audit::{self, Entry, Event, Origin},
    letters, lockout,
    mail_tokens::{self, MailToken, Proof, Purpose},
    passwords::{NewPassword, own_words},
    providers, sessions,
    timing::held,
    users::{self, Account, EmailAddress},
    way,
};

/// Has a link sent, if there is an account with this address. Answers the same after the same time.
pub async fn ask(app: &App, origin: &Origin, email: &EmailAddress, back: Option<&Url>) -> Result<()> {
    let work = async {
        let mut transaction = app.db.begin().await?;
        let account = users::store::find_by_address(&mut *transaction, email.as_str()).await?;
        if let Some(account) = &account {
            send_link(app, &mut transaction, account, back).await?;
        }
        let known = account.as_ref().map(|account| (account.user.id, account.user.username.as_str()));
        let entry = Entry { account: known, ..Entry::about_nobody(Event::PasswordResetRequested, origin) };
        audit::store::create(&mut *transaction, &entry).await?;
        Ok(transaction.commit().await?)
    };
    held(app, work).await
}

/// Sends the link to the address as the account has it, never to what was typed: letters that look alike are not the
/// same address. A disabled account gets a word instead. An address that got many lately gets no more for a while.
pub async fn send_link(
    app: &App,
    transaction: &mut PgTransaction<'_>,
    account: &Account,
    back: Option<&Url>,
) -> Result<()> {
    let (id, to, username) = (account.user.id, &account.user.email, account.user.username.clone());
    if !account.is_active {
        if letters::may_send::<letters::AccountDisabled>(transaction, to).await? {
            letters::send(app, transaction, &letters::AccountDisabled { username }, to).await?;
        }
    } else if letters::may_send::<letters::ResetPassword>(transaction, to).await?
        && let Some(token) = mail_tokens::store::create(transaction, Purpose::ResetPassword, id, to).await?
    {
        let url = way::mail_link(app, "/auth/reset-password", &token, back);
        letters::send(app, transaction, &letters::ResetPassword { username, url }, to).await?;
    }
    Ok(())
}

/// Sets the password of the account whose link this is; `None` if the link works no more. Reading the mail proved the
/// address, so it counts as verified from now on: whoever else had the account has no password, session, token or linked
/// provider left, no way in that they might have prepared for this day. A provider is linked again with the password.
pub async fn set(
    app: &App,
    origin: &Origin,
    token: &MailToken,
    password: &NewPassword,
) -> Result<Option<Proof>> {
    let hash = app.passwords.hash(password).await?;
    let mut transaction = app.db.begin().await?;
    let consumed = mail_tokens::store::consume(&mut transaction, Purpose::ResetPassword, token).await?;
    let Some(proof) = consumed else { return Ok(None) };
    let id = proof.user_id;
    users::store::update_password(&mut *transaction, id, &hash).await?;
    users::store::update_verified(&mut *transaction, id).await?;
    let identities = providers::store::delete_of_user(&mut *transaction, id).await?;
    lockout::store::delete_of_user(&mut *transaction, id).await?;
    let ended = sessions::store::delete_of_user(&mut transaction, id, None).await?;
    let tokens = api_tokens::store::delete_of_user(&mut transaction, id).await?;
    let entry = Entry::about(Event::PasswordReset, id, &proof.username, origin)
        .with(json!({ "sessions_ended": ended.len(), "api_tokens_ended": tokens.len(),
            "identities_unlinked": identities }));
    audit::store::create(&mut *transaction, &entry).await?;
    let letter = letters::PasswordChanged {
        username: proof.username.clone(),
        when: account::letters::now(),
        from: account::letters::from(origin),
        reset_url: app.web.link("/forgot-password"),
    };
    letters::send(app, &mut transaction, &letter, &proof.email).await?;
    transaction.commit().await?;
    Ok(Some(proof))
}

/// Whose link this is, without using it up.
pub async fn find(app: &App, token: Option<&MailToken>) -> Result<Option<Proof>> {
    let Some(token) = token else { return Ok(None) };
    Ok(mail_tokens::store::find(&app.db, Purpose::ResetPassword, token).await?)
}

/// The password that somebody chose for this account; the message says what to do.
pub fn choose(app: &App, proof: &Proof, text: &str) -> Result<NewPassword, String> {
    let site_name = app.web.site_name.current();
    NewPassword::parse(text, &own_words(&proof.username, &proof.email, &app.config.site, &site_name))
}
