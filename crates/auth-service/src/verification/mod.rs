//! Accounts whose address nobody proved yet, as those of an earlier system or of an administrator may be: they look and
//! no more until a mail's link is followed by somebody who also knows the password. The link alone is not enough, or
//! whoever made the account in somebody else's name would only wait for them to click.

pub mod page;

use common::{Result, identity::UserId};

use crate::{
    App,
    audit::{self, Entry, Event, Origin},
    letters,
    mail_tokens::{self, MailToken, Proof, Purpose},
    sessions::Session,
    users, way,
};

/// Has the link sent to the address of whoever is signed in.
pub async fn send(app: &App, session: &Session) -> Result<()> {
    let user = &session.user;
    let mut transaction = app.db.begin().await?;
    if letters::may_send::<letters::VerifyEmail>(&mut transaction, &user.email).await?
        && let Some(token) =
            mail_tokens::store::create(&mut transaction, Purpose::VerifyEmail, user.id, &user.email).await?
    {
        let url = way::mail_link(app, "/auth/verify-email", &token, None);
        let letter = letters::VerifyEmail { username: user.username.clone(), url };
        letters::send(app, &mut transaction, &letter, &user.email).await?;
    }
    Ok(transaction.commit().await?)
}

/// Whose link this is, without using it up.
pub async fn find(app: &App, token: Option<&MailToken>) -> Result<Option<Proof>> {
    let Some(token) = token else { return Ok(None) };
    Ok(mail_tokens::store::find(&app.db, Purpose::VerifyEmail, token).await?)
}

/// The address is proven by whoever holds this session; false if the link works no more or is another account's.
pub async fn verify(app: &App, origin: &Origin, token: &MailToken, by: UserId) -> Result<bool> {
    let mut transaction = app.db.begin().await?;
    let proof = mail_tokens::store::consume(&mut transaction, Purpose::VerifyEmail, token).await?;
    let Some(proof) = proof.filter(|proof| proof.user_id == by) else { return Ok(false) };
    users::store::update_verified(&mut *transaction, proof.user_id).await?;
    let entry = Entry::about(Event::EmailVerified, proof.user_id, &proof.username, origin);
    audit::store::create(&mut *transaction, &entry).await?;
    transaction.commit().await?;
    Ok(true)
}
